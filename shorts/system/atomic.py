"""Files and folders that no reader sees half-written."""

import errno
import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from shorts.errors import ShortsError, writing
from shorts.system import files

# How the system says that a folder with content is in the place of another one.
_TAKEN = (errno.EEXIST, errno.ENOTEMPTY)


def write(path: Path, data: bytes) -> None:
    """Write a file next to its place and move it there.

    Its temporary name cannot be guessed, and a link of that name is not followed. The name ends in
    this process's number, which shows which files a killed process has left.
    """
    temporary = path.with_name(f".{path.name}.{os.urandom(4).hex()}.{os.getpid()}")
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
    try:
        with open(os.open(temporary, flags, 0o666), "wb") as file:
            file.write(data)
        temporary.replace(path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise


def rewrite(path: Path, data: bytes) -> None:
    """Write a file of the user's again: a link to it stays, and so do its permissions.

    Raises:
        ShortsError: it is read-only, or its folder is.
    """
    check_is_writable(path)
    place = path.resolve()
    mode = stat.S_IMODE(place.stat().st_mode)
    with writing(os.path.relpath(path), "Make its folder writable."):
        write(place, data)
        place.chmod(mode)


def check_is_writable(path: Path) -> None:
    """Refuse a read-only file, even if its folder would allow replacing it.

    Raises:
        ShortsError: the file is read-only.
    """
    writable = os.access(path, os.W_OK) and path.stat().st_mode & 0o222
    if not writable:
        raise ShortsError(
            f"{os.path.relpath(path)} is read-only, so nothing was changed.\n"
            f"Make it writable: chmod u+w {os.path.relpath(path)}"
        )


@contextmanager
def folder(place: Path) -> Iterator[Path]:
    """Make a folder next to its place, and move it there when its content is complete.

    It replaces what is there, except for a folder that another process puts there meanwhile.

    Returns:
        The new folder, empty. The folder that holds it is removed with all that is in it.
    """
    work = place.with_name(f".{os.urandom(8).hex()}.{os.getpid()}")
    work.mkdir(0o700)
    try:
        new = work / "new"
        new.mkdir()
        yield new
        try:
            swap(new, place)
        except OSError as error:
            if error.errno not in _TAKEN:
                raise
    finally:
        files.discard(work)


def swap(new: Path, place: Path) -> None:
    """Move a folder into its place, and what was there next to where the new one was.

    Raises:
        OSError: it cannot be moved; what was there is put back.
    """
    former = new.with_name("former")
    with suppress(FileNotFoundError):
        place.rename(former)
    try:
        new.rename(place)
    except BaseException:
        if os.path.lexists(former) and not os.path.lexists(place):
            former.rename(place)
        raise
