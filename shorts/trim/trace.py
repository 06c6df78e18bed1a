"""Runs of a function on its sample events, with a log of opened, imported and mapped files."""

import os
import shutil
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from threading import Event

import msgspec

from shorts import guest
from shorts.artifact.trim_rules import Touched
from shorts.emulator import invoke
from shorts.emulator.emulator import Emulator
from shorts.errors import ShortsError
from shorts.model import Function
from shorts.system import files
from shorts.trim import responses as answers
from shorts.trim.responses import Answer

_RECORDER = Path(guest.__file__).with_name("recorder.py")
# The interpreter runs a `.pth` line that starts with `import`, in every process.
# https://docs.python.org/3/library/site.html
_PTH = (
    "import sys; {site} in sys.path or sys.path.append({site}); "
    '(lambda scope: (exec(compile(open({recorder}, encoding="utf-8").read(), {recorder}, "exec"), '
    'scope), scope["start"]({log}, {roots})))({{"__name__": "recorder"}})\n'
)
# How many fields a line of each kind has, the kind included, and a log's largest size in bytes.
_FIELDS = {"load": 2, "open": 2, "failed": 2, "time": 6}
_LOG = 256 * 1024 * 1024
# How many of the last lines of a function's log are kept, and how many characters of each: a
# message names what an event asked for.
_LINES, _LETTERS = 5_000, 2_000
_TIMED_OUT = "Task timed out"


class Timed(msgspec.Struct, frozen=True, kw_only=True):
    """A module that a function's init has imported.

    Attributes:
        name: dotted.
        importer: the name of the module that imported it; empty for the handler's.
        own: seconds, without what it imports.
        total: seconds, with it.
    """

    name: str
    importer: str
    own: float
    total: float


class Run(msgspec.Struct, frozen=True, kw_only=True):
    """The result of sending some events to one sandbox, one after the other.

    Attributes:
        answers: by event; None for one that timed out.
        failures: in words, by event; empty where the handler returned.
        touched: what was done with the files of the task.
        requests: ``failed`` with the name of a module that was not imported, and ``open`` with the
            path of a file, in the order of the requests.
        imports: of the init, in the order they ended; empty where the handler was not imported.
        lines: what the function and Lambda wrote.
    """

    answers: dict[str, Answer | None]
    failures: dict[str, str]
    touched: Touched
    requests: list[tuple[str, str]]
    imports: list[Timed]
    lines: list[str]


class Trial:
    """A place where a function runs on events, with the same paths in every run.

    Answers get fixed words for its folders, so that the answers of two places can be compared.

    Args:
        function: what to run.
        events: documents by their shown names, in the order they are sent.
        work: a folder of its own.
        scratch: another one with a short path: sockets may lie there. It is made, and emptied.
        over: once one of them is set, no more events are run.
    """

    def __init__(
        self,
        function: Function,
        events: Mapping[str, bytes],
        work: Path,
        scratch: Path,
        over: Sequence[Event],
    ) -> None:
        self._over = over
        self.task = work / "task"
        self._scratch = scratch
        self._function = function
        self._events = events
        self._work = work
        self._variables = invoke.environment(function, {}, host=invoke.NO_HOST)

    def run(self, count: Callable[[int], None] = lambda done: None) -> Run:
        """Send all events to one new sandbox that runs the task folder.

        Args:
            count: receives how many events are answered.

        Raises:
            ShortsError: the function cannot run here, the emulator gives no answer, or no more
                answers are wanted.
        """
        log = self._work / "log"
        log.unlink(missing_ok=True)
        roots = sorted({str(self.task), os.path.realpath(self.task)})
        lines: deque[str] = deque(maxlen=_LINES)
        replies: dict[str, Answer | None] = {}
        failures: dict[str, str] = {}
        mapped: set[str] = set()
        # What an event leaves in the temporary folder stays for the next event of this run only.
        files.discard(self._scratch)
        self._scratch.mkdir(mode=0o700)
        placeholders = {
            **{os.fsencode(root): b"TASK" for root in roots},
            os.fsencode(self._scratch): b"TMP",
        }
        variables = {"TMPDIR": str(self._scratch), "PYTHONHASHSEED": "0", **self._variables}
        started = Emulator(
            self._function,
            self.task,
            variables,
            lambda line: lines.append(line[:_LETTERS]),
            lambda python: _recording(python, self._work / "python", log, roots),
        )
        with started as emulator:
            for name, event in self._events.items():
                if any(event.is_set() for event in self._over):
                    raise ShortsError("no more answers are wanted")
                reply = emulator.invoke(event)
                mapped |= emulator.mapped()
                failures[name] = reply.failure
                late = reply.failure.startswith(_TIMED_OUT)
                body = reply.body
                for folder, word in placeholders.items():
                    body = body.replace(folder, word)
                replies[name] = None if late else answers.read(body, reply.request)
                count(len(replies))
        entries = list(_entries(log))
        return Run(
            answers=replies,
            failures=failures,
            touched=_touched(entries, mapped, roots),
            requests=_requests(entries, roots),
            imports=_imports(entries, self._function.module),
            lines=[*lines],
        )


def _recording(python: Path, folder: Path, log: Path, roots: Sequence[str]) -> Path:
    """Make a copy of an environment that has a recording interpreter, and return that.

    Recording needs no command option and no variable, so a process that the function starts with
    its own interpreter records as well.

    Args:
        python: the other environment's interpreter.
        folder: where the copy is made.
        log: the file to write.
        roots: the folders of the files that count.
    """
    files.discard(folder)
    (site,) = python.parents[1].glob("lib/python*/site-packages")
    packages = folder / site.relative_to(python.parents[1])
    packages.mkdir(parents=True)
    shutil.copy(python.parents[1] / "pyvenv.cfg", folder)
    within = folder / "bin" / python.name
    within.parent.mkdir()
    within.symlink_to(python.readlink())
    named = {"site": str(site), "recorder": str(_RECORDER), "log": str(log)}
    shown = {name: ascii(value) for name, value in named.items()}
    (packages / "recorder.pth").write_text(_PTH.format(**shown, roots=ascii(list(roots))))
    return within


def _entries(log: Path) -> Iterator[list[str]]:
    """Yield the recorder's lines, field by field; skip lines that are not its own.

    A function may write to any file and any descriptor that its process has.
    """
    try:
        lines = files.read(log, _LOG).split(b"\n")
    except ShortsError:
        return
    for line in lines[:-1]:  # the last may be cut off
        try:
            fields = [field.decode("unicode_escape") for field in line.split(b"\t")]
        except UnicodeDecodeError:
            continue
        if len(fields) == _FIELDS.get(fields[0]) and all(map(_is_number, fields[4:])):
            yield fields


def _is_number(field: str) -> bool:
    return field.replace(".", "", 1).isdecimal()


def _within(path: str, roots: Iterable[str]) -> str:
    """Return a path relative to the artifact; empty for one that is elsewhere."""
    for root in roots:
        if path.startswith(root + "/"):
            return path[len(root) + 1 :]
    return ""


def _touched(entries: Iterable[list[str]], mapped: Iterable[str], roots: Sequence[str]) -> Touched:
    paths: dict[str, set[str]] = {"load": set(), "open": set()}
    for kind, text, *_ in entries:
        if kind in paths:
            paths[kind].add(_within(text, roots))
    paths["open"].update(_within(path, roots) for path in mapped)
    return Touched(
        loaded=frozenset(filter(None, paths["load"])),
        opened=frozenset(filter(None, paths["open"])),
    )


def _requests(entries: Iterable[list[str]], roots: Sequence[str]) -> list[tuple[str, str]]:
    requests = []
    for kind, text, *_ in entries:
        if kind == "failed":
            requests.append((kind, text))
        elif kind in ("load", "open") and (path := _within(text, roots)):
            requests.append(("open", path))
    return requests


def _imports(entries: Iterable[list[str]], handler: str) -> list[Timed]:
    """Return what the import of the handler imported, in the first process that did it."""
    imports: dict[str, list[Timed]] = {}
    for kind, *fields in entries:
        if kind != "time":
            continue
        process, name, importer, own, total = fields
        ended = imports.setdefault(process, [])
        ended.append(Timed(name=name, importer=importer, own=float(own), total=float(total)))
        if name == handler and not importer:
            importers = {module.name: module.importer for module in ended}
            return [module for module in ended if _leads(module.name, importers, handler)]
    return []


def _leads(name: str, importers: Mapping[str, str], handler: str) -> bool:
    """Return whether the handler imported a module, directly or through others."""
    for _ in range(len(importers)):
        above = importers.get(name, "")
        if not above:
            break
        name = above
    return f"{handler}.".startswith(f"{name}.")
