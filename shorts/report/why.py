"""Why a module, a distribution or a file is in a function's zip."""

import difflib
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path

import msgspec

from shorts.artifact.layered import as_built
from shorts.artifact.plan import Options
from shorts.errors import ShortsError
from shorts.model import Application
from shorts.modules.compiler import module_name
from shorts.modules.import_graph import Step
from shorts.report import check
from shorts.report.analysis import MISSING, RUNTIME, STANDARD, Analysis, inspect
from shorts.requirements import core_metadata, requirement_lines
from shorts.requirements.names import normalized
from shorts.slices import zip_format
from shorts.slices.store import Slice, Store
from shorts.targets import stdlib

_CACHED = re.compile(r"(?:(.*)/)?__pycache__/([^/.]+)\.[^/]*\.pyc")

_REMARKS = {
    STANDARD: "of the standard library",
    RUNTIME: "of the runtime",
    MISSING: "nothing provides it",
}


class Reason(msgspec.Struct, frozen=True, kw_only=True):
    """Why something is in a function.

    Attributes:
        links: from the handler, or the requirements, to it: own modules with the line of the
            import, such as ``app.py:3``, and packages or distributions by name.
        remark: a further fact; empty if there is none.
    """

    links: list[str]
    remark: str = ""

    def __str__(self) -> str:
        return " → ".join(self.links) + (f"  ({self.remark})" if self.remark else "")


def why(
    application: Application,
    function: str,
    name: str,
    options: Options,
    report: Callable[[str], None],
) -> Reason:
    """Return the shortest chain of imports from a handler, else of requirements.

    Args:
        application: that contains the function.
        function: its logical id or full path.
        name: of a module, dotted; of a distribution, in any spelling; or a path in the zip.
        options: how to build.
        report: called with each step.

    Raises:
        ShortsError: the function does not exist, or has nothing of that name.
    """
    chosen = check.chosen(application, [function])[:1]
    (analysis,) = inspect(application, chosen, options, report)
    search = _Search(analysis, name)
    reason = search.reason()
    layer = _layer(analysis, search.owner(), Path(application.build_dir))
    if not layer:
        return reason
    remark = "; ".join(filter(None, (reason.remark, f"in the layer {layer}")))
    return msgspec.structs.replace(reason, remark=remark)


def _layer(analysis: Analysis, owner: str | None, build_dir: Path) -> str:
    """Return the shared layer that the built function has a distribution in; empty if none."""
    if owner is None or analysis.unit.sharing is None:
        return ""
    names = [slice.index.name for slice in analysis.content.selection.slices]
    number = names.index(owner) + 1
    layered = as_built(analysis.content, analysis.function.full_path, build_dir)
    return next(
        (
            path.rpartition("/")[2]
            for path, content in layered.layers.items()
            if number not in content.elsewhere
        ),
        "",
    )


class _Search:
    """The search for one name in one function."""

    def __init__(self, analysis: Analysis, name: str) -> None:
        self._analysis = analysis
        self._name = name
        self._files = {entry.path: "" for entry in analysis.content.own.entries}
        for owner, part in analysis.slices.items():
            for entry in part.index.entries:
                self._files.setdefault(entry.path, owner)

    def owner(self) -> str | None:
        """Return the distribution that ships what was named; None for anything else."""
        owner = self._distribution(self._module())
        return owner if owner in self._analysis.slices else None

    def reason(self) -> Reason:
        """Return the first reason: an import of it or its distribution, or a requirement."""
        analysis, name = self._analysis, self._name
        module = self._module()
        if module and module == analysis.handler:
            return Reason(links=[analysis.graph.path(module) or module], remark="the handler")
        if module:
            steps = analysis.graph.chain(analysis.roots, [module])
            if steps:
                remark = _REMARKS.get(analysis.source(module), "")
                return Reason(links=[*self._links(steps), module], remark=remark)
        owner = self._distribution(module)
        if owner:
            return self._of_distribution(owner)
        path = analysis.graph.path(module) or (name if name in self._files else None)
        if path is None:
            raise ShortsError(self._unknown())
        remark = "the function's own" if path in self._files else "of a layer"
        return Reason(links=[path], remark=remark + ("; no import leads to it" if module else ""))

    def _module(self) -> str:
        """Return the module that the name means; empty if it is not a module."""
        name = self._name.removeprefix("./")
        cached = _CACHED.fullmatch(name)
        if cached:
            name = "/".join(filter(None, (cached[1], f"{cached[2]}.py")))
        if name in self._analysis.modules:
            return module_name(name)
        known = self._analysis.graph.path(name) or self._analysis.graph.holds(name)
        elsewhere = stdlib.has(name, self._analysis.minor)
        elsewhere |= name.partition(".")[0] in stdlib.RUNTIME_MODULES
        used = any(use.name == name for use in self._analysis.uses())
        return name if known or elsewhere or used else ""

    def _distribution(self, module: str) -> str | None:
        """Return the distribution that the name means, or that ships the module or the file."""
        name = normalized(self._name)
        if name in self._analysis.slices:
            return name
        owners = self._analysis.owners(module) if module else []
        return owners[0] if owners else self._files.get(self._name) or None

    def _of_distribution(self, owner: str) -> Reason:
        """Return why a distribution is there; the last link is the wanted part of it."""
        analysis = self._analysis
        steps = analysis.graph.chain(analysis.roots, analysis.ships(owner))
        meant = normalized(self._name) == owner
        if steps:
            links = [*self._links(steps), self._shown(steps[-1].name)]
            return Reason(links=links if meant else [*links, self._name])
        names = self._required(owner)
        remark = "no import leads to it"
        links = names if meant else [*names, self._name]
        return Reason(links=links, remark=remark)

    def _links(self, steps: Sequence[Step]) -> list[str]:
        """Return own modules with their lines, and each distribution once, by its package."""
        links: list[str] = []
        for step in steps:
            own = step.path in self._analysis.own
            link = f"{step.path}:{step.line}" if own else self._shown(module_name(step.path))
            links += [link] if links[-1:] != [link] else []
        return links

    def _shown(self, module: str) -> str:
        """Return the topmost package of a module that is not a namespace."""
        parts = module.split(".")
        names = (".".join(parts[:count]) for count in range(1, len(parts)))
        return next(filter(self._analysis.graph.path, names), module)

    def _required(self, owner: str) -> list[str]:
        """Return the shortest chain from the requirements file to a distribution."""
        required = self._analysis.unit.manifest
        lines = requirement_lines.read(required, Store.default()) if required else []
        for edges in (self._strictly, _loosely):  # _loosely finds what only an extra requires
            came: dict[str, list[str]] = {}
            for line in lines:
                came.setdefault(line.name, [line.path.name, line.name])
            waiting = [name for name in came if name in self._analysis.slices]
            for name in waiting:
                if name == owner:
                    return came[name]
                for below in edges(self._analysis.slices[name]):
                    if below not in came and below in self._analysis.slices:
                        came[below] = [*came[name], below]
                        waiting.append(below)
        return [required.path.name if required else "the requirements", owner]

    def _strictly(self, slice: Slice) -> list[str]:
        return slice.index.metadata.requires

    def _unknown(self) -> str:
        analysis, name = self._analysis, self._name
        known = (
            {*analysis.slices, *self._files}
            if "/" in name
            else {*analysis.slices, *self._modules()}
        )
        near = difflib.get_close_matches(name, sorted(known), n=3)
        hint = f"\nDid you mean {' or '.join(near)}?" if near else ""
        return f"{analysis.function.full_path} has no module, distribution or file {name!r}.{hint}"

    def _modules(self) -> Iterator[str]:
        """Yield the names that the user may have meant: none nested deeper than the given one."""
        depth = self._name.count(".")
        names: Iterable[str] = filter(None, map(module_name, self._analysis.modules))
        yield from (name for name in names if name.count(".") <= depth)


def _loosely(slice: Slice) -> list[str]:
    """Return the names of all that a distribution may require, for any target and extra."""
    names: list[str] = []
    for entry in slice.index.entries:
        if core_metadata.is_metadata(entry.path):
            names += core_metadata.required(zip_format.content(slice.data, entry))
    return names
