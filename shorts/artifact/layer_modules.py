"""The modules that a function's layers provide, by path where the runtime looks for them."""

from pathlib import Path

from shorts.artifact import layers
from shorts.artifact.wanted import LAYER_FOLDER
from shorts.modules.compiler import Module
from shorts.slices.store import Slice


def of_slice(slice: Slice) -> dict[str, Module]:
    """Return the modules of a Slice, including those without a source."""
    sourceless = (entry.path for entry in slice.index.entries if entry.path.endswith(".pyc"))
    return {
        **{path: Module(imports=[]) for path in sourceless if "__pycache__/" not in path},
        **slice.index.modules,
    }


def of_folder(place: Path) -> dict[str, Module] | None:
    """Return the modules of a layer that is not built; None where its zip cannot be read.

    https://docs.aws.amazon.com/lambda/latest/dg/packaging-layers.html
    """
    if place.is_dir():
        paths = [path.relative_to(place).as_posix() for path in layers.files(place)]
    else:
        import zipfile

        try:
            with zipfile.ZipFile(place) as archive:
                paths = archive.namelist()
        except (OSError, zipfile.BadZipFile):
            return None
    modules = {}
    for path in sorted(paths):
        below = path.removeprefix(LAYER_FOLDER)
        parts = below.split("/")
        if parts[0] == "lib" and parts[2:3] == ["site-packages"]:
            below = "/".join(parts[3:])
        if path.startswith(LAYER_FOLDER) and below.endswith((".py", ".so")):
            modules[below] = Module(imports=[])
    return modules
