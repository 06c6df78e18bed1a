"""The rules that check one function's imports and requirements."""

import os
from collections.abc import Collection, Iterator
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from shorts.artifact import infer
from shorts.modules.compiler import module_name
from shorts.report import by_name
from shorts.report.analysis import DISTRIBUTION, HIDDEN, MISSING, OWN, RUNTIME, Analysis, Use
from shorts.requirements import lock_file, requirement_lines
from shorts.requirements.manifest import LOCK_NAME
from shorts.requirements.requirement_lines import RequirementLine
from shorts.slices.store import Store
from shorts.targets import stdlib

if TYPE_CHECKING:
    from shorts.modules.optional_imports import OptionalImports

ERROR, WARNING, NOTE = "error", "warning", "note"
_UNWANTED = ("unused", "test-tool")


class Finding(msgspec.Struct, frozen=True, kw_only=True):
    """One fact about a function.

    Attributes:
        function: its full path.
        kind: of an import ``missing``, ``optional``, ``unreached``, ``hidden``, ``undeclared`` or
            ``runtime``; of a requirement ``unused``, ``test-tool``, ``unreached``, ``indirect``,
            ``shared``, ``plug-in``, ``no-module``, ``version`` or ``runtime``; of a module
            ``unreadable`` or ``shadows``; of a lock ``stale-lock``.
        level: ``error``, ``warning`` or ``note``.
        name: of the module or, normalized, of the distribution.
        path: of the file, from the working folder; empty if there is none.
        line: counted from 1; 0 if there is none.
        message: one sentence without the place.
    """

    function: str
    kind: str
    level: str
    name: str
    path: str
    line: int
    message: str


class Look:
    """The checks of one function.

    Args:
        analysis: of the function.
        store: keeps the wheels of local projects.
        layers: requirements files that a layer reads too.

    Attributes:
        manifest: its requirements; None if it has none of its own.
        lines: what that file requires.
        others: other functions, which may read the same files.
    """

    def __init__(self, analysis: Analysis, store: Store, layers: Collection[Path] = ()) -> None:
        self.analysis = analysis
        self.manifest = None if analysis.unit.inferred else analysis.unit.manifest
        self.lines = requirement_lines.read(self.manifest, store) if self.manifest else []
        self.others: list[Look] = []
        self._layers = layers
        self._names = {line.name for line in self.lines}
        self._uses = list(analysis.uses())
        self._started = {owner for root in analysis.roots for owner in analysis.owners(root)}
        self._unreadable = any(module.error for module in analysis.own.values())
        self._optional_imports: dict[str, OptionalImports] = {}

    def findings(self) -> Iterator[Finding]:
        """Yield all findings."""
        yield from self._modules()
        for use in self._uses:
            judgement = self._import(use)
            if judgement:
                yield self._finding(*judgement, use.name, use)
        for name, use in self.lacking().items():
            yield self._undeclared(name, use)
        for line in self.lines:
            kind, level, message = self._judged(line)
            if kind:
                yield self._finding(kind, level, message, line.name, line)
        if self.analysis.stale and self.manifest:
            locked = os.path.relpath(self.manifest.lock_path)
            reason = " ".join(self.analysis.stale.removeprefix(f"{locked} ").splitlines())
            yield self._finding("stale-lock", WARNING, reason, LOCK_NAME, locked)
        yield from self._versions()

    def is_unwanted(self, line: RequirementLine) -> bool:
        """Return whether neither this function nor another that reads the line needs it."""
        is_here = line.line.first > 0
        return is_here and self._judged(line)[0] in _UNWANTED and not self._unreadable

    def lacking(self) -> dict[str, Use]:
        """Return what the reached code imports and no line names, each with its first import."""
        uses: dict[str, Use] = {}
        for use in self._uses:
            if self.manifest and use.reached and use.source == DISTRIBUTION:
                for owner in use.owners if len(use.owners) == 1 else ():
                    if owner not in self._names:
                        uses.setdefault(owner, use)
        return uses

    def _modules(self) -> Iterator[Finding]:
        """Yield the findings on the function's own modules."""
        analysis = self.analysis
        if analysis.handler and not analysis.graph.path(analysis.handler):
            where = os.path.relpath(analysis.unit.tree.root)
            message = f"the handler {analysis.function.handler} names a module that does not exist"
            level = WARNING if analysis.unknown else ERROR
            yield self._finding(
                "missing", level, message + self._perhaps(), analysis.handler, where
            )
        for path, module in sorted(analysis.own.items()):
            name = module_name(path)
            file = analysis.file(path)
            if module.error:
                message = f"cannot be read by Python {analysis.minor}: {module.error}"
                message += "; it counts as importing everything of its package"
                yield self._finding("unreadable", WARNING, message, name, file)
            top = name.partition(".")[0]
            first = path in (f"{top}.py", f"{top}/__init__.py") or path.endswith(".so")
            if name == top and first and stdlib.has(name, analysis.minor):
                message = f"has the name of the standard library's {name}: "
                message += "which one is imported depends on which was first"
                yield self._finding("shadows", WARNING, message, name, file)

    def _import(self, use: Use) -> tuple[str, str, str] | None:
        """Return the finding on an import: the kind, the level and the message."""
        name = use.name
        if use.source == RUNTIME and use.reached:
            top = name.partition(".")[0]
            message = (
                f"imports {name} of the runtime, in the version that AWS has there; to choose "
            )
            return "runtime", NOTE, f"{message}one, require what ships {top}"
        if use.source == HIDDEN and use.reached:
            owners = " or ".join(use.owners) or "a layer"
            message = f"imports {name}, which {owners} has no file for; it may make it when it runs"
            # six is known to make these.
            return None if name.startswith("six.moves") else ("hidden", WARNING, message)
        if use.source != MISSING:
            return None
        top = self.analysis.source(name.partition(".")[0])
        message = f"imports {name}, which "
        message += "is not in its code" if top == OWN else "no requirement provides"
        remark = stdlib.remark(name, self.analysis.minor)
        message += f"; it is {remark}" if remark else ""
        optional_imports = self._optional_imports_of(use.path)
        missing = [
            other.line for other in self._uses if (other.path, other.source) == (use.path, MISSING)
        ]
        if use.line in optional_imports.never or optional_imports.is_spare(use.line, missing):
            return None
        if use.line in optional_imports.optional:
            return "optional", NOTE, f"{message}; the code goes on without it"
        if not use.reached:
            return "unreached", NOTE, f"{message}; the handler does not reach this module"
        perhaps = self._perhaps()
        return "missing", WARNING if perhaps else ERROR, message + perhaps

    def _optional_imports_of(self, path: str) -> "OptionalImports":
        if path not in self._optional_imports:
            from shorts.modules.optional_imports import OptionalImports

            file = Path(self.analysis.file(path))
            source = file.read_bytes() if file.is_file() else b""
            self._optional_imports[path] = OptionalImports(source, self.analysis.minor)
        return self._optional_imports[path]

    def _perhaps(self) -> str:
        """Return what may have a missing module, but cannot be read."""
        lacking = sorted(self._names - self.analysis.slices.keys()) if self.analysis.stale else []
        if self.analysis.unknown:
            return f"; the layer {self.analysis.unknown[0]} may have it, but is not here"
        return f"; the lock lacks {', '.join(lacking)}, which may have it" if lacking else ""

    def _undeclared(self, name: str, use: Use) -> Finding:
        message = (
            f"imports {use.name} of {name}, which is there only because {self._requiring(name)} it"
        )
        return self._finding("undeclared", WARNING, message, name, use)

    def _requiring(self, name: str) -> str:
        """Return which distributions require one, with the verb."""
        slices = self.analysis.slices
        by = [owner for owner in slices if name in slices[owner].index.metadata.requires]
        others = [owner for owner in by if owner != name] or ["an extra"]
        return f"{' and '.join(others)} require{'' if others[1:] else 's'}"

    @cached_property
    def _required(self) -> set[str]:
        """Return the distributions with what the handler reaches, and all that those require."""
        slices = [*self.analysis.slices.values()]
        return infer.part(self.analysis.reached, slices)

    def _judged(self, line: RequirementLine) -> tuple[str, str, str]:
        """Return the finding on a requirement: the kind, the level and the message."""
        kind, level, message = self._alone(line)
        if kind in (*_UNWANTED, "unreached"):
            if line.path in self._layers:
                return (
                    "shared",
                    NOTE,
                    f"nothing here imports {line.name}; a layer has the same file",
                )
            for other in self.others:
                concerned = line in other.lines and line.name in other.analysis.slices
                if concerned and other._alone(line)[0] not in (*_UNWANTED, "unreached"):
                    name = other.analysis.function.full_path
                    return "shared", NOTE, f"only {name} needs {line.name}, by the same file"
        return kind, level, message

    def _alone(self, line: RequirementLine) -> tuple[str, str, str]:
        """Return the finding as if no other function read the file."""
        analysis, name = self.analysis, line.name
        if name not in analysis.slices:
            return "", "", ""
        used = [use for use in self._uses if name in use.owners]
        needed = name in self._started or any(use.reached for use in used)
        if name in stdlib.RUNTIME_DISTRIBUTIONS:
            return "runtime", NOTE, self._in_the_runtime(name)
        if needed:
            return "", "", ""
        if by_name.is_test_tool(name):
            return (
                "test-tool",
                WARNING,
                f"{name} is a tool for tests, which the function never runs",
            )
        if used:
            where = f"{analysis.file(used[0].path)}:{used[0].line}"
            return (
                "unreached",
                NOTE,
                f"only {where} imports {name}, which the handler does not reach",
            )
        modules = analysis.ships(name)
        for other, path, number in analysis.importers(modules):
            if other != name:
                return "indirect", NOTE, f"{name} is imported only by {other} ({path}:{number})"
        if name in self._required:
            by = self._requiring(name)
            return "indirect", NOTE, f"nothing imports {name}, but {by} it"
        groups = by_name.plugged_into(analysis.slices[name])
        if groups or name in by_name.READ:
            reason = by_name.READ.get(name) or f"it is a plug-in for {', '.join(groups)}"
            return "plug-in", NOTE, f"nothing imports {name}, but {reason}"
        if not modules:
            return "no-module", NOTE, f"{name} ships no module, so nothing can import it"
        readable = " that can be read" if self._unreadable else ""
        return "unused", WARNING, f"nothing{readable} imports {name}"

    def _in_the_runtime(self, name: str) -> str:
        slice = self.analysis.slices[name]
        size = sum(entry.packed for entry in slice.index.entries) / 1000
        return (
            f"{name} is in the runtime too: with this line, version {slice.index.version} runs and "
            f"takes {size:,.0f} KB of the zip; without it, the version that AWS updates there"
        )

    def _versions(self) -> Iterator[Finding]:
        """Yield a finding for each version in a lock that the requirements do not allow."""
        if not self.manifest or not self._has_foreign_lock:
            return
        from packaging.requirements import InvalidRequirement, Requirement

        target = self.analysis.unit.target
        for line in self.lines:
            try:
                requirement = Requirement(line.line.text.partition(" --")[0])
            except InvalidRequirement:
                continue  # a path, which has no specifier
            applies = requirement.marker is None or requirement.marker.evaluate(target.markers)
            locked = self.analysis.slices.get(line.name)
            if not applies:
                continue
            if locked is None:
                message = f"the lock has no {line.name}"
                yield self._finding("version", WARNING, message, line.name, line)
            elif not requirement.specifier.contains(locked.index.version, prereleases=True):
                message = f"the lock has {line.name} {locked.index.version}, which is not "
                message += str(requirement.specifier)
                yield self._finding("version", WARNING, message, line.name, line)

    @cached_property
    def _has_foreign_lock(self) -> bool:
        """Return whether there is a lock that may not be made from these requirements."""
        if self.manifest is None:
            return False
        ours = self.manifest.lock
        if ours:
            return bool(self.analysis.stale) or lock_file.STAMP not in ours.text
        return self.manifest.project_lock is not None

    def _finding(
        self, kind: str, level: str, message: str, name: str, place: Use | RequirementLine | str
    ) -> Finding:
        match place:
            case Use():
                path, line = self.analysis.file(place.path), place.line
            case RequirementLine():
                path, line = os.path.relpath(place.path), place.line.first
            case str():
                path, line = place, 0
        return Finding(
            function=self.analysis.function.full_path,
            kind=kind,
            level=level,
            name=name,
            path=path,
            line=line,
            message=message,
        )
