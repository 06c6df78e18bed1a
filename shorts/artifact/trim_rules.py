"""What a function needs of its content, as its sample events show; pure."""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence, Set
from functools import cache

import msgspec

from shorts.guest.bytecode import pyc_path
from shorts.modules.compiler import Module, module_name
from shorts.slices.slim import is_licence
from shorts.slices.zip_format import Entry
from shorts.targets.libraries import Library


class Touched(msgspec.Struct, frozen=True, kw_only=True):
    """What a function did with the files of its artifact, by their paths there.

    Attributes:
        loaded: modules that the importer opened or loaded: sources, bytecode, extensions.
        opened: files that anything else opened, ran or mapped.
    """

    loaded: frozenset[str]
    opened: frozenset[str]


class Files(msgspec.Struct, frozen=True, kw_only=True):
    """The files to choose from.

    Attributes:
        before: paths of the files of the artifact that the events ran on.
        also: paths of bytecode that could ship with them.
        modules: what each module imports, by path.
        own: paths of the function's own files; its sources stay next to their bytecode.
        libraries: the ELF images among the files, by path.
        minor: the target's Python version.
    """

    before: frozenset[str]
    also: frozenset[str]
    modules: Mapping[str, Module]
    own: frozenset[str]
    libraries: Mapping[str, Library]
    minor: str


class Trim(msgspec.Struct, frozen=True, kw_only=True):
    """What becomes of a function's files.

    Attributes:
        left_out: paths that do not ship.
        moved: where bytecode ships that replaces its source, by its path next to the source.
        unmatched: globs of `Keep` and `Drop` that match no file.
        traced: whether sample events decided it; else `Drop` alone did.
    """

    left_out: frozenset[str]
    moved: dict[str, str]
    unmatched: list[str]
    traced: bool = True

    def of(self, picked: Iterable[tuple[int, Entry]]) -> list[tuple[int, Entry]]:
        """Return the entries of a zip that ship."""
        return [item for item in picked if item[1].path not in self.left_out]

    def needed(self, paths: Iterable[str]) -> frozenset[str]:
        """Return which of some paths ship, with the sources of bytecode that replaces them."""
        sources = {path.removesuffix("c") for path in self.moved.values()}
        return frozenset(path for path in paths if path in sources or path not in self.left_out)


def decide(
    files: Files,
    reached: Callable[[Iterable[str]], Set[str]],
    touched: Touched,
    keep: Sequence[str],
    drop: Sequence[str],
) -> Trim:
    """Decide what ships, and how.

    A module stays if it was touched, or if an import statement reaches it from the handler or from
    what was imported or is kept. A library goes if only modules and libraries that go link to it.
    Everything else stays.

    Args:
        files: the files to choose from.
        reached: returns the paths of the modules that import statements reach from the handler and
            from the modules with the given names.
        touched: what the events did.
        keep: globs of paths that ship as they would without trimming.
        drop: globs of paths that do not ship, even if events need them; licences still ship.
    """
    paths = files.before | files.also
    modules = files.modules.keys() & paths
    sources = {pyc_path(path, files.minor): path for path in modules if path.endswith(".py")}
    shown = {path: _shown(path, sources.get(path, path), files) for path in paths}
    kept, dropped = _named(files, shown, keep, drop)
    imported = {sources.get(path, path) for path in touched.loaded}
    seen = imported | touched.loaded | touched.opened
    sure = seen | kept
    roots = sorted(module_name(path) for path in modules & (imported | kept))
    names = {module_name(path) for path in reached(roots)}
    stay = {
        path
        for path in modules
        if path in sure or module_name(path) in names or _is_file(path, files.libraries)
    }
    left_out = modules - stay | dropped
    left_out |= _unneeded(files.libraries, left_out, sure)
    left_out -= _needed(files.libraries, files.libraries.keys() - left_out) - dropped
    moved: dict[str, str] = {}
    for pyc, path in sources.items():
        if path in left_out:
            if pyc in paths and pyc not in kept:
                left_out.add(pyc)
        elif path in kept and path not in imported and pyc not in files.before:
            left_out.add(pyc)
        elif pyc in paths and pyc not in left_out and path not in files.own and path not in kept:
            # A loader that reads the source although there is bytecode does something with it.
            read = path in touched.opened or (path in touched.loaded and pyc in files.before)
            if path not in imported:
                left_out.add(pyc)
            elif not read and f"{path}c" not in paths:
                left_out.add(path)
                moved[pyc] = f"{path}c"
    return Trim(
        left_out=frozenset(left_out),
        moved=dict(sorted(moved.items())),
        unmatched=_unmatched(shown, (*keep, *drop)),
    )


def drop_only(files: Files, keep: Sequence[str], drop: Sequence[str]) -> Trim:
    """Decide what ships of a function without sample events: all but what `Drop` names.

    Args:
        files: the files to choose from.
        keep: globs of paths that ship in any case.
        drop: globs of paths that do not ship; licences still ship.
    """
    modules = files.modules.keys() & files.before
    sources = {pyc_path(path, files.minor): path for path in modules if path.endswith(".py")}
    shown = {path: _shown(path, sources.get(path, path), files) for path in files.before}
    _, dropped = _named(files, shown, keep, drop)
    unmatched = _unmatched(shown, (*keep, *drop))
    return Trim(left_out=frozenset(dropped), moved={}, unmatched=unmatched, traced=False)


def _named(
    files: Files, shown: Mapping[str, list[str]], keep: Sequence[str], drop: Sequence[str]
) -> tuple[set[str], set[str]]:
    """Return the paths that `Keep` names, and those that `Drop` names and that may go."""
    kept = {path for path, names in shown.items() if matches(keep, names)}
    dropped = {path for path, names in shown.items() if matches(drop, names)} - kept
    # A licence gives its rights only to those who pass it on.
    return kept, {path for path in dropped if path in files.own or not is_licence(path)}


def _unmatched(shown: Mapping[str, list[str]], globs: Iterable[str]) -> list[str]:
    everything = {name for names in shown.values() for name in names}
    return [glob for glob in globs if not matches([glob], everything)]


def warnings(trim: Trim, name: str, keep: Sequence[str], paths: Iterable[str]) -> list[str]:
    """Return a warning for each glob that matches nothing.

    Args:
        trim: what was decided.
        name: the function's.
        keep: the globs that are of `Keep` and not of `Drop`.
        paths: of the files that could ship.
    """
    paths, warnings = [*paths], []
    for glob in trim.unmatched:
        word = "Keep" if glob in keep else "Drop"
        folder = f"{glob.rstrip('/')}/**"
        hint = f"; for a folder write {folder}" if matches([folder], paths) else ""
        warnings.append(f"{word}: {glob} of {name} matches nothing in its zip{hint}")
    return warnings


def _shown(path: str, source: str, files: Files) -> list[str]:
    """Return the paths that globs may match for a file: bytecode has its source's path too."""
    names = [path, *([source] if source != path else [])]
    if source in files.modules and source.endswith(".py") and source not in files.own:
        names.append(f"{source}c")
    return names


def _is_file(path: str, libraries: Mapping[str, Library]) -> bool:
    """Return whether a file that looks like a module cannot be imported."""
    library = libraries.get(path)
    if library and not library.module:
        return True
    return not all(part.isidentifier() for part in module_name(path).split("."))


def _unneeded(
    libraries: Mapping[str, Library], left_out: Set[str], sure: Set[str]
) -> frozenset[str]:
    """Return the libraries that only left-out files, or other such libraries, link to."""
    gone = libraries.keys() & left_out
    linked = _needed(libraries, gone)
    users = {
        path
        for path, library in libraries.items()
        if path not in gone and (path in sure or library.module or path not in linked)
    }
    return frozenset(linked - _needed(libraries, users) - users - gone)


def _needed(libraries: Mapping[str, Library], users: Iterable[str]) -> set[str]:
    """Return the libraries that some libraries need, directly or through others."""
    needing: dict[str, list[str]] = {}
    for path, library in libraries.items():
        for name in library.names:
            needing.setdefault(name, []).append(path)
    needed: set[str] = set()
    waiting = list(users)
    while waiting:
        for name in libraries[waiting.pop()].needed:
            new = {*needing.get(name, ())} - needed
            needed |= new
            waiting += new
    return needed


def matches(globs: Iterable[str], names: Iterable[str]) -> bool:
    """Return whether any glob matches any path."""
    pattern = _any(tuple(globs))
    return any(pattern.fullmatch(name) for name in names)


@cache
def _any(globs: tuple[str, ...]) -> re.Pattern[str]:
    return re.compile("|".join(f"(?:{pattern(glob).pattern})" for glob in globs) or r"(?!)")


@cache
def pattern(glob: str) -> re.Pattern[str]:
    """Return a glob as a regular expression for whole paths, as ``PurePath.full_match`` reads it.

    ``**`` matches any number of folders, and at the end everything below. ``*``, ``?`` and ``[…]``
    match within one name. A folder with a trailing slash matches all that it holds.
    https://docs.python.org/3/library/pathlib.html#pattern-language

    Args:
        glob: with slashes, relative.
    """
    parts = [part for part in glob.split("/") if part not in ("", ".")]
    if glob.endswith("/"):
        parts.append("**")
    tokens: list[str | None] = []
    for number, part in enumerate(parts, start=1):
        last = number == len(parts)
        if part == "**":
            tokens += [r"(?s:.+)"] if last else [None]
        else:
            tokens.append(_name(part) + ("" if last else "/"))
    text = _joined(tokens, r"(?:[^/]+/)*")
    try:
        return re.compile(text)
    except re.error:  # a range without an end
        return re.compile(re.escape(glob))


def _joined(tokens: Iterable[str | None], star: str) -> str:
    """Join expressions; the star's expression stands for None.

    A failed match is not retried: for the text between two stars the first place is as good as any
    later one, so a star before another star does not backtrack.
    """
    runs = [""]
    for token in tokens:
        if token is None:
            runs.append("")
        else:
            runs[-1] += token
    first, *others = runs
    if not others:
        return first
    *between, last = others
    return first + "".join(f"(?>{star}?{run})" for run in between if run) + star + last


def _name(part: str) -> str:
    """Return the regular expression for one name of a glob."""
    tokens: list[str | None] = []
    at = 0
    while at < len(part):
        end = part.find("]", at + 2 + (part[at + 1 : at + 2] == "!")) if part[at] == "[" else -1
        if part[at] == "*":
            tokens.append(None)
        elif part[at] == "?":
            tokens.append("[^/]")
        elif end > 0:
            inner = re.sub(r"([\\\[&~|])", r"\\\1", part[at + 1 : end])
            inner = "^" + inner[1:] if inner.startswith("!") else re.sub(r"^\^", r"\\^", inner)
            tokens.append(f"(?!/)[{inner}]")
            at = end
        else:
            tokens.append(re.escape(part[at]))
        at += 1
    return _joined(tokens, "[^/]*")
