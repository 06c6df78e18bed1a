"""Where the code of a function's layers is."""

import os
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path

import msgspec

from shorts.model import Layer


class LayerCode(msgspec.Struct, frozen=True, kw_only=True):
    """Where the code of a function's layer is.

    Attributes:
        name: its full path, or its ARN.
        unit: the key of the unit that makes it; empty where shorts does not build it.
        folder: its folder or zip, where it is ready-made; None where its content is not known.
    """

    name: str
    unit: str
    folder: Path | None


def code_of(layer: Layer) -> LayerCode:
    """Return where a layer's code is, as far as the template says."""
    # What another tool builds may contain anything.
    ready = layer.code_uri and not layer.build_method
    return LayerCode(name=layer.full_path, unit="", folder=Path(layer.code_uri) if ready else None)


def digest(layer: LayerCode) -> str:
    """Return a digest of a layer that is not built here, or its ARN where it has no local code."""
    from shorts.requirements import local_projects

    here = layer.folder is not None and layer.folder.exists()
    return local_projects.digest(layer.folder) if layer.folder and here else layer.name


def outline(layer: LayerCode) -> str:
    """Return a digest of the names and sizes of the files in a layer that is not built here.

    They decide what a function may import from it, and how much bytecode fits next to it.
    """
    if layer.folder is None or not layer.folder.exists():
        return layer.name
    if layer.folder.is_file():
        status = layer.folder.stat()
        return f"{status.st_size} {status.st_mtime_ns}"
    sizes = [(path, path.stat().st_size) for path in files(layer.folder)]
    held = sorted((str(path.relative_to(layer.folder)), size) for path, size in sizes)
    return sha256(repr(held).encode("utf-8", "surrogateescape")).hexdigest()


def files(folder: Path) -> Iterator[Path]:
    """Yield the files below a layer's folder, behind symbolic links too, but not in a circle."""
    for within, folders, names in os.walk(folder, followlinks=True):
        here = f"{os.path.realpath(within)}/"
        folders[:] = [
            name
            for name in folders
            if not here.startswith(f"{os.path.realpath(os.path.join(within, name))}/")
        ]
        yield from (path for path in (Path(within, name) for name in names) if path.exists())
