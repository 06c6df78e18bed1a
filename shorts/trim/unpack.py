"""An artifact's files in a folder, at the paths where its zip unpacks them."""

import os
from collections.abc import Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path

import deflate
import msgspec

from shorts.artifact.content import Content
from shorts.artifact.layout import Layout
from shorts.emulator.layers import extract
from shorts.model import Function
from shorts.slices import zip_format
from shorts.slices.zip_format import Entry
from shorts.system import cache_root, files, process

# 1980-01-01 00:00, the time of every file in every zip that shorts makes.
_STAMP = 315532800 * 10**9
_MODES = {True: 0o755, False: 0o644}


class _File(msgspec.Struct, frozen=True, kw_only=True):
    """One file to put into the folder.

    Attributes:
        blob: the bytes that hold its content.
        entry: its entry in the blob.
        path: where it goes.
        kept: its path in the store; None for the function's own.
    """

    blob: bytes | memoryview
    entry: Entry
    path: Path
    kept: Path | None


def lay(content: Content, layout: Layout, folder: Path) -> None:
    """Put files of an artifact into a folder.

    A Slice is unpacked once, in the store, and linked from there. A function that writes to its
    files writes to the store's. A file in the store that has another content, time or mode than it
    was given is not used again.

    Args:
        content: what the artifact is made of.
        layout: its entries.
        folder: made if it does not exist; it must hold none of the files yet.
    """
    kept = [None, *(slice.files for slice in content.selection.slices), None]
    for number, where in enumerate(kept):
        if where:
            _clear(where, (entry.path for blob, entry in layout.picked if blob == number))
    files = [
        _File(
            blob=layout.blobs[number],
            entry=entry,
            path=folder / layout.moved.get(entry.path, entry.path),
            kept=(where := kept[number]) and where / entry.path,
        )
        for number, entry in layout.picked
    ]
    for parent in {file.path.parent for file in files}:
        parent.mkdir(parents=True, exist_ok=True)
    with ThreadPoolExecutor(process.cores()) as pool:
        for _ in pool.map(_put, files):
            pass


def _clear(kept: Path, paths: Iterable[str]) -> None:
    """Remove what is not a folder where the store has folders: a link would lead elsewhere."""
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
    """Link to the store's copy of a file if that is unchanged, and return whether it did."""
    try:
        with open(cache_root.opened(kept), "rb") as opened:
            status = os.fstat(opened.fileno())
            state = status.st_size, status.st_mtime_ns, status.st_mode & 0o777
            whole = state == (file.entry.size, _STAMP, _MODES[file.entry.executable])
            whole = whole and deflate.crc32(opened.read()) == file.entry.crc
        if whole:
            file.path.hardlink_to(kept)
            return True
    except FileNotFoundError:
        return False
    except (OSError, ValueError):  # it cannot be read, or the file system has no links
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


def with_layers(function: Function, layers: Mapping[str, Path], folder: Path) -> Function:
    """Return a function with the built layers, unpacked, as its layers."""
    ready = []
    for number, layer in enumerate(function.layers):
        place = layers.get(layer.full_path)
        if place is not None and place.is_file():
            extract(place, folder / str(number))
            place = folder / str(number)
        code_uri = str(place) if place is not None else layer.code_uri
        ready.append(msgspec.structs.replace(layer, code_uri=code_uri))
    return msgspec.structs.replace(function, layers=ready)
