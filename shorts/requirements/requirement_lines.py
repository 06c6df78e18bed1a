"""The lines of requirements files: which distribution each requires, and its line numbers."""

import os
import re
from collections import deque
from collections.abc import Iterator
from pathlib import Path

import msgspec

from shorts.requirements import local_projects, requirements_txt
from shorts.requirements.names import normalized
from shorts.requirements.requirements_txt import PROJECT_NAME
from shorts.system.cache import Cache

_NAME = re.compile(r"[A-Za-z0-9](?:[\w.-]*[A-Za-z0-9])?")
_URL = re.compile(r"\w+(?:\+\w+)?://")
_INCLUDED = re.compile(r"(?:-r|--requirement)[ =]?\s*(\S+)")
_OPTION = re.compile(r"-(?!e\b|-editable\b)")


class Line(msgspec.Struct, frozen=True, kw_only=True):
    """A logical line of a requirements file.

    Attributes:
        text: without comments, its continuations joined.
        first: the physical line it begins in, counted from 1.
        last: the physical line it ends in.
    """

    text: str
    first: int
    last: int


class Declared(msgspec.Struct, frozen=True, kw_only=True):
    """A requirement as it is written.

    Attributes:
        name: of the distribution, normalized.
        path: of the file.
        line: its line there.
    """

    name: str
    path: Path
    line: Line


def lines(text: str) -> Iterator[Line]:
    """Yield the logical lines of a requirements file, as `requirements_txt.logical_lines` does."""
    begun: list[str] = []
    first = number = 0
    for number, line in enumerate(text.splitlines(), start=1):
        first = first or number
        begun.append(line)
        if line.endswith("\\") and not re.search(r"(^|\s)#", line):
            continue
        yield from _line(begun, first, number)
        begun, first = [], 0
    yield from _line(begun, first, number)


def _line(begun: list[str], first: int, last: int) -> Iterator[Line]:
    for found in requirements_txt.logical_lines("\n".join(begun)):
        yield Line(text=found, first=first, last=last)


def read(manifest: Path, cache: Cache) -> list[Declared]:
    """Return the requirements in a file and those it includes, without constraints.

    Args:
        manifest: a ``requirements.txt`` or ``pyproject.toml``.
        cache: where the wheels of local projects are kept.

    Raises:
        ShortsError: a file is missing, or not UTF-8 text.
    """
    found: list[Declared] = []
    for path in _included(manifest):
        text = requirements_txt.text(path)
        places = _places(requirements_txt.written(path)) if path.name == PROJECT_NAME else None
        for line in lines(text):
            name = None if _OPTION.match(line.text) else _name(line.text, path, cache)
            if name and places is not None:
                number = places.get(line.text, 0)
                line = Line(text=line.text, first=number, last=number)
            if name:
                found.append(Declared(name=normalized(name), path=path, line=line))
    return found


def _included(manifest: Path) -> list[Path]:
    """Return the file and those it includes as requirements, each once."""
    found = {manifest: None}
    waiting = deque([manifest])
    while waiting:
        path = waiting.popleft()
        for line in requirements_txt.logical_lines(requirements_txt.text(path)):
            match = _INCLUDED.match(line)
            other = Path(os.path.normpath(path.parent / match[1])) if match else path
            if other not in found:
                found[other] = None
                waiting.append(other)
    return [*found]


def _name(line: str, path: Path, cache: Cache) -> str | None:
    """Return the name of what a line requires, as it is written there or in its wheel."""
    named = requirements_txt.local_of(line, path)
    if named:
        return local_projects.wheel(named.path, cache).name
    if _URL.match(line):
        return line.split()[0].rpartition("/")[2].partition("-")[0] or None
    match = _NAME.match(line)
    return match[0] if match else None


def _places(written: str) -> dict[str, int]:
    """Return the first line in ``pyproject.toml`` that has each quoted text."""
    found: dict[str, int] = {}
    for number, line in enumerate(written.splitlines(), start=1):
        for quote in "\"'":
            for text in line.split(quote)[1:-1]:
                found.setdefault(text, number)
    return found
