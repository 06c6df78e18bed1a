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
from shorts.report.analysis import DISTRIBUTION, HIDDEN, MISSING, OWN, RUNTIME, Inspected, Use
from shorts.requirements import lock_file, requirement_lines
from shorts.requirements.manifest import LOCK_NAME
from shorts.requirements.requirement_lines import RequirementLine
from shorts.slices.store import Store
from shorts.targets import stdlib

if TYPE_CHECKING:
    from shorts.modules.optional_imports import Guards

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
        one: the function.
        store: keeps the wheels of local projects.
        layers: requirements files that a layer reads too.

    Attributes:
        manifest: its requirements; None if it has none of its own.
        lines: what that file requires.
        others: other functions, which may read the same files.
    """

    def __init__(self, one: Inspected, store: Store, layers: Collection[Path] = ()) -> None:
        self.one = one
        self.manifest = None if one.unit.inferred else one.unit.manifest
        self.lines = requirement_lines.read(self.manifest, store) if self.manifest else []
        self.others: list[Look] = []
        self._layers = layers
        self._names = {line.name for line in self.lines}
        self._uses = list(one.uses())
        self._started = {owner for root in one.roots for owner in one.owners(root)}
        self._unreadable = any(module.error for module in one.own.values())
        self._guards: dict[str, Guards] = {}

    def findings(self) -> Iterator[Finding]:
        """Yield all findings."""
        yield from self._modules()
        for use in self._uses:
            found = self._import(use)
            if found:
                yield self._finding(*found, use.name, use)
        for name, use in self.lacking().items():
            yield self._undeclared(name, use)
        for line in self.lines:
            kind, level, message = self._judged(line)
            if kind:
                yield self._finding(kind, level, message, line.name, line)
        if self.one.stale and self.manifest:
            locked = os.path.relpath(self.manifest.lock_path)
            said = " ".join(self.one.stale.removeprefix(f"{locked} ").splitlines())
            yield self._finding("stale-lock", WARNING, said, LOCK_NAME, locked)
        yield from self._versions()

    def is_unwanted(self, line: RequirementLine) -> bool:
        """Return whether neither this function nor another that reads the line needs it."""
        is_here = line.line.first > 0
        return is_here and self._judged(line)[0] in _UNWANTED and not self._unreadable

    def lacking(self) -> dict[str, Use]:
        """Return what the reached code imports and no line names, each with its first import."""
        found: dict[str, Use] = {}
        for use in self._uses:
            if self.manifest and use.reached and use.source == DISTRIBUTION:
                for owner in use.owners if len(use.owners) == 1 else ():
                    if owner not in self._names:
                        found.setdefault(owner, use)
        return found

    def _modules(self) -> Iterator[Finding]:
        """Yield the findings on the own modules themselves."""
        one = self.one
        if one.handler and not one.graph.path(one.handler):
            where = os.path.relpath(one.unit.tree.root)
            said = f"the handler {one.function.handler} names a module that is not there"
            level = WARNING if one.unknown else ERROR
            yield self._finding("missing", level, said + self._perhaps(), one.handler, where)
        for path, module in sorted(one.own.items()):
            name = module_name(path)
            file = one.file(path)
            if module.error:
                said = f"cannot be read by Python {one.minor}: {module.error}"
                said += "; it counts as importing everything of its package"
                yield self._finding("unreadable", WARNING, said, name, file)
            top = name.partition(".")[0]
            first = path in (f"{top}.py", f"{top}/__init__.py") or path.endswith(".so")
            if name == top and first and stdlib.has(name, one.minor):
                said = f"has the name of the standard library's {name}: which of them is imported "
                said += "depends on which was first"
                yield self._finding("shadows", WARNING, said, name, file)

    def _import(self, use: Use) -> tuple[str, str, str] | None:
        """Return the finding on an import: the kind, the level and the message."""
        name = use.name
        if use.source == RUNTIME and use.reached:
            top = name.partition(".")[0]
            said = f"imports {name} of the runtime, in the version that AWS has there; to choose "
            return "runtime", NOTE, f"{said}one, require what ships {top}"
        if use.source == HIDDEN and use.reached:
            owners = " or ".join(use.owners) or "a layer"
            said = f"imports {name}, which {owners} has no file for; it may make it when it runs"
            # six is known to make these.
            return None if name.startswith("six.moves") else ("hidden", WARNING, said)
        if use.source != MISSING:
            return None
        top = self.one.source(name.partition(".")[0])
        said = f"imports {name}, which "
        said += "is not in its code" if top == OWN else "no requirement provides"
        remark = stdlib.remark(name, self.one.minor)
        said += f"; it is {remark}" if remark else ""
        guards = self._guards_of(use.path)
        missing = [one.line for one in self._uses if (one.path, one.source) == (use.path, MISSING)]
        if use.line in guards.never or guards.is_spare(use.line, missing):
            return None
        if use.line in guards.optional:
            return "optional", NOTE, f"{said}; the code goes on without it"
        if not use.reached:
            return "unreached", NOTE, f"{said}; the handler does not reach this module"
        perhaps = self._perhaps()
        return "missing", WARNING if perhaps else ERROR, said + perhaps

    def _guards_of(self, path: str) -> "Guards":
        if path not in self._guards:
            from shorts.modules.optional_imports import Guards

            file = Path(self.one.file(path))
            source = file.read_bytes() if file.is_file() else b""
            self._guards[path] = Guards(source, self.one.minor)
        return self._guards[path]

    def _perhaps(self) -> str:
        """Return what may have a missing module, but cannot be read."""
        lacking = sorted(self._names - self.one.slices.keys()) if self.one.stale else []
        if self.one.unknown:
            return f"; the layer {self.one.unknown[0]} may have it, but is not here"
        return f"; the lock lacks {', '.join(lacking)}, which may have it" if lacking else ""

    def _undeclared(self, name: str, use: Use) -> Finding:
        said = (
            f"imports {use.name} of {name}, which is there only because {self._requiring(name)} it"
        )
        return self._finding("undeclared", WARNING, said, name, use)

    def _requiring(self, name: str) -> str:
        """Return which distributions require one, with the verb."""
        slices = self.one.slices
        by = [owner for owner in slices if name in slices[owner].index.metadata.requires]
        others = [owner for owner in by if owner != name] or ["an extra"]
        return f"{' and '.join(others)} require{'' if others[1:] else 's'}"

    @cached_property
    def _required(self) -> set[str]:
        """Return the distributions with what the handler reaches, and all that those require."""
        slices = [*self.one.slices.values()]
        return infer.part(self.one.reached, slices)

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
                mine = line in other.lines and line.name in other.one.slices
                if mine and other._alone(line)[0] not in (*_UNWANTED, "unreached"):
                    name = other.one.function.full_path
                    return "shared", NOTE, f"only {name} needs {line.name}, by the same file"
        return kind, level, message

    def _alone(self, line: RequirementLine) -> tuple[str, str, str]:
        """Return the same, as if no other function read the file."""
        one, name = self.one, line.name
        if name not in one.slices:
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
            where = f"{one.file(used[0].path)}:{used[0].line}"
            return (
                "unreached",
                NOTE,
                f"only {where} imports {name}, which the handler does not reach",
            )
        modules = one.ships(name)
        for other, path, number in one.importers(modules):
            if other != name:
                return "indirect", NOTE, f"{name} is imported only by {other} ({path}:{number})"
        if name in self._required:
            by = self._requiring(name)
            return "indirect", NOTE, f"nothing imports {name}, but {by} it"
        groups = by_name.plugged_into(one.slices[name])
        if groups or name in by_name.READ:
            said = by_name.READ.get(name) or f"it is a plug-in for {', '.join(groups)}"
            return "plug-in", NOTE, f"nothing imports {name}, but {said}"
        if not modules:
            return "no-module", NOTE, f"{name} ships no module, so nothing can import it"
        readable = " that can be read" if self._unreadable else ""
        return "unused", WARNING, f"nothing{readable} imports {name}"

    def _in_the_runtime(self, name: str) -> str:
        one = self.one.slices[name]
        size = sum(entry.packed for entry in one.index.entries) / 1000
        return (
            f"{name} is in the runtime too: with this line version {one.index.version} runs, which "
            f"is {size:,.0f} KB of the zip; without it the one that AWS has there, and updates"
        )

    def _versions(self) -> Iterator[Finding]:
        """Yield a finding for each version in a lock that the requirements do not allow."""
        if not self.manifest or not self._has_foreign_lock:
            return
        from packaging.requirements import InvalidRequirement, Requirement

        target = self.one.unit.target
        for line in self.lines:
            try:
                asked = Requirement(line.line.text.partition(" --")[0])
            except InvalidRequirement:
                continue  # a path, which has no specifier
            applies = asked.marker is None or asked.marker.evaluate(target.markers)
            locked = self.one.slices.get(line.name)
            if not applies:
                continue
            if locked is None:
                said = f"the lock has no {line.name}"
                yield self._finding("version", WARNING, said, line.name, line)
            elif not asked.specifier.contains(locked.index.version, prereleases=True):
                said = f"the lock has {line.name} {locked.index.version}, which is not "
                said += str(asked.specifier)
                yield self._finding("version", WARNING, said, line.name, line)

    @cached_property
    def _has_foreign_lock(self) -> bool:
        """Return whether there is a lock that may not be made from these requirements."""
        if self.manifest is None:
            return False
        ours = self.manifest.lock
        if ours:
            return bool(self.one.stale) or lock_file.STAMP not in ours.text
        return self.manifest.project_lock is not None

    def _finding(
        self, kind: str, level: str, message: str, name: str, place: Use | RequirementLine | str
    ) -> Finding:
        match place:
            case Use():
                path, line = self.one.file(place.path), place.line
            case RequirementLine():
                path, line = os.path.relpath(place.path), place.line.first
            case str():
                path, line = place, 0
        return Finding(
            function=self.one.function.full_path,
            kind=kind,
            level=level,
            name=name,
            path=path,
            line=line,
            message=message,
        )
