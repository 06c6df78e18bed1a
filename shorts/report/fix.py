"""Fixes requirements files: drops what nothing needs, adds lines for undeclared imports."""

import os
import re
from collections.abc import Iterable, Sequence
from pathlib import Path

import msgspec

from shorts.report.check import Addition, Findings
from shorts.requirements import requirements_txt
from shorts.requirements.manifest import PROJECT_NAME
from shorts.requirements.requirements_txt import LogicalLine
from shorts.system import atomic

_OPERATOR = re.compile(r"[A-Za-z0-9][\w.-]*\s*(?:\[[^]]*\])?\s*\(?\s*(===|==|~=|!=|[<>]=?)?")
# A byte order mark, which some editors write at the start of a file.
_MARK = "\ufeff"
_SHORT = re.compile(r"(?:\d+!)?\d+(?:\.\d+)?")


class Change(msgspec.Struct, frozen=True, kw_only=True):
    """The changes to one file.

    Attributes:
        path: of the file, from the working folder.
        removed: lines as they were, without comments and continuations.
        added: new lines.
        left: what could not be done, one sentence each.
    """

    path: str
    removed: list[str] = []
    added: list[str] = []
    left: list[str] = []


def fix(findings: Findings) -> list[Change]:
    """Remove the unwanted lines and add the missing ones; all other bytes stay.

    A line is removed from the file that contains it. ``pyproject.toml`` is never written.

    Raises:
        ShortsError: a file cannot be written; then none was.
    """
    paths = {line.path for line in findings.unwanted} | {
        addition.path for addition in findings.lacking
    }
    changes, texts = [], {}
    for path in sorted(paths):
        gone = [line.line for line in findings.unwanted if line.path == path]
        new = [addition for addition in findings.lacking if addition.path == path]
        text = path.read_bytes().decode()
        mark = _MARK if text.startswith(_MARK) else ""
        change, fixed = _changed(path, text.removeprefix(mark), gone, new)
        texts[path] = mark + fixed
        changes.append(change)
        if change.removed or change.added:
            atomic.check_is_writable(path)
    for path, change in zip(texts, changes, strict=True):
        if change.removed or change.added:
            atomic.rewrite(path, texts[path].encode())
    return changes


def _changed(
    path: Path, text: str, gone: Sequence[LogicalLine], new: Sequence[Addition]
) -> tuple[Change, str]:
    shown = os.path.relpath(path)
    if path.name == PROJECT_NAME:
        left = [f"shorts does not edit {shown}: remove {line.text}" for line in gone]
        left += [f"shorts does not edit {shown}: add {addition.name}" for addition in new]
        return Change(path=shown, left=left), text
    added, left = [], []
    for addition in new:
        if "--hash" in text:
            left.append(f"{shown} gives hashes: add {addition.name} and its hashes by hand")
        else:
            added.append(addition.name + constraint(text, addition.versions))
    removed = [line.text for line in gone]
    change = Change(path=shown, removed=removed, added=added, left=left)
    return change, edited(text, gone, added)


def edited(text: str, gone: Iterable[LogicalLine], added: Sequence[str]) -> str:
    """Return a requirements file without some of its lines and with new ones at its end.

    Comments between the lines of a requirement stay, and so do line endings.

    Args:
        text: of the file.
        gone: its logical lines to remove.
        added: the lines to add.
    """
    numbers = {number for line in gone for number in range(line.first, line.last + 1)}
    kept = [
        line
        for number, line in enumerate(text.splitlines(keepends=True), start=1)
        if number not in numbers or line.lstrip().startswith("#")
    ]
    ending = "\r\n" if "\r\n" in text else "\n"
    if added and kept:
        last = kept[-1].rstrip("\r\n")
        if last == kept[-1]:
            kept.append(ending)
        if last.endswith("\\"):  # the added line is not its continuation
            kept.append(f"\n{ending}" if kept[-1].endswith("\r") else ending)
    return "".join([*kept, *(line + ending for line in added)])


def constraint(text: str, versions: Sequence[str]) -> str:
    """Return the version specifier of a new requirement, in the style of its file.

    It is exact if all specifiers in the file are and there is one version, and empty if the file
    has no specifier; else it is the lowest version or later.

    Args:
        text: of the file.
        versions: of the distribution, at least one.
    """
    lines = [line.text for line in requirements_txt.logical_lines(text)]
    matches = [_OPERATOR.match(line) for line in lines if not line.startswith("-")]
    operators = [match[1] for match in matches if match]
    written = {operator for operator in operators if operator}
    if operators and not written:
        return ""
    if written <= {"==", "==="} and len(set(versions)) == 1:
        return f"=={versions[0]}"
    shortened = [match[0] for version in versions if (match := _SHORT.match(version))]
    lowest = min(shortened, key=lambda short: [int(part) for part in re.findall(r"\d+", short)])
    return f">={lowest}"
