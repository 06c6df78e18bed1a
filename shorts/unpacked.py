"""An artifact's files in a folder, where its zip would have them unpacked."""

import os
from collections.abc import Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path

import msgspec

from shorts import archive, press
from shorts.archive import Entry
from shorts.contents import Content

# 1980-01-01 00:00, which is what all our zips say of all files.
_STAMP = 315532800 * 10**9
_MODES = {True: 0o755, False: 0o644}


class _File(msgspec.Struct, frozen=True, kw_only=True):
    """One file to be laid.

    Attributes:
        blob: where its content is.
        entry: what it is there.
        path: where it is to be.
        kept: where the store has it, or will have it; None for the function's own.
    """

    blob: bytes | memoryview
    entry: Entry
    path: Path
    kept: Path | None


def lay(
    content: Content, picked: Iterable[tuple[int, Entry]], moved: Mapping[str, str], folder: Path
) -> None:
    """Put files of an artifact into a folder.

    What a Slice holds is unpacked once, beside it in the store, and linked from there. A function
    that writes to its files writes to the store's: one that has another size, time or mode than it
    was given is not taken again.

    Args:
        content: what the artifact is made of.
        picked: its entries, each with the number of its blob.
        moved: where some of them are to be, by their own paths.
        folder: made if need be; what is to come must not be in it.
    """
    blobs, kept = content.blobs, [None, *(one.files for one in content.selection.slices)]
    files = [
        _File(
            blob=blobs[number],
            entry=entry,
            path=folder / moved.get(entry.path, entry.path),
            kept=(where := kept[number]) and where / entry.path,
        )
        for number, entry in picked
    ]
    for parent in {file.path.parent for file in files}:
        parent.mkdir(parents=True, exist_ok=True)
    missing = [file for file in files if not (file.kept and _link(file.kept, file))]
    with ThreadPoolExecutor(press.cores()) as pool:
        for _ in pool.map(_write, missing):
            pass


def _link(kept: Path, file: _File) -> bool:
    """Link to what the store has of a file, if that is what it was."""
    try:
        found = kept.stat()
        said = found.st_size, found.st_mtime_ns, found.st_mode & 0o777
        if said != (file.entry.size, _STAMP, _MODES[file.entry.executable]):
            kept.unlink()
            return False
        file.path.hardlink_to(kept)
    except OSError:  # it is not there, or the file system has no links to there
        return False
    return True


def _write(file: _File) -> None:
    file.path.write_bytes(archive.content(file.blob, file.entry))
    file.path.chmod(_MODES[file.entry.executable])
    os.utime(file.path, ns=(_STAMP, _STAMP))
    if file.kept:
        with suppress(OSError):
            file.kept.parent.mkdir(parents=True, exist_ok=True)
            file.kept.hardlink_to(file.path)
