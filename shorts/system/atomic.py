"""Files that no reader sees half-written."""

import os
from pathlib import Path


def write(path: Path, data: bytes) -> None:
    """Write a file next to its place and move it there.

    Its temporary name cannot be guessed, and a link of that name is not followed. The name ends in
    this process's number, which shows which files a killed process has left.
    """
    beside = path.with_name(f".{path.name}.{os.urandom(4).hex()}.{os.getpid()}")
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
    try:
        with open(os.open(beside, flags, 0o666), "wb") as file:
            file.write(data)
        beside.replace(path)
    except BaseException:
        beside.unlink(missing_ok=True)
        raise
