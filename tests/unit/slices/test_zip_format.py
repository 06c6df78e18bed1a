"""Archives are judged by the standard library's own zipfile."""

from __future__ import annotations

import io
import stat
import struct
import zipfile
import zlib
from collections.abc import Mapping, Sequence

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shorts.slices import zip_format
from shorts.slices.zip_format import Entry

Packed = tuple[Entry, bytes]

# No surrogates, for a name in a zip is UTF-8; no slash but between parts; no null.
part = st.text(
    st.characters(exclude_categories=["Cs"], exclude_characters="/\0\\"), min_size=1, max_size=12
).filter(lambda name: name not in (".", ".."))
path = st.lists(part, min_size=1, max_size=4).map("/".join)
content = st.one_of(
    st.binary(max_size=300),
    st.builds(lambda piece, times: piece * times, st.binary(max_size=20), st.integers(0, 2000)),
)
tree = st.dictionaries(path, st.tuples(content, st.booleans()), max_size=12)
Tree = Mapping[str, tuple[bytes, bool]]


def packed(files: Tree) -> list[Packed]:
    return [
        zip_format.pack(name, data, executable=executable)
        for name, (data, executable) in files.items()
    ]


def empty(*names: str) -> Tree:
    return dict.fromkeys(names, (b"", False))


def merged(*parts: Sequence[Packed], prefix: str = "") -> bytes:
    """One archive of several blobs."""
    joined = [zip_format.join(part) for part in parts]
    plan = zip_format.plan(
        ((number, entry) for number, (entries, _) in enumerate(joined) for entry in entries),
        prefix,
    )
    whole = b"".join(zip_format.merged([blob for _, blob in joined], plan))
    assert len(whole) == plan.size
    return whole


def opened(data: bytes) -> zipfile.ZipFile:
    found = zipfile.ZipFile(io.BytesIO(data))
    assert found.testzip() is None
    return found


@given(tree)
def test_round_trips_through_zipfile(files: Tree) -> None:
    """Whatever is packed, zipfile reads the same content, mode, one date and no extra field."""
    with opened(merged(packed(files))) as found:
        assert found.namelist() == sorted(files)
        for info in found.infolist():
            data, executable = files[info.filename]
            assert found.read(info) == data
            assert info.file_size == len(data)
            assert info.external_attr >> 16 == stat.S_IFREG | (0o755 if executable else 0o644)
            assert info.date_time == (1980, 1, 1, 0, 0, 0)
            assert (info.extra, info.comment, info.create_system) == (b"", b"", 3)
        assert found.comment == b""


@given(tree)
def test_local_headers_say_what_the_directory_says(files: Tree) -> None:
    """A reader that goes by local headers alone finds the same, and nothing in between."""
    data = merged(packed(files))
    with opened(data) as found:
        position = 0
        for info in found.infolist():
            assert info.header_offset == position
            head = struct.unpack("<4s5H3L2H", data[position : position + 30])
            name = info.filename.encode()
            expected = (0x800 if not info.filename.isascii() else 0, info.compress_type, 0, 33)
            assert head[2:6] == expected
            assert head[6:] == (info.CRC, info.compress_size, info.file_size, len(name), 0)
            assert data[position + 30 : position + 30 + len(name)] == name
            position += 30 + len(name) + info.compress_size
        assert position == found.start_dir


@given(tree, st.data())
def test_any_split_over_blobs_gives_the_same_bytes(files: Tree, data: st.DataObject) -> None:
    """How the files are spread over blobs, and in which order, does not change the archive."""
    pieces = data.draw(st.permutations(packed(files)))
    parts: list[list[Packed]] = [[], [], []]
    for piece in pieces:
        parts[data.draw(st.integers(0, 2))].append(piece)
    assert merged(*parts) == merged(packed(files))


@given(tree, path)
def test_a_prefix_is_part_of_every_path(files: Tree, folder: str) -> None:
    """Entries that are moved below a folder are the same as those packed there."""
    below = {f"{folder}/{name}": file for name, file in files.items()}
    assert merged(packed(files), prefix=f"{folder}/") == merged(packed(below))


@given(tree, st.data())
def test_picking_some_entries_is_packing_only_those(files: Tree, data: st.DataObject) -> None:
    """An archive of some of a blob's entries is the archive of those files alone."""
    entries, blob = zip_format.join(packed(files))
    taken = [entry for entry in entries if data.draw(st.booleans())]
    picked = b"".join(zip_format.merged([blob], zip_format.plan((0, entry) for entry in taken)))
    assert picked == merged(packed({entry.path: files[entry.path] for entry in taken}))


@pytest.mark.parametrize("count", [65_534, 65_535, 65_536])
def test_zip64_from_65535_entries_on(count: int) -> None:
    """As many entries as the short form cannot count are read by zipfile, by way of zip64."""
    entry, data = zip_format.pack("-----", b"")
    entries = [
        msgspec.structs.replace(entry, path=f"{number:05d}", offset=number * len(data))
        for number in range(count)
    ]
    blob = b"".join(data.replace(b"-----", b"%05d" % number) for number in range(count))
    plan = zip_format.plan((0, entry) for entry in entries)
    whole = b"".join(zip_format.merged([blob], plan))
    assert len(plan.runs) == 1
    assert (b"PK\6\6" in plan.directory[-98:]) is (count >= 65_535)
    with zipfile.ZipFile(io.BytesIO(whole)) as found:
        assert len(found.infolist()) == count
        assert found.read(f"{count - 1:05d}") == b""
        assert found.infolist()[-1].header_offset == (count - 1) * len(data)


def test_an_archive_of_nothing_is_a_zip() -> None:
    """No entries at all make an archive that zipfile opens."""
    with opened(merged([])) as found:
        assert found.namelist() == []


def test_what_does_not_shrink_is_stored() -> None:
    """Content that deflate would make larger is stored as it is."""
    noise = bytes(range(256))
    entry, data = zip_format.pack("noise", noise)
    assert (entry.method, entry.packed, entry.size) == (0, 256, 256)
    assert data.endswith(noise)


def test_what_shrinks_is_deflated() -> None:
    """Content that repeats itself is deflated, and its CRC-32 is of the content."""
    text = b"to be or not to be, " * 100
    entry, data = zip_format.pack("text", text, executable=True)
    assert (entry.method, entry.size, entry.crc) == (8, 2000, zlib.crc32(text))
    assert entry.packed < 100
    assert len(data) == 30 + len("text") + entry.packed == entry.end
    assert entry.executable


def test_entries_are_ordered_by_their_bytes() -> None:
    """Paths stand in the order of their UTF-8 bytes, whatever order they were packed in."""
    names = ["b", "a/b", "é", "a", "Z", "a.b", "\U0001f40d", "\uffff"]
    with opened(merged(packed(empty(*names)))) as found:
        assert found.namelist() == sorted(names, key=str.encode)


@given(tree, st.data())
def test_joins_by_path(files: Tree, data: st.DataObject) -> None:
    """A blob is the same whatever order its files were packed in, each where its entry says."""
    entries, blob = zip_format.join(data.draw(st.permutations(packed(files))))
    assert [entry.path for entry in entries] == sorted(files)
    assert [entry.end for entry in entries] == [entry.offset for entry in entries[1:]] + (
        [len(blob)] if entries else []
    )
    assert (entries, blob) == zip_format.join(packed(files))


def test_neighbours_are_copied_in_one_run() -> None:
    """Entries that follow each other in a blob are one run; a gap or another blob starts a new."""
    first, one = zip_format.join(packed(empty(*"abcf")))
    second, _ = zip_format.join(packed(empty(*"de")))
    size = len(one) // 4
    plan = zip_format.plan([*((0, entry) for entry in first), *((1, entry) for entry in second)])
    assert [(run.blob, run.start, run.end) for run in plan.runs] == [
        (0, 0, 3 * size),
        (1, 0, 2 * size),
        (0, 3 * size, 4 * size),
    ]
    gap = zip_format.plan([(0, first[0]), (0, first[2])])
    assert [(run.start, run.end) for run in gap.runs] == [(0, size), (2 * size, 3 * size)]


def test_refuses_a_path_that_comes_twice() -> None:
    """The same path from two blobs is refused by its name."""
    (entry,), _ = zip_format.join([zip_format.pack("a/b.py", b"")])
    with pytest.raises(ValueError, match=r"^a/b\.py is picked twice$"):
        zip_format.plan([(0, entry), (1, entry)])


def enormous(names: str) -> list[tuple[int, Entry]]:
    """Entries of nearly 2 GiB each, as they would lie in blobs of that size."""
    (entry,), _ = zip_format.join([zip_format.pack("a", b"")])
    size = 0x7FFFFFFF
    return [
        (0, msgspec.structs.replace(entry, path=name, packed=size, size=size)) for name in names
    ]


def test_takes_what_offsets_can_say() -> None:
    """An archive of just under 4 GiB is planned without a byte of it."""
    assert zip_format.plan(enormous("a")).size == 0x7FFFFFFF + 31 + 47 + 22


def test_refuses_what_offsets_cannot_say() -> None:
    """An archive with a directory that would start past 4 GiB is refused."""
    with pytest.raises(ValueError, match=r"^an archive of more than 4 GiB$"):
        zip_format.plan(enormous("ab"))


def test_refuses_an_entry_past_what_offsets_can_say() -> None:
    """An archive with an entry that would start past 4 GiB is refused in the same words."""
    with pytest.raises(ValueError, match=r"^an archive of more than 4 GiB$"):
        zip_format.plan(enormous("abc"))


@settings(max_examples=30)
@given(content)
def test_packs_the_same_bytes_again(data: bytes) -> None:
    """Packing is a function of path, content and mode alone."""
    assert zip_format.pack("x", data) == zip_format.pack("x", bytes(bytearray(data)))
    assert zip_format.pack("x", data)[1] == zip_format.pack("x", data, executable=True)[1]


def test_merges_from_memory_maps_without_copying() -> None:
    """What is handed to the writer is a view of a blob, not a copy."""
    entries, blob = zip_format.join(packed({"a": (b"x" * 100, False), "b": (b"y", False)}))
    view = memoryview(blob)
    pieces = list(zip_format.merged([view], zip_format.plan((0, entry) for entry in entries)))
    assert isinstance(pieces[0], memoryview) and pieces[0].obj is blob
