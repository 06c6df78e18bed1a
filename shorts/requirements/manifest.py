"""A requirements file or a project with all that belongs to it, read once into a record."""

import codecs
import re
from collections import deque
from functools import cached_property
from hashlib import sha256
from pathlib import Path
from urllib.parse import urljoin

import msgspec

from shorts.errors import ShortsError
from shorts.requirements import pyproject, requirements_txt
from shorts.requirements.requirements_txt import Include, Line, Local, Option, Repository
from shorts.system import project_state
from shorts.system.files import TEXT, exists, read
from shorts.system.project_state import FOLDER

# The lock next to a requirements file, a project, and the locks of a project: uv's, PEP 751's.
LOCK_NAME = "requirements.lock"
PROJECT_NAME = "pyproject.toml"
UV_LOCK_NAME = "uv.lock"
PYLOCK_NAME = "pylock.toml"
# The requirements files of a function built by python-uv; the first one that exists counts.
# https://github.com/aws/aws-lambda-builders (workflows/python_uv/utils.py, detect_uv_manifest)
_VARIANTS = tuple(f"requirements{variant}.txt" for variant in ("", "-dev", "-test", "-prod"))
# The files that decide a project's name, version and requirements, as far as files do.
_PROJECT_FILES = ("pyproject.toml", "setup.cfg", "setup.py")
# The options that say where wheels are.
_SOURCES = ("-i", "--index-url", "--extra-index-url", "-f", "--find-links", "--no-index")
_FOLDERS = ("-f", "--find-links")

# A requirement on one version, perhaps with a marker or hashes.
_EXACT = re.compile(r"[^<>=~!;@]+===?[^,;*]+(;.*)?")


class RequirementsFile(msgspec.Struct, frozen=True, kw_only=True):
    """One file.

    Attributes:
        place: its path or URL.
        lines: what it says.
        constrains: whether it only limits the versions of what other files require.
    """

    place: Path | str
    lines: tuple[Line, ...]
    constrains: bool


class LockFile(msgspec.Struct, frozen=True, kw_only=True):
    """A lock next to the requirements.

    Attributes:
        path: of the file.
        text: of the file.
        sha256: of the file, hexadecimal.
    """

    path: Path
    text: str
    sha256: str


class Requirements(msgspec.Struct, frozen=True, kw_only=True, dict=True):
    """What a function requires.

    Attributes:
        path: of the ``requirements.txt``, ``pyproject.toml`` or ``requirements.lock``.
        files: that file and those that it includes, each once, in reading order.
        lock: shorts' lock next to it.
        project_lock: the lock of a project that another tool has written: uv's, else one of
            PEP 751.
        digest: SHA-256 of the requirements without comments and extra spaces, hexadecimal. It
            covers what decides the requirements of the projects that they name by path.
    """

    path: Path
    files: tuple[RequirementsFile, ...]
    lock: LockFile | None
    project_lock: LockFile | None
    digest: str

    @property
    def lock_path(self) -> Path:
        """Where `shorts lock` writes the lock."""
        return self.path.with_name(LOCK_NAME)

    @property
    def is_locked(self) -> bool:
        """Whether a lock pins everything."""
        return self.lock is not None or self.project_lock is not None

    @property
    def is_empty(self) -> bool:
        """Whether nothing is required."""
        return not any(
            line.requires for file in self.files if not file.constrains for line in file.lines
        )

    @property
    def is_exact(self) -> bool:
        """Whether each line names one version, as `pip freeze` writes them."""
        return all(_EXACT.fullmatch(line.text) for line in self.lines if line.requires)

    @cached_property
    def lines(self) -> tuple[Line, ...]:
        """The lines of all files."""
        return tuple(line for file in self.files for line in file.lines)

    @cached_property
    def locals(self) -> tuple[Local, ...]:
        """What is required by its path, each once for the same extras and marker."""
        contents = (line.content for line in self.lines)
        return tuple(dict.fromkeys(content for content in contents if isinstance(content, Local)))

    @cached_property
    def repositories(self) -> tuple[Repository, ...]:
        """What is required from git repositories, each once."""
        contents = (line.content for line in self.lines)
        return tuple(
            dict.fromkeys(content for content in contents if isinstance(content, Repository))
        )

    @cached_property
    def sources(self) -> tuple[str, ...]:
        """The lines that say where wheels are, in a form for any folder."""
        texts = (portable(line, file.place) for file in self.files for line in file.lines)
        return tuple(text for text in texts if text.startswith(_SOURCES))

    @property
    def paths(self) -> list[Path]:
        """The paths of the files on this machine."""
        return [file.place for file in self.files if isinstance(file.place, Path)]

    def file(self, include: Include) -> RequirementsFile:
        """Return the file that a line includes."""
        return next(file for file in self.files if file.place == include.target)


def portable(line: Line, file: Path | str) -> str:
    """Return a line in a form for other folders; empty where it names a missing folder."""
    option = line.content
    if not isinstance(option, Option) or option.name not in _FOLDERS or "://" in option.value:
        return line.text
    if isinstance(file, str):
        return f"{option.name} {urljoin(file, option.value)}"
    folder = (file.parent / option.value).absolute()
    place = folder.as_uri() if re.search(r"\s", str(folder)) else folder
    return f"{option.name} {place}" if exists(folder) else ""


def find(folder: Path, *, variants: bool = False, upgrade: bool = False) -> Requirements | None:
    """Return the requirements of a folder's code: those in a file for pip, else in its project.

    Args:
        folder: of the code.
        variants: whether ``requirements-dev.txt``, ``-test`` and ``-prod`` count where there is no
            ``requirements.txt``, as they do for SAM's build method ``python-uv``.
        upgrade: download included URLs again.

    Raises:
        ShortsError: a file cannot be read, or there is only a project in a form that uv does not
            read.
    """
    for name in _VARIANTS if variants else _VARIANTS[:1]:
        if (folder / name).is_file():
            return load(folder / name, upgrade=upgrade)
    place = folder / PROJECT_NAME
    if not place.is_file():
        return None
    data = read(place, TEXT)
    return _load(place, data, upgrade) if pyproject.is_one(place, _decoded(data, place)) else None


def load(path: Path, *, upgrade: bool = False) -> Requirements:
    """Read requirements, what they include, and their lock, each file once.

    Args:
        path: of the file.
        upgrade: download included URLs again.

    Raises:
        ShortsError: a file is missing, or cannot be read.
    """
    return _load(path, read(path, TEXT), upgrade)


def _load(path: Path, data: bytes, upgrade: bool) -> Requirements:
    text = _decoded(data, path)
    lock = _lock(path.with_name(LOCK_NAME))
    project_lock = None
    if path.name == LOCK_NAME:
        lock = LockFile(path=path, text=text, sha256=sha256(data).hexdigest())
    if path.name == PROJECT_NAME:
        locks = (path.with_name(UV_LOCK_NAME), path.with_name(PYLOCK_NAME))
        project_lock = next(filter(None, map(_lock, locks)), None)
        lines = _dependencies(path, text, locked=project_lock is not None)
    else:
        lines = requirements_txt.parse(text, path)
    files = _files(path, lines, upgrade)
    loaded = Requirements(path=path, files=files, lock=lock, project_lock=project_lock, digest="")
    return msgspec.structs.replace(loaded, digest=_digest(loaded))


def _dependencies(path: Path, text: str, *, locked: bool) -> tuple[Line, ...]:
    """Return the dependencies of a project, at the lines where they are written."""
    places: dict[str, int] = {}
    for number, written in enumerate(text.splitlines(), start=1):
        for quote in "\"'":
            for quoted in written.split(quote)[1:-1]:
                places.setdefault(quoted, number)
    lines = requirements_txt.parse(
        "\n".join(pyproject.dependencies(path, text, locked=locked)), path
    )
    numbers = [places.get(line.raw, 0) for line in lines]
    return tuple(
        msgspec.structs.replace(line, first=number, last=number)
        for line, number in zip(lines, numbers, strict=True)
    )


def _files(path: Path, lines: tuple[Line, ...], upgrade: bool) -> tuple[RequirementsFile, ...]:
    """Return a file and those that it includes, each once."""
    by_place: dict[Path | str, RequirementsFile] = {
        path: RequirementsFile(place=path, lines=lines, constrains=False)
    }
    waiting: deque[Path | str] = deque([path])
    while waiting:
        file = by_place[waiting.popleft()]
        for line in file.lines:
            include = line.content
            if not isinstance(include, Include):
                continue
            constrains = file.constrains or include.constrains
            other = by_place.get(include.target)
            if other is None:
                lines = _included(include.target, path, upgrade)
            elif other.constrains and not constrains:
                lines = other.lines
            else:
                continue
            by_place[include.target] = RequirementsFile(
                place=include.target, lines=lines, constrains=constrains
            )
            waiting.append(include.target)
    return tuple(by_place.values())


def _included(target: Path | str, path: Path, upgrade: bool) -> tuple[Line, ...]:
    """Return the lines of an included file; what a URL held is remembered until an upgrade."""
    if isinstance(target, str):
        place = FOLDER / "includes" / f"{sha256(target.encode()).hexdigest()[:32]}.json"
        text = None if upgrade else project_state.recall(place, str)
        if text is None:
            from shorts.system import download

            text = _decoded(download.fetch(target), target)
            project_state.keep(place, text)
    elif exists(target):
        text = _decoded(read(target, TEXT), target)
    else:
        raise ShortsError(f"{path} includes {target}, which does not exist.")
    return requirements_txt.parse(text, target)


def _digest(requirements: Requirements) -> str:
    digest = sha256()
    for file in requirements.files:
        digest.update("\n".join(line.text for line in file.lines).encode() + b"\n\n")
    if requirements.project_lock:
        digest.update(requirements.project_lock.text.encode())
    for path in {local.path: None for local in requirements.locals}:
        for name in _PROJECT_FILES:
            if (path / name).is_file():
                digest.update(name.encode() + read(path / name, TEXT))
    return digest.hexdigest()


def _lock(path: Path) -> LockFile | None:
    if not path.is_file():
        return None
    data = read(path, TEXT)
    return LockFile(path=path, text=_decoded(data, path), sha256=sha256(data).hexdigest())


def _decoded(data: bytes, path: Path | str) -> str:
    """Return the text of a file, in UTF-8, or in UTF-16 with its mark, as PowerShell writes it.

    Raises:
        ShortsError: it is in neither.
    """
    is_wide = data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
    try:
        text = data.decode("utf-16" if is_wide else "utf-8-sig")
    except UnicodeDecodeError as error:
        raise ShortsError(f"{path} is not UTF-8 text: {error}.") from error
    if "\0" in text:
        raise ShortsError(f"{path} is not UTF-8 text: it holds a NUL.")
    return text.replace("\r\n", "\n").replace("\r", "\n")
