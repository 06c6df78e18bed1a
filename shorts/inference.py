"""Which modules an import statement can reach from the handler, and how."""

from collections.abc import Collection, Iterable, Iterator, Mapping
from functools import cached_property

import msgspec

from shorts.compiler import Module, module_name


class Step(msgspec.Struct, frozen=True, kw_only=True):
    """One import on the way from a handler.

    Attributes:
        path: of the importing module.
        line: of the statement, counted from 1; 0 where it is none, as in an extension module.
        name: dotted, of what is imported.
    """

    path: str
    line: int
    name: str


class Graph:
    """Modules by their dotted names, and what each imports.

    Args:
        modules: path of each source and extension module, and what it imports.
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
                self._paths[name] = path  # a package wins over a module beside it
        self._within: dict[str, list[str]] = {}
        for name in self._paths:
            self._within.setdefault(name.rpartition(".")[0], []).append(name)

    def reached(self, roots: Iterable[str]) -> tuple[set[str], set[str]]:
        """Follow the imports.

        Args:
            roots: dotted names of the modules that the runtime imports.

        Returns:
            The paths of the modules that can be imported, and the dotted names that were asked for
            and are no module here: of the standard library, of the runtime, or missing.
        """
        seen: set[str] = set()
        unknown: set[str] = set()
        waiting: list[str] = []

        def ask(name: str) -> bool:
            """Take up a module and the packages it lies in."""
            found = name in self._paths
            if found and name not in seen:
                seen.add(name)
                waiting.append(name)
            if not found:
                unknown.add(name)
            parent = name.rpartition(".")[0]
            if parent and parent not in seen:
                ask(parent)
            return found

        for root in roots:
            ask(root)
        while waiting:
            for name, taken in self._imported_by(waiting.pop()):
                ask(name)
                for item in taken:
                    if f"{name}.{item}" in self._paths:
                        ask(f"{name}.{item}")
                    elif item == "*":
                        for exported in self._exported_by(name):
                            if f"{name}.{exported}" in self._paths:
                                ask(f"{name}.{exported}")
        return {self._paths[name] for name in seen}, unknown

    def steps(self, name: str) -> Iterator[Step]:
        """What a module imports, as it stands: modules that are here, and names that are not."""
        path = self._paths[name]
        module = self._modules[path]
        for target, taken, line in module.imports:
            if target:
                yield Step(path=path, line=line, name=target)
                for item in taken:
                    if f"{target}.{item}" in self._paths:
                        yield Step(path=path, line=line, name=f"{target}.{item}")

    def chain(self, roots: Iterable[str], wanted: Iterable[str]) -> list[Step]:
        """The shortest way from a handler to one of some modules; empty where there is none.

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
        """The path of a module; None where there is none of that name."""
        return self._paths.get(name)

    def holds(self, name: str) -> bool:
        """Whether something lies below a name, as in a namespace package that has no module."""
        return name in self._above

    @cached_property
    def _above(self) -> frozenset[str]:
        """The names of all packages that a module lies in."""
        found = set()
        for name in self._within:
            while name and name not in found:
                found.add(name)
                name = name.rpartition(".")[0]
        return frozenset(found)

    def cycles(self, paths: Collection[str]) -> list[list[Step]]:
        """Modules that import each other: a shortest way around for each that no way before holds.

        ``from . import name`` in a package's module is no way back to the package itself where the
        name is a module.

        Args:
            paths: of the modules that count.
        """
        near: dict[str, dict[str, Step]] = {}
        for path in sorted(paths):
            name = module_name(path)
            if self._paths.get(name) == path:
                near[name] = {
                    step.name: step for step in self._taken(name) if self._paths.get(step.name)
                }
        near = {
            name: {to: step for to, step in steps.items() if to in near}
            for name, steps in near.items()
        }
        found: list[list[Step]] = []
        seen: set[str] = set()
        for name in near:
            if name not in seen:
                around = _around(name, near)
                seen |= {module_name(step.path) for step in around}
                found += [around] if around else []
        return found

    def _taken(self, name: str) -> Iterator[Step]:
        """What a module imports, without the packages that it takes only modules from."""
        path = self._paths[name]
        for target, taken, line in self._modules[path].imports:
            below = [f"{target}.{item}" for item in taken]
            if not target:
                continue
            if not below or not all(item in self._paths for item in below):
                yield Step(path=path, line=line, name=target)
            for item in below:
                if item in self._paths:
                    yield Step(path=path, line=line, name=item)

    def _back(self, name: str, came: Mapping[str, Step | None]) -> list[Step]:
        steps: list[Step] = []
        step = came[name]
        while step is not None:
            steps.append(step)
            step = came[module_name(step.path)]
        return steps[::-1]

    def _imported_by(self, name: str) -> list[tuple[str, tuple[str, ...]]]:
        """What a module imports.

        A source that cannot be read counts as importing everything of its package.
        """
        path = self._paths[name]
        module = self._modules[path]
        if module.error:
            package = name if path.endswith("/__init__.py") else name.rpartition(".")[0]
            return [(other, ()) for other in self._within.get(package, ()) if package]
        return [(target, taken) for target, taken, _ in module.imports if target]

    def _exported_by(self, name: str) -> list[str]:
        """The names that ``from name import *`` takes, where a literal ``__all__`` says them."""
        if name not in self._paths:
            return []
        module = self._modules[self._paths[name]]
        return [item for target, taken, _ in module.imports if not target for item in taken]


def _around(start: str, near: Mapping[str, Mapping[str, Step]]) -> list[Step]:
    """A shortest way from a module back to itself; empty where there is none."""
    came: dict[str, Step] = {}
    waiting = [start]
    for name in waiting:
        for to, step in near[name].items():
            if to not in came:
                came[to] = step
                waiting.append(to)
            if to == start:
                steps = [step]
                while module_name(steps[-1].path) != start:
                    steps.append(came[module_name(steps[-1].path)])
                return steps[::-1]
    return []


def _with_parents(name: str) -> Iterator[str]:
    """A module's name after those of the packages it lies in, which are imported first."""
    parts = name.split(".")
    for count in range(1, len(parts) + 1):
        yield ".".join(parts[:count])


def imports_below(packages: Iterable[str], sources: Mapping[str, Module]) -> set[str]:
    """Those of some packages that a module imports, or something below them.

    A module that cannot be read may import any.
    """
    if any(module.error for module in sources.values()):
        return {*packages}
    asked = {(target, taken) for one in sources.values() for target, taken, _ in one.imports}
    found = {name for target in {target for target, _ in asked} for name in _with_parents(target)}
    found |= {f"{target}.{one}" for target, taken in asked for one in taken}
    return found.intersection(packages)
