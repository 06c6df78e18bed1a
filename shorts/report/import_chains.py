"""Why a distribution is in a zip: the import that leads to it, else what requires it."""

from collections.abc import Iterable, Mapping, Sequence

from shorts.modules.compiler import Module, module_name
from shorts.modules.import_graph import Graph, Step
from shorts.slices.store import Slice


class Reasons:
    """Why the distributions of one zip are in it.

    Args:
        own: the modules of the function's own code.
        handlers: what the runtime imports; None for a layer, which any function may import.
        slices: of the distributions.
    """

    def __init__(
        self, own: Mapping[str, Module], handlers: Iterable[str] | None, slices: Sequence[Slice]
    ) -> None:
        modules = {path: module for slice in slices for path, module in slice.index.modules.items()}
        self._owners = {
            path: slice.index.name
            for slice in slices
            for path in slice.index.modules
            if path not in own
        }
        self._paths = {module_name(path): path for path in (*modules, *own)}
        self._handlers = sorted(handlers or ())
        self._slices = slices
        self.graph = Graph({**modules, **own})

    def all(self, manifest: str) -> dict[str, str]:
        """Return the reason for each distribution, by name.

        Args:
            manifest: the name of the file that lists the requirements.
        """
        by: dict[str, str] = {}
        for slice in self._slices:
            for name in slice.index.metadata.requires:
                by.setdefault(name, f"required by {slice.index.name}")
        reasons = {}
        for slice in self._slices:
            name = slice.index.name
            modules = [module_name(path) for path in slice.index.modules]
            chain = self.graph.chain(self._handlers, filter(None, modules))
            reasons[name] = self._short(chain, name) if chain else by.get(name, manifest)
        return reasons

    def link(self, importer: str, imported: str) -> str:
        """Return how to show an importing module: an own one by path and line, else by name."""
        path = self._paths.get(importer)
        if path is None or path in self._owners:
            return importer
        lines = [
            step.line
            for step in self.graph.steps(importer)
            if step.name == imported or step.name.startswith(f"{imported}.")
        ]
        return f"{path}:{lines[0]}" if lines else path

    def _short(self, chain: Sequence[Step], last: str) -> str:
        """Return a chain: own modules with their lines, then distributions."""
        links = [self._owners.get(step.path) or f"{step.path}:{step.line}" for step in chain]
        return " → ".join(dict.fromkeys([*links, last]))
