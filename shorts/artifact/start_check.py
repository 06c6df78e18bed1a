"""Whether a function can start, as far as its code and its template tell before it runs."""

import difflib
import os
import re
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

import msgspec

from shorts.artifact.content import Content, installed_files
from shorts.artifact.plan import BuildUnit
from shorts.errors import ShortsError
from shorts.model import Function
from shorts.modules import startup
from shorts.modules.compiler import module_name
from shorts.modules.optional_imports import OptionalImports
from shorts.targets import stdlib

# A program that Lambda starts in place of the runtime; it may take any handler.
# https://docs.aws.amazon.com/lambda/latest/dg/runtimes-modify.html#runtime-wrapper
_WRAPPER = "AWS_LAMBDA_EXEC_WRAPPER"
_LINE = re.compile(r"(?P<what>.*) \(.*, line (?P<line>\d+)\)", re.DOTALL)
# How many imports of one function the warnings name.
_NAMED = 10


def checked(contents: Iterable[Content], functions: Mapping[str, Function]) -> dict[str, Content]:
    """Refuse functions that cannot start; return the contents by their unit's key, with warnings.

    Args:
        contents: of the zips.
        functions: by their full paths.

    Raises:
        ShortsError: a handler does not exist, or a module that it needs has a syntax error.
    """
    faults: list[str] = []
    checked = {}
    for content in contents:
        lasting = [*content.lasting, *_told(content)]
        if content.unit.handlers is not None:
            files = _Files(content)
            for name in content.unit.full_paths:
                if name in functions:
                    faults += files.faults(functions[name])
            lasting += files.unprovided()
        checked[content.unit.key] = msgspec.structs.replace(content, lasting=lasting)
    if faults:
        raise ShortsError("\n".join(dict.fromkeys(faults)))
    return checked


def _told(content: Content) -> Iterator[str]:
    """Yield a warning where a project is passed over, or a layer may have what is taken, too."""
    if content.unit.passed_over:
        yield f"{content.unit.full_paths[0]} has no requirements: {content.unit.passed_over}"
    if content.unit.inferred and content.unknown and content.selection.slices:
        yield (
            f"{content.unit.full_paths[0]} lists no requirements, so its zip has what it imports. "
            f"Its layer {content.unknown[0]} is not known here, and may have it too."
        )


class _Files:
    """The modules that a function can import.

    Args:
        content: of its zip.
    """

    def __init__(self, content: Content) -> None:
        self._content = content
        self._own = content.own.modules
        self._sources = _sources(content.unit)
        paths = [entry.path for entry in content.own.entries]
        paths += [entry.path for _, entry in content.everything]
        paths += content.provided
        modules = (path for path in paths if path.endswith((".py", ".pyc", ".so")))
        self._names = {module_name(path) for path in modules} - {""}
        self._paths = {module_name(path): path for path in sorted(self._own)}

    def faults(self, function: Function) -> Iterator[str]:
        """Yield why a function cannot start."""
        handler = function.handler
        if not handler or self._content.unknown or _WRAPPER in function.variables:
            return
        module, name = function.module, handler.rpartition(".")[2]
        line = function.lines.get("Handler", "")
        subject = f"{function.full_path}: Handler `{handler}`"
        where = f" ({line})" if line else ""
        if not module:
            yield f"{subject} has to name a module and a function, such as `app.handler`{where}."
        elif module not in self._names and not stdlib.has(module, self._content.unit.target.minor):
            folder = os.path.relpath(self._content.unit.tree.root)
            yield f"{subject}: there is no module `{module}` in {folder}/{where}."
        else:
            yield from self._broken(module)
            defined = self._defined(module)
            if defined is not None and name not in defined:
                close = difflib.get_close_matches(name, sorted(defined), 1)
                hint = f" Did you mean `{close[0]}`?" if close else ""
                yield f"{subject}: {self._shown(self._paths[module])} has no `{name}`{where}.{hint}"

    def _defined(self, module: str) -> frozenset[str] | None:
        """Return the names that an own module defines; None where that is not known."""
        path = self._paths.get(module, "")
        if path not in self._sources or self._own[path].error:
            return None
        started = startup.read(self._sources[path][1], module, package=_is_package(path))
        return started.names if started else None

    def _broken(self, module: str) -> Iterator[str]:
        """Yield the syntax errors in the own modules that the import of a module runs."""
        if not self._content.compiled:
            return  # another version of Python has read the sources
        waiting, seen = [module], set()
        while waiting:
            name = waiting.pop()
            waiting += [name.rpartition(".")[0]] if "." in name else []
            path = self._paths.get(name, "")
            if name in seen or path not in self._sources:
                continue
            seen.add(name)
            error = _LINE.fullmatch(self._own[path].error)
            if error:
                yield f"{self._shown(path)}:{error['line']}: {error['what']}"
            started = startup.read(self._sources[path][1], name, package=_is_package(path))
            waiting += started.imports if started else []

    def unprovided(self) -> list[str]:
        """Return a warning for each import that nothing provides and that may run."""
        content, unit = self._content, self._content.unit
        if content.unknown:
            return []
        tops = {name.partition(".")[0] for name in self._names}
        # What the own code finds by a path that it adds to `sys.path`.
        tops |= {part.removesuffix(".py") for path in self._own for part in path.split("/")}
        ours = self._own.keys() - {unit.folder + path for path in installed_files(unit.tree)}
        faults = []
        for path in sorted(content.selection.reached(self._own, unit.handlers) & ours):
            missing = [
                (name, line)
                for name, _, line in self._own[path].imports
                if name and not _is_provided(name, tops, unit.target.minor)
            ]
            if missing and path in self._sources:
                optional = OptionalImports(self._sources[path][1], unit.target.minor)
                lines = {line for _, line in missing}
                faults += [
                    f"{self._shown(path)}:{line}: {unit.full_paths[0]} imports {name}, and nothing "
                    "provides it"
                    for name, line in missing
                    if line not in optional.optional | optional.never
                    and not optional.is_spare(line, lines)
                ]
        more = [f"{unit.full_paths[0]}: {len(faults) - _NAMED} more imports that nothing provides"]
        listed = [*faults[:_NAMED], *(more if len(faults) > _NAMED else [])]
        return [f"{line} ({unit.unread})" if unit.unread else line for line in listed]

    def _shown(self, path: str) -> str:
        return os.path.relpath(self._sources[path][0])


def _is_provided(name: str, tops: set[str], minor: str) -> bool:
    top = name.partition(".")[0]
    return top in tops or stdlib.has(name, minor) or top in stdlib.RUNTIME_MODULES


def _is_package(path: str) -> bool:
    return path.rpartition("/")[2] == "__init__.py"


def _sources(unit: BuildUnit) -> dict[str, tuple[Path, bytes]]:
    """Return the source path and the bytes of a unit's files, by their paths in the zip."""
    files = {unit.folder + file.path: (unit.tree, file) for file in unit.tree.files}
    for root in unit.roots:
        for file in root.tree.files:
            files.setdefault(file.path, (root.tree, file))
            files.setdefault(f"{root.name}/{file.path}", (root.tree, file))
    return {
        path: (Path(tree.root, file.path), file.content) for path, (tree, file) in files.items()
    }
