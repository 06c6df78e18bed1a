"""The function's own code: what of its folder goes into the artifact."""

import hashlib
import os
import stat
from collections.abc import Iterator
from pathlib import Path

import msgspec

from shorts.errors import ShortsError

# What `sam build` leaves out of a Python function's folder (aws-lambda-builders 1.67,
# PythonPipWorkflow.EXCLUDED_FILES) but for `*.so`: a library of the user's own is kept.
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


class File(msgspec.Struct, frozen=True, kw_only=True):
    """One file of the function's own.

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
        left_out: the names of what was passed over, each once.
    """

    root: str
    files: list[File]
    digest: str
    left_out: list[str]


def read(root: Path, *, without: Path | None = None, whole: bool = False) -> Tree:
    """Read a function's folder.

    Args:
        root: the folder.
        without: the build folder, which may lie in it.
        whole: read everything but bytecode: the folder is the output of another build.

    Raises:
        ShortsError: it is no folder, or cannot be read, or a symbolic link in it leads nowhere or
            out of it.
    """
    if not root.is_dir():
        raise ShortsError(f"{root} is no folder, but the template takes code from it.")
    walk = _Walk(root.resolve(), without, whole)
    try:
        files = sorted(walk.files(root, ""), key=lambda file: file.path)
    except OSError as error:
        raise ShortsError(f"{error.filename or root} cannot be read: {error.strerror}.") from error
    digest = hashlib.sha256()
    for file in files:
        head = f"{file.path}\0{file.executable:d}{len(file.content)}\0"
        digest.update(head.encode("utf-8", "surrogateescape") + file.content)
    left_out = sorted(walk.left_out)
    return Tree(root=str(root), files=files, digest=digest.hexdigest(), left_out=left_out)


def copy(tree: Tree, to: Path) -> None:
    """Write a tree's files below another folder."""
    for file in tree.files:
        path = to / file.path
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(file.content)
        path.chmod(0o755 if file.executable else 0o644)


class _Walk:
    """One way through a folder, and what it passes over."""

    def __init__(self, root: Path, build_dir: Path | None, whole: bool) -> None:
        self._root = root
        self._build_dir = build_dir
        self._whole = whole
        self.left_out: set[str] = set()

    def files(self, folder: Path, prefix: str, above: tuple[Path, ...] = ()) -> Iterator[File]:
        here = folder.resolve()
        with os.scandir(folder) as entries:
            for entry in entries:
                name = entry.name
                if self._is_left_out(name):
                    self.left_out.add(name)
                    continue
                path = prefix + name
                if not name.isascii() and not _is_text(name):
                    raise ShortsError(f"{folder} holds a file whose name is not UTF-8: {name!r}.")
                if entry.is_symlink():
                    _check_link(Path(entry.path), self._root, (*above, here))
                if entry.is_dir() and self._is_passed_over(Path(entry.path)):
                    self.left_out.add(name)
                elif entry.is_dir():
                    yield from self.files(Path(entry.path), path + "/", (*above, here))
                elif entry.is_file():
                    mode = entry.stat().st_mode
                    yield File(
                        path=path,
                        executable=bool(mode & stat.S_IXUSR),
                        content=Path(entry.path).read_bytes(),
                    )

    def _is_left_out(self, name: str) -> bool:
        if self._whole:
            return name == "__pycache__" or name.endswith(".pyc")
        return name in _LEFT_OUT or name.endswith(_LEFT_OUT_SUFFIXES)

    def _is_passed_over(self, folder: Path) -> bool:
        """Whether a folder is a virtual environment, the build folder, or one in the making."""
        if not self._whole and os.path.lexists(folder / _VIRTUAL_ENVIRONMENT):
            return True
        if self._build_dir is None:
            return False
        name = self._build_dir.name
        mine = folder.name == name or folder.name.startswith(f".{name}.")
        return mine and folder.parent.resolve() == self._build_dir.parent


def _is_text(name: str) -> bool:
    try:
        name.encode()
    except UnicodeEncodeError:
        return False
    return True


def _check_link(link: Path, root: Path, above: tuple[Path, ...]) -> None:
    """Refuse what would be copied from elsewhere, or copied without end."""
    try:
        target = link.resolve(strict=True)
    except (OSError, RuntimeError) as error:
        raise ShortsError(f"{link} is a symbolic link that leads nowhere.") from error
    if not target.is_relative_to(root):
        raise ShortsError(f"{link} is a symbolic link out of the function's folder, to {target}.")
    if any(folder.is_relative_to(target) for folder in above):
        raise ShortsError(f"{link} is a symbolic link to a folder that holds it, {target}.")
