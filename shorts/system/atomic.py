"""Files that no reader sees half of."""

import os
from pathlib import Path


def write(path: Path, data: bytes) -> None:
    """Write a file beside its place and move it there.

    The name that it has until then cannot be guessed, and a link of that name is not followed. It
    ends in this process's number: what a killed one leaves is known by that.
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
