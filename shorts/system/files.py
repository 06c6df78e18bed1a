"""Safe reading of files that a user names, and removal of any folder.

A file is read as a whole, once it is known to be regular and not too large: a pipe could block
forever, `/dev/zero` and a sparse file would fill the memory.
"""

import os
import shutil
import stat
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from shorts.errors import ShortsError

# The most that is read, in bytes, of a text that a person writes, of an event, and of a zip or
# wheel: Lambda takes 1 MB of a template, 6 MB of an event and 250 MB of code.
TEXT = 8 * 1024 * 1024
EVENT = 32 * 1024 * 1024
ARCHIVE = 1024 * 1024 * 1024
# How much is read at once, in bytes.
_PIECE = 1024 * 1024
# A descriptor that the caller has opened, such as a shell's `<(command)`: it may be a pipe.
_OPENED = ("/dev/fd/", "/dev/stdin", "/proc/self/fd/")


def read(path: str | Path, limit: int, *, name: str = "") -> bytes:
    """Return a file's content.

    Args:
        path: of a regular file, or of a pipe that this process was started with.
        limit: the most that it may hold, in bytes.
        name: its name in errors; by default its path.

    Raises:
        ShortsError: it cannot be read, or is not a regular file, or is too large.
    """
    name = name or str(path)
    opened = str(path).startswith(_OPENED)
    try:
        if not opened:
            check(path, limit, name=name)
        # O_NONBLOCK: it may have become a pipe meanwhile.
        flags = os.O_RDONLY | os.O_CLOEXEC | (0 if opened else os.O_NONBLOCK)
        file = os.open(path, flags)
        try:
            _refuse(os.fstat(file), limit, name, pipe=opened)
            content = b"".join(_pieces(file, limit))
        finally:
            os.close(file)
    except OSError as error:
        raise ShortsError(f"{name} cannot be read: {error.strerror}.") from error
    except ValueError as error:  # a path that cannot be passed to the system
        raise ShortsError(f"{name!r} cannot be read: {error}.") from error
    if len(content) > limit:
        raise ShortsError(_too_large(name, len(content), limit))
    return content


def _pieces(file: int, limit: int) -> Iterator[bytes]:
    """Yield what an opened file holds, and at most one byte more than the limit."""
    left = limit + 1
    while left > 0 and (piece := os.read(file, min(left, _PIECE))):
        left -= len(piece)
        yield piece


def check(path: str | Path, limit: int, *, name: str = "") -> None:
    """Refuse what is neither a folder nor a regular file within a limit in bytes.

    Raises:
        OSError: it is missing, or the system does not say what it is.
        ShortsError: it is a pipe or a device, or too large.
    """
    status = os.stat(path)  # noqa: PTH116, it is read for each file of a build
    if not stat.S_ISDIR(status.st_mode):
        _refuse(status, limit, name or str(path))


def exists(path: Path) -> bool:
    """Return whether something is at a path; a path of any length and characters is accepted."""
    try:
        path.stat()
    except (OSError, ValueError):
        return False
    return True


def is_text(word: str) -> bool:
    """Return whether a string from the system was UTF-8: if not, it has lone surrogates."""
    try:
        word.encode()
    except UnicodeEncodeError:
        return False
    return True


def is_folder(path: Path) -> bool:
    """Return whether a path is a folder itself, and not a link to one."""
    try:
        return stat.S_ISDIR(path.lstat().st_mode)
    except OSError:
        return False


def discard(path: Path) -> None:
    """Remove what is at a path, at any depth and of any mode, without following links."""
    if not is_folder(path):
        with suppress(OSError):
            path.unlink(missing_ok=True)
        return
    for prepare in (lambda folder: None, _make_writable):
        prepare(path)
        try:
            shutil.rmtree(path, ignore_errors=True)
        except RecursionError:
            _flatten(path)
            shutil.rmtree(path, ignore_errors=True)
        if not is_folder(path):
            return


@contextmanager
def scratch() -> Iterator[Path]:
    """Make a temporary folder, which is removed afterwards with all that is in it."""
    import tempfile  # slow, and a build that changes nothing does not need it

    folder = Path(tempfile.mkdtemp(prefix="shorts-"))
    try:
        yield folder
    finally:
        discard(folder)


def _make_writable(path: Path) -> None:
    waiting = [path]
    for folder in waiting:  # the list grows
        with suppress(OSError):
            folder.chmod(0o700)
            waiting += filter(is_folder, folder.iterdir())


def _flatten(path: Path) -> None:
    """Move the folders below a folder into it, so that none is deep."""
    waiting = [*filter(is_folder, path.iterdir())]
    for number, folder in enumerate(waiting):  # the list grows
        with suppress(OSError):
            for below in filter(is_folder, folder.iterdir()):
                moved = path / f".{number}.{below.name}"[:200]
                below.rename(moved)
                waiting.append(moved)


def _refuse(status: os.stat_result, limit: int, name: str, *, pipe: bool = False) -> None:
    if stat.S_ISDIR(status.st_mode):
        raise ShortsError(f"{name} cannot be read: Is a directory.")
    if not (stat.S_ISREG(status.st_mode) or (pipe and stat.S_ISFIFO(status.st_mode))):
        raise ShortsError(f"{name} cannot be read: it is a pipe or a device, not a regular file.")
    if status.st_size > limit:
        raise ShortsError(_too_large(name, status.st_size, limit))


def _too_large(name: str, size: int, limit: int) -> str:
    of = f"{size / 1e6:,.1f} MB" if size > limit + 1 else "more"
    return f"{name} cannot be read: it holds {of}, and at most {limit / 1e6:,.1f} MB are read."
