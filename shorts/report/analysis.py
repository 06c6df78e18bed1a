"""A function by its imports: its own modules, what ships the others, and what is missing."""

import os
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path

import msgspec

from shorts.artifact import assemble, handlers, layer_modules, plan
from shorts.artifact import layers as layers_of
from shorts.artifact.content import Content
from shorts.artifact.plan import BuildUnit, Options
from shorts.errors import ShortsError
from shorts.model import Application, Function
from shorts.modules.compiler import Module, module_name
from shorts.modules.import_graph import Graph
from shorts.requirements import lock_file
from shorts.slices.store import Slice
from shorts.targets import stdlib

OWN, DISTRIBUTION, LAYER, NAMESPACE = "own", "distribution", "layer", "namespace"
STANDARD, RUNTIME, HIDDEN, MISSING = "standard", "runtime", "hidden", "missing"


class Use(msgspec.Struct, frozen=True, kw_only=True):
    """An import in the function's own code.

    Attributes:
        path: of the importing module in the zip.
        line: of the statement.
        name: dotted, of the imported module.
        reached: whether the handler reaches the importing module.
        source: one of the kinds above. HIDDEN is a module that a distribution has no file
            for, but may create at run time, as six does.
        owners: the distributions that ship it, sorted.
    """

    path: str
    line: int
    name: str
    reached: bool
    source: str
    owners: tuple[str, ...]


class Analysis:
    """One function.

    Args:
        function: of the template.
        unit: that its zip is built from.
        content: of the zip.
        layers: the modules of each of its layers, by path; None for a layer that is not here.
        stale: why its lock does not match its requirements; empty if it does.

    Attributes:
        modules: all that it can import, by path, where the runtime looks for them.
        slices: its distributions by name.
        own: its own modules by path.
        graph: of all those modules.
        handler: the module that the runtime imports; empty where it is not known.
        roots: that, and what else the imports start from.
        reached: the paths of the modules that the handler reaches.
        unknown: the layers that are not here.
    """

    def __init__(
        self,
        function: Function,
        unit: BuildUnit,
        content: Content,
        layers: Mapping[str, Mapping[str, Module] | None],
        stale: str,
    ) -> None:
        self.function, self.unit, self.content, self.stale = function, unit, content, stale
        self.own = content.own.modules
        self.slices: dict[str, Slice] = {
            slice.index.name: slice for slice in content.selection.slices
        }
        self.unknown = [name for name, modules in layers.items() if modules is None]
        self._layers = {path for modules in layers.values() for path in modules or ()}
        modules = dict(self.own)
        self._shippers: dict[str, list[str]] = {}
        for name, slice in self.slices.items():
            for path, module in layer_modules.of_slice(slice).items():
                modules.setdefault(path, module)
                self._shippers.setdefault(module_name(path), []).append(name)
        for layer in layers.values():
            for path, module in (layer or {}).items():
                modules.setdefault(path, module)
        self.modules = modules
        self.graph = Graph(modules)
        self.handler = function.module
        starts = handlers.starts(self.handler, unit.folder, unit.tree, unit.roots)
        self.roots = [self.handler, *sorted(starts - {self.handler})]
        if unit.handlers == frozenset(self.roots) and not layers:  # already computed
            self.reached = content.selection.reached(self.own, unit.handlers)
        else:
            self.reached, _ = self.graph.reached(self.roots)

    @property
    def minor(self) -> str:
        """Return the Python version."""
        return self.unit.target.minor

    def owners(self, name: str) -> list[str]:
        """Return the distributions that ship a module, or anything below a namespace package."""
        path = self.graph.path(name)
        if path in self.own:
            return []
        owners = set(self._shippers.get(name, ()))
        if path is None and self.graph.holds(name):
            below = (module for module in self._shippers if module.startswith(f"{name}."))
            owners |= {owner for module in below for owner in self._shippers[module]}
        for parent in _parents(name):
            shippers = self._shippers.get(parent, [])
            if self.graph.path(parent) not in self.own and owners.isdisjoint(shippers):
                owners |= {*shippers}
        return sorted(owners)

    def source(self, name: str) -> str:
        """Return where a module comes from: one of the kinds above."""
        path = self.graph.path(name)
        if path:
            if path in self.own:
                return OWN
            return DISTRIBUTION if name in self._shippers else LAYER
        if self.graph.holds(name):
            return NAMESPACE
        if stdlib.has(name, self.minor):
            return STANDARD
        parents = [self.graph.path(parent) for parent in _parents(name)]
        if any(parent and parent not in self.own for parent in parents):
            return HIDDEN
        return RUNTIME if name.partition(".")[0] in stdlib.RUNTIME_MODULES else MISSING

    def uses(self) -> Iterator[Use]:
        """Yield every import in the function's own modules, by path and line."""
        for path in sorted(self.own):
            for target, taken, line in self.own[path].imports:
                for name in self._meant(target, taken) if target else ():
                    yield Use(
                        path=path,
                        line=line,
                        name=name,
                        reached=path in self.reached,
                        source=self.source(name),
                        owners=tuple(self.owners(name)),
                    )

    def importers(self, names: Iterable[str]) -> Iterator[tuple[str, str, int]]:
        """Yield each import of the given modules: the importing distribution, path and line."""
        wanted = frozenset(names)
        for owner, slice in self.slices.items():
            if not self.reached.isdisjoint(slice.index.modules):
                for path, module in slice.index.modules.items():
                    for target, taken, line in module.imports:
                        targets = {target, *(f"{target}.{item}" for item in taken)}
                        if not wanted.isdisjoint(targets):
                            yield owner, path, line

    def ships(self, name: str) -> list[str]:
        """Return the dotted names of a distribution's modules."""
        return sorted(filter(None, map(module_name, layer_modules.of_slice(self.slices[name]))))

    def file(self, path: str) -> str:
        """Return the path of one of the function's own modules, from the working folder."""
        for root, name in self._places(path):
            if Path(root, name).is_file():
                return os.path.relpath(os.path.join(root, name))
        return path

    def _places(self, path: str) -> Iterator[tuple[str, str]]:
        if path.startswith(self.unit.folder):
            yield self.unit.tree.root, path.removeprefix(self.unit.folder)
        for root in self.unit.roots:
            yield root.tree.root, path
            yield root.tree.root, path.removeprefix(f"{root.name}/")

    def _meant(self, target: str, taken: Sequence[str]) -> list[str]:
        """Return the modules that a statement imports; of a namespace package only those below."""
        below = [f"{target}.{item}" for item in taken]
        here = [name for name in below if self.graph.path(name)]
        if self.graph.path(target) or not self.graph.holds(target):
            return [target, *here]
        return below if below and "*" not in taken else [target]


def inspect(
    application: Application,
    chosen: Iterable[Function],
    options: Options,
    report: Callable[[str], None],
) -> list[Analysis]:
    """Analyse some functions, and make their Slices where they are missing.

    A lock that does not match the requirements is used as it is, and reported as stale.

    Args:
        application: that contains them.
        chosen: the functions.
        options: how to build.
        report: called with each step.

    Raises:
        ShortsError: requirements cannot be resolved or installed.
    """
    chosen = list(chosen)
    collected = plan.collect(application, sdists=options.sdists)
    by_path = {path: unit for unit in collected for path in unit.full_paths}
    wanted = {function.full_path for function in chosen}
    wanted |= {layer.full_path for function in chosen for layer in function.layers}
    units = {unit.key: unit for path, unit in by_path.items() if path in wanted}
    stale = {key: _stale(unit) for key, unit in units.items()}
    gathered = assemble.gather(
        [_with_its_lock(unit) if stale[key] else unit for key, unit in units.items()],
        options,
        report,
    )
    analyses = []
    for function in chosen:
        unit = by_path[function.full_path]
        layers: dict[str, Mapping[str, Module] | None] = {}
        for layer in function.layers:
            built = by_path.get(layer.full_path)
            if built:
                layers[layer.full_path] = _all_modules(gathered[built.key])
            else:
                folder = layers_of.code_of(layer).folder
                layers[layer.full_path] = layer_modules.of_folder(folder) if folder else None
        analyses.append(Analysis(function, unit, gathered[unit.key], layers, stale[unit.key]))
    return analyses


def _stale(unit: BuildUnit) -> str:
    """Return why shorts' lock does not match its requirements; empty if it does, or is absent.

    A lock for other targets only does not match either.
    """
    required = unit.manifest
    if required is None or required.lock is None or required.lock.path == required.path:
        return ""
    path = Path(os.path.relpath(required.lock.path))
    try:
        lock_file.check_is_current(required.lock.text, required.digest, unit.target, path)
    except ShortsError as error:
        return str(error)
    return ""


def _with_its_lock(unit: BuildUnit) -> BuildUnit:
    """Return a unit that is built from its lock, even if its requirements differ."""
    assert unit.manifest is not None
    return msgspec.structs.replace(
        unit,
        manifest=lock_file.as_it_is(unit.manifest),
        requirements=f"stale {unit.requirements}",
    )


def _all_modules(content: Content) -> dict[str, Module]:
    modules: dict[str, Module] = {}
    for slice in content.selection.slices:
        modules |= layer_modules.of_slice(slice)
    return modules | content.own.modules


def _parents(name: str) -> list[str]:
    """Return the packages that contain a module, the nearest first."""
    parts = name.split(".")
    return [".".join(parts[:count]) for count in range(len(parts) - 1, 0, -1)]
