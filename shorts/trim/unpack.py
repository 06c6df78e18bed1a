"""An artifact's files in a folder, where its zip would have them unpacked."""

import os
from collections.abc import Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path

import deflate
import msgspec

from shorts.artifact.assemble import Content
from shorts.slices import zip_format
from shorts.slices.zip_format import Entry
from shorts.system import cache_root, files, process

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

    What a Slice holds is unpacked once, in the store, and linked from there. A function that writes
    to its files writes to the store's: one that has another content, time or mode than it was given
    is not taken again.

    Args:
        content: what the artifact is made of.
        picked: its entries, each with the number of its blob.
        moved: where some of them are to be, by their own paths.
        folder: made if need be; what is to come must not be in it.
    """
    blobs, kept = content.blobs, [None, *(one.files for one in content.selection.slices)]
    picked = [*picked]
    for number, where in enumerate(kept):
        if where:
            _clear(where, (entry.path for blob, entry in picked if blob == number))
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
    with ThreadPoolExecutor(process.cores()) as pool:
        for _ in pool.map(_put, files):
            pass


def _clear(kept: Path, paths: Iterable[str]) -> None:
    """Remove what is no folder from where the store has folders: a link would lead elsewhere."""
    folders = {""}
    for path in paths:
        while (path := path.rpartition("/")[0]) not in folders:
            folders.add(path)
    for folder in sorted(folders):
        if not files.is_folder(kept / folder):
            files.discard(kept / folder)


def _put(file: _File) -> None:
    if not (file.kept and _link(file.kept, file)):
        _write(file)


def _link(kept: Path, file: _File) -> bool:
    """Link to what the store has of a file, if that is what it was."""
    try:
        with open(cache_root.opened(kept), "rb") as opened:
            found = os.fstat(opened.fileno())
            said = found.st_size, found.st_mtime_ns, found.st_mode & 0o777
            whole = said == (file.entry.size, _STAMP, _MODES[file.entry.executable])
            whole = whole and deflate.crc32(opened.read()) == file.entry.crc
        if whole:
            file.path.hardlink_to(kept)
            return True
    except FileNotFoundError:
        return False
    except (OSError, ValueError):  # nothing that can be read, or a file system without links
        pass
    files.discard(kept)
    return False


def _write(file: _File) -> None:
    file.path.write_bytes(zip_format.content(file.blob, file.entry))
    file.path.chmod(_MODES[file.entry.executable])
    os.utime(file.path, ns=(_STAMP, _STAMP))
    if file.kept:
        with suppress(OSError):
            file.kept.parent.mkdir(parents=True, exist_ok=True)
            file.kept.hardlink_to(file.path)
