"""What a requirements file says, whatever its form: its lines, the files and projects it names."""

import hashlib
import os
import re
import tomllib
from collections.abc import Iterator, Mapping
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import msgspec

from shorts.errors import ShortsError

# The lock that lies beside a requirements file, a project, and uv's lock of one.
LOCK_NAME = "requirements.lock"
PROJECT_NAME = "pyproject.toml"
UV_LOCK_NAME = "uv.lock"
_INCLUDE = re.compile(r"(-r|--requirement|-c|--constraint)[ =]?\s*(\S+)")
_PATH = re.compile(
    r"(?:(?:-e|--editable)[ =]?\s*)?(?:(?P<name>[\w.-]+)\s*(?P<more>\[[^]]*\])?\s*@\s*)?"
    r"(?P<path>(?:file:|\.{0,2}/|\.$|~/)[^\s;\[]*|[^\s;\[@=<>~!]+(?:/|\.whl|\.tar\.gz|\.zip)[^\s;\[]*)"
    r"\s*(?P<extras>\[[^]]*\])?\s*(?P<marker>;.*)?"
)
_EDITABLE = re.compile(r"(?:-e|--editable)[ =]?\s*(?P<path>[^\s;\[]+)(?P<extras>\[[^]]*\])?$")
_FOUND_IN = re.compile(r"^(--find-links[ =]|-f ?)(\S+)")
_SOURCE = re.compile(r"(-i|--index-url|--extra-index-url|-f|--find-links|--no-index)\b")
# What decides a project's name, version and requirements, as far as files can tell.
_PROJECT_FILES = ("pyproject.toml", "setup.cfg", "setup.py")


class Local(msgspec.Struct, frozen=True, kw_only=True):
    """A requirement on something that lies on this machine: a project's folder or a wheel.

    Attributes:
        path: absolute.
        extras: as written, such as ``[plots]``; empty where there are none.
        marker: as written, with its semicolon; empty where there is none.
    """

    path: Path
    extras: str
    marker: str


def logical_lines(text: str) -> Iterator[str]:
    """The lines of a requirements file, without comments and with continuations joined.

    https://pip.pypa.io/en/stable/reference/requirements-file-format/
    """
    begun = ""
    for line in text.splitlines():
        bare = re.sub(r"(^|\s)#.*$", "", line)
        if bare.endswith("\\") and bare == line:
            begun += bare[:-1] + " "
            continue
        whole = " ".join((begun + bare).split())
        begun = ""
        if whole:
            yield whole
    if begun.strip():
        yield " ".join(begun.split())


def files(manifest: Path) -> list[Path]:
    """A requirements file and those that it includes, each once, in the order they are read.

    Raises:
        ShortsError: an included file is missing.
    """
    found: list[Path] = []
    waiting = [manifest]
    while waiting:
        path = waiting.pop(0)
        if path in found:
            continue
        if not path.is_file():
            raise ShortsError(f"{manifest} includes {path}, which does not exist.")
        found.append(path)
        for line in logical_lines(text(path)):
            included = _INCLUDE.match(line)
            if included:
                waiting.append(Path(os.path.normpath(path.parent / included[2])))
    return found


def digest(manifest: Path) -> str:
    """SHA-256 of what the requirements say, whatever their comments and spaces, hexadecimal.

    Of a project that they name by its path, what it says of its own requirements counts too.
    """
    said = hashlib.sha256()
    for path in files(manifest):
        said.update("\n".join(logical_lines(text(path))).encode() + b"\n\n")
    locked = manifest.with_name(UV_LOCK_NAME)
    if manifest.name == PROJECT_NAME and locked.is_file():
        said.update(locked.read_bytes())
    for local in locals_of(manifest):
        for name in _PROJECT_FILES:
            if (local.path / name).is_file():
                said.update(name.encode() + (local.path / name).read_bytes())
    return said.hexdigest()


def locals_of(manifest: Path) -> list[Local]:
    """What the requirements name by path, each once.

    Raises:
        ShortsError: a path leads nowhere.
    """
    found: dict[Path, Local] = {}
    for path in files(manifest):
        for line in logical_lines(text(path)):
            local = _local(line, path)
            if local:
                found.setdefault(local.path, local)
    return list(found.values())


def flattened(
    manifest: Path, wheels: Mapping[Path, tuple[str, Path]], seen: tuple[Path, ...] = ()
) -> str:
    """The requirements as one text that holds wherever it lies.

    Included files are put in their places, and projects named by path are replaced by wheels.

    Args:
        manifest: a requirements file.
        wheels: a distribution's name and wheel by the path of its project.
        seen: the files that include this one, which are not included again.
    """
    lines = []
    for line in logical_lines(text(manifest)):
        included = _INCLUDE.match(line)
        local = None if included else _local(line, manifest)
        if included and included[1] in ("-r", "--requirement"):
            path = Path(os.path.normpath(manifest.parent / included[2]))
            if path not in seen and path != manifest:
                lines.append(flattened(path, wheels, (*seen, manifest)))
        elif included:
            lines.append(f"-c {(manifest.parent / included[2]).absolute()}")
        elif local:
            name, wheel = wheels[local.path]
            lines.append(f"{name}{local.extras} @ {wheel.as_uri()} {local.marker}".rstrip())
        else:
            lines.append(_FOUND_IN.sub(partial(_beside, manifest), line))
    return "\n".join(lines)


def _beside(manifest: Path, found: re.Match[str]) -> str:
    """A folder of wheels as it is seen from elsewhere."""
    folder = manifest.parent / found[2]
    return f"{found[1]}{folder.absolute() if folder.exists() else found[2]}"


def sources(manifest: Path) -> tuple[str, ...]:
    """The lines that say where wheels are to be found, as they are read from anywhere."""
    return tuple(
        _FOUND_IN.sub(partial(_beside, path), line)
        for path in files(manifest)
        for line in logical_lines(text(path))
        if _SOURCE.match(line)
    )


def asks(path: Path) -> bool:
    """Whether a requirements file asks for anything."""
    return any(
        not line.startswith("-") or line.startswith(("-e", "--editable"))
        for line in logical_lines(text(path))
    )


def text(path: Path) -> str:
    """A requirements file's text; of a ``pyproject.toml``, what its project depends on.

    Raises:
        ShortsError: it is not in UTF-8, or its dependencies are not written there.
    """
    try:
        found = path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        raise ShortsError(f"{path} is no UTF-8 text: {error}.") from error
    return _dependencies(path, found) if path.name == PROJECT_NAME else found


def manifest_of(folder: Path) -> Path | None:
    """What says the requirements of the code in a folder: a file for pip, else its project.

    Raises:
        ShortsError: there is only a project in a form that uv does not read.
    """
    if (folder / "requirements.txt").is_file():
        return folder / "requirements.txt"
    project = folder / PROJECT_NAME
    if project.is_file() and _table(project, project.read_text(encoding="utf-8")):
        return project
    return None


def _dependencies(path: Path, found: str) -> str:
    """What a project depends on, a line each (PEP 621)."""
    document = tomllib.loads(found)
    project = _table(path, found)
    if "dependencies" in project.get("dynamic", ()):
        raise ShortsError(
            f"{path} leaves its dependencies to its build.\nWrite them into it, or into a "
            "requirements.txt beside it."
        )
    dependencies: list[str] = project.get("dependencies", [])
    elsewhere = document.get("tool", {}).get("uv", {}).get("sources", {})
    if elsewhere and not path.with_name(UV_LOCK_NAME).is_file():
        raise ShortsError(
            f"{path} takes {', '.join(elsewhere)} from elsewhere than an index.\n"
            "Lock it with `uv lock`, or name its path in a requirements.txt."
        )
    return "\n".join(dependencies)


def _table(path: Path, found: str) -> dict[str, Any]:
    """The ``project`` table of a ``pyproject.toml``; empty where it only has settings of tools."""
    try:
        document = tomllib.loads(found)
    except tomllib.TOMLDecodeError as error:
        raise ShortsError(f"{path} is no TOML: {error}.") from error
    if "project" not in document and "dependencies" in document.get("tool", {}).get("poetry", {}):
        raise ShortsError(
            f"{path} has no [project] table, which Poetry writes since 2.0.\n"
            "Write one, or export a requirements.txt."
        )
    table: dict[str, Any] = document.get("project", {})
    return table


def _local(line: str, file: Path) -> Local | None:
    """The path that a line names, from the working folder as pip reads it, else from its file.

    Raises:
        ShortsError: it leads nowhere.
    """
    if line.startswith("-") and not line.startswith(("-e", "--editable")):
        return None
    match = _PATH.fullmatch(line) or _EDITABLE.fullmatch(line)
    if match is None or "://" in match["path"].removeprefix("file://"):
        return None
    groups = match.groupdict()
    written = unquote(re.sub(r"^file:(//)?", "", match["path"]))
    for base in (Path(), file.parent):
        path = (base / Path(written).expanduser()).resolve()
        if path.exists():
            extras = groups.get("more") or groups.get("extras") or ""
            return Local(path=path, extras=extras, marker=groups.get("marker") or "")
    raise ShortsError(f"{file} names {written}, which does not exist.")
