"""What a function's sample events prove that it needs, and its zip, trimmed to that.

First all events run on the artifact as it is without them. What they show says what ships. Then
they run again on that, in the same order, and every answer has to be the same.
"""

import os
import shutil
import tempfile
import time
from collections.abc import Callable, Iterable, Mapping
from hashlib import sha256
from pathlib import Path

import msgspec

from shorts import answers, archive, elf, evidence, invocation, package, slim, stdlib
from shorts.application import Function
from shorts.bytecode import pyc_path
from shorts.compiler import module_name
from shorts.contents import Content
from shorts.errors import ShortsError
from shorts.evidence import Part, Record
from shorts.layers import extract
from shorts.tracing import Run, Trial
from shorts.trimming import Files, Library, Trim, decide, matches
from shorts.units import Artifact, Unit


def pack(
    content: Content, stage: Path, layers: Mapping[str, Path], report: Callable[[str], None]
) -> Artifact:
    """Write one unit's zip, trimmed by its function's events.

    Args:
        content: of the zip as it is without events, of a unit that has some.
        stage: the folder it goes into.
        layers: the zips and folders of the layers that are built, by their full paths.
        report: told what is being done.

    Raises:
        ShortsError: an event's answer is another one on the trimmed artifact, or the zip cannot be
            made.
    """
    unit = content.unit
    assert unit.function is not None
    known = evidence.record(unit)
    if known and known.content == evidence.digest(content):
        return package.pack(content, stage, known.trim, known.warnings, known.notes)
    beside = stage.with_name(f"{stage.name}.{sha256(unit.key.encode()).hexdigest()[:16]}")
    try:
        with tempfile.TemporaryDirectory(prefix="shorts-") as scratch:
            shutil.rmtree(beside, ignore_errors=True)
            beside.mkdir()
            return _Proof(content, unit.function, stage, beside, Path(scratch), layers, report).made
    finally:
        shutil.rmtree(beside, ignore_errors=True)


class _Proof:
    """One function's way from its content to its trimmed zip."""

    def __init__(
        self,
        content: Content,
        function: Function,
        stage: Path,
        work: Path,
        scratch: Path,
        layers: Mapping[str, Path],
        report: Callable[[str], None],
    ) -> None:
        self._content = content
        self._unit = content.unit
        self._name = function.full_path
        self._stage = stage
        self._work = work
        self._events = _events(self._unit, function)
        ready = _with_layers(function, layers, work / "layers")
        self._trial = Trial(ready, self._events, work, scratch, report)
        count = f"{len(self._events)} event{'s' * (len(self._events) != 1)}"
        libraries = self._unpack()
        report(f"Tracing {self._name} on {count}")
        try:
            self._before = self._trial.run()
        except ShortsError as error:
            self.made = self._untrimmed(str(error).partition("\n")[0])
            return
        failures = [*self._before.failures.values()]
        # What fails before the handler is called, or for want of one, shows nothing of its needs.
        if not self._before.imports or all(one.startswith("Runtime.") for one in failures):
            self.made = self._untrimmed(next(filter(None, failures), "its init is not seen"))
            return
        files = self._files(libraries)
        touched, settings = self._before.touched, self._unit.settings
        trim = decide(files, self._reached, touched, settings.keep, settings.drop)
        warnings = [*self._late(), *self._unmatched(trim)]
        notes = self._notes()
        self.made = package.pack(content, stage, trim, warnings, notes)
        report(f"Verifying {self._name} on {count}")
        after = self._verified(trim)
        evidence.keep(self._unit, self._record(trim, after, warnings, notes))

    def _unpack(self) -> dict[str, Library]:
        """Write the artifact as it is without events into the task folder.

        Returns:
            The ELF images in it, by path.
        """
        libraries: dict[str, Library] = {}
        for number, entry in self._content.picked:
            image = self._write(number, entry, self._trial.task / entry.path)
            if image.startswith(b"\x7fELF") and (found := elf.read(image)):
                libraries[entry.path] = Library.of(entry.path, image, found)
        self._unpacked = time.time_ns()
        return libraries

    def _lay(self, trim: Trim, untrimmed: Path) -> None:
        """Put what ships into the task folder, from where it is unpacked already."""
        there = {entry.path for _, entry in self._content.picked}
        for number, entry in trim.of(self._content.everything):
            path = self._trial.task / trim.moved.get(entry.path, entry.path)
            beside = untrimmed / entry.path
            if entry.path in there and beside.stat().st_mtime_ns <= self._unpacked:
                path.parent.mkdir(parents=True, exist_ok=True)
                try:
                    path.hardlink_to(beside)
                    continue
                except OSError:  # the file system has no links
                    pass
            self._write(number, entry, path)

    def _write(self, number: int, entry: archive.Entry, path: Path) -> bytes:
        """Write one file, and return its content."""
        image = archive.content(self._content.blobs[number], entry)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(image)
        if entry.executable:
            path.chmod(0o755)
        return image

    def _files(self, libraries: Mapping[str, Library]) -> Files:
        own, selection = self._content.own, self._content.selection
        return Files(
            before=frozenset(entry.path for _, entry in self._content.picked),
            also=frozenset(entry.path for _, entry in self._content.everything),
            modules={**selection.modules, **own.modules},
            own=frozenset(entry.path for entry in own.entries) - self._content.installed,
            libraries=dict(sorted(libraries.items())),
            minor=self._unit.target.minor,
        )

    def _reached(self, names: Iterable[str]) -> set[str]:
        roots = frozenset((*(self._unit.handlers or ()), *names))
        return self._content.selection.reached(self._content.own.modules, roots)

    def _untrimmed(self, why: str) -> Artifact:
        warning = f"{self._name} is not trimmed, for its events prove nothing here: {why}"
        return package.pack(self._content, self._stage, warnings=[warning])

    def _late(self) -> list[str]:
        return [
            f"{event} proves nothing for {self._name}: {self._before.failures[event]}"
            for event, answer in self._before.answers.items()
            if answer is None
        ]

    def _unmatched(self, trim: Trim) -> list[str]:
        paths = {entry.path for _, entry in self._content.picked}
        said = []
        for pattern in trim.unmatched:
            word = "Keep" if pattern in self._unit.settings.keep else "Drop"
            folder = f"{pattern.rstrip('/')}/**"
            hint = f"; for a folder write {folder}" if matches([folder], paths) else ""
            said.append(f"{word}: {pattern} of {self._name} matches nothing in its zip{hint}")
        return said

    def _verified(self, trim: Trim) -> Run:
        """Run the events on what ships.

        Raises:
            ShortsError: an answer differs that does not differ without trimming.
        """
        untrimmed = self._work / "untrimmed"
        self._trial.task.rename(untrimmed)
        self._lay(trim, untrimmed)
        after = self._trial.run()
        different = self._differences(after, self._before)
        if different:  # what differs without trimming as well is no evidence
            self._trial.task.rename(self._work / "trimmed")
            untrimmed.rename(self._trial.task)
            again = self._differences(self._trial.run(), self._before)
            for event, paths in different.items():
                left = [path for path in paths if path not in again.get(event, ())]
                if left:
                    raise ShortsError(self._refusal(event, left[0], after, trim))
        return after

    def _differences(self, run: Run, other: Run) -> dict[str, list[str]]:
        found = {}
        for event, answer in other.answers.items():
            if answer is not None:
                paths = answers.differences(answer, run.answers[event] or {})
                if paths:
                    found[event] = paths
        return found

    def _refusal(self, event: str, where: str, after: Run, trim: Trim) -> str:
        now, then = after.failures[event], self._before.failures[event]
        if now == then:
            said = f"{event} gets another answer from the trimmed {self._name}, at {where}."
        else:
            said = f"{event} fails on the trimmed {self._name}: {now or 'it returns'}"
            said += f" (untrimmed: {then})." if then else "."
        missing = self._missing(after, trim)
        if not missing:
            way_out = "Nothing that was left out was asked for; Keep: ['**'] trims nothing."
            return f"{said}\n{way_out}"
        way_out = f"Keep it: `Keep: [{missing}]` in the function's `Metadata: Shorts`."
        if matches(self._unit.settings.drop, _names(missing)):
            way_out = "Drop names it: narrow that, or `Keep` it."
        return f"{said}\nThe first file missing is {missing}.\n{way_out}"

    def _missing(self, after: Run, trim: Trim) -> str:
        """The first file that was asked for and is not there; empty where none was."""
        before = {entry.path for _, entry in self._content.picked}
        gone = {path for path in trim.left_out & before if "__pycache__/" not in path}
        gone -= {path.removesuffix("c") for path in trim.moved.values()}  # its bytecode is there
        modules = {module_name(path): path for path in gone if path.endswith((".py", ".so"))}
        for kind, what in after.asked:
            path = modules.get(what, "") if kind == "failed" else what
            if path in gone:
                return path
        # A library is not opened by Python; a file may only have been looked at.
        text = "\n".join((*after.failures.values(), *after.lines))
        named = [(text.find(path.rpartition("/")[2]), path) for path in sorted(gone)]
        return min((one for one in named if one[0] >= 0), default=(0, ""))[1]

    def _record(self, trim: Trim, after: Run, warnings: list[str], notes: list[str]) -> Record:
        shipped = {entry.path for _, entry in trim.of(self._content.everything)}
        touched = self._before.touched.loaded | self._before.touched.opened
        parts = [
            Part(path=entry.path, size=entry.size, packed=entry.packed)
            for _, entry in self._content.picked
        ]
        modules = {**self._content.selection.modules, **self._content.own.modules}
        bytecode = {pyc_path(path, self._unit.target.minor) for path in modules}
        return Record(
            content=evidence.digest(self._content),
            events=self._before.failures,
            touched=sorted(touched),
            trim=trim,
            left_out=[part for part in parts if part.path not in shipped],
            untouched=[
                part
                for part in parts
                if part.path in shipped - touched - modules.keys() - bytecode
                and ".dist-info/" not in part.path
                and not slim.is_licence(part.path)
            ],
            imports=after.imports,
            notes=notes,
            warnings=warnings,
        )

    def _notes(self) -> list[str]:
        """What in the modules stands in the way of knowing what they need."""
        modules = {**self._content.selection.modules, **self._content.own.modules}
        reached, minor = self._reached(()), self._unit.target.minor
        notes = [
            f"{path} counts as importing all of its package: {modules[path].error}"
            for path in sorted(reached)
            if modules[path].error
        ]
        standard = stdlib.names(minor)
        shadows = {path for path in modules if module_name(path) in standard}
        return notes + [
            f"{path} hides the standard library's {module_name(path)}" for path in sorted(shadows)
        ]


def _events(unit: Unit, function: Function) -> dict[str, bytes]:
    """The events' documents by their paths from the template's folder.

    Raises:
        ShortsError: one is no JSON.
    """
    return {
        os.path.relpath(path, function.folder): invocation.event(str(path)) for path in unit.events
    }


def _with_layers(function: Function, layers: Mapping[str, Path], folder: Path) -> Function:
    """A function whose layers are the built ones, unpacked."""
    ready = []
    for number, layer in enumerate(function.layers):
        place = layers.get(layer.full_path)
        if place is not None and place.is_file():
            extract(place, folder / str(number))
            place = folder / str(number)
        said = str(place) if place is not None else layer.code_uri
        ready.append(msgspec.structs.replace(layer, code_uri=said))
    return msgspec.structs.replace(function, layers=ready)


def _names(path: str) -> list[str]:
    return [path, f"{path}c"] if path.endswith(".py") else [path]
