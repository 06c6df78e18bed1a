"""What a function takes from its Slices, entry by entry, so no choice needs another Slice."""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from posixpath import dirname

from shorts.artifact import overlaps
from shorts.artifact.overlaps import Files, Overlap
from shorts.artifact.trim_rules import matches
from shorts.errors import ShortsError
from shorts.guest.bytecode import pyc_path
from shorts.modules.compiler import Module, module_name
from shorts.modules.import_graph import Graph, imports_below
from shorts.slices import slim
from shorts.slices.record_file import is_bytecode
from shorts.slices.slim import test_package
from shorts.slices.store import Slice
from shorts.slices.zip_format import Entry

# What `Keep` does not bring back: the zip has bytecode of its own.
_NEVER_KEPT = (slim.NOTES, slim.BYTECODE)


def select(
    slices: Sequence[Slice],
    minor: str,
    wanted: frozenset[str],
    order: Callable[[], Sequence[str]],
    own: Mapping[str, Module],
) -> "Selection":
    """Return some Slices as a selection.

    Args:
        slices: in the order of their distributions' names.
        minor: the target's Python version.
        wanted: paths to take although a zip need not hold them.
        order: returns the names of their distributions; the later wins where two ship one path.
        own: the function's own modules, by path; only where two ship one path do they matter.

    Raises:
        ShortsError: a path is a file in one of them and a folder in another.
    """
    gone = [_gone(slice, wanted, minor) for slice in slices]
    held = [
        {entry.path: entry for entry in slice.index.entries if entry.path not in paths}
        for slice, paths in zip(slices, gone, strict=True)
    ]
    modules = [
        {path: module for path, module in slice.index.modules.items() if path not in paths}
        for slice, paths in zip(slices, gone, strict=True)
    ]
    counted: list[Overlap] = []
    ranked = [*range(len(slices))]
    several = len(set().union(*held)) < sum(map(len, held))
    if several:
        names = order()
        ranks = {name: number for number, name in enumerate(names)}
        ranked.sort(key=lambda number: -ranks[slices[number].index.name])

        def imported(paths: Collection[str], folder: str) -> bool:
            wanted = {module_name(path) for path in paths if path.endswith((".py", ".so"))} - {""}
            sources = {
                path: module
                for modules in (*modules, own)
                for path, module in modules.items()
                if not path.startswith(f"{folder}/")
            }
            return bool(wanted and imports_below(wanted, sources))

        parts = [
            Files(
                slice=slice,
                entries={path: e for path, e in entries.items() if not is_bytecode(path)},
            )
            for slice, entries in zip(slices, held, strict=True)
        ]
        counted = overlaps.find(parts, names, imported)
        numbers = {slice.index.name: number for number, slice in enumerate(slices)}
        for overlap in counted:
            number = numbers[overlap.loser]
            for path in overlap.paths:
                held[number].pop(path, None)
                modules[number].pop(path, None)
                held[number].pop(_pyc(path, minor), None)
    united: dict[str, tuple[int, Entry]] = {}
    known: dict[str, Module] = {}
    for number in ranked:
        for path, entry in held[number].items():
            united.setdefault(path, (number + 1, entry))
        for path, module in modules[number].items():
            known.setdefault(path, module)
    _check_folders(united, slices)
    return Selection(
        slices,
        minor,
        sorted(united.values(), key=lambda item: item[1].path),
        known,
        counted,
        several,
    )


def _gone(slice: Slice, wanted: Collection[str], minor: str) -> set[str]:
    """Return the paths in a Slice that a zip does not take."""
    paths = slice.index.left_out.keys() - wanted
    return paths | {_pyc(path, minor) for path in paths}


def _tests(slice: Slice) -> Iterator[str]:
    """Yield the paths of the tests of a distribution that its own modules do not import."""
    yield from slice.index.sought
    yield from (path for path, rule in slice.index.left_out.items() if rule == slim.TESTS)


def _pyc(path: str, minor: str) -> str:
    return pyc_path(path, minor) if path.endswith(".py") else path


def _check_folders(united: Mapping[str, tuple[int, Entry]], slices: Sequence[Slice]) -> None:
    """Refuse a path that is a file in one distribution and a folder in another.

    Raises:
        ShortsError: there is one.
    """
    folders: set[str] = set()
    for path in united:
        folder = dirname(path)
        while folder and folder not in folders:
            folders.add(folder)
            folder = dirname(folder)
    for path in sorted(united.keys() & folders):
        number, _ = united[path]
        raise ShortsError(
            f"{slices[number - 1].index.name} installs {path} as a file, and another distribution "
            "installs files in a folder of that name.\nRemove one of them from the requirements."
        )


class Selection:
    """Some Slices, for all functions that are made of exactly these; `select` makes it.

    Args:
        slices: in the order of their distributions' names.
        minor: the target's Python version.
        entries: all that a zip may take, each with the number of its Slice, counted from 1.
        modules: what each module among them imports, by its path.
        overlaps: what gives way where two distributions have a path.
        shared: whether two distributions have a path.
    """

    def __init__(
        self,
        slices: Sequence[Slice],
        minor: str,
        entries: Sequence[tuple[int, Entry]],
        modules: Mapping[str, Module],
        overlaps: Sequence[Overlap],
        shared: bool,
    ) -> None:
        self.slices = slices
        self.modules = modules
        self.overlaps = overlaps
        self.shared = shared
        self._minor = minor
        self._entries = entries
        self._seen: dict[tuple[object, ...], tuple[set[str], set[str]]] = {}
        self._kept: dict[frozenset[str], list[tuple[int, Entry]]] = {}

    def reached(self, own: Mapping[str, Module], handlers: frozenset[str] | None) -> set[str]:
        """Return the paths of the modules, own ones too, that an import statement can reach."""
        return self._look(own, handlers)[0]

    def distances(
        self, own: Mapping[str, Module], handlers: frozenset[str] | None
    ) -> dict[str, int]:
        """Return how many imports each reached module is from a handler, by its path."""
        modules = {**self.modules, **own}
        return Graph(modules).distances(_roots(modules, handlers))

    def wanted(
        self,
        own: Mapping[str, Module],
        handlers: frozenset[str] | None,
        programs: Collection[str],
        keep: Sequence[str],
    ) -> frozenset[str]:
        """Return the left-out paths that a function needs after all.

        The modules of tests that were not compiled are among them, where it imports some.

        Args:
            own: its own modules.
            handlers: the modules that the runtime imports; None for a layer, in which any function
                may import the tests.
            programs: the names of programs that its own code may start.
            keep: its globs of what ships in any case.
        """
        tested = self._look(own, handlers)[1] if handlers is not None else None
        started = {*programs}.union(*(slice.index.programs for slice in self.slices))
        return frozenset(
            path
            for slice in self.slices
            for path, rule in slice.index.left_out.items()
            if (rule == slim.TESTS and (tested is None or slice.index.name in tested))
            or (rule == slim.PROGRAMS and path.rpartition("/")[2] in started)
            or (keep and rule not in _NEVER_KEPT and matches(keep, [path]))
        ) | frozenset(
            path
            for slice in self.slices
            for path in slice.index.sought
            if slice.index.name in (tested or ()) or matches(keep, [path])
        )

    def _look(
        self, own: Mapping[str, Module], handlers: frozenset[str] | None
    ) -> tuple[set[str], set[str]]:
        """Return the reached modules, and the distributions with tests among them.

        Functions with the same imports in their own modules share one answer.
        """
        key = frozenset((path, _key(module)) for path, module in own.items())
        if (key, handlers) not in self._seen:
            modules = {**self.modules, **own}
            roots = _roots(modules, handlers)
            reached, _ = Graph(modules).reached(roots)
            suspects = {path: modules[path] for path in reached if _mentions_tests(modules[path])}
            folders = {
                ((test_package(path) or "").replace("/", "."), slice.index.name)
                for slice in self.slices
                for path in _tests(slice)
            }
            wanted = imports_below((package for package, _ in folders), suspects)
            tests = {name for package, name in folders if package in wanted}
            self._seen[key, handlers] = reached, tests
        return self._seen[key, handlers]

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
        taken = [entry for entry in own if entry.path not in own_unreached]
        unreached = frozenset(self._bytecode(self.modules.keys() - reached))
        if unreached not in self._kept:
            self._kept[unreached] = [
                item for item in self._entries if item[1].path not in unreached
            ]
        paths = {entry.path for entry in taken}
        paths |= self._bytecode(paths)  # a distribution's bytecode is of another source
        others = [item for item in self._kept[unreached] if item[1].path not in paths]
        return [*((0, entry) for entry in taken), *others]

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
