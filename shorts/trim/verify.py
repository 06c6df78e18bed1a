"""A function's zip, trimmed to what its sample events show that it needs.

First all events run on the untrimmed artifact. This run decides what ships. Then the events run
again on the trimmed artifact, in the same order, and every answer must be the same.

Where the function was trimmed before, the same files probably ship now, so both runs start at the
same time. They count only if they end as they would one after the other: the first run shows that
exactly these files ship, and no answer differs.

A function with shared layers that are trimmed goes through this without layers first. What it needs
decides with the needs of others what its layers hold. Then it goes through this again with layers:
the whole ones for the first run, the trimmed ones for the second.
"""

import threading
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from shorts.artifact import trim_rules, write_zip
from shorts.artifact.content import Content
from shorts.artifact.layout import lay_out
from shorts.artifact.plan import Artifact, TrimmedUnit
from shorts.artifact.trim_rules import Files, Trim, decide
from shorts.errors import ShortsError
from shorts.guest.bytecode import pyc_path
from shorts.model import Function
from shorts.modules.compiler import module_name
from shorts.slices import slim
from shorts.slices.zip_format import Entry
from shorts.system import files, process
from shorts.system.step import Step
from shorts.targets import stdlib
from shorts.trim import record, responses, unpack
from shorts.trim.record import Part, Record
from shorts.trim.refusal import Trimmed, refusal
from shorts.trim.trace import Run, Trial


class Verification:
    """The steps from one function's content to its trimmed zip."""

    def __init__(
        self,
        content: Content,
        unit: TrimmedUnit,
        functions: tuple[Function, Function],
        events: Mapping[str, bytes],
        stage: Path,
        work: Path,
        scratch: Path,
        report: Callable[[str], None],
        interrupted: threading.Event,
    ) -> None:
        self._content = content
        self._picked, self._everything = content.picked, content.everything
        self._traced = content.traced
        self._unit = unit
        self._name = unit.function.full_path
        self._stage = stage
        self._work = work
        self._scratch = scratch
        self._events = events
        self._functions = functions
        self._report = report
        self._interrupted = interrupted
        self._count = f"{len(events)} event{'s' * (len(events) != 1)}"
        self._steady = True

    def make(self) -> Artifact:
        """Write the trimmed zip.

        Raises:
            ShortsError: an answer differs, and does not differ without trimming.
        """
        # Only one merged folder of layers is kept for a function.
        at_once = process.cores() > 1 and not self._traced
        former = record.former(self._unit) if at_once else None
        made = self._at_once(former.trim) if former and former.steady else None
        return made or self._one_by_one()

    def _step(self, verb: str) -> Callable[[int], None]:
        """Report the beginning of a run, and return what reports how many events are answered."""
        line, total = f"{verb} {self._name} on {self._count}", len(self._events)
        self._report(Step(line, 0, total))
        return lambda done: self._report(Step(line, done, total))

    def _at_once(self, guess: Trim) -> Artifact | None:
        """Run the events at the same time on the untrimmed artifact and on a guess of what ships.

        Returns:
            None where the two runs do not confirm the guess.
        """
        count = self._step("Tracing and verifying")
        over = threading.Event()
        untrimmed, trimmed = self._functions
        first, second = self._trial("1", untrimmed), self._trial("2", trimmed, over)
        self._lay(first)
        self._lay(second, guess)
        with ThreadPoolExecutor(1) as executor:
            try:
                ahead = executor.submit(second.run)
                before = first.run(count)
                trim = self._trim(before)
                if _silence(before) or self._shipped(trim) != self._shipped(guess):
                    return None
                after = ahead.result()
            except ShortsError:
                return None
            finally:
                over.set()
        # A run may time out because the other one slowed it down.
        if self._differences(after, before) or None in before.answers.values():
            self._steady = False
            return None
        warnings, notes = self._warnings(before, trim), self._notes()
        made = write_zip.pack(self._content, self._stage, trim, warnings, notes)
        record.keep(self._unit, self._record(before, trim, after, warnings, notes))
        return made

    def _one_by_one(self) -> Artifact:
        """Run the events on the untrimmed artifact, and then on what ships.

        Raises:
            ShortsError: an answer differs, and does not differ without trimming.
        """
        untrimmed, trimmed = self._functions
        trial, last = self._trial("1", untrimmed), self._trial("1", trimmed)
        self._lay(trial)
        try:
            before = trial.run(self._step("Tracing"))
        except ShortsError as error:
            return self._untrimmed(str(error).partition("\n")[0])
        silence = _silence(before)
        if silence:
            return self._untrimmed(silence)
        trim = self._trim(before)
        warnings, notes = self._warnings(before, trim), self._notes()
        made = write_zip.pack(self._content, self._stage, trim, warnings, notes)
        self._lay(last, trim)
        after = last.run(self._step("Verifying"))
        different = self._differences(after, before)
        if different:  # a difference that also occurs without trimming proves nothing
            self._steady = False
            self._lay(trial)
            again = self._differences(trial.run(), before)
            for event, paths in different.items():
                left = [path for path in paths if path not in again.get(event, ())]
                if left:
                    raise ShortsError(refusal(self._refused(trim), event, left[0], before, after))
        record.keep(self._unit, self._record(before, trim, after, warnings, notes))
        return made

    def _trial(self, name: str, function: Function, *over: threading.Event) -> Trial:
        work, scratch = self._work / name, self._scratch / name
        work.mkdir(exist_ok=True)
        return Trial(function, self._events, work, scratch, (self._interrupted, *over))

    def _lay(self, trial: Trial, trim: Trim | None = None) -> None:
        """Put the content of the zip, untrimmed or trimmed, into a trial's task folder."""
        files.discard(trial.task)
        unpack.lay(self._content, lay_out(self._content, trim), trial.task)

    def _shipped(self, trim: Trim) -> dict[str, tuple[int, Entry]]:
        """Return the entries of a trimmed zip, by their paths in it."""
        shipped = trim.of(self._everything)
        return {trim.moved.get(entry.path, entry.path): (blob, entry) for blob, entry in shipped}

    def _trim(self, before: Run) -> Trim:
        if self._traced:
            return self._traced.trim
        own, selection = self._content.own, self._content.selection
        files = Files(
            before=frozenset(entry.path for _, entry in self._picked),
            also=frozenset(entry.path for _, entry in self._everything),
            modules={**selection.modules, **own.modules},
            own=frozenset(entry.path for entry in own.entries) - self._content.installed,
            libraries=dict(sorted(self._content.libraries(self._picked).items())),
            minor=self._unit.target.minor,
        )
        settings = self._unit.settings
        return decide(files, self._reached, before.touched, settings.keep, settings.drop)

    def _reached(self, names: Iterable[str]) -> set[str]:
        roots = frozenset((*(self._unit.handlers or ()), *names))
        return self._content.selection.reached(self._content.own.modules, roots)

    def _untrimmed(self, why: str) -> Artifact:
        """Write the zip as it is.

        Raises:
            ShortsError: its layers are trimmed.
        """
        if self._traced:
            raise ShortsError(
                f"{self._name} does not run with its trimmed layers: {why}\n"
                "`SharedLayers: false` in its `Metadata: Shorts` leaves it out of them."
            )
        warning = f"{self._name} is not trimmed, because its events prove nothing here: {why}"
        return write_zip.pack(self._content, self._stage, warnings=[warning])

    def _warnings(self, before: Run, trim: Trim) -> list[str]:
        late = [
            f"{event} proves nothing for {self._name}: {before.failures[event]}"
            for event, answer in before.answers.items()
            if answer is None
        ]
        paths = [entry.path for _, entry in self._picked]
        keep = self._unit.settings.keep
        return [*late, *trim_rules.warnings(trim, self._name, keep, paths)]

    def _differences(self, run: Run, other: Run) -> dict[str, list[str]]:
        differences = {}
        for event, answer in other.answers.items():
            if answer is not None:
                paths = responses.differences(answer, run.answers[event] or {})
                if paths:
                    differences[event] = paths
        return differences

    def _refused(self, trim: Trim) -> Trimmed:
        held = self._traced.layers.picked if self._traced else []
        return Trimmed(
            name=self._name,
            drop=self._unit.settings.drop,
            paths=frozenset(entry.path for _, entry in (*self._picked, *held)),
            trim=trim,
        )

    def _record(
        self, before: Run, trim: Trim, after: Run, warnings: list[str], notes: list[str]
    ) -> Record:
        shipped = {entry.path for _, entry in trim.of(self._everything)}
        touched = before.touched.loaded | before.touched.opened
        parts = [
            Part(path=entry.path, size=entry.size, packed=entry.packed) for _, entry in self._picked
        ]
        modules = {**self._content.selection.modules, **self._content.own.modules}
        bytecode = {pyc_path(path, self._unit.target.minor) for path in modules}
        data = shipped - touched - modules.keys() - bytecode
        return Record(
            target=self._unit.target,
            content=record.digest(self._content),
            events=before.failures,
            touched=sorted(touched),
            trim=trim,
            left_out=[part for part in parts if part.path not in shipped],
            untouched=[
                part
                for part in parts
                if part.path in data
                and ".dist-info/" not in part.path
                and not slim.is_licence(part.path)
            ],
            imports=after.imports,
            notes=notes,
            warnings=warnings,
            steady=self._steady and None not in before.answers.values(),
        )

    def _notes(self) -> list[str]:
        """Return notes about modules that make it hard to know what they need."""
        modules = {**self._content.selection.modules, **self._content.own.modules}
        notes = [
            f"{path} counts as importing all of its package: {modules[path].error}"
            for path in sorted(self._reached(()))
            if modules[path].error
        ]
        standard = stdlib.names(self._unit.target.minor)
        shadows = {path for path in modules if module_name(path) in standard}
        return notes + [
            f"{path} hides the standard library's {module_name(path)}" for path in sorted(shadows)
        ]


def _silence(before: Run) -> str:
    """Return why a run does not show what its function needs; empty where it does."""
    failures = [*before.failures.values()]
    # A failure before the handler is called, or without a handler, shows nothing.
    if before.imports and not all(failure.startswith("Runtime.") for failure in failures):
        return ""
    return next(filter(None, failures), "its init is not seen")
