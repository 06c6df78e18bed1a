"""Zip files merged from compressed entries; pure, and the same bytes every time.

An entry's local header holds no offset, so header and data can be copied together, as they are,
from one archive to another. Only the central directory is written again.

The format: APPNOTE.TXT 6.3.10, https://pkware.cachefly.net/webdocs/casestudies/APPNOTE.TXT
"""

import struct
from collections.abc import Iterable, Mapping, Sequence
from operator import itemgetter
from types import MappingProxyType

import deflate
import msgspec

# libdeflate's levels run from 1 to 12; docs/engine.md has the measurement behind this one.
LEVEL = 6
# 1980-01-01 00:00, the earliest date that the format has.
_DATE, _TIME = (1 << 5) | 1, 0
_STORED, _DEFLATED = 0, 8
_UTF8 = 1 << 11
_VERSION, _VERSION_ZIP64 = 20, 45
_UNIX = 3 << 8
_REGULAR_FILE = 0o100000
_MAX_16, _MAX_32 = 0xFFFF, 0xFFFFFFFF

_LOCAL = struct.Struct("<4s5H3L2H")
_CENTRAL = struct.Struct("<4s6H3L5H2L")
_END = struct.Struct("<4s4H2LH")
_END_64 = struct.Struct("<4sQ2H2L4Q")
_LOCATOR_64 = struct.Struct("<4sLQL")


class Entry(msgspec.Struct, frozen=True, kw_only=True, array_like=True):
    """One file of an archive.

    Attributes:
        path: with slashes, relative.
        executable: whether its mode is 0755 and not 0644.
        method: 0 stored, 8 deflated.
        crc: CRC-32 of its content.
        packed: bytes of its data in the archive.
        size: bytes of its content.
        offset: of its local header in its blob.
    """

    path: str
    executable: bool
    method: int
    crc: int
    packed: int
    size: int
    offset: int

    @property
    def end(self) -> int:
        """Return where its data ends in its blob."""
        return self.offset + _LOCAL.size + len(self.path.encode()) + self.packed


class Run(msgspec.Struct, frozen=True, kw_only=True):
    """Bytes to copy from a blob: entries that follow each other in it and in the archive.

    Attributes:
        blob: its number.
        start: of the bytes in it.
        end: of the bytes in it.
        head: the bytes to write before them.
    """

    blob: int
    start: int
    end: int
    head: bytes = b""


class Plan(msgspec.Struct, frozen=True, kw_only=True):
    """An archive before its bytes are copied: the runs in order, then the directory."""

    runs: list[Run]
    directory: bytes
    size: int


def pack(path: str, content: bytes, *, executable: bool = False) -> tuple[Entry, bytes]:
    """Compress one file; return its entry, at offset 0, and its local header with its data."""
    data: bytes | bytearray = deflate.deflate_compress(content, LEVEL)
    method = _DEFLATED
    if len(data) >= len(content):
        data, method = content, _STORED
    entry = Entry(
        path=path,
        executable=executable,
        method=method,
        crc=deflate.crc32(content),
        packed=len(data),
        size=len(content),
        offset=0,
    )
    return entry, _header(entry) + data


def _header(entry: Entry) -> bytes:
    """Return the local header, with the name behind it."""
    name = entry.path.encode()
    return (
        _LOCAL.pack(
            b"PK\3\4",
            _VERSION,
            _flags(entry.path),
            entry.method,
            _TIME,
            _DATE,
            entry.crc,
            entry.packed,
            entry.size,
            len(name),
            0,
        )
        + name
    )


def join(packed: Iterable[tuple[Entry, bytes]]) -> tuple[list[Entry], bytes]:
    """Concatenate packed files by path; return their entries and one blob."""
    entries, chunks, offset = [], [], 0
    for entry, data in sorted(packed, key=lambda item: item[0].path):
        entries.append(msgspec.structs.replace(entry, offset=offset))
        chunks.append(data)
        offset += len(data)
    return entries, b"".join(chunks)


def plan(
    picked: Iterable[tuple[int, Entry]],
    prefix: str = "",
    moved: Mapping[str, str] = MappingProxyType({}),
) -> Plan:
    """Order entries of several blobs by path, and plan what to copy from where.

    Args:
        picked: each the number of a blob and an entry in it; no path may come twice.
        prefix: the start of every path in the archive.
        moved: other paths for some entries, by the paths that they have.

    Raises:
        ValueError: a path comes twice, or the archive would pass 4 GiB.
    """
    placed = ((moved.get(entry.path, entry.path), blob, entry) for blob, entry in picked)
    ordered = sorted(placed, key=itemgetter(0))
    runs: list[Run] = []
    central: list[bytes] = []
    offset = 0
    before = None
    current, start, end = -1, 0, 0
    for path, blob, entry in ordered:
        if path == before:
            raise ValueError(f"{path} is picked twice")
        before = path
        if offset > _MAX_32:
            raise ValueError("an archive of more than 4 GiB")
        if prefix or path != entry.path:
            if end > start:
                runs.append(Run(blob=current, start=start, end=end))
            current, start, end = -1, 0, 0
            renamed = msgspec.structs.replace(entry, path=prefix + path)
            central.append(_central(renamed, offset))
            head = _header(renamed)
            runs.append(Run(blob=blob, start=entry.end - entry.packed, end=entry.end, head=head))
            offset += len(head) + entry.packed
            continue
        central.append(_central(entry, offset))
        if blob != current or entry.offset != end:
            if end > start:
                runs.append(Run(blob=current, start=start, end=end))
            current, start = blob, entry.offset
        end = entry.end
        offset += end - entry.offset
    if end > start:
        runs.append(Run(blob=current, start=start, end=end))
    if offset > _MAX_32:
        raise ValueError("an archive of more than 4 GiB")
    directory = b"".join(central)
    directory += _ending(len(central), len(directory), offset)
    return Plan(runs=runs, directory=directory, size=offset + len(directory))


def _flags(path: str) -> int:
    return 0 if path.isascii() else _UTF8


def _central(entry: Entry, offset: int) -> bytes:
    name = entry.path.encode()
    mode = _REGULAR_FILE | (0o755 if entry.executable else 0o644)
    return (
        _CENTRAL.pack(
            b"PK\1\2",
            _UNIX | _VERSION,
            _VERSION,
            _flags(entry.path),
            entry.method,
            _TIME,
            _DATE,
            entry.crc,
            entry.packed,
            entry.size,
            len(name),
            0,
            0,
            0,
            0,
            mode << 16,
            offset,
        )
        + name
    )


def _ending(count: int, size: int, offset: int) -> bytes:
    """Return the end of central directory, after its zip64 form where the count needs that."""
    zip64 = b""
    if count >= _MAX_16:
        zip64 = _END_64.pack(
            b"PK\6\6",
            _END_64.size - 12,
            _UNIX | _VERSION_ZIP64,
            _VERSION_ZIP64,
            0,
            0,
            count,
            count,
            size,
            offset,
        ) + _LOCATOR_64.pack(b"PK\6\7", 0, offset + size, 1)
    short = min(count, _MAX_16)
    return zip64 + _END.pack(b"PK\5\6", 0, 0, short, short, size, offset, 0)


def content(blob: bytes | memoryview, entry: Entry) -> bytes:
    """Return one file's content."""
    data = blob[entry.end - entry.packed : entry.end]
    if entry.method == _STORED:
        return bytes(data)
    return bytes(deflate.deflate_decompress(data, entry.size))


def merged(blobs: Sequence[bytes | memoryview], plan: Plan) -> Iterable[bytes | memoryview]:
    """Yield the archive's bytes, piece by piece, for a writer."""
    for run in plan.runs:
        if run.head:
            yield run.head
        yield blobs[run.blob][run.start : run.end]
    yield plan.directory
