"""What a function and its emulator write, as a developer reads it."""

import os
import re
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import NamedTuple

from shorts.emulator.log import OF_THE_EMULATOR
from shorts.model import Function
from shorts.system.printed import printable, printable_lines

_END = re.compile(r"(?<=.)(?=END RequestId: [0-9a-f-]{36}$)")
_REPORT = re.compile(r"(?:START|END|REPORT) RequestId: ")
# The runtime separates the lines of a traceback with this, and indents them with other spaces.
_NEWLINE, _SPACE = "\r", "\u00a0"
# A frame of a traceback, also where it stands in a JSON document.
_FRAME = re.compile(r'File (?P<quote>\\?")(?P<path>/[^"\\]+)(?P=quote), line ')
_COLOUR = re.compile(r"(\x1b\[[\d;]*m)")
_RESET = "\x1b[0m"
# Where Lambda has a function's code.
_TASK_ROOT = "/var/task"


class Log(NamedTuple):
    """Where a command's lines go.

    Attributes:
        say: takes a line for the terminal and the log file, as it is.
        record: takes a line for the log file alone, as it is.
    """

    say: Callable[[str], None]
    record: Callable[[str], None]

    def note(self, text: str) -> None:
        """Log a text of shorts' own, and escape what is not printable."""
        self.say(printable_lines(text))


class SourcePaths:
    """Finds the source of each file in the folder that a function runs from.

    Args:
        task: the folder with the function's unpacked code.
        source: the function as its sources have it; None where they are not known.
    """

    def __init__(self, task: Path, source: Function | None) -> None:
        self._task = f"{task}{os.sep}"
        self._source = source

    def replaced(self, text: str) -> str:
        """Return a text in which each frame of a traceback names the source file.

        A file that comes from a distribution is named as Lambda names it.
        """
        if self._task not in text:
            return text
        return _FRAME.sub(
            lambda frame: frame[0].replace(frame["path"], self.source(frame["path"])), text
        )

    def source(self, path: str) -> str:
        """Return the path of a file's source, relative to the working folder if it lies there."""
        if not path.startswith(self._task):
            return path
        inside = path.removeprefix(self._task)
        for place in self._candidates(inside):
            if place.is_file():
                return str(
                    place.relative_to(Path.cwd()) if place.is_relative_to(Path.cwd()) else place
                )
        return f"{_TASK_ROOT}/{inside}"

    def _candidates(self, inside: str) -> Iterable[Path]:
        if self._source is None:
            return
        if inside.startswith(self._source.package):
            yield Path(self._source.code_uri, inside.removeprefix(self._source.package))
        for root in self._source.settings.source_roots:
            yield Path(os.path.normpath(Path(self._source.folder, root)), inside)


class FunctionOutput:
    """Takes the lines that an emulator writes, and passes them on.

    Args:
        log: where they go. The log file gets all of them, the terminal the function's own.
        paths: of the function's sources.
        prefix: of each line, such as the function's name.
        reports: whether the terminal gets Lambda's START, END and REPORT lines too.
    """

    def __init__(self, log: Log, paths: SourcePaths, prefix: str = "", *, reports: bool) -> None:
        self._log = log
        self._paths = paths
        self._prefix = prefix
        self._reports = reports

    def __call__(self, line: str) -> None:
        """Take a line."""
        emulator = OF_THE_EMULATOR.search(line)
        if emulator:
            self._log.record(f"{self._prefix}{readable(emulator[0])}")
            line = line[: emulator.start()]
            if not line:
                return
        for whole in _END.split(line):
            is_report = _REPORT.match(whole)
            write = self._log.say if self._reports or not is_report else self._log.record
            for part in whole.split(_NEWLINE):
                if part.strip():
                    write(f"{self._prefix}{readable(self._paths.replaced(part.rstrip()))}")


def readable(line: str) -> str:
    """Return a line without control characters, apart from those of colours."""
    bare = line.lstrip(_SPACE)
    parts = _COLOUR.split(" " * (len(line) - len(bare)) + bare)
    shown = "".join(part if at % 2 else printable(part) for at, part in enumerate(parts))
    return f"{shown}{_RESET}" if len(parts) > 1 else shown
