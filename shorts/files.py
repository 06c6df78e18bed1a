"""Files that a user names: read as a whole, once they are known to be regular and not too large.

A pipe would be waited for without end, `/dev/zero` and a sparse file would fill the memory.
"""

import os
import stat
from pathlib import Path

from shorts.errors import ShortsError

# The most that is read, in bytes, of a text that somebody writes, of an event, and of a zip or
# wheel: Lambda takes 1 MB of a template, 6 MB of an event and 250 MB of code.
TEXT = 8 * 1024 * 1024
EVENT = 32 * 1024 * 1024
ARCHIVE = 1024 * 1024 * 1024
# A descriptor that the caller has opened, as `<(command)` of a shell does: it may be a pipe.
_OPENED = ("/dev/fd/", "/dev/stdin", "/proc/self/fd/")


def read(path: str | Path, limit: int, *, name: str = "") -> bytes:
    """Return a file's content.

    Args:
        path: of a regular file, or of a pipe that this process was started with.
        limit: the most that it may hold, in bytes.
        name: what an error calls it; its path where there is none.

    Raises:
        ShortsError: it cannot be read, or is not a regular file, or is too large.
    """
    name = name or str(path)
    opened = str(path).startswith(_OPENED)
    try:
        if not opened:
            check(path, limit, name=name)
        # Without waiting: it may have become a pipe meanwhile.
        flags = os.O_RDONLY | os.O_CLOEXEC | (0 if opened else os.O_NONBLOCK)
        with open(os.open(path, flags), "rb") as file:
            _refuse(os.fstat(file.fileno()), limit, name, pipe=opened)
            content = file.read(limit + 1)
    except OSError as error:
        raise ShortsError(f"{name} cannot be read: {error.strerror}.") from error
    except ValueError as error:  # of a path that the system could not be asked for
        raise ShortsError(f"{name!r} cannot be read: {error}.") from error
    if len(content) > limit:
        raise ShortsError(_too_large(name, len(content), limit))
    return content


def check(path: str | Path, limit: int, *, name: str = "") -> None:
    """Refuse what is there and is neither a folder nor a regular file of at most some bytes.

    Raises:
        OSError: the system does not say what it is, or it is not there.
        ShortsError: it is a pipe or a device, or too large.
    """
    found = Path(path).stat()
    if not stat.S_ISDIR(found.st_mode):
        _refuse(found, limit, name or str(path))


def exists(path: Path) -> bool:
    """Whether there is something at a path, whatever its length and its characters."""
    try:
        path.stat()
    except (OSError, ValueError):
        return False
    return True


def _refuse(found: os.stat_result, limit: int, name: str, *, pipe: bool = False) -> None:
    if stat.S_ISDIR(found.st_mode):
        raise ShortsError(f"{name} cannot be read: Is a directory.")
    if not (stat.S_ISREG(found.st_mode) or (pipe and stat.S_ISFIFO(found.st_mode))):
        raise ShortsError(f"{name} cannot be read: it is a pipe or a device, not a regular file.")
    if found.st_size > limit:
        raise ShortsError(_too_large(name, found.st_size, limit))


def _too_large(name: str, size: int, limit: int) -> str:
    of = f"{size / 1e6:,.1f} MB" if size > limit + 1 else "more"
    return f"{name} cannot be read: it holds {of}, and at most {limit / 1e6:,.1f} MB are read."
