"""Requirements files in any form: their lines, and the files and projects they name."""

import hashlib
import os
import re
from collections import deque
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from urllib.parse import unquote

import msgspec

from shorts.errors import ShortsError
from shorts.requirements import pyproject
from shorts.system.files import TEXT, exists, is_text, read

# The lock next to a requirements file, a project, and the locks of a project: uv's, PEP 751's.
LOCK_NAME = "requirements.lock"
PROJECT_NAME = "pyproject.toml"
UV_LOCK_NAME = "uv.lock"
PYLOCK_NAME = "pylock.toml"
# The requirements files of a function built by python-uv; the first one that exists counts.
# https://github.com/aws/aws-lambda-builders (workflows/python_uv/utils.py, detect_uv_manifest)
_VARIANTS = tuple(f"requirements{variant}.txt" for variant in ("", "-dev", "-test", "-prod"))
_INCLUDE = re.compile(r"(-r|--requirement|-c|--constraint)[ =]?\s*(\S+)")
# It never backtracks (`++`, `*+`): the time is linear in the length of the line.
_PATH = re.compile(
    r"(?:(?:-e|--editable)[ =]?\s*+)?"
    r"(?:(?P<name>[\w.-]++)\s*+(?P<more>\[[^]]*+\])?+\s*+@\s*+)?"
    r"(?P<path>(?:(?:file:|\.{0,2}/|\.$|~/)|(?=[^\s;\[@=<>~!]+(?:/|\.whl|\.tar\.gz|\.zip)))"
    r"[^\s;\[]*+)"
    r"\s*+(?P<extras>\[[^]]*+\])?+\s*+(?P<marker>;.*)?+"
)
_EDITABLE = re.compile(r"(?:-e|--editable)[ =]?\s*(?P<path>[^\s;\[]++)(?P<extras>\[[^]]*+\])?$")
_FOUND_IN = re.compile(r"^(--find-links[ =]|-f ?)(\S+)")
_SOURCE = re.compile(r"(-i|--index-url|--extra-index-url|-f|--find-links|--no-index)\b")
# The file does not decide what may be built from source.
_FORMAT = re.compile(r"(--no-binary|--only-binary|--prefer-binary)\b")
_SETTING = re.compile(r"""\s--(config-settings?|global-option)[ =]("[^"]*"|'[^']*'|\S+)""")
_VARIABLE = re.compile(r"\$\{([A-Z0-9_]+)\}")
_HASH = re.compile(r"\s--hash[ =]\s*(\S+)")
_NAME = re.compile(r"[A-Za-z0-9][\w.-]*")
# Parsers of markers crash on thousands of nested parentheses.
_DEEPEST = 200
# The files that decide a project's name, version and requirements, as far as files do.
_PROJECT_FILES = ("pyproject.toml", "setup.cfg", "setup.py")


class Local(msgspec.Struct, frozen=True, kw_only=True):
    """A requirement on something on this machine: a project's folder or a wheel.

    Attributes:
        path: absolute.
        extras: as written, such as ``[plots]``; empty where there are none.
        marker: as written, with its semicolon; empty where there is none.
        hashes: the allowed ones, such as ``sha256:…``; without any, all are allowed.
    """

    path: Path
    extras: str
    marker: str
    hashes: tuple[str, ...] = ()


def logical_lines(text: str) -> Iterator[str]:
    """Yield the lines of a requirements file, without comments and with continuations joined.

    Environment variables are replaced by their values, and settings for source builds are removed.
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
    if line.count("(") > _DEEPEST:
        raise ShortsError(f"{line[:80]!r} … has more than {_DEEPEST} parentheses; leave some out.")
    return _SETTING.sub("", _VARIABLE.sub(_value, line))


def _value(found: re.Match[str]) -> str:
    value = os.environ.get(found[1]) or found[0]
    if not is_text(value):
        raise ShortsError(f"The variable {found[1]} is not UTF-8 text: {value!r}.")
    return value


def files(manifest: Path) -> list[Path]:
    """Return a requirements file and those that it includes, each once, in reading order.

    Raises:
        ShortsError: an included file is missing, or cannot be read.
    """
    found = {manifest: None}
    waiting = deque([manifest])
    while waiting:
        path = waiting.popleft()
        if not exists(path):
            raise ShortsError(f"{manifest} includes {path}, which does not exist.")
        for line in logical_lines(text(path)):
            included = _INCLUDE.match(line)
            if included:
                other = Path(os.path.normpath(path.parent / included[2]))
                if other not in found:
                    found[other] = None
                    waiting.append(other)
    return [*found]


def digest(manifest: Path) -> str:
    """Return the SHA-256 of the requirements without comments and extra spaces, hexadecimal.

    It covers the requirements of a project that they name by its path, too.
    """
    said = hashlib.sha256()
    for path in files(manifest):
        said.update("\n".join(logical_lines(text(path))).encode() + b"\n\n")
    locked = project_lock(manifest)
    if locked:
        said.update(read(locked, TEXT))
    for path in {local.path: None for local in locals_of(manifest)}:
        for name in _PROJECT_FILES:
            if (path / name).is_file():
                said.update(name.encode() + read(path / name, TEXT))
    return said.hexdigest()


def project_lock(manifest: Path) -> Path | None:
    """Return the lock of a project that another tool has written: uv's, else one of PEP 751."""
    if manifest.name != PROJECT_NAME:
        return None
    locks = (manifest.with_name(name) for name in (UV_LOCK_NAME, PYLOCK_NAME))
    return next((lock for lock in locks if lock.is_file()), None)


def locals_of(manifest: Path) -> list[Local]:
    """Return what the requirements name by path, each once for the same extras and marker.

    Raises:
        ShortsError: a path leads nowhere.
    """
    named = (local_of(line, path) for path in files(manifest) for line in logical_lines(text(path)))
    return [*dict.fromkeys(local for local in named if local)]


def hashes_of(lines: Iterable[str]) -> dict[str, list[str]]:
    """Return the hashes in some requirement lines, by the names of distributions as written."""
    found: dict[str, list[str]] = {}
    for line in lines:
        name, given = _NAME.match(line), _HASH.findall(line)
        if name and given:
            found.setdefault(name[0], []).extend(given)
    return found


def flattened(manifest: Path, wheels: Mapping[Path, tuple[str, Path]]) -> str:
    """Return the requirements as one text that is valid in any folder.

    Included files are inserted, each once, and wheels replace projects named by path.

    Args:
        manifest: a requirements file.
        wheels: a distribution's name and wheel by the path of its project.
    """
    lines = []
    seen = {manifest}
    within = [(manifest, logical_lines(text(manifest)))]
    while within:
        path, left = within[-1]
        line = next(left, None)
        if line is None:
            within.pop()
            continue
        included = _INCLUDE.match(line)
        local = None if included else local_of(line, path)
        if included and included[1] in ("-r", "--requirement"):
            other = Path(os.path.normpath(path.parent / included[2]))
            if other not in seen:
                seen.add(other)
                within.append((other, logical_lines(text(other))))
        elif included:
            lines.append(f"-c {(path.parent / included[2]).absolute()}")
        elif local:
            name, wheel = wheels[local.path]
            lines.append(f"{name}{local.extras} @ {wheel.as_uri()} {local.marker}".rstrip())
        elif not _FORMAT.match(line) and (line := _beside(path, line)):
            lines.append(line)
    return "\n".join(lines)


def _beside(manifest: Path, line: str) -> str:
    """Return a line in a form for other folders; empty where it names a missing folder."""
    found = _FOUND_IN.match(line)
    if found is None or "://" in found[2]:
        return line
    folder = manifest.parent / found[2]
    return f"{found[1]}{folder.absolute()}" if folder.exists() else ""


def sources(manifest: Path) -> tuple[str, ...]:
    """Return the lines that say where wheels are, in a form for any folder."""
    lines = (
        _beside(path, line)
        for path in files(manifest)
        for line in logical_lines(text(path))
        if _SOURCE.match(line)
    )
    return tuple(filter(None, lines))


def asks(path: Path) -> bool:
    """Return whether a requirements file requires anything."""
    return any(
        not line.startswith("-") or line.startswith(("-e", "--editable"))
        for line in logical_lines(text(path))
    )


def text(path: Path) -> str:
    """Return a requirements file's text; for a ``pyproject.toml``, its project's dependencies.

    Raises:
        ShortsError: it is not in UTF-8, or its dependencies are not written there.
    """
    found = written(path)
    if path.name != PROJECT_NAME:
        return found
    return "\n".join(pyproject.dependencies(path, found, locked=project_lock(path) is not None))


def written(path: Path) -> str:
    """Return a file's text, as it is written there.

    Raises:
        ShortsError: it cannot be read, or is not in UTF-8.
    """
    try:
        found = read(path, TEXT).decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise ShortsError(f"{path} is not UTF-8 text: {error}.") from error
    if "\0" in found:
        raise ShortsError(f"{path} is not UTF-8 text: it holds a NUL.")
    return found.replace("\r\n", "\n").replace("\r", "\n")


def manifest_of(folder: Path, *, variants: bool = False) -> Path | None:
    """Return the file with the requirements of a folder's code: one for pip, else its project.

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
    place = folder / PROJECT_NAME
    return place if place.is_file() and pyproject.is_one(place, written(place)) else None


def local_of(line: str, file: Path) -> Local | None:
    """Return the path that a line names, from the working folder as pip does, else from its file.

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
    named = unquote(re.sub(r"^file:(//)?", "", match["path"]))
    if named.startswith("~/"):
        named = str(Path.home() / named[2:])
    for base in (Path(), file.parent):
        if exists(base / named):
            path = (base / named).resolve()
            extras = groups.get("more") or groups.get("extras") or ""
            return Local(
                path=path,
                extras=extras,
                marker=groups.get("marker") or "",
                hashes=tuple(_HASH.findall(line)),
            )
    raise ShortsError(f"{file} names {named}, which does not exist.")
