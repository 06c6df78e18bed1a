"""What shorts remembers of an application under ``.aws-sam/shorts``: files that verify themselves.

Each begins with a digest of its name and its content. One that is damaged, in another format or in
another's place is ignored: shorts computes its content again.
"""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from hashlib import sha256
from pathlib import Path
from typing import Any, TypeVar

import msgspec

from shorts.errors import ShortsError, writing
from shorts.system import atomic, build_folder, files

# Where shorts keeps what it remembers of an application; SAM's own state lies next to it.
FOLDER = Path(".aws-sam", "shorts")
# The most that one file holds, in bytes.
_LIMIT = 256 * 1024 * 1024

Value = TypeVar("Value")


def recall(place: Path, kind: type[Value]) -> Value | None:
    """Return the value that was kept in a file; None where there is none, or the file is damaged.

    Args:
        place: of the file.
        kind: the type of the value.

    Raises:
        ShortsError: it is behind a symbolic link.
    """
    build_folder.check_not_linked(place.parent)
    try:
        digest, _, content = files.read(place, _LIMIT).partition(b"\n")
        if digest != _digest(place, content):
            return None
        return msgspec.json.decode(content, type=kind)
    except (ShortsError, ValueError, RecursionError):
        return None


def keep(place: Path, value: Any) -> None:
    """Keep a value in a file; where that fails, the value is computed again the next time.

    Raises:
        ShortsError: it is behind a symbolic link.
    """
    build_folder.check_not_linked(place.parent)
    with suppress(OSError, ValueError):
        content = msgspec.json.encode(value)
        place.parent.mkdir(parents=True, exist_ok=True)
        atomic.write(place, _digest(place, content) + b"\n" + content)


def _digest(place: Path, content: bytes) -> bytes:
    return sha256(place.name.encode() + b"\0" + content).hexdigest().encode()


@contextmanager
def locked(folder: Path) -> Iterator[None]:
    """Make builds of one application take turns.

    Args:
        folder: the folder of the application's state.

    Raises:
        ShortsError: it cannot be written, or is behind a symbolic link.
    """
    build_folder.check_not_linked(folder)
    place = folder / "lock"
    where = f"{folder.absolute()}, where shorts keeps what it knows of this application,"
    with writing(where, "Remove what is in its place, or make its folder writable."):
        folder.mkdir(parents=True, exist_ok=True)
        if place.is_symlink() or (place.exists() and not place.is_file()):
            raise ShortsError(f"{place} is not a regular file.\nRemove it, and build again.")
        lock = place.open("w")
    with lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def sweep() -> None:
    """Remove the temporary files that killed builds left in the project's state."""
    for left in (*FOLDER.glob(".*.*"), *FOLDER.glob("locks/.*.*")):
        if left.is_file() and _is_left(left.suffix[1:]):
            left.unlink(missing_ok=True)


def _is_left(pid: str) -> bool:
    """Return whether a process id is this process's, or that of a process that has ended."""
    if not pid.isdecimal() or pid == str(os.getpid()):
        return pid.isdecimal()
    try:
        os.kill(int(pid), 0)
    except ProcessLookupError:
        return True
    except PermissionError:
        pass
    return False
