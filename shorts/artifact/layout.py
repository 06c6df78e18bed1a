"""The entries of a zip, with a ``RECORD`` of each distribution that lists what is in it."""

from collections import defaultdict
from collections.abc import Iterable, Mapping

import msgspec

from shorts.artifact.content import Content
from shorts.artifact.trim_rules import Files, Trim, drop_only
from shorts.slices import record_file, zip_format
from shorts.slices.zip_format import Entry


class Layout(msgspec.Struct, frozen=True, kw_only=True):
    """What a zip is copied from.

    Attributes:
        picked: its entries, each with the number of its blob.
        moved: the paths of some in the zip, by their own.
        blobs: the bytes that the entries lie in, by number.
    """

    picked: list[tuple[int, Entry]]
    moved: Mapping[str, str]
    blobs: list[bytes | memoryview]


def lay_out(content: Content, trim: Trim | None = None) -> Layout:
    """Return the layout of a zip.

    Args:
        content: what it may hold.
        trim: what of it ships; None where all does.
    """
    picked = trim.of(content.everything) if trim and trim.traced else content.picked
    if trim and not trim.traced:
        picked = trim.of(picked)
    return with_records(content, picked, trim.moved if trim else {})


def dropped(content: Content) -> Trim | None:
    """Return what ships of a zip without sample events; None where its settings drop nothing."""
    settings = content.unit.settings
    if not settings.keep and not settings.drop:
        return None
    paths = frozenset(entry.path for _, entry in content.picked)
    files = Files(
        before=paths,
        also=paths,
        modules={**content.selection.modules, **content.own.modules},
        own=frozenset(entry.path for entry in content.own.entries) - content.installed,
        libraries={},
        minor=content.unit.target.minor,
    )
    return drop_only(files, settings.keep, settings.drop)


def with_records(
    content: Content, picked: Iterable[tuple[int, Entry]], moved: Mapping[str, str]
) -> Layout:
    """Replace the ``RECORD`` of each distribution that does not ship whole."""
    listed: dict[int, list[str]] = defaultdict(list)
    records: dict[int, Entry] = {}
    items = [*picked]
    for number, entry in items:
        if number and not record_file.is_bytecode(entry.path):
            listed[number].append(moved.get(entry.path, entry.path))
            if record_file.is_record(entry.path):
                records[number] = entry
    blobs = content.blobs
    packed = []
    for number, entry in records.items():
        data = record_file.written(entry.path, listed[number])
        if data != zip_format.content(blobs[number], entry):
            packed.append(zip_format.pack(entry.path, data))
    if packed:
        entries, blob = zip_format.join(packed)
        replaced = {entry.path for entry in entries}
        items = [(number, entry) for number, entry in items if entry.path not in replaced]
        items += [(len(blobs), entry) for entry in entries]
        blobs = [*blobs, blob]
    return Layout(picked=items, moved=moved, blobs=blobs)
