"""What a function takes from its Slices, entry by entry, so no choice needs another Slice."""

from collections.abc import Iterable, Mapping, Sequence
from posixpath import dirname

from shorts.errors import ShortsError
from shorts.guest.bytecode import pyc_path
from shorts.modules.compiler import Module, module_name
from shorts.modules.import_graph import Graph, imports_below
from shorts.slices.slim import test_package
from shorts.slices.store import Slice
from shorts.slices.zip_format import Entry

# Files that two distributions may both ship with different content.
_LICENCES = ("LICENSE", "LICENCE", "COPYING", "NOTICE", "README", "AUTHORS", "CHANGELOG")


class Selection:
    """Some Slices, for all functions that are made of exactly these.

    Args:
        slices: in the order of their distributions' names.
        minor: the target's Python version.

    Raises:
        ShortsError: two of them ship one path with different content.
    """

    def __init__(self, slices: Sequence[Slice], minor: str) -> None:
        self.slices = slices
        self._minor = minor
        self._entries = _united(slices)
        self.modules: dict[str, Module] = {}
        for one in slices:
            for path, module in one.index.modules.items():
                self.modules.setdefault(path, module)
        self._seen: dict[tuple[object, ...], tuple[set[str], set[str]]] = {}
        self._kept: dict[frozenset[str], list[tuple[int, Entry]]] = {}

    def reached(self, own: Mapping[str, Module], handlers: frozenset[str] | None) -> set[str]:
        """Return the paths of the modules, own ones too, that an import statement can reach."""
        return self._look(own, handlers)[0]

    def tests_imported(
        self, own: Mapping[str, Module], handlers: frozenset[str] | None
    ) -> set[str]:
        """Return the distributions with left-out tests that something imports."""
        return self._look(own, handlers)[1]

    def _look(
        self, own: Mapping[str, Module], handlers: frozenset[str] | None
    ) -> tuple[set[str], set[str]]:
        """Return the reached modules, and the distributions with tests among them.

        Functions with the same imports in their own modules share one answer.
        """
        said = frozenset((path, _key(module)) for path, module in own.items())
        if (said, handlers) not in self._seen:
            modules = {**self.modules, **own}
            roots = _roots(modules, handlers)
            reached, _ = Graph(modules).reached(roots)
            suspects = {path: modules[path] for path in reached if _mentions_tests(modules[path])}
            left_out = [
                (folder.replace("/", "."), one.index.name)
                for one in self.slices
                for folder in one.index.left_out
            ]
            wanted = imports_below((package for package, _ in left_out), suspects)
            tests = {name for package, name in left_out if package in wanted}
            self._seen[said, handlers] = reached, tests
        return self._seen[said, handlers]

    def picked(
        self,
        own: Iterable[Entry],
        modules: Mapping[str, Module],
        handlers: frozenset[str] | None,
        *,
        compiled: bool = False,
    ) -> list[tuple[int, Entry]]:
        """Return the entries of a zip, each with the number of its blob: 0 is the function's own.

        The function's own file wins over a distribution's, as in SAM's copy. The zip gets the
        bytecode of the reached modules, or of all modules with `compiled`.
        """
        reached = self.reached(modules, handlers)
        if compiled:
            reached = {*self.modules, *modules}
        own_unreached = self._bytecode(modules.keys() - reached)
        mine = [entry for entry in own if entry.path not in own_unreached]
        unreached = frozenset(self._bytecode(self.modules.keys() - reached))
        if unreached not in self._kept:
            self._kept[unreached] = [
                item for item in self._entries if item[1].path not in unreached
            ]
        paths = {entry.path for entry in mine}
        paths |= self._bytecode(paths)  # a distribution's bytecode is of another source
        others = [item for item in self._kept[unreached] if item[1].path not in paths]
        return [*((0, entry) for entry in mine), *others]

    def _bytecode(self, paths: Iterable[str]) -> set[str]:
        return {pyc_path(path, self._minor) for path in paths if path.endswith(".py")}


def _roots(modules: Iterable[str], handlers: frozenset[str] | None) -> list[str]:
    """Return the modules that the imports start from.

    For a layer, and where a handler lies in a layer that is not known here, these are all modules
    except tests.
    """
    names = {path: module_name(path) for path in modules}
    if handlers is not None and handlers <= {*names.values()}:
        return sorted(handlers)
    return [name for path, name in names.items() if test_package(path) is None]


def _key(module: Module) -> tuple[object, ...]:
    """Return the parts of a module that decide where its imports lead."""
    return (module.error, *((target, taken) for target, taken, _ in module.imports))


def _mentions_tests(module: Module) -> bool:
    """Return whether a readable module imports what may be a package of tests."""
    return any(
        "test" in target or any("test" in name for name in taken)
        for target, taken, _ in module.imports
    )


def _united(slices: Sequence[Slice]) -> list[tuple[int, Entry]]:
    """Return all entries, each with the number of its Slice, counted from 1; a path comes once.

    Raises:
        ShortsError: two Slices have one path with different content, or as a file and a folder.
    """
    found: dict[str, tuple[int, Entry]] = {}
    for number, one in enumerate(slices, start=1):
        for entry in one.index.entries:
            before, other_entry = found.setdefault(entry.path, (number, entry))
            if before != number and "__pycache__/" not in entry.path:  # its source decides
                _check_same(entry, one, other_entry, slices[before - 1])
    folders: set[str] = set()
    for path in found:
        folder = dirname(path)
        while folder and folder not in folders:
            folders.add(folder)
            folder = dirname(folder)
    for path in sorted(found.keys() & folders):
        number, _ = found[path]
        raise ShortsError(
            f"{slices[number - 1].index.name} installs {path} as a file, and another distribution "
            "installs files in a folder of that name.\nRemove one of them from the requirements."
        )
    return sorted(found.values(), key=lambda item: item[1].path)


def _check_same(entry: Entry, one: Slice, other_entry: Entry, other: Slice) -> None:
    """Refuse a path of two distributions, unless it is the same file or only a licence.

    Raises:
        ShortsError: the contents differ.
    """
    name = entry.path.rpartition("/")[2].upper()
    if name.startswith(_LICENCES) and not name.endswith((".PY", ".SO")):
        return
    mine = one.data[entry.offset : entry.end]
    if mine != other.data[other_entry.offset : other_entry.end]:
        raise ShortsError(
            f"{other.index.name} and {one.index.name} both install {entry.path}, with different "
            "content.\nRemove one of them from the requirements."
        )
