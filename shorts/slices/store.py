"""The store of Slices: each is one distribution for one target, slim and already compressed.

Each Slice has a folder with its key as name, which holds `slice.zip`, its index and its unpacked
files.
"""

import hashlib
import os
import struct
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

import deflate
import msgspec

from shorts.modules.compiler import Module
from shorts.requirements.core_metadata import Metadata
from shorts.slices.zip_format import Entry
from shorts.system import cache_root, files
from shorts.system.cache import DAMAGE, Cache
from shorts.targets.libraries import Library

# The index is preceded by its own SHA-256.
_DIGEST = 32
# Of the index, in front of a Slice as one piece.
_LENGTH = struct.Struct(">Q")


class Index(msgspec.Struct, frozen=True, kw_only=True):
    """What is in a Slice.

    Attributes:
        name: of the distribution, normalized.
        version: of the distribution.
        hashes: of the wheel that it was made of; of all files that its pin admits, where the
            installed one is not known.
        metadata: of the distribution.
        checksum: CRC-32 of ``slice.zip``. It detects damage; no digest in the store would help
            against an attacker who can write to it.
        entries: by path, with their offsets in ``slice.zip``.
        modules: the imports of each ``.py``, by its path.
        warnings: what its build could not do, such as a file shipped without bytecode.
        faults: why the target cannot load a file, by path, such as ``needs glibc 2.38``.
        libraries: the ELF files, by path.
        programs: the names of programs that its modules may start.
        left_out: the files that a zip need not hold, each with the reason. A Slice of kind `slim`
            holds none of them.
        sought: modules of tests that only code which looks for them can import. They are
            not compiled, and `modules` has them without imports.
    """

    name: str
    version: str
    hashes: tuple[str, ...]
    metadata: Metadata
    checksum: int
    entries: list[Entry]
    modules: dict[str, Module]
    warnings: list[str]
    faults: dict[str, str]
    libraries: dict[str, Library]
    programs: list[str]
    left_out: dict[str, str]
    sought: list[str]


class Slice(msgspec.Struct, frozen=True, kw_only=True):
    """An opened Slice.

    Attributes:
        index: what is in it.
        data: the bytes of its zip.
        files: the folder for its unpacked files; usually it does not exist.
    """

    index: Index
    data: memoryview
    files: Path


class Store(Cache):
    """The Slices in a cache.

    Args:
        root: of the cache.

    Attributes:
        damaged: the keys of Slices that were found damaged, and removed.
    """

    def __init__(self, root: Path) -> None:
        super().__init__(root)
        self.damaged: list[str] = []
        self._open: dict[str, Slice] = {}

    def get(self, key: str) -> Slice | None:
        """Open a Slice; None where it is missing or damaged.

        A damaged one is removed, and named in `damaged`.
        """
        opened = self._open.get(key)
        if opened is None:
            opened = self._read(key)
            if opened is not None:
                self._open[key] = opened
        return opened

    def put(self, key: str, index: Index, pieces: Sequence[bytes]) -> None:
        """Write a Slice and move it into its place."""
        with self.scratch() as work, self.writing():
            with (work / "slice.zip").open("wb") as file:
                file.writelines(pieces)
            encoded = msgspec.msgpack.encode(index)
            (work / "index").write_bytes(hashlib.sha256(encoded).digest() + encoded)
            self.move(work, "slices", key)

    def packed(self, key: str) -> bytes:
        """Return a Slice as one piece, for `put_packed`.

        Raises:
            OSError: it is missing.
        """
        place = self.root / "slices" / key
        index = (place / "index").read_bytes()
        return _LENGTH.pack(len(index)) + index + (place / "slice.zip").read_bytes()

    def put_packed(self, key: str, packed: bytes) -> None:
        """Write a Slice that `packed` has returned, on this machine or another."""
        data = memoryview(packed)
        end = _LENGTH.size + _LENGTH.unpack_from(data)[0]
        with self.scratch() as work, self.writing():
            (work / "index").write_bytes(data[_LENGTH.size : end])
            (work / "slice.zip").write_bytes(data[end:])
            self.move(work, "slices", key)

    def _read(self, key: str) -> Slice | None:
        place = self.place("slices", key)
        if place is None:
            return None
        whole = files.is_folder(place)
        try:
            with open(cache_root.opened(place / "index"), "rb") as file:
                content = file.read()
            if hashlib.sha256(content[_DIGEST:]).digest() != content[:_DIGEST]:
                raise ValueError("another index than was written")
            index = msgspec.msgpack.decode(content[_DIGEST:], type=Index)
            # Read as a whole, so that the bytes that go into zips are those that were checked. The
            # directory behind the entries is always smaller than twice their size.
            most = 3 * max((entry.end for entry in index.entries), default=0) + 1000
            with open(cache_root.opened(place / "slice.zip"), "rb") as file:
                data = memoryview(file.read(most))
            whole = whole and deflate.crc32(data) == index.checksum
        except FileNotFoundError:
            return None
        except NotADirectoryError:
            whole = False
        except OSError as error:
            if error.errno not in DAMAGE:
                raise
            whole = False
        except (msgspec.DecodeError, ValueError):
            whole = False
        if not whole:
            self.damaged.append(key)
            files.discard(place)
            return None
        with suppress(OSError):  # a store that only others may write
            os.utime(place)  # `prune` uses this time
        return Slice(index=index, data=data, files=place / "files")
