"""The function's own code: the files of its folder that go into the artifact."""

import errno
import hashlib
import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

import msgspec

from shorts.errors import ShortsError
from shorts.system.files import is_text

# What `sam build` leaves out of a Python function's folder (aws-lambda-builders 1.67,
# PythonPipWorkflow.EXCLUDED_FILES) except `*.so`: a library of the user's own is kept.
_LEFT_OUT = frozenset(
    (
        ".aws-sam .chalice .git .gitignore __pycache__ .Python pip-log.txt"
        " pip-delete-this-directory.txt htmlcov .tox .nox .coverage .cache .pytest_cache"
        " .python-version .mypy_cache .dmypy.json .pyre .env .venv venv venv.bak env.bak ENV env"
        " .vscode .idea .ruff_cache .hypothesis node_modules"
        # The lock is shorts' own: nothing reads it at run time.
        " requirements.lock"
    ).split()
)
_LEFT_OUT_SUFFIXES = (".pyc", ".egg-info", ".egg")
_VIRTUAL_ENVIRONMENT = "pyvenv.cfg"
# The most of all files of a folder together, in bytes: four times what Lambda takes, because some
# may be left out of the zip.
_LARGEST = 1024 * 1024 * 1024
# The longest path that Linux opens, in bytes.
# https://man7.org/linux/man-pages/man3/realpath.3.html (PATH_MAX)
_LONGEST = 4096
# Nothing is opened through a link, and opening a pipe does not wait for a writer.
_FOLDER = os.O_RDONLY | os.O_NOFOLLOW | os.O_DIRECTORY
_FILE = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK
_CHANGED = (errno.ELOOP, errno.ENOTDIR)


class File(msgspec.Struct, frozen=True, kw_only=True):
    """One file of the function's own code.

    Attributes:
        path: relative to the function's folder, with slashes.
        executable: whether its owner may run it.
        content: its bytes.
    """

    path: str
    executable: bool
    content: bytes


class Tree(msgspec.Struct, frozen=True, kw_only=True):
    """A function's folder as it was read.

    Attributes:
        root: the folder.
        files: by path.
        digest: of all paths, modes and contents, hexadecimal.
        left_out: the names that were skipped, each once.
        links: the symbolic links that lead out of the folder, each with its target.
    """

    root: str
    files: list[File]
    digest: str
    left_out: list[str]
    links: list[tuple[str, str]] = []


def read(root: Path, *, without: Path | None = None, whole: bool = False) -> Tree:
    """Read a function's folder.

    Args:
        root: the folder.
        without: the build folder, which may lie in it.
        whole: read everything but bytecode: the folder is the output of another build.

    Raises:
        ShortsError: it is not a folder, or cannot be read, or is too large, or a symbolic link in
            it leads nowhere or in a circle.
    """
    if not root.is_dir():
        raise ShortsError(f"{root} is not a folder, but the template takes code from it.")
    walk = _Walk(root, without, whole)
    files = sorted(walk.files(), key=lambda file: file.path)
    digest = hashlib.sha256()
    for file in files:
        head = f"{file.path}\0{file.executable:d}{len(file.content)}\0"
        digest.update(head.encode("utf-8", "surrogateescape") + file.content)
    return Tree(
        root=str(root),
        files=files,
        digest=digest.hexdigest(),
        left_out=sorted(walk.left_out),
        links=sorted(walk.links),
    )


def copy(tree: Tree, to: Path) -> None:
    """Write a tree's files below another folder."""
    for file in tree.files:
        path = to / file.path
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(file.content)
        path.chmod(0o755 if file.executable else 0o644)


class _Folder(NamedTuple):
    """A folder on the way through a tree.

    Attributes:
        path: in the tree, with a slash at its end; empty for the tree's root.
        shown: its path as the user knows it.
        place: its real path.
        above: the folder that it was found in.
    """

    path: str
    shown: Path
    place: Path
    above: "_Folder | None"


class _Walk:
    """One walk through a folder, and the names that it skips.

    It follows links, also out of the folder, as SAM does. It does not follow a file or folder that
    is replaced by a link during the walk.
    """

    def __init__(self, root: Path, build_dir: Path | None, whole: bool) -> None:
        self._shown = root
        self._root = root.resolve()
        self._build_dir = build_dir
        self._whole = whole
        self._size = 0
        self.left_out: set[str] = set()
        self.links: set[tuple[str, str]] = set()

    def files(self) -> Iterator[File]:
        waiting = [_Folder("", self._shown, self._root, None)]
        while waiting:
            folder = waiting.pop()
            opening = self._opened(folder.place, folder.shown, _FOLDER)
            with opening as opened, os.scandir(opened) as entries:
                for entry in entries:
                    item = self._look(folder, entry, opened)
                    if isinstance(item, _Folder):
                        waiting.append(item)
                    elif item:
                        yield item

    def _look(
        self, folder: _Folder, entry: "os.DirEntry[str]", opened: int
    ) -> File | _Folder | None:
        """Read one file, or return the folder to walk; None for what is left out."""
        name, shown = entry.name, folder.shown / entry.name
        if self._is_left_out(name):
            self.left_out.add(name)
            return None
        if not name.isascii() and not is_text(name):
            raise ShortsError(
                f"{folder.shown} holds a file with a name that is not UTF-8: {name!r}."
            )
        path, place = folder.path + name, folder.place / name
        if len(os.fsencode(path)) > _LONGEST:
            raise ShortsError(f"{folder.shown} is deeper than a path on Linux can be.")
        is_link = entry.is_symlink()
        if is_link:
            place = _target(shown, place, folder)
            if not place.is_relative_to(self._root):
                self.links.add((str(shown), str(place)))
        if place.is_dir() if is_link else entry.is_dir(follow_symlinks=False):
            if self._is_passed_over(folder.place / name):
                self.left_out.add(name)
                return None
            return _Folder(f"{path}/", shown, place, folder)
        if not (place.is_file() if is_link else entry.is_file(follow_symlinks=False)):
            self.left_out.add(name)  # a pipe, a socket or a device
            return None
        if is_link:
            with self._opened(place, shown, _FILE) as file:
                return self._read(path, shown, file)
        with _opening(name, shown, _FILE, opened) as file:
            return self._read(path, shown, file)

    @contextmanager
    def _opened(self, place: Path, shown: Path, flags: int) -> Iterator[int]:
        """Open what is at a real path, folder by folder from the root; follow no link."""
        base = self._root if place.is_relative_to(self._root) else Path(place.anchor)
        at = os.open(base, _FOLDER)
        try:
            *folders, name = place.relative_to(base).parts or (".",)
            for part in folders:
                with _opening(part, shown, _FOLDER, at) as below:
                    os.dup2(below, at)
            with _opening(name, shown, flags, at) as descriptor:
                yield descriptor
        finally:
            os.close(at)

    def _read(self, path: str, shown: Path, file: int) -> File:
        status = os.fstat(file)
        if not stat.S_ISREG(status.st_mode):
            raise _exchanged(shown)
        self._size += status.st_size
        if self._size > _LARGEST:
            raise ShortsError(
                f"{self._shown} holds more than {_LARGEST / 1e6:,.0f} MB, of which {shown} is "
                f"{status.st_size / 1e6:,.0f}; Lambda takes 262.\nMove what is not code elsewhere."
            )
        with open(file, "rb", buffering=0, closefd=False) as opened:
            content = opened.read(status.st_size) if status.st_size else b""
        return File(path=path, executable=bool(status.st_mode & stat.S_IXUSR), content=content)

    def _is_left_out(self, name: str) -> bool:
        if self._whole:
            return name == "__pycache__" or name.endswith(".pyc")
        return name in _LEFT_OUT or name.endswith(_LEFT_OUT_SUFFIXES)

    def _is_passed_over(self, folder: Path) -> bool:
        """Return whether a folder is a virtual environment, the build folder or a work folder."""
        if not self._whole and os.path.lexists(folder / _VIRTUAL_ENVIRONMENT):
            return True
        if self._build_dir is None:
            return False
        name = self._build_dir.name
        named_so = folder.name == name or folder.name.startswith(f".{name}.")
        return named_so and folder.parent == self._build_dir.parent


@contextmanager
def _opening(name: str, shown: Path, flags: int, folder: int) -> Iterator[int]:
    """Open a name in an opened folder."""
    try:
        opened = os.open(name, flags, dir_fd=folder)
    except OSError as error:
        if error.errno in _CHANGED:
            raise _exchanged(shown) from error
        raise ShortsError(f"{shown} cannot be read: {error.strerror}.") from error
    try:
        yield opened
    finally:
        os.close(opened)


def _exchanged(path: Path) -> ShortsError:
    return ShortsError(f"{path} was replaced while it was read.\nBuild again.")


def _target(shown: Path, link: Path, folder: _Folder) -> Path:
    """Return where a link leads; refuse one that leads nowhere, or in a circle."""
    try:
        target = link.resolve(strict=True)
    except (OSError, RuntimeError) as error:
        raise ShortsError(f"{shown} is a broken symbolic link.") from error
    above: _Folder | None = folder
    while above:
        if above.place.is_relative_to(target):
            raise ShortsError(f"{shown} is a symbolic link to a folder that contains it, {target}.")
        above = above.above
    return target


def repository(folder: Path) -> Path:
    """Return the repository that a folder is in; the working folder where it is in none."""
    for place in (folder, *folder.parents):
        if (place / ".git").exists():
            return place
    return Path.cwd()
