"""A limit on what uv unpacks: a wheel of a few megabytes can hold terabytes of zeros.

uv unpacks each wheel into a folder of its own in its cache and moves that to its place once it is
complete. The folders are checked while uv runs, because the size that a zip declares may be wrong.
The files that uv has open show which folders are this run's; without /proc nothing is checked.
"""

import os
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import suppress
from pathlib import Path

from shorts.errors import ShortsError
from shorts.system import process
from shorts.targets.limits import UNPACKED

# The prefix of the folders that uv unpacks into.
_UNFINISHED = ".tmp"
# How many files of a wheel a message names.
_NAMED = 3


class TooLarge(ShortsError):
    """A wheel unpacks to more than the limit.

    Attributes:
        folder: where it has been unpacked so far.
    """

    def __init__(self, folder: Path, size: int) -> None:
        self.folder = folder
        names = sorted(path.name for path in folder.iterdir())[:_NAMED]
        super().__init__(
            f"A wheel that holds {', '.join(map(repr, names))} unpacks to {size / 1e9:.1f} GB so "
            f"far; the limit is {UNPACKED / 1e9:.1f} GB, and Lambda takes 0.26 GB. Leave it out of "
            "the requirements, or pin another version."
        )


class Unpacking:
    """The wheels that one run of uv unpacks.

    Args:
        arguments: of the command.
    """

    def __init__(self, arguments: Sequence[str]) -> None:
        # With --no-cache uv makes a cache for the run, among the temporary files.
        self._place = Path(tempfile.gettempdir()) if "--no-cache" in arguments else None
        self._seen: set[Path] = set()

    def check(self, pid: int) -> None:
        """Check the size of what has been unpacked so far.

        Args:
            pid: of uv.

        Raises:
            TooLarge: one wheel has passed the limit.
        """
        if self._place is None:
            self._place = Path(process.run([process.tool("uv"), "cache", "dir"]).strip())
        self._seen.update(_written(pid, Path(os.path.realpath(self._place))))
        for folder in sorted(self._seen):
            with suppress(OSError):  # uv has moved it to its place
                size = _size(folder)
                if size > UNPACKED:
                    raise TooLarge(folder, size)


def _written(pid: int, place: Path) -> Iterator[Path]:
    """Yield the unfinished folders below a place in which a process has files open."""
    with suppress(OSError):
        for number in os.listdir(f"/proc/{pid}/fd"):
            with suppress(OSError, ValueError):
                opened = Path(f"/proc/{pid}/fd/{number}").readlink().relative_to(place)
                if len(opened.parts) > 1 and opened.parts[0].startswith(_UNFINISHED):
                    yield place / opened.parts[0]


def _size(folder: Path) -> int:
    """Return the bytes of all files below a folder, at any depth."""
    waiting, size = [str(folder)], 0
    while waiting:
        with os.scandir(waiting.pop()) as entries:
            for entry in entries:
                if entry.is_dir(follow_symlinks=False):
                    waiting.append(entry.path)
                else:
                    size += entry.stat(follow_symlinks=False).st_size
    return size
