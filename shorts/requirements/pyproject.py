"""A project as its ``pyproject.toml`` describes it: whether it is one, and what it depends on."""

from pathlib import Path
from typing import Any

import msgspec

from shorts.errors import ShortsError
from shorts.requirements import toml

_INSTEAD = "Fix it, or write a requirements.txt next to it, which is read first."


class ProjectError(ShortsError):
    """A project is not described in a form that uv reads."""


class _Poetry(msgspec.Struct):
    dependencies: dict[str, Any] = {}


class _Uv(msgspec.Struct):
    sources: dict[str, Any] = {}


class _Tools(msgspec.Struct):
    poetry: _Poetry = msgspec.field(default_factory=_Poetry)
    uv: _Uv = msgspec.field(default_factory=_Uv)


class _Project(msgspec.Struct):
    dependencies: list[str] | None = None
    dynamic: list[str] = []


class _Document(msgspec.Struct):
    """The parts of a ``pyproject.toml`` used here; without a project it only configures tools."""

    project: _Project | None = None
    tool: _Tools = msgspec.field(default_factory=_Tools)


def is_one(path: Path, text: str) -> bool:
    """Return whether a ``pyproject.toml`` describes a project, and not just tools.

    Raises:
        ProjectError: it is not TOML, or describes a project in a form that uv does not read.
    """
    return _document(path, text).project is not None


def dependencies(path: Path, text: str, *, locked: bool) -> list[str]:
    """Return a project's dependencies; none where there is no project.

    Args:
        path: of the ``pyproject.toml``.
        text: its text.
        locked: whether a lock is next to it.

    Raises:
        ProjectError: it is not TOML, or its dependencies are not written there.
    """
    document = _document(path, text)
    if document.project is None:
        return []
    _check_is_whole(path, document.project, document.tool, locked)
    return document.project.dependencies or []


def _document(path: Path, text: str) -> _Document:
    """Parse a ``pyproject.toml``.

    Raises:
        ProjectError: it is not valid.
    """
    try:
        document = msgspec.convert(toml.loads(text), _Document)
    except msgspec.ValidationError as error:
        raise ProjectError(f"{path} does not describe a project: {error}.\n{_INSTEAD}") from error
    except ValueError as error:
        raise ProjectError(f"{path} is not valid TOML: {error}.\n{_INSTEAD}") from error
    if document.project is None and document.tool.poetry.dependencies:
        raise ProjectError(
            f"{path} has no [project] table, which Poetry writes since 2.0.\n"
            "Write one, or export a requirements.txt."
        )
    return document


def _check_is_whole(path: Path, project: _Project, tools: _Tools, locked: bool) -> None:
    """Refuse a project if its dependencies are not all in its table, as in PEP 621."""
    theirs = {name for name in tools.poetry.dependencies if name != "python"}
    if "dependencies" in project.dynamic or (project.dependencies is None and theirs):
        raise ProjectError(
            f"{path} leaves its dependencies to its build.\nWrite them into it, or into a "
            "requirements.txt next to it."
        )
    elsewhere = [*tools.uv.sources]
    elsewhere += [name for name in theirs if _is_elsewhere(tools.poetry.dependencies[name])]
    if elsewhere and not locked:
        raise ProjectError(
            f"{path} takes {', '.join(sorted(elsewhere))} from a source other than an index.\n"
            "Lock it with `uv lock`, or name its path in a requirements.txt."
        )


def _is_elsewhere(constraint: object) -> bool:
    """Return whether Poetry takes a dependency from elsewhere than the package index."""
    places = ("path", "git", "url", "file", "source")
    return isinstance(constraint, dict) and any(place in constraint for place in places)
