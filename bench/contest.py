"""One function, packaged by the systems in turns."""

import contextlib
import hashlib
import itertools
import shutil
import zipfile
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Literal

import msgspec

from bench import systems
from bench.answers import Reference
from bench.coldstart import sandbox
from bench.measure import in_turn
from bench.program import FULL, on_one_line
from bench.results import Figures, Result
from bench.site import Site
from bench.subjects import handler_module
from bench.systems import System
from shorts.emulator.layers import extract
from shorts.errors import ShortsError
from shorts.model import Function

# The most bytes that a system needs for Plot: its builds, its caches, the unpacked zip.
ROOM = 1_500_000_000


class Entrant:
    """A system with one function: its figures so far, or why it is out.

    Args:
        system: enters.
        function: that it packages.
        root: a folder for it.
        template: of the application that replaces the project's, if any.
        say: called with each step.

    Attributes:
        why: the reason that it is out; empty while it is not.
    """

    def __init__(
        self,
        system: System,
        function: Function,
        root: Path,
        template: Path | None,
        say: Callable[[str], None],
    ) -> None:
        self.system = system
        self.function = msgspec.structs.replace(function, runtime=f"python{system.minor}")
        self.why = ""
        self._state: Literal["measured", "absent", "failed"] = "measured"
        self._root = root
        self._template = template
        self._say = say
        self._ended = contextlib.ExitStack()
        self._digests: set[str] = set()
        self._figures: dict[str, list[float]] = {
            name: [] for name in ("clean", "unchanged", "edited", "init", "first")
        }
        self._sizes = (0, 0, 0)
        self._answers = 0

    def try_to(self, what: str, step: Callable[[], None]) -> None:
        """Take one step, unless it is out; if the step fails, it is out from then on."""
        if self.why:
            return
        self._say(f"{self.function.name}, {self.system.title}: {what}")
        try:
            step()
        except ShortsError as error:
            self._leave("failed", str(error))
        except OSError as error:
            if error.errno not in FULL:
                raise
            self._leave("failed", f"the disk was full: {what}")

    def enter(self, others: int) -> None:
        """Prepare the system, or record why it cannot run.

        Args:
            others: how many have entered before, which need disk space too.
        """
        missing = systems.missing(self.system)
        free = shutil.disk_usage(self._root).free - others * ROOM
        if not missing and free < ROOM:
            left = f"{max(0, free) / 1e9:.1f} GB"
            missing = f"it may take {ROOM / 1e9:g} GB in TMPDIR, which has {left} left for it"
        if missing:
            self._leave("absent", missing)
        else:
            self._site = self._ended.enter_context(contextlib.closing(self._new_site("first")))

    def warm(self) -> None:
        """Build in another folder, so that all counted builds find the downloads."""
        with contextlib.closing(self._new_site("second")) as site:
            site.from_nothing()
            self._digests.add(_digest(site.artifact))
        shutil.rmtree(site.work)

    def build(self) -> None:
        """Measure one run: from nothing, with nothing changed, after an edit."""
        figures, site = self._figures, self._site
        clean = site.from_nothing()
        self._digests.add(_digest(site.artifact))
        if not self._task.exists():
            extract(site.artifact, self._task)
            self._sizes = _sizes(site.artifact)
        taken = {"clean": clean, "unchanged": site.again(), "edited": site.edited()}
        for name, seconds in taken.items():
            figures[name].append(seconds)

    def answer(self, references: "References") -> None:
        """Compare the answers of the zip with those of its sources.

        Raises:
            ShortsError: they differ.
        """
        reference = references.of(self.function)
        self.function = msgspec.structs.replace(
            self.function, handler=_handler(self._task, self.function)
        )
        difference = reference.difference(self.function, self._task)
        if difference:
            raise ShortsError(difference)
        self._answers = len(reference.events)
        self._event = next(iter(reference.events.values()), b"{}")

    def start(self, *, counted: bool = True) -> None:
        """Start the zip cold, in a new sandbox; the first time warms the page cache."""
        with sandbox(self.function, self._task) as emulator:
            reply = emulator.invoke(self._event)
        if reply.init is None or reply.duration is None:
            raise ShortsError(f"the emulator logged no init: {reply.failure or 'nor a failure'}")
        if counted:
            self._figures["init"].append(reply.init)
            self._figures["first"].append(reply.duration)

    def close(self) -> None:
        """Stop what the system has left running, and remove its folders."""
        self._ended.close()
        shutil.rmtree(self._root, ignore_errors=True)

    def result(self) -> Result:
        """Return its result."""
        zipped, unzipped, files = self._sizes
        figures = Figures(
            **self._figures,
            zipped=zipped,
            unzipped=unzipped,
            files=files,
            repeats=len(self._digests) == 1,
            answers=self._answers,
        )
        return Result(
            function=self.function.name,
            system=self.system.name,
            title=self.system.title,
            remark=systems.remark(self.system),
            state=self._state,
            why=self.why,
            figures=None if self.why else figures,
        )

    @property
    def _task(self) -> Path:
        return self._root / "task"

    def _new_site(self, name: str) -> Site:
        folder = self._root / name
        return Site(self.system, self.function, folder, self._template, self._say)

    def _leave(self, state: Literal["absent", "failed"], why: str) -> None:
        self._state, self.why = state, on_one_line(why)
        self.close()


class References:
    """The references of one function, one for each Python that systems package it for."""

    def __init__(self, root: Path, say: Callable[[str], None]) -> None:
        self._root = root
        self._say = say
        self._made: dict[str, Reference] = {}

    def of(self, function: Function) -> Reference:
        """Return the reference for a function's runtime.

        Raises:
            ShortsError: it cannot be created.
        """
        if function.runtime not in self._made:
            self._say(f"{function.name}: what its sources answer on {function.runtime}")
            folder = self._root / function.runtime
            shutil.rmtree(folder, ignore_errors=True)
            folder.mkdir(parents=True)
            try:
                self._made[function.runtime] = Reference(function, folder)
            except ShortsError as error:
                raise ShortsError(f"its sources do not answer here: {error}") from error
        return self._made[function.runtime]


def contest(
    function: Function,
    entering: Sequence[System],
    runs: int,
    root: Path,
    say: Callable[[str], None],
    template: Path | None = None,
) -> list[Result]:
    """Package one function with some systems, in turns.

    Args:
        function: of the project's template, or of another application's.
        entering: the systems.
        runs: how often to measure each.
        root: a folder for everything; what this creates there is removed.
        say: called with each step.
        template: of the other application.

    Returns:
        One result for each system, in their order. An exception leaves none.
    """
    with contextlib.ExitStack() as ended:
        entrants = []
        for number, system in enumerate(entering):
            folder = root / f"{function.name}-{number}-{system.name}"
            folder.mkdir()
            entrant = Entrant(system, function, folder, template, say)
            ended.callback(entrant.close)
            entrants.append(entrant)
        sources = root / f"{function.name}-sources"
        ended.callback(shutil.rmtree, sources, ignore_errors=True)
        references = References(sources, say)
        total, numbers = len(entrants) * (4 + 2 * runs), itertools.count(1)

        def step(entrant: Entrant, what: str, take: Callable[[], None]) -> None:
            entrant.try_to(f"{what} ({next(numbers)} of {total})", take)

        for number, entrant in enumerate(entrants):
            others = sum(not other.why for other in entrants[:number])
            step(entrant, "make ready", partial(entrant.enter, others))
            step(entrant, "build in another folder, uncounted", entrant.warm)
        for run in range(1, runs + 1):
            for entrant in in_turn(entrants, run):
                step(entrant, f"build, run {run} of {runs}", entrant.build)
                if run == 1:
                    step(entrant, "answer its events", partial(entrant.answer, references))
        for entrant in entrants:
            step(entrant, "start cold, uncounted", partial(entrant.start, counted=False))
        for run in range(1, runs + 1):
            for entrant in in_turn(entrants, run):
                step(entrant, f"start cold, run {run} of {runs}", entrant.start)
        return [entrant.result() for entrant in entrants]


def _handler(task: Path, function: Function) -> str:
    """Return the handler of an unpacked zip: the function's, or the wrapper that Pants adds."""
    is_there = (task / handler_module(function)).is_file()
    if is_there or not (task / "lambda_function.py").is_file():
        return function.handler
    return "lambda_function.handler"


def _digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def _sizes(path: Path) -> tuple[int, int, int]:
    """Return a zip's size, that of its content, and its number of files."""
    with zipfile.ZipFile(path) as archive:
        files = [member for member in archive.infolist() if not member.is_dir()]
    return path.stat().st_size, sum(member.file_size for member in files), len(files)
