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
    """

    root: str
    files: list[File]
    digest: str


def read(root: Path) -> Tree:
    """Read a function's folder.

    Raises:
        ShortsError: it is no folder, or cannot be read, or a symbolic link in it leads nowhere or
            out of it.
    """
    if not root.is_dir():
        raise ShortsError(f"{root} is no folder, but a CodeUri names it.")
    try:
        files = sorted(_walk(root, "", root.resolve()), key=lambda file: file.path)
    except OSError as error:
        raise ShortsError(f"{error.filename or root} cannot be read: {error.strerror}.") from error
    digest = hashlib.sha256()
    for file in files:
        head = f"{file.path}\0{file.executable:d}{len(file.content)}\0"
        digest.update(head.encode("utf-8", "surrogateescape") + file.content)
    return Tree(root=str(root), files=files, digest=digest.hexdigest())


def copy(tree: Tree, to: Path) -> None:
    """Write a tree's files below another folder."""
    for file in tree.files:
        path = to / file.path
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(file.content)
        path.chmod(0o755 if file.executable else 0o644)


def _walk(folder: Path, prefix: str, root: Path, above: tuple[Path, ...] = ()) -> Iterator[File]:
    here = folder.resolve()
    with os.scandir(folder) as entries:
        for entry in entries:
            name = entry.name
            if name in _LEFT_OUT or name.endswith(_LEFT_OUT_SUFFIXES):
                continue
            path = prefix + name
            if not name.isascii() and not _is_text(name):
                raise ShortsError(f"{folder} holds a file whose name is not UTF-8: {name!r}.")
            if entry.is_symlink():
                _check_link(Path(entry.path), root, (*above, here))
            if entry.is_dir():
                if not os.path.lexists(os.path.join(entry.path, "pyvenv.cfg")):
                    yield from _walk(Path(entry.path), path + "/", root, (*above, here))
            elif entry.is_file():
                mode = entry.stat().st_mode
                yield File(
                    path=path,
                    executable=bool(mode & stat.S_IXUSR),
                    content=Path(entry.path).read_bytes(),
                )


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
