"""Lambda's limits on the size of code, and ours on what is unpacked.

https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html
"""

import os
from collections.abc import Iterable, Mapping
from contextlib import suppress
from pathlib import Path

from shorts.application import Function, Layer
from shorts.errors import ShortsError

# A zip that Lambda takes without S3, in bytes.
UPLOAD = 50 * 1024 * 1024
# A function's code, unpacked, with its layers, in bytes.
UNZIPPED = 250 * 1024 * 1024
# What one distribution or one zip may unpack to, in bytes. Trimming makes what is too large for
# Lambda small enough, so it is several times as much: PyTorch with CUDA, the largest that there is
# on PyPI, is 1.8 GB. What has more is a bomb, and would fill the disk.
UNPACKED = 2_000_000_000
# How many folders deep its files may lie; those of real distributions lie ten deep.
DEPTH = 100


def check(functions: Iterable[Function], sizes: Mapping[str, int], stage: Path) -> None:
    """Compare each function that has layers with what Lambda takes of all together.

    Args:
        functions: of the application.
        sizes: unzipped, in bytes, of what has been built as a zip, by full path.
        stage: the folder of what has been built otherwise.

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
    """What a layer takes unzipped, in bytes; 0 for one that does not lie here."""
    import zipfile

    built = stage / layer.full_path
    path = built if built.exists() else Path(layer.code_uri)
    if path.is_file() and zipfile.is_zipfile(path):
        # What is damaged is refused where it is unpacked, here or by Lambda.
        with suppress(zipfile.BadZipFile, UnicodeDecodeError), zipfile.ZipFile(path) as archive:
            return sum(member.file_size for member in archive.infolist())
    if not layer.code_uri or not path.is_dir():
        return 0
    walk = os.walk(path)
    return sum(Path(folder, name).stat().st_size for folder, _, names in walk for name in names)
