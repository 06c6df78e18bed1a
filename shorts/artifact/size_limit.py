"""Lambda's size limit for a function together with its layers."""

import os
import zipfile
from collections.abc import Iterable, Mapping
from contextlib import suppress
from pathlib import Path

from shorts.errors import ShortsError
from shorts.model import Function, Layer
from shorts.targets.limits import UNZIPPED


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
            parts[layer.full_path] = sizes.get(layer.full_path) or _size(layer, stage)
        total = sum(parts.values())
        if total > UNZIPPED:
            listed = ", ".join(f"{name} {size / 1e6:.1f} MB" for name, size in parts.items())
            raise ShortsError(
                f"{function.full_path} is {total / 1e6:.1f} MB unzipped with its layers; Lambda "
                f"takes {UNZIPPED / 1e6:.1f} MB.\nThe parts: {listed}."
            )


def _size(layer: Layer, stage: Path) -> int:
    """Return the unzipped size of a layer in bytes; 0 without local code."""
    built = stage / layer.full_path
    path = built if built.exists() else Path(layer.code_uri)
    if path.is_file() and zipfile.is_zipfile(path):
        # A damaged zip is refused where it is unpacked, here or by Lambda.
        with suppress(zipfile.BadZipFile, UnicodeDecodeError), zipfile.ZipFile(path) as archive:
            return sum(member.file_size for member in archive.infolist())
    if not layer.code_uri or not path.is_dir():
        return 0
    walk = os.walk(path)
    return sum(Path(folder, name).stat().st_size for folder, _, names in walk for name in names)
