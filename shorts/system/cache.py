"""The cache folder: what several builds share, in entries that are complete or absent.

An entry is written in a scratch folder and renamed into its place. A damaged entry is removed and
made again.
"""

import errno
import fcntl
import hashlib
import os
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, ExitStack, contextmanager, suppress
from pathlib import Path
from typing import Self

from shorts import errors
from shorts.system import cache_root, files

# How the system says that something else is in a file's place, or that it cannot be read.
DAMAGE = frozenset((errno.ELOOP, errno.EACCES, errno.EISDIR, errno.ENXIO, errno.EIO))
# The name of the file with the digest of a folder as it was kept.
_SEAL = "seal"
# The folders that this process has found intact, with their listings at that time.
_whole: dict[Path, str] = {}


class Cache:
    """A folder that several builds may use at once.

    Args:
        root: made when first written to.
    """

    def __init__(self, root: Path) -> None:
        self.root = root

    @classmethod
    def default(cls) -> Self:
        """Return the cache at ``SHORTS_CACHE_DIR``, else in the platform's folder for caches.

        Raises:
            ShortsError: that folder holds something else.
        """
        return cls(cache_root.usable())

    @contextmanager
    def locked(self, keys: Sequence[str]) -> Iterator[None]:
        """Hold the locks of all keys, so that no other build makes the same Slices meanwhile.

        Every build takes them in the same order, so two builds cannot wait for each other.
        """
        folder = self._made("locks")
        with ExitStack() as stack:
            with self.writing():
                for key in sorted(set(keys)):
                    descriptor = _lock_file(folder / key)
                    stack.callback(os.close, descriptor)
                    fcntl.flock(descriptor, fcntl.LOCK_EX)
            yield

    def kept(self, kind: str, name: str) -> Path | None:
        """Return a folder that was kept; None where it is missing or changed.

        Args:
            kind: such as ``wheels``.
            name: of the folder.
        """
        place = self.place(kind, name)
        if place is None or not files.is_folder(place):
            return None
        try:
            seen = _listing(place)
            if _whole.get(place) != seen:
                with open(cache_root.opened(place / _SEAL), encoding="ascii") as file:
                    if file.read() != _listing(place, contents=True):
                        return None
                _whole[place] = seen
        except (OSError, ValueError):
            return None
        return place

    def keep(self, work: Path, kind: str, name: str) -> Path:
        """Seal a scratch folder and move it into its place; the caller has locked the key."""
        with self.writing():
            (work / _SEAL).write_text(_listing(work, contents=True), encoding="ascii")
            return self.move(work, kind, name)

    @contextmanager
    def scratch(self) -> Iterator[Path]:
        """Make a folder on the store's file system, removed afterwards unless it was renamed."""
        with self.writing():
            work = Path(tempfile.mkdtemp(dir=self._made("work")))
        try:
            yield work
        finally:
            files.discard(work)

    def place(self, kind: str, name: str) -> Path | None:
        """Return where something is kept, if it is there."""
        folder = self.root / kind
        place = folder / name
        return place if files.is_folder(folder) and os.path.lexists(place) else None

    def move(self, work: Path, kind: str, name: str) -> Path:
        """Move a scratch folder into its place, and replace what is there."""
        place = self._made(kind) / name
        files.discard(place)
        return work.rename(place)

    def _made(self, name: str) -> Path:
        """Make one of the store's folders; replace what is not a folder its owner can read."""
        folder = self.root / name
        with self.writing():
            cache_root.claim(self.root)
            if not files.is_folder(folder) or folder.stat().st_mode & 0o500 != 0o500:
                files.discard(folder)
            folder.mkdir(mode=0o700, exist_ok=True)
        return folder

    def writing(self) -> AbstractContextManager[None]:
        """Turn a refusal to write to the cache into an error that names it."""
        return errors.writing(
            f"The store at {self.root}", "Set SHORTS_CACHE_DIR to a folder that can."
        )


def _lock_file(path: Path) -> int:
    """Open the file of a lock, and replace anything else that is there."""
    for damage in (DAMAGE, frozenset[int]()):
        try:
            return cache_root.opened(path, os.O_RDWR | os.O_CREAT)
        except ValueError:
            pass
        except OSError as error:
            if error.errno not in damage:
                raise
        files.discard(path)
    raise OSError(errno.EEXIST, os.strerror(errno.EEXIST))


def _listing(folder: Path, *, contents: bool = False) -> str:
    """Return a digest of all that is in a folder: of its files' metadata, or of their contents.

    Raises:
        OSError: something in it cannot be read.
        ValueError: it holds something other than files, folders and links.
    """
    digest = hashlib.sha256()
    waiting = [str(folder)]
    for inner in waiting:  # the list grows
        with os.scandir(inner) as listing:
            entries = sorted(listing, key=lambda entry: entry.name)
        for entry in entries:
            status = entry.stat(follow_symlinks=False)
            if entry.is_dir(follow_symlinks=False):
                state: object = "/"
                waiting.append(entry.path)
            elif entry.is_symlink():
                state = Path(entry.path).readlink()
            elif entry.name == _SEAL and inner == str(folder) and contents:
                continue
            elif contents:
                with open(cache_root.opened(Path(entry.path)), "rb") as file:
                    state = status.st_mode & 0o111, hashlib.file_digest(file, "sha256").hexdigest()
            else:
                state = status.st_size, status.st_mtime_ns, status.st_mode, status.st_ino
            digest.update(os.fsencode(f"{entry.path[len(str(folder)) :]}\0{state}\0"))
    return digest.hexdigest()


def size(cache: Cache) -> tuple[int, int]:
    """Return the number of Slices in a cache, and the bytes of all that it keeps.

    Raises:
        ShortsError: its folder is not a store.
    """
    total = 0
    for name in cache_root.FORMS:
        for entry in cache_root.entries(cache.root, name):
            total += 0 if files.is_folder(entry) else entry.lstat().st_size
            for folder, _, names in os.walk(entry):
                total += sum(Path(folder, file).lstat().st_size for file in names)
    return sum(1 for _ in cache_root.entries(cache.root, "slices")), total


def prune(cache: Cache, days: float, now: float) -> int:
    """Remove the Slices that no build has read for some days, and what killed builds left.

    Args:
        cache: the cache to prune.
        days: how long a Slice may stay unread.
        now: seconds since the epoch.

    Returns:
        The number of Slices removed.

    Raises:
        ShortsError: its folder is not a store.
    """
    removed = 0
    for name in ("slices", "wheels", "work"):
        for path in cache_root.entries(cache.root, name):
            if path.lstat().st_mtime <= now - days * 86400:
                files.discard(path)
                removed += name == "slices"
    return removed


def clear(cache: Cache) -> None:
    """Remove all that a store keeps, and nothing else that may be in its folder.

    Raises:
        ShortsError: its folder is not a store.
    """
    for name in cache_root.FORMS:
        for path in cache_root.entries(cache.root, name):
            files.discard(path)
        with suppress(OSError):  # it is absent, or holds something else
            (cache.root / name).rmdir()
