"""What a function's own code may read of distributions although no import names it."""

import re
from collections.abc import Iterable, Iterator, Sequence
from pathlib import PurePosixPath

from shorts.artifact.plan import BuildUnit
from shorts.slices import slim
from shorts.slices.store import Slice

# What tells where a package lies. A module's bare `__file__` is its own place.
_PLACES = re.compile(
    rb"\w\.__(?:path|file|spec)__|\bimportlib[._]resources\b|\bfind_spec\b|\bget_data\b"
    rb"|\bfrom importlib import [^\n]*\bresources\b"
)
_LISTS_MODULES = re.compile(rb"\b(?:walk_packages|iter_modules)\b")
_LISTS_FILES = re.compile(rb"\b(?:listdir|scandir|iterdir|r?glob|walk)\b")
_WORD = re.compile(rb"[^\W\d]\w*")
# The folder of scripts as a string, and the words in a string: a shell's command line has several.
_SCRIPTS = re.compile(rb"[\"'/]bin/?[\"']|\bget_paths?\b")
_STRING = re.compile(rb"\"([^\"\n]*)\"|'([^'\n]*)'")
_PROGRAM = re.compile(rb"[\w.+-]+")


def paths(unit: BuildUnit, slices: Iterable[Slice]) -> Iterator[str]:
    """Yield the left-out files of distributions that a unit's own code may read; no programs.

    Of the distributions that it names: all, where it lists the files of a package; tests, where it
    lists modules; files with a suffix that it names next to a package's place. Tests that a string
    names are of any distribution.
    """
    sources = _sources(unit)
    lacking = [slice for slice in slices if slice.index.left_out]
    if not sources or not lacking:
        return
    names_read = {word.decode() for source in sources for word in _WORD.findall(source)}
    near = [source for source in sources if _PLACES.search(source)]
    lists_files = any(_LISTS_FILES.search(source) for source in near)
    lists_modules = lists_files or any(map(_LISTS_MODULES.search, sources))
    for slice in lacking:
        named = not names_read.isdisjoint(_tops(slice))
        for path, rule in slice.index.left_out.items():
            if rule == slim.TESTS:
                is_read = (named and lists_modules) or _is_written(path, sources)
            elif rule in (slim.STUBS, slim.SOURCES, slim.HEADERS):
                is_read = named and (lists_files or _has_suffix(path, near))
            else:
                is_read = False
            if is_read:
                yield path


def programs(unit: BuildUnit, slices: Iterable[Slice]) -> set[str]:
    """Return the names of programs in some distributions that a unit's own code may start.

    These are the words of a command line, and all where the code finds their folder.
    """
    there = [path for slice in slices for path in slice.index.left_out if path.startswith("bin/")]
    if not there:
        return set()
    sources = _sources(unit)
    names = {path.rpartition("/")[2] for path in there}
    if any(map(_SCRIPTS.search, sources)):
        return names
    return names & {name for source in sources for name in _names(source)}


def _sources(unit: BuildUnit) -> list[bytes]:
    """Return the sources that the function's author has written."""
    from shorts.artifact.content import installed_files

    installed = installed_files(unit.tree) if unit.installed else frozenset()
    files = [file for file in unit.tree.files if file.path not in installed]
    files += [file for root in unit.roots for file in root.tree.files]
    return [file.content for file in files if file.path.endswith(".py")]


def _tops(slice: Slice) -> set[str]:
    """Return the names that a distribution's packages and modules are imported by."""
    tops = {entry.path.partition("/")[0] for entry in slice.index.entries}
    return {top.partition(".")[0] for top in tops if not top.endswith(".dist-info")}


def _is_written(path: str, sources: Sequence[bytes]) -> bool:
    """Return whether code names the folder of some tests, such as ``lib.tests``."""
    folder = slim.test_package(path) or path
    names = (folder.encode(), folder.replace("/", ".").encode())
    return any(name in source for source in sources for name in names)


def _has_suffix(path: str, sources: Iterable[bytes]) -> bool:
    """Return whether code has a string that ends in a file's suffix."""
    suffix = PurePosixPath(path).suffix.encode()
    return any(suffix + quote in source for source in sources for quote in (b'"', b"'"))


def _names(source: bytes) -> Iterator[str]:
    """Yield the words in the strings of a module that starts programs."""
    if slim.starts(source):
        for groups in _STRING.findall(source):
            for text in groups:
                yield from (name.decode() for name in _PROGRAM.findall(text))
