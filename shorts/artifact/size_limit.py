"""Lambda's size limit: bytecode gives way to it, and a function with its layers has to keep it."""

import zipfile
from collections.abc import Iterable, Mapping
from contextlib import suppress
from pathlib import Path

from shorts.artifact import layers
from shorts.artifact.content import Content
from shorts.errors import ShortsError
from shorts.guest.bytecode import pyc_path
from shorts.model import Function, Layer
from shorts.slices.zip_format import Entry
from shorts.targets import limits


def fitted(content: Content, picked: list[tuple[int, Entry]]) -> list[tuple[int, Entry]]:
    """Return the entries of a zip, without bytecode that would exceed Lambda's limit.

    The bytecode of the modules that are the farthest from the handler goes first, and the largest
    of these first. It all stays where the rest alone is too large.
    """
    over = sum(entry.size for _, entry in picked) + content.held - limits.UNZIPPED
    if over <= 0:
        return picked
    minor, paths = content.unit.target.minor, {entry.path for _, entry in picked}
    modules = {**content.selection.modules, **content.own.modules}
    sources = {pyc_path(path, minor): path for path in modules.keys() & paths if path[-3:] == ".py"}
    compiled = [entry for _, entry in picked if entry.path in sources]
    if sum(entry.size for entry in compiled) < over:
        return picked
    far = content.selection.distances(content.own.modules, content.unit.handlers)
    last = max(far.values(), default=0) + 1
    compiled.sort(key=lambda entry: (-far.get(sources[entry.path], last), -entry.size, entry.path))
    gone = set()
    for entry in compiled:
        if over <= 0:
            break
        gone.add(entry.path)
        over -= entry.size
    return [item for item in picked if item[1].path not in gone]


def check(functions: Iterable[Function], sizes: Mapping[str, int], stage: Path) -> None:
    """Refuse a function that exceeds Lambda's size limit together with its layers.

    Args:
        functions: of the application.
        sizes: unzipped, in bytes, of the built zips, by full path.
        stage: the folder of everything else that was built.

    Raises:
        ShortsError: a function is too large with its layers.
    """
    for function in functions:
        if not function.layers or function.full_path not in sizes:
            continue
        parts = {function.full_path: sizes[function.full_path]}
        for layer in function.layers:
            built = stage / layer.full_path
            place = built if built.exists() else Path(layer.code_uri)
            parts[layer.full_path] = sizes.get(layer.full_path) or size(layer, place)
        total = sum(parts.values())
        if total > limits.UNZIPPED:
            listed = ", ".join(f"{name} {size / 1e6:.1f} MB" for name, size in parts.items())
            raise ShortsError(
                f"{function.full_path} is {total / 1e6:.1f} MB unzipped with its layers; Lambda "
                f"takes {limits.UNZIPPED / 1e6:.1f} MB.\nThe parts: {listed}.\n"
                "Leave out what they do not use, or package it as an image."
            )


def size(layer: Layer, path: Path) -> int:
    """Return the unzipped size in bytes of a layer that lies at a path; 0 without local code."""
    if path.is_file() and zipfile.is_zipfile(path):
        # A damaged zip is refused where it is unpacked, here or by Lambda.
        with suppress(zipfile.BadZipFile, UnicodeDecodeError), zipfile.ZipFile(path) as archive:
            return sum(member.file_size for member in archive.infolist())
    if not layer.code_uri or not path.is_dir():
        return 0
    return sum(file.stat().st_size for file in layers.files(path))
