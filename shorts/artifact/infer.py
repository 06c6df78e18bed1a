"""What a function's imports reach in a project's lock and folders."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from posixpath import dirname
from types import MappingProxyType

from shorts.modules.compiler import Module
from shorts.modules.import_graph import Graph
from shorts.slices.store import Slice


def reached(
    own: Mapping[str, Module],
    slices: Sequence[Slice],
    handlers: Iterable[str],
    layers: Mapping[str, Module] = MappingProxyType({}),
) -> tuple[set[str], set[str]]:
    """Return what import statements can reach from the handlers.

    Args:
        own: the own modules by their paths.
        slices: of all available distributions.
        handlers: dotted names of the modules that the imports start from.
        layers: the modules of the layers, which come before those of the distributions.

    Returns:
        The paths of modules, and the dotted names that no module here has.
    """
    modules: dict[str, Module] = {}
    for slice in slices:
        modules |= {path: slice.index.modules[path] for path in _unprovided(slice, layers)}
    return Graph({**layers, **modules, **own}).reached(sorted(handlers))


def part(
    paths: Collection[str],
    slices: Sequence[Slice],
    layers: Mapping[str, Module] = MappingProxyType({}),
) -> set[str]:
    """Return the names of the distributions that hold some modules, and of all they require.

    Args:
        paths: of the reached modules.
        slices: of the whole lock.
        layers: the modules of the layers: what they provide as a whole is left out.
    """
    unprovided = {slice.index.name: _unprovided(slice, layers) for slice in slices}
    by_name = {
        slice.index.name: slice
        for slice in slices
        if unprovided[slice.index.name] or not slice.index.modules
    }
    waiting = [name for name in by_name if not unprovided[name].isdisjoint(paths)]
    needed = set(waiting)
    while waiting:
        for name in by_name[waiting.pop()].index.metadata.requires:
            if name in by_name and name not in needed:
                needed.add(name)
                waiting.append(name)
    return needed


def _unprovided(slice: Slice, layers: Mapping[str, Module]) -> set[str]:
    """Return the paths of a distribution's modules that no layer provides."""
    if not layers:
        return set(slice.index.modules)
    packages = {dirname(path) for path in layers if path.endswith("/__init__.py")}
    return {
        path
        for path in slice.index.modules
        if path not in layers and packages.isdisjoint(_folders(path))
    }


def _folders(path: str) -> Iterator[str]:
    folder = dirname(path)
    while folder:
        yield folder
        folder = dirname(folder)


def with_data(chosen: Collection[str], candidates: Collection[str]) -> set[str]:
    """Return modules and the data files of their packages.

    Args:
        chosen: the paths of modules.
        candidates: the paths of all files.
    """
    packages = {dirname(path) for path in candidates if path.endswith(".py")}
    folders = {dirname(path) for path in chosen} - {""}
    taken = set(chosen)
    for path in candidates:
        folder = dirname(path)
        while folder and folder not in packages:
            folder = dirname(folder)
        if not path.endswith(".py") and folder in folders:
            taken.add(path)
    return taken
