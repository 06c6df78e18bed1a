"""What a requirements file says, whatever its form: its lines, the files and projects it names."""

import hashlib
import os
import re
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import msgspec

from shorts.errors import ShortsError

# The lock that lies beside a requirements file, a project, and the locks of one: uv's, PEP 751's.
LOCK_NAME = "requirements.lock"
PROJECT_NAME = "pyproject.toml"
UV_LOCK_NAME = "uv.lock"
PYLOCK_NAME = "pylock.toml"
# Where a function built by python-uv has its requirements, the first of them that is there.
# https://github.com/aws/aws-lambda-builders (workflows/python_uv/utils.py, detect_uv_manifest)
_VARIANTS = tuple(f"requirements{variant}.txt" for variant in ("", "-dev", "-test", "-prod"))
_INCLUDE = re.compile(r"(-r|--requirement|-c|--constraint)[ =]?\s*(\S+)")
_PATH = re.compile(
    r"(?:(?:-e|--editable)[ =]?\s*)?(?:(?P<name>[\w.-]+)\s*(?P<more>\[[^]]*\])?\s*@\s*)?"
    r"(?P<path>(?:file:|\.{0,2}/|\.$|~/)[^\s;\[]*|[^\s;\[@=<>~!]+(?:/|\.whl|\.tar\.gz|\.zip)[^\s;\[]*)"
    r"\s*(?P<extras>\[[^]]*\])?\s*(?P<marker>;.*)?"
)
_EDITABLE = re.compile(r"(?:-e|--editable)[ =]?\s*(?P<path>[^\s;\[]+)(?P<extras>\[[^]]*\])?$")
_FOUND_IN = re.compile(r"^(--find-links[ =]|-f ?)(\S+)")
_SOURCE = re.compile(r"(-i|--index-url|--extra-index-url|-f|--find-links|--no-index)\b")
# What may be built from source is not the file's to say.
_FORMAT = re.compile(r"(--no-binary|--only-binary|--prefer-binary)\b")
_SETTING = re.compile(r"""\s--(config-settings?|global-option)[ =]("[^"]*"|'[^']*'|\S+)""")
_VARIABLE = re.compile(r"\$\{([A-Z0-9_]+)\}")
_HASH = re.compile(r"\s--hash[ =]\s*(\S+)")
_NAME = re.compile(r"[A-Za-z0-9][\w.-]*")
_INSTEAD = "Mend it, or write a requirements.txt beside it, which is read first."
# What decides a project's name, version and requirements, as far as files can tell.
_PROJECT_FILES = ("pyproject.toml", "setup.cfg", "setup.py")


class Local(msgspec.Struct, frozen=True, kw_only=True):
    """A requirement on something that lies on this machine: a project's folder or a wheel.

    Attributes:
        path: absolute.
        extras: as written, such as ``[plots]``; empty where there are none.
        marker: as written, with its semicolon; empty where there is none.
        hashes: that it may have, such as ``sha256:…``; any where there are none.
    """

    path: Path
    extras: str
    marker: str
    hashes: tuple[str, ...] = ()


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
    """What counts here of a ``pyproject.toml``; without a project it has settings of tools."""

    project: _Project | None = None
    tool: _Tools = msgspec.field(default_factory=_Tools)


def logical_lines(text: str) -> Iterator[str]:
    """The lines of a requirements file, without comments and with continuations joined.

    Variables of the environment are in their places, and settings for builds from source are gone.
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
            yield _plain(whole)
    if begun.strip():
        yield _plain(" ".join(begun.split()))


def _plain(line: str) -> str:
    expanded = _VARIABLE.sub(lambda found: os.environ.get(found[1]) or found[0], line)
    return _SETTING.sub("", expanded)


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
    locked = project_lock(manifest)
    if locked:
        said.update(locked.read_bytes())
    for path in {local.path: None for local in locals_of(manifest)}:
        for name in _PROJECT_FILES:
            if (path / name).is_file():
                said.update(name.encode() + (path / name).read_bytes())
    return said.hexdigest()


def project_lock(manifest: Path) -> Path | None:
    """The lock of a project that some other tool has written: uv's, else one of PEP 751."""
    if manifest.name != PROJECT_NAME:
        return None
    locks = (manifest.with_name(name) for name in (UV_LOCK_NAME, PYLOCK_NAME))
    return next((lock for lock in locks if lock.is_file()), None)


def locals_of(manifest: Path) -> list[Local]:
    """What the requirements name by path, each once for the same extras and marker.

    Raises:
        ShortsError: a path leads nowhere.
    """
    named = (local_of(line, path) for path in files(manifest) for line in logical_lines(text(path)))
    return [*dict.fromkeys(local for local in named if local)]


def hashes_of(lines: Iterable[str]) -> dict[str, list[str]]:
    """The hashes that some lines of requirements give, by the names of distributions as written."""
    found: dict[str, list[str]] = {}
    for line in lines:
        name, given = _NAME.match(line), _HASH.findall(line)
        if name and given:
            found.setdefault(name[0], []).extend(given)
    return found


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
        local = None if included else local_of(line, manifest)
        if included and included[1] in ("-r", "--requirement"):
            path = Path(os.path.normpath(manifest.parent / included[2]))
            if path not in seen and path != manifest:
                lines.append(flattened(path, wheels, (*seen, manifest)))
        elif included:
            lines.append(f"-c {(manifest.parent / included[2]).absolute()}")
        elif local:
            name, wheel = wheels[local.path]
            lines.append(f"{name}{local.extras} @ {wheel.as_uri()} {local.marker}".rstrip())
        elif not _FORMAT.match(line) and (line := _beside(manifest, line)):
            lines.append(line)
    return "\n".join(lines)


def _beside(manifest: Path, line: str) -> str:
    """A line as it is read from elsewhere; empty where it names a folder that is not there."""
    found = _FOUND_IN.match(line)
    if found is None or "://" in found[2]:
        return line
    folder = manifest.parent / found[2]
    return f"{found[1]}{folder.absolute()}" if folder.exists() else ""


def sources(manifest: Path) -> tuple[str, ...]:
    """The lines that say where wheels are to be found, as they are read from anywhere."""
    lines = (
        _beside(path, line)
        for path in files(manifest)
        for line in logical_lines(text(path))
        if _SOURCE.match(line)
    )
    return tuple(filter(None, lines))


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
    found = _read(path)
    if path.name != PROJECT_NAME:
        return found
    document = _document(path, found)
    if document.project is None:
        return ""
    _check_is_whole(path, document.project, document.tool)
    return "\n".join(document.project.dependencies or ())


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        raise ShortsError(f"{path} is no UTF-8 text: {error}.") from error


def manifest_of(folder: Path, *, variants: bool = False) -> Path | None:
    """What says the requirements of the code in a folder: a file for pip, else its project.

    Args:
        folder: of the code.
        variants: whether ``requirements-dev.txt``, ``-test`` and ``-prod`` count where there is no
            ``requirements.txt``, as they do for SAM's build method ``python-uv``.

    Raises:
        ShortsError: there is only a project in a form that uv does not read.
    """
    for name in _VARIANTS if variants else _VARIANTS[:1]:
        if (folder / name).is_file():
            return folder / name
    project = folder / PROJECT_NAME
    if project.is_file() and _document(project, _read(project)).project:
        return project
    return None


@cache
def _document(path: Path, found: str) -> _Document:
    """A ``pyproject.toml``; it is asked for several times in one build.

    Raises:
        ShortsError: it is none.
    """
    try:
        document = msgspec.convert(tomllib.loads(found), _Document)
    except tomllib.TOMLDecodeError as error:
        raise ShortsError(f"{path} is no TOML: {error}.\n{_INSTEAD}") from error
    except msgspec.ValidationError as error:
        raise ShortsError(f"{path} describes no project: {error}.\n{_INSTEAD}") from error
    if document.project is None and document.tool.poetry.dependencies:
        raise ShortsError(
            f"{path} has no [project] table, which Poetry writes since 2.0.\n"
            "Write one, or export a requirements.txt."
        )
    return document


def _check_is_whole(path: Path, project: _Project, tools: _Tools) -> None:
    """Refuse a project whose dependencies are not all in its table, as PEP 621 has them."""
    theirs = {name for name in tools.poetry.dependencies if name != "python"}
    if "dependencies" in project.dynamic or (project.dependencies is None and theirs):
        raise ShortsError(
            f"{path} leaves its dependencies to its build.\nWrite them into it, or into a "
            "requirements.txt beside it."
        )
    elsewhere = [*tools.uv.sources]
    elsewhere += [name for name in theirs if _is_elsewhere(tools.poetry.dependencies[name])]
    if elsewhere and not project_lock(path):
        raise ShortsError(
            f"{path} takes {', '.join(sorted(elsewhere))} from elsewhere than an index.\n"
            "Lock it with `uv lock`, or name its path in a requirements.txt."
        )


def _is_elsewhere(constraint: object) -> bool:
    """Whether Poetry takes a dependency from somewhere else than the package index."""
    places = ("path", "git", "url", "file", "source")
    return isinstance(constraint, dict) and any(place in constraint for place in places)


def local_of(line: str, file: Path) -> Local | None:
    """The path that a line names, from the working folder as pip reads it, else from its file.

    Raises:
        ShortsError: it leads nowhere.
    """
    if line.startswith("-") and not line.startswith(("-e", "--editable")):
        return None
    bare = _HASH.sub("", line)
    match = _PATH.fullmatch(bare) or _EDITABLE.fullmatch(bare)
    if match is None or "://" in match["path"].removeprefix("file://"):
        return None
    groups = match.groupdict()
    written = unquote(re.sub(r"^file:(//)?", "", match["path"]))
    for base in (Path(), file.parent):
        path = (base / Path(written).expanduser()).resolve()
        if path.exists():
            extras = groups.get("more") or groups.get("extras") or ""
            return Local(
                path=path,
                extras=extras,
                marker=groups.get("marker") or "",
                hashes=tuple(_HASH.findall(line)),
            )
    raise ShortsError(f"{file} names {written}, which does not exist.")
