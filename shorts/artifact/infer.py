"""What a function's imports reach in a project's lock and folders."""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from posixpath import dirname

from shorts.modules.compiler import Module, module_name
from shorts.modules.import_graph import Graph, Step
from shorts.slices.store import Slice
from shorts.targets import stdlib


def reached(
    own: Mapping[str, Module], slices: Sequence[Slice], handlers: Iterable[str]
) -> tuple[set[str], set[str]]:
    """Return what import statements can reach from the handlers.

    Returns:
        The paths of modules, and the dotted names that no module here has.
    """
    modules: dict[str, Module] = {}
    for one in slices:
        modules |= one.index.modules
    return Graph({**modules, **own}).reached(sorted(handlers))


def missing(
    own: Mapping[str, Module],
    slices: Sequence[Slice],
    handlers: Iterable[str],
    minor: str,
    source: Callable[[str], bytes],
) -> list[Step]:
    """Return the imports of the own code that nothing provides and that must not fail.

    Args:
        own: the own modules by their paths.
        slices: of all available distributions.
        handlers: the modules that the runtime imports.
        minor: the target's Python version.
        source: returns an own module's bytes, by its path.
    """
    from shorts.modules.optional_imports import Guards

    modules: dict[str, Module] = {}
    for one in slices:
        modules |= one.index.modules
    graph = Graph({**modules, **own})
    paths, _ = graph.reached(sorted(handlers))
    found = []
    for path in sorted(paths & own.keys()):
        steps = [
            step
            for step in graph.steps(module_name(path))
            if not _is_provided(step.name, graph, minor)
        ]
        if steps:
            guards = Guards(source(path), minor)
            may_fail = guards.optional | guards.never
            lines = {step.line for step in steps}
            found += [
                step
                for step in steps
                if step.line not in may_fail and not guards.is_spare(step.line, lines)
            ]
    return found


def _is_provided(name: str, graph: Graph, minor: str) -> bool:
    top = name.partition(".")[0]
    here = graph.path(top) is not None or graph.holds(top)
    return here or stdlib.has(name, minor) or top in stdlib.RUNTIME_MODULES


def part(paths: Collection[str], slices: Sequence[Slice]) -> set[str]:
    """Return the names of the distributions that hold some modules, and of all they require.

    Args:
        paths: of the reached modules.
        slices: of the whole lock.
    """
    by_name = {one.index.name: one for one in slices}
    waiting = [one.index.name for one in slices if not one.index.modules.keys().isdisjoint(paths)]
    needed = set(waiting)
    while waiting:
        for name in by_name[waiting.pop()].index.metadata.requires:
            if name in by_name and name not in needed:
                needed.add(name)
                waiting.append(name)
    return needed


def with_data(chosen: Collection[str], candidates: Collection[str]) -> set[str]:
    """Return modules and the data files of their packages.

    Args:
        chosen: the paths of modules.
        candidates: the paths of all files.
    """
    packages = {dirname(path) for path in candidates if path.endswith(".py")}
    mine = {dirname(path) for path in chosen} - {""}
    found = set(chosen)
    for path in candidates:
        folder = dirname(path)
        while folder and folder not in packages:
            folder = dirname(folder)
        if not path.endswith(".py") and folder in mine:
            found.add(path)
    return found
