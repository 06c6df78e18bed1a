"""Which modules an import statement can reach from the handler."""

from collections.abc import Iterable, Mapping

from shorts.compiler import Module, module_name


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


def imports_below(package: str, sources: Mapping[str, Module]) -> bool:
    """Whether a module imports a package, or something below it, or cannot be read."""
    below = package + "."
    for module in sources.values():
        if module.error:
            return True
        for target, taken, _ in module.imports:
            if f"{target}.".startswith(below) or any(f"{target}.{one}" == package for one in taken):
                return True
    return False
