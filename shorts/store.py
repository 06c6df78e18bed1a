"""The store of Slices: each one distribution for one target, slim and already compressed.

A folder an entry, named by its key, holding `slice.zip`, its index and what of it is unpacked. An
entry is written beside its place and renamed into it, so it is either whole or not there. What is
damaged all the same is removed, and made again.
"""

import errno
import fcntl
import hashlib
import os
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, ExitStack, contextmanager, suppress
from pathlib import Path

import deflate
import msgspec

from shorts import cache, files
from shorts.archive import Entry
from shorts.compiler import Module
from shorts.coremetadata import Metadata
from shorts.errors import writing
from shorts.libraries import Library

# Raised when the files of an entry change their form; an older store's entries are never read.
FORMAT = 4
# The index is preceded by its own SHA-256.
_DIGEST = 32
# How the system says that something else lies in a file's place, or that nobody may read it.
_DAMAGE = frozenset((errno.ELOOP, errno.EACCES, errno.EISDIR, errno.ENXIO, errno.EIO))
# The name of the file that says what a folder held when it was kept.
_SEAL = "seal"
# The folders that this process has found whole, by how they looked then.
_whole: dict[Path, str] = {}


class LeftOut(msgspec.Struct, frozen=True, kw_only=True):
    """Files that do not ship, for one reason.

    Attributes:
        rule: the reason.
        files: how many.
        paths: theirs, sorted; a folder of tests is one, as a glob.
    """

    rule: str
    files: int
    paths: list[str]


class Index(msgspec.Struct, frozen=True, kw_only=True):
    """What is in a Slice.

    Attributes:
        name: of the distribution, normalized.
        version: of the distribution.
        hashes: of the wheel that it was made of; of all files that its pin admits, where it is not
            known which one was installed.
        metadata: what it says of itself.
        checksum: CRC-32 of ``slice.zip``. It is there to find damage; against somebody who can
            write to the store no digest in it would help.
        entries: by path, with their offsets in ``slice.zip``.
        modules: path of each ``.py`` and what it imports.
        left_out: folders of tests that nothing in the distribution imports.
        warnings: what its build had to leave undone, such as a file shipped without bytecode.
        faults: why the target cannot load a file, by path, such as ``needs glibc 2.38``.
        libraries: the ELF files, by path.
        slimmed: what of the distribution is not in the Slice, by reason.
    """

    name: str
    version: str
    hashes: tuple[str, ...]
    metadata: Metadata
    checksum: int
    entries: list[Entry]
    modules: dict[str, Module]
    left_out: list[str]
    warnings: list[str]
    faults: dict[str, str]
    libraries: dict[str, Library]
    slimmed: list[LeftOut]


class Slice(msgspec.Struct, frozen=True, kw_only=True):
    """An opened Slice.

    Attributes:
        index: what is in it.
        data: the bytes of its zip.
        files: the folder for what of it is unpacked; as a rule there is none.
    """

    index: Index
    data: memoryview
    files: Path


class Store:
    """A folder of Slices that several builds may use at once.

    Args:
        root: made when first written to.
    """

    def __init__(self, root: Path) -> None:
        self.root = root
        self.damaged: list[str] = []
        self._open: dict[str, Slice] = {}

    @classmethod
    def default(cls) -> "Store":
        """The store at ``SHORTS_CACHE_DIR``, else in the platform's folder for caches.

        Raises:
            ShortsError: that folder holds something else.
        """
        return cls(cache.usable())

    def get(self, key: str) -> Slice | None:
        """Open a Slice; None where there is none, or where it is not what it was when written.

        A damaged one is removed, and named in `damaged`.
        """
        opened = self._open.get(key)
        if opened is None:
            opened = self._read(key)
            if opened is not None:
                self._open[key] = opened
        return opened

    @contextmanager
    def locked(self, keys: Sequence[str]) -> Iterator[None]:
        """Hold the locks of all keys, so that no other build makes the same Slices meanwhile.

        They are taken in one order by everybody, so two builds cannot wait for each other.
        """
        folder = self._made("locks")
        with ExitStack() as stack:
            with self._writing():
                for key in sorted(set(keys)):
                    descriptor = _lock_file(folder / key)
                    stack.callback(os.close, descriptor)
                    fcntl.flock(descriptor, fcntl.LOCK_EX)
            yield

    def put(self, key: str, index: Index, pieces: Sequence[bytes]) -> None:
        """Write a Slice and move it into its place."""
        with self.scratch() as work, self._writing():
            with (work / "slice.zip").open("wb") as file:
                file.writelines(pieces)
            encoded = msgspec.msgpack.encode(index)
            (work / "index").write_bytes(hashlib.sha256(encoded).digest() + encoded)
            self._move(work, "slices", key)

    def kept(self, kind: str, name: str) -> Path | None:
        """Return a folder that was kept; None where there is none, or not what was kept.

        Args:
            kind: such as ``wheels``.
            name: of the folder.
        """
        place = self._place(kind, name)
        if place is None or not files.is_folder(place):
            return None
        try:
            seen = _listing(place)
            if _whole.get(place) != seen:
                with open(cache.opened(place / _SEAL), encoding="ascii") as file:
                    if file.read() != _listing(place, contents=True):
                        return None
                _whole[place] = seen
        except (OSError, ValueError):
            return None
        return place

    def keep(self, work: Path, kind: str, name: str) -> Path:
        """Move a scratch folder into its place, in place of what is there; the key is locked."""
        with self._writing():
            (work / _SEAL).write_text(_listing(work, contents=True), encoding="ascii")
            return self._move(work, kind, name)

    @contextmanager
    def scratch(self) -> Iterator[Path]:
        """A folder on the store's file system, gone afterwards unless it was renamed."""
        with self._writing():
            work = Path(tempfile.mkdtemp(dir=self._made("work")))
        try:
            yield work
        finally:
            files.discard(work)

    def _read(self, key: str) -> Slice | None:
        place = self._place("slices", key)
        if place is None:
            return None
        whole = files.is_folder(place)
        try:
            with open(cache.opened(place / "index"), "rb") as file:
                said = file.read()
            if hashlib.sha256(said[_DIGEST:]).digest() != said[:_DIGEST]:
                raise ValueError("another index than was written")
            index = msgspec.msgpack.decode(said[_DIGEST:], type=Index)
            # As a whole, so that the bytes that go into zips are those that were checked. Of the
            # directory behind the entries it is known that it is smaller than twice what they are.
            most = 3 * max((entry.end for entry in index.entries), default=0) + 1000
            with open(cache.opened(place / "slice.zip"), "rb") as file:
                data = memoryview(file.read(most))
            whole = whole and deflate.crc32(data) == index.checksum
        except FileNotFoundError:
            return None
        except NotADirectoryError:
            whole = False
        except OSError as error:
            if error.errno not in _DAMAGE:
                raise
            whole = False
        except (msgspec.DecodeError, ValueError):
            whole = False
        if not whole:
            self.damaged.append(key)
            files.discard(place)
            return None
        with suppress(OSError):  # a store that only others may write
            os.utime(place)  # what prune goes by
        return Slice(index=index, data=data, files=place / "files")

    def _place(self, kind: str, name: str) -> Path | None:
        """Where something is kept, if something lies there."""
        folder = self.root / kind
        place = folder / name
        return place if files.is_folder(folder) and os.path.lexists(place) else None

    def _move(self, work: Path, kind: str, name: str) -> Path:
        place = self._made(kind) / name
        files.discard(place)
        return work.rename(place)

    def _made(self, name: str) -> Path:
        """Make one of the store's folders, in place of what is none that its owner may read."""
        folder = self.root / name
        with self._writing():
            cache.claim(self.root)
            if not files.is_folder(folder) or folder.stat().st_mode & 0o500 != 0o500:
                files.discard(folder)
            folder.mkdir(mode=0o700, exist_ok=True)
        return folder

    def _writing(self) -> AbstractContextManager[None]:
        return writing(f"The store at {self.root}", "Set SHORTS_CACHE_DIR to a folder that can.")


def _lock_file(path: Path) -> int:
    """Open the file of a lock, in place of what else may lie there."""
    for damage in (_DAMAGE, frozenset[int]()):
        try:
            return cache.opened(path, os.O_RDWR | os.O_CREAT)
        except ValueError:
            pass
        except OSError as error:
            if error.errno not in damage:
                raise
        files.discard(path)
    raise OSError(errno.EEXIST, os.strerror(errno.EEXIST))


def _listing(folder: Path, *, contents: bool = False) -> str:
    """A digest of all that is in a folder: of how its files look, or of what is in them.

    Raises:
        OSError: something in it cannot be read.
        ValueError: it holds something else than files, folders and links.
    """
    digest = hashlib.sha256()
    waiting = [str(folder)]
    for inner in waiting:  # which grows
        with os.scandir(inner) as found:
            entries = sorted(found, key=lambda entry: entry.name)
        for entry in entries:
            status = entry.stat(follow_symlinks=False)
            if entry.is_dir(follow_symlinks=False):
                said: object = "/"
                waiting.append(entry.path)
            elif entry.is_symlink():
                said = Path(entry.path).readlink()
            elif entry.name == _SEAL and inner == str(folder) and contents:
                continue
            elif contents:
                with open(cache.opened(Path(entry.path)), "rb") as file:
                    said = status.st_mode & 0o111, hashlib.file_digest(file, "sha256").hexdigest()
            else:
                said = status.st_size, status.st_mtime_ns, status.st_mode, status.st_ino
            digest.update(os.fsencode(f"{entry.path[len(str(folder)) :]}\0{said}\0"))
    return digest.hexdigest()


def size(store: Store) -> tuple[int, int]:
    """How many Slices a store has, and the bytes of all that it keeps.

    Raises:
        ShortsError: its folder is not a store.
    """
    total = 0
    for name in cache.FORMS:
        for entry in cache.entries(store.root, name):
            total += 0 if files.is_folder(entry) else entry.lstat().st_size
            for folder, _, names in os.walk(entry):
                total += sum(Path(folder, file).lstat().st_size for file in names)
    return sum(1 for _ in cache.entries(store.root, "slices")), total


def prune(store: Store, days: float, now: float) -> int:
    """Remove the Slices that no build has read for some days, and what killed builds left.

    Args:
        store: to be pruned.
        days: how long a Slice may lie unread.
        now: seconds since the epoch.

    Returns:
        How many Slices were removed.

    Raises:
        ShortsError: its folder is not a store.
    """
    removed = 0
    for name in ("slices", "wheels", "work"):
        for path in cache.entries(store.root, name):
            if path.lstat().st_mtime <= now - days * 86400:
                files.discard(path)
                removed += name == "slices"
    return removed


def clear(store: Store) -> None:
    """Remove all that a store keeps, and nothing else that may lie in its folder.

    Raises:
        ShortsError: its folder is not a store.
    """
    for name in cache.FORMS:
        for path in cache.entries(store.root, name):
            files.discard(path)
        with suppress(OSError):  # it is not there, or holds something else
            (store.root / name).rmdir()
