"""Paths that two distributions both install, with different content; pure.

The distribution that comes later in the requirements wins. What a distribution requires comes
before it, so this is the order in which an installer would write the files.
"""

import ast
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from itertools import combinations
from posixpath import dirname

import msgspec

from shorts.slices import zip_format
from shorts.slices.store import Slice
from shorts.slices.zip_format import Entry

# Files at the top of site-packages that belong to a distribution's sources and that nothing reads.
_NOTICES = ("README", "AUTHORS", "CHANGELOG", "LICENSE", "LICENCE", "COPYING", "NOTICE")
# Folders at the top of site-packages that a distribution ships by mistake.
_STRAY = frozenset(
    ("test", "tests", "doc", "docs", "example", "examples", "benchmark", "benchmarks", "samples")
)
_NAMESPACES = frozenset(("pkgutil", "pkg_resources"))


class Overlap(msgspec.Struct, frozen=True, kw_only=True):
    """Files of one distribution that give way to those of another.

    Attributes:
        winner: the name of the distribution with the files that ship.
        loser: the name of the other one.
        package: the folder that comes whole from the winner; empty for single files.
        paths: of the loser's files that do not ship, sorted.
        matters: whether a program may read them.
    """

    winner: str
    loser: str
    package: str
    paths: list[str]
    matters: bool

    @property
    def warning(self) -> str:
        """The warning about it."""
        what = f"the package {self.package}" if self.package else self.paths[0]
        if not self.package and len(self.paths) > 1:
            what += f" and {len(self.paths) - 1} more"
        return (
            f"{self.loser} and {self.winner} both install {what}, with different content. The zip "
            f"holds that of {self.winner}, which comes later in the requirements. Leave one of "
            "them out, or change their order."
        )


class Files(msgspec.Struct, frozen=True, kw_only=True):
    """One distribution's files that could ship.

    Attributes:
        slice: its Slice.
        entries: by path, without bytecode.
    """

    slice: Slice
    entries: dict[str, Entry]

    @property
    def name(self) -> str:
        """The distribution's name."""
        return self.slice.index.name

    def read(self, path: str) -> bytes:
        """Return a file's content."""
        return zip_format.content(self.slice.data, self.entries[path])

    def same(self, path: str, other: "Files") -> bool:
        """Return whether another distribution has the same file."""
        entry, counterpart = self.entries[path], other.entries[path]
        return (entry.crc, entry.size) == (counterpart.crc, counterpart.size)


def order(names: Iterable[str], slices: Iterable[Slice]) -> list[str]:
    """Return all distributions as the requirements name them, each behind what it requires.

    Args:
        names: of the distributions that the requirements name, in their order.
        slices: of all distributions.
    """
    requires = {slice.index.name: slice.index.metadata.requires for slice in slices}
    named = _behind_what_they_require(names, requires)
    # An extra requires what no other distribution names.
    others = _behind_what_they_require(sorted(requires), requires)
    return [*(name for name in others if name not in named), *named]


def _behind_what_they_require(
    names: Iterable[str], requires: Mapping[str, Sequence[str]]
) -> dict[str, None]:
    behind: dict[str, None] = {}
    begun: set[str] = set()
    waiting = [(name, False) for name in reversed([*names])]
    while waiting:
        name, done = waiting.pop()
        if done:
            behind[name] = None
        elif name in requires and name not in begun:
            begun.add(name)
            waiting.append((name, True))
            waiting += [(other, False) for other in reversed(requires[name])]
    return behind


def find(
    parts: Sequence[Files],
    order: Sequence[str],
    imported: Callable[[Collection[str], str], bool],
) -> list[Overlap]:
    """Return which files of distributions give way to other files, and to which ones.

    Args:
        parts: all distributions, in any order.
        order: their names; the later one wins.
        imported: returns whether a module outside a folder imports one of some paths' modules.
    """
    ranks = {name: number for number, name in enumerate(order)}
    requires = {part.name: part.slice.index.metadata.requires for part in parts}
    overlaps: list[Overlap] = []
    for loser, winner in combinations(sorted(parts, key=lambda part: ranks[part.name]), 2):
        paths = sorted(loser.entries.keys() & winner.entries.keys())
        clashing = [path for path in paths if not loser.same(path, winner)]
        if clashing:
            related = loser.name in _behind_what_they_require([winner.name], requires)
            overlaps += _pair(clashing, loser, winner, imported, related=related)
    return overlaps


def _pair(
    clashing: Sequence[str],
    loser: Files,
    winner: Files,
    imported: Callable[[Collection[str], str], bool],
    *,
    related: bool,
) -> list[Overlap]:
    """Return the overlaps of two distributions with different files at the same paths."""
    stray = {path.partition("/")[0] for path in clashing if "/" in path} & _STRAY
    stray = {top for top in stray if not imported(_below(top, loser), top)}
    packages: dict[str, list[str]] = defaultdict(list)
    for path in clashing:
        single = related or path.partition("/")[0] in stray
        packages["" if single else _package(path, loser, winner)].append(path)
    alone = packages.pop("", [])
    overlaps = []
    for package, paths in packages.items():
        within = [path for path in loser.entries if path.startswith(f"{package}/")]
        if imported([path for path in within if path not in winner.entries], package):
            alone += paths  # a program needs parts of both
        else:
            libraries = _libraries(within, loser)
            overlaps.append(_overlap(loser, winner, [*within, *libraries], package=package))
    loud = [path for path in alone if _matters(path, loser, winner, stray)]
    quiet = [path for path in alone if path not in {*loud}]
    if loud:
        overlaps.append(_overlap(loser, winner, loud))
    if quiet:
        overlaps.append(_overlap(loser, winner, quiet, matters=False))
    return overlaps


def _overlap(
    loser: Files,
    winner: Files,
    paths: Iterable[str],
    *,
    package: str = "",
    matters: bool = True,
) -> Overlap:
    return Overlap(
        winner=winner.name,
        loser=loser.name,
        package=package,
        paths=sorted(paths),
        matters=matters,
    )


def _libraries(paths: Iterable[str], part: Files) -> list[str]:
    """Return the libraries in a distribution's own folder for them, if all that link to them go."""
    users = {path for path in part.slice.index.libraries if path in part.entries}
    folders = tuple(f"{name}.libs/" for name in {part.name, part.name.replace("-", "_")})
    own = {path for path in users if path.startswith(folders)}
    return sorted(own) if users - own <= {*paths} else []


def _below(folder: str, part: Files) -> list[str]:
    return [path for path in part.entries if path.startswith(f"{folder}/")]


def _package(path: str, loser: Files, winner: Files) -> str:
    """Return the package that holds a file and that each of two distributions has whole.

    Packages above it count as long as both have code in them: a namespace belongs to neither.
    """
    if _is_namespace(path, loser) and _is_namespace(path, winner):
        return ""
    folder = dirname(path)
    while folder and not (_is_package(folder, loser) and _is_package(folder, winner)):
        folder = dirname(folder)
    if any(_is_declared(f"{folder}/__init__.py", part) for part in (loser, winner)):
        return ""
    above = dirname(folder)
    while above and not any(
        not _is_package(above, part) or _is_namespace(f"{above}/__init__.py", part)
        for part in (loser, winner)
    ):
        folder, above = above, dirname(above)
    return folder


def _is_package(folder: str, part: Files) -> bool:
    return f"{folder}/__init__.py" in part.entries


def _matters(path: str, loser: Files, winner: Files, stray: Collection[str]) -> bool:
    """Return whether a program may read a file in which two distributions differ."""
    name = path.rpartition("/")[2].upper()
    if name.startswith(_NOTICES) and not name.endswith((".PY", ".SO")):
        return False
    if path.partition("/")[0] in stray:
        return False
    if _is_namespace(path, loser) and _is_namespace(path, winner):
        return False
    return loser.read(path).replace(b"\r\n", b"\n") != winner.read(path).replace(b"\r\n", b"\n")


def _is_namespace(path: str, part: Files) -> bool:
    """Return whether a file is a package's ``__init__.py`` without code of its own."""
    if path.rpartition("/")[2] != "__init__.py" or path not in part.entries:
        return False
    try:
        body = ast.parse(part.read(path)).body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return False
    return all(map(_is_no_code, body))


def _is_declared(path: str, part: Files) -> bool:
    """Return whether a package's ``__init__.py`` makes it a namespace."""
    return _is_namespace(path, part) and any(
        word in part.read(path) for word in (b"extend_path", b"declare_namespace")
    )


def _is_no_code(node: ast.stmt) -> bool:
    """Return whether a statement is a docstring, or belongs to the declaration of a namespace."""
    match node:
        case ast.Expr(value=ast.Constant()) | ast.Pass():
            return True
        case ast.Import(names=names):
            return {name.name for name in names} <= _NAMESPACES
        case ast.ImportFrom(module=module):
            return module in _NAMESPACES or module == "__future__"
        case ast.Try(body=body, handlers=handlers, orelse=orelse, finalbody=finalbody):
            inner = [statement for handler in handlers for statement in handler.body]
            return all(map(_is_no_code, [*body, *inner, *orelse, *finalbody]))
        case ast.Assign(targets=[ast.Name(id="__path__")]):
            return True
        case ast.Expr(value=ast.Call(func=ast.Attribute(attr="declare_namespace"))):
            return True
        case ast.Expr(value=ast.Call(func=ast.Name(id="declare_namespace"))):
            return True
    return False
