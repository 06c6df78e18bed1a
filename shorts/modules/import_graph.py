"""The modules that import statements can reach from the handler, and how."""

from collections.abc import Iterable, Iterator, Mapping
from functools import cached_property

import msgspec

from shorts.modules.compiler import Module, module_name


class Step(msgspec.Struct, frozen=True, kw_only=True):
    """One import on the way from a handler.

    Attributes:
        path: of the importing module.
        line: of the statement, counted from 1; 0 without a statement, as in an extension module.
        name: dotted, of what is imported.
    """

    path: str
    line: int
    name: str


class Graph:
    """Modules by their dotted names, and what each imports.

    Args:
        modules: the imports of each source and extension module, by its path.
    """

    def __init__(self, modules: Mapping[str, Module]) -> None:
        self._paths: dict[str, str] = {}
        self._modules = modules
        for path in modules:
            name = module_name(path)
            if not name:
                continue
            known = self._paths.setdefault(name, path)
            if path.endswith("/__init__.py") and not known.endswith("/__init__.py"):
                self._paths[name] = path  # a package wins over a module next to it
        self._within: dict[str, list[str]] = {}
        for name in self._paths:
            self._within.setdefault(name.rpartition(".")[0], []).append(name)

    def reached(self, roots: Iterable[str]) -> tuple[set[str], set[str]]:
        """Follow the imports.

        Args:
            roots: dotted names of the modules that the runtime imports.

        Returns:
            The paths of the modules that can be imported, and the dotted names that are imported
            but are not modules here: of the standard library, of the runtime, or missing.
        """
        seen: set[str] = set()
        unknown: set[str] = set()
        waiting: list[str] = []

        def ask(name: str) -> None:
            """Add a module and the packages it is in."""
            while name and name not in seen and name not in unknown:
                if name in self._paths:
                    seen.add(name)
                    waiting.append(name)
                else:
                    unknown.add(name)
                name = name.rpartition(".")[0]

        whole: set[str] = set()  # packages that have been added as a whole
        starred: set[str] = set()
        for root in roots:
            ask(root)
        while waiting:
            for name, taken in self._imported_by(waiting.pop(), whole):
                ask(name)
                for item in taken:
                    if f"{name}.{item}" in self._paths:
                        ask(f"{name}.{item}")
                    elif item == "*" and name not in starred:
                        starred.add(name)
                        for exported in self._exported_by(name):
                            if f"{name}.{exported}" in self._paths:
                                ask(f"{name}.{exported}")
        return {self._paths[name] for name in seen}, unknown

    def distances(self, roots: Iterable[str]) -> dict[str, int]:
        """Return how many imports each reached module is from a root at least, by its path."""
        distances: dict[str, int] = {}
        level = {name for root in roots for name in _with_parents(root) if name in self._paths}
        whole: set[str] = set()
        starred: set[str] = set()
        distance = 0
        while level:
            distances |= dict.fromkeys(level, distance)
            distance += 1
            level = {
                name
                for importer in level
                for name in self._reached_by(importer, whole, starred)
                if name not in distances
            }
        return {self._paths[name]: far for name, far in distances.items()}

    def _reached_by(self, name: str, whole: set[str], starred: set[str]) -> Iterator[str]:
        """Yield the names of the modules that a module's imports lead to at once.

        Args:
            name: of the module.
            whole: packages that have been yielded as a whole; extended.
            starred: modules of which all that they export has been yielded; extended.
        """
        for target, taken in self._imported_by(name, whole):
            items = {*taken}
            if "*" in items and target not in starred:
                starred.add(target)
                items |= {*self._exported_by(target)}
            for below in (target, *(f"{target}.{item}" for item in items)):
                if below in self._paths or below == target:
                    yield from (parent for parent in _with_parents(below) if parent in self._paths)

    def steps(self, name: str) -> Iterator[Step]:
        """Yield a module's imports as written: modules that are here, and names that are not."""
        path = self._paths[name]
        module = self._modules[path]
        for target, taken, line in module.imports:
            if target:
                yield Step(path=path, line=line, name=target)
                for item in taken:
                    if f"{target}.{item}" in self._paths:
                        yield Step(path=path, line=line, name=f"{target}.{item}")

    def chain(self, roots: Iterable[str], wanted: Iterable[str]) -> list[Step]:
        """Return the shortest chain from a handler to one of some modules; empty if there is none.

        Args:
            roots: dotted names of the modules that the runtime imports.
            wanted: dotted names.
        """
        wanted = frozenset(wanted)
        came: dict[str, Step | None] = {root: None for root in roots if root in self._paths}
        waiting = list(came)
        for name in waiting:
            if name in wanted:
                return self._back(name, came)
            for step in self.steps(name):
                for below in _with_parents(step.name):
                    if below not in came and (below in self._paths or below in wanted):
                        came[below] = step
                        if below in self._paths:
                            waiting.append(below)
                        else:
                            return self._back(below, came)
        return []

    def path(self, name: str) -> str | None:
        """Return the path of a module; None where no module has that name."""
        return self._paths.get(name)

    def holds(self, name: str) -> bool:
        """Return whether a module is below a name, as in a namespace package without a module."""
        return name in self._above

    @cached_property
    def _above(self) -> frozenset[str]:
        """Return the names of all packages that hold a module."""
        packages = set()
        for name in self._within:
            while name and name not in packages:
                packages.add(name)
                name = name.rpartition(".")[0]
        return frozenset(packages)

    def _back(self, name: str, came: Mapping[str, Step | None]) -> list[Step]:
        steps: list[Step] = []
        step = came[name]
        while step is not None:
            steps.append(step)
            step = came[module_name(step.path)]
        return steps[::-1]

    def _imported_by(self, name: str, whole: set[str]) -> list[tuple[str, tuple[str, ...]]]:
        """Return what a module imports.

        A source that cannot be read counts as importing everything in its package, which is listed
        only for the first such source.
        """
        path = self._paths[name]
        module = self._modules[path]
        if module.error:
            package = name if path.endswith("/__init__.py") else name.rpartition(".")[0]
            if not package or package in whole:
                return []
            whole.add(package)
            return [(other, ()) for other in self._within.get(package, ())]
        return [(target, taken) for target, taken, _ in module.imports if target]

    def _exported_by(self, name: str) -> list[str]:
        """Return the names that ``from name import *`` takes, as in a literal ``__all__``."""
        if name not in self._paths:
            return []
        module = self._modules[self._paths[name]]
        return [item for target, taken, _ in module.imports if not target for item in taken]


def _with_parents(name: str) -> Iterator[str]:
    """Yield the names of a module's packages, which are imported first, and then its own."""
    parts = name.split(".")
    for count in range(1, len(parts) + 1):
        yield ".".join(parts[:count])


def imports_below(packages: Iterable[str], sources: Mapping[str, Module]) -> set[str]:
    """Return those of some packages that a module imports, or imports something below.

    A module that cannot be read may import any of them.
    """
    wanted = {*packages}
    if any(module.error for module in sources.values()):
        return wanted
    depths = sorted({name.count(".") + 1 for name in wanted})
    imports = {
        (target, taken) for module in sources.values() for target, taken, _ in module.imports
    }
    names = {target for target, _ in imports}
    names |= {f"{target}.{attribute}" for target, taken in imports for attribute in taken}
    parts = (name.split(".") for name in names)
    starts = (".".join(name[:depth]) for name in parts for depth in depths)
    return {start for start in starts if start in wanted}
