"""The store of Slices: each one distribution for one target, slim and already compressed.

A folder an entry, named by its key, holding `slice.zip`, its index and what of it is unpacked. An
entry is written beside its place and renamed into it, so it is either whole or not there.
"""

import fcntl
import hashlib
import mmap
import os
import shutil
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, ExitStack, contextmanager, suppress
from pathlib import Path

import deflate
import msgspec

from shorts.archive import Entry
from shorts.compiler import Module
from shorts.coremetadata import Metadata
from shorts.errors import writing
from shorts.libraries import Library

# Raised when the files of an entry change their form; an older store's entries are never read.
FORMAT = 4
# The index is preceded by its own SHA-256.
_DIGEST = 32


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
        """The store at ``SHORTS_CACHE_DIR``, else in the platform's folder for caches."""
        named = os.environ.get("SHORTS_CACHE_DIR")
        if named:
            return cls(Path(named).expanduser().absolute())
        import platformdirs

        return cls(platformdirs.user_cache_path("shorts", appauthor=False))

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
                    file = stack.enter_context((folder / key).open("w"))
                    fcntl.flock(file, fcntl.LOCK_EX)
            yield

    def put(self, key: str, index: Index, pieces: Sequence[bytes]) -> None:
        """Write a Slice and move it into its place."""
        folder = self._made("slices")
        with self.scratch() as work, self._writing():
            with (work / "slice.zip").open("wb") as file:
                file.writelines(pieces)
            encoded = msgspec.msgpack.encode(index)
            (work / "index").write_bytes(hashlib.sha256(encoded).digest() + encoded)
            place = folder / key
            shutil.rmtree(place, ignore_errors=True)
            work.rename(place)

    @contextmanager
    def scratch(self) -> Iterator[Path]:
        """A folder on the store's file system, gone afterwards unless it was renamed."""
        with self._writing():
            work = Path(tempfile.mkdtemp(dir=self._made("work")))
        try:
            yield work
        finally:
            shutil.rmtree(work, ignore_errors=True)

    def _read(self, key: str) -> Slice | None:
        place = self.root / "slices" / key
        try:
            said = (place / "index").read_bytes()
            if hashlib.sha256(said[_DIGEST:]).digest() != said[:_DIGEST]:
                raise ValueError("another index than was written")
            index = msgspec.msgpack.decode(said[_DIGEST:], type=Index)
            with (place / "slice.zip").open("rb") as file:
                data = memoryview(mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ))
            whole = deflate.crc32(data) == index.checksum
        except (FileNotFoundError, NotADirectoryError):
            return None
        except (msgspec.DecodeError, ValueError):
            whole = False
        if not whole:
            self.damaged.append(key)
            shutil.rmtree(place, ignore_errors=True)
            return None
        with suppress(OSError):  # a store that only others may write
            os.utime(place)  # what prune goes by
        return Slice(index=index, data=data, files=place / "files")

    def _made(self, name: str) -> Path:
        folder = self.root / name
        with self._writing():
            folder.mkdir(parents=True, exist_ok=True)
        return folder

    def _writing(self) -> AbstractContextManager[None]:
        return writing(f"The store at {self.root}", "Set SHORTS_CACHE_DIR to a folder that can.")


_FOLDERS = ("slices", "wheels", "runtimes", "work", "locks")


def size(store: Store) -> tuple[int, int]:
    """How many Slices a store has, and the bytes of all that it keeps."""
    found = (path for name in _FOLDERS for path in (store.root / name).rglob("*"))
    total = sum(path.lstat().st_size for path in found if path.is_file() or path.is_symlink())
    return sum(1 for _ in (store.root / "slices").glob("*")), total


def prune(store: Store, days: float, now: float) -> int:
    """Remove the Slices that no build has read for some days, and what killed builds left.

    Args:
        store: to be pruned.
        days: how long a Slice may lie unread.
        now: seconds since the epoch.

    Returns:
        How many Slices were removed.
    """
    removed = 0
    for name in ("slices", "wheels", "work"):
        for path in sorted((store.root / name).glob("*")):
            if path.lstat().st_mtime <= now - days * 86400:
                shutil.rmtree(path, ignore_errors=True)
                removed += name == "slices"
    return removed


def clear(store: Store) -> None:
    """Remove all that a store keeps, and nothing else that may lie in its folder."""
    for name in _FOLDERS:
        shutil.rmtree(store.root / name, ignore_errors=True)
