"""A built function's content, split as the build has split it."""

import zipfile
from pathlib import Path

import msgspec

from shorts.artifact import sharing
from shorts.artifact.content import Content
from shorts.artifact.plan import siblings
from shorts.artifact.provided import provided
from shorts.artifact.sharing import LISTING, Held
from shorts.artifact.wanted import LAYER_FOLDER
from shorts.model import Function, artifact


class Layered(msgspec.Struct, frozen=True, kw_only=True):
    """A function's content and that of its shared layers.

    Attributes:
        zipped: what its zip holds.
        layers: the contents of its shared layers, by their full paths.
    """

    zipped: Content
    layers: dict[str, Content]


def as_built(content: Content, full_path: str, build_dir: Path) -> Layered:
    """Split a function's content by the layers that its built zip lists.

    Args:
        content: without shared layers.
        full_path: of the function.
        build_dir: the build folder.

    Raises:
        ShortsError: a layer of the template cannot be read.
    """
    names = _listed(build_dir / artifact(full_path))
    sharing_of = content.unit.sharing
    if not names or sharing_of is None:
        return Layered(zipped=content, layers={})
    built = [build_dir / artifact(layer.full_path) for layer in sharing_of.layers]
    places = [
        place if place.is_file() else Path(layer.code_uri)
        for place, layer in zip(built, sharing_of.layers, strict=True)
    ]
    paths = dict(zip(siblings(full_path, names), names, strict=True))
    shipped = {path: _paths(build_dir / artifact(path)) for path in paths}
    possible = sharing.possible(content)
    layers = {
        path: Held(
            name=name,
            numbers=frozenset(n for n, entry in possible if entry.path in shipped[path]),
        )
        for path, name in paths.items()
    }
    every = frozenset().union(*shipped.values())
    held = frozenset().union(*(layer.numbers for layer in layers.values()))
    gone = {entry.path for number, entry in possible if number in held} - every
    source = msgspec.structs.replace(content, gone=frozenset(gone))
    return Layered(
        zipped=sharing.zip_content(
            content, [*layers.values()], sharing.replaced(content, provided(places))
        ),
        layers={
            path: sharing.layer_content(source, layer, [path]) for path, layer in layers.items()
        },
    )


def function_with_layers(function: Function, build_dir: Path) -> Function:
    """Return a built function with its shared layers, where they lie in the build folder."""
    names = _listed(build_dir / artifact(function.full_path))
    shared = sharing.with_layers(function, names)
    layers = [
        msgspec.structs.replace(layer, code_uri=str(build_dir / artifact(layer.full_path)))
        if layer.name in names
        else layer
        for layer in shared.layers
    ]
    return msgspec.structs.replace(function, layers=layers)


def _listed(path: Path) -> list[str]:
    """Return the shared layers that a function's zip lists; none where it cannot be read."""
    try:
        with zipfile.ZipFile(path) as archive:
            return archive.read(LISTING).decode().split()
    except (OSError, KeyError, zipfile.BadZipFile, UnicodeDecodeError):
        return []


def _paths(path: Path) -> frozenset[str]:
    """Return the paths of modules and data in a layer's zip; none where it cannot be read."""
    try:
        with zipfile.ZipFile(path) as archive:
            return frozenset(name.removeprefix(LAYER_FOLDER) for name in archive.namelist())
    except (OSError, zipfile.BadZipFile, UnicodeDecodeError):
        return frozenset()
