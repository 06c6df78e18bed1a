"""Files that no reader sees half of."""

import os
from pathlib import Path


def write(path: Path, data: bytes) -> None:
    """Write a file beside its place and move it there."""
    beside = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        beside.write_bytes(data)
        beside.replace(path)
    except BaseException:
        beside.unlink(missing_ok=True)
        raise
