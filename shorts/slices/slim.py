"""Which files of an installed distribution a running program needs, and their bytes as they ship.

No file goes for its name alone. It goes where another file of the distribution shows that it is
redundant, and where none of its code names it or looks through folders.
"""

import re
from collections.abc import Callable, Collection, Iterable
from pathlib import PurePosixPath
from typing import NamedTuple

from shorts.targets import elf

NOTES = "notes of installers"
BYTECODE = "bytecode of the wheel"
STUBS = "stubs next to their modules"
SOURCES = "C and Cython sources next to their modules"
HEADERS = "headers for a compiler"
PROGRAMS = "programs that nothing runs"
TESTS = "tests that nothing imports"

_STUB = ".pyi"
_MODULES = (".py", ".so")
_INSTALLER_FILES = frozenset(
    ("INSTALLER", "REQUESTED", "direct_url.json", "uv_cache.json", "uv_build.json")
)
_SOURCE_SUFFIXES = frozenset((".c", ".cc", ".cpp", ".cxx", ".pyx", ".pxd", ".pxi"))
_HEADER_SUFFIXES = frozenset((".h", ".hh", ".hpp", ".hxx", ".a"))
_TEST_FOLDERS = frozenset(("test", "tests"))
# Where a wheel keeps its licences (PEP 639, and setuptools before it), and their names.
_LICENCE_FOLDERS = ("licenses/", "license_files/")
_LICENCE = re.compile(r"(UN)?LICEN[CS]E|COPYING|COPYRIGHT|NOTICE", re.IGNORECASE)
# A header with the lines that continue it.
_DESCRIPTION = re.compile(
    rb"^Description:[^\n]*\n?(?:[ \t][^\n]*\n?)*", re.IGNORECASE | re.MULTILINE
)
_CODE = frozenset((".py", ".pyc", ".pyi", ".so"))
# A requirement on a folder or wheel of the machine that built the distribution.
_OF_A_MACHINE = re.compile(
    rb"^(Requires-Dist:[ \t]*[\w.-]+(?:[ \t]*\[[^\]\n]*\])?)[ \t]*@[ \t]*file:\S*",
    re.IGNORECASE | re.MULTILINE,
)
# The first lines of a script that an installer has written for an interpreter of this machine.
_SHEBANG = re.compile(rb"#!(?:/bin/sh\n'''exec' [^\n]*\n' '''\n|[^\n]*python[^\n]*\n)")

# A string that ends in a suffix, or asks for one.
_SUFFIX_READ = re.compile(rb"\.(pyi|pyx|pxd|pxi|c|cc|cpp|cxx|h|hh|hpp|hxx|a)[\"']")
_FOLDER_LOADED = re.compile(rb"\.(tests?)\b")
_FOLDER_NAMED = re.compile(rb"[\"'/\\.](tests?|include)(?=[\"'/\\.])")
# What finds modules and files by names that are not in the code.
_LOOKS_AROUND = re.compile(
    rb"\b(?:pkgutil|__path__|iter_modules|walk_packages|importlib[._]resources|find_spec|"
    rb"spec_from_file_location|run_module|run_path|listdir|scandir|iterdir|r?glob|os\.walk)\b"
    rb"|from importlib import [^\n]*\bresources\b"
)
_IMPORTS = re.compile(rb"\b(?:import_module|__import__)\b")
# An import by a call with a literal, and the import of the function itself.
_LITERAL_IMPORTS = re.compile(
    rb"\b(?:import_module|__import__)\s*\(\s*[rRuU]?(?:\"[^\"\n{]*\"|'[^'\n{]*')\s*[,)]"
    rb"|\bimport\s+(?:\w+\s*,\s*)*import_module\b"
)
# What starts a program, and the strings next to it that may be a program's name. To look for plain
# words first is ten times faster.
_START_WORDS = (b"subprocess", b"Popen", b"which", b"os.", b"find_executable")
_STARTS = re.compile(
    rb"subprocess|\bPopen\b|\bos\.(?:system|exec|spawn|posix_spawn|popen)|find_executable"
    rb"|\bwhich(?=\s*\(|[\"'])|\bshutil\.which\b|\bimport [^\n]*\bwhich\b"
)
_NAMES = re.compile(rb"[\"'/]([A-Za-z0-9][\w.+-]{0,63})(?=[\"'\s])")
# What finds an installer's folder of scripts.
_FINDS_SCRIPTS = re.compile(
    rb"\bget_path\(\s*[\"']scripts[\"']|\bget_paths\b|\bfind_\w*bin\w*\b|[\"']/?bin/?[\"']"
)


class _Code:
    """What the code of a distribution says about its files, so far.

    Args:
        paths: of all its files; they decide what is looked for.
    """

    def __init__(self, paths: Iterable[str]) -> None:
        self.suffixes: set[str] = set()
        self.folders: set[str] = set()
        self.programs: set[str] = set()
        self.looks_around = self.finds_scripts = False
        self._has_programs = any(path.startswith("bin/") for path in paths)
        self._has_stubs = any(path.endswith(_STUB) for path in paths)

    def add(self, path: str, content: bytes) -> None:
        """Add what a module says; compiled code may read stubs as well."""
        if not path.endswith(".py"):
            if self._has_stubs and _STUB.encode() in content:
                self.suffixes.add(_STUB)
            return
        self.suffixes |= {f".{suffix.decode()}" for suffix in _SUFFIX_READ.findall(content)}
        if b"attach_stub" in content:
            self.suffixes.add(_STUB)
        self.folders |= {name.decode() for name in _FOLDER_NAMED.findall(content)}
        self.looks_around = self.looks_around or _looks_around(content)
        if self._has_programs:
            self.programs |= programs(content)
            self.finds_scripts = self.finds_scripts or bool(_FINDS_SCRIPTS.search(content))


def programs(source: bytes) -> set[str]:
    """Return the names of programs that a module may start: the strings of one that starts any."""
    return {name.decode() for name in _NAMES.findall(source)} if starts(source) else set()


def starts(source: bytes) -> bool:
    """Return whether a module may start programs."""
    return any(word in source for word in _START_WORDS) and bool(_STARTS.search(source))


def _looks_around(source: bytes) -> bool:
    """Return whether a module finds modules or files by names that are not in it."""
    if _LOOKS_AROUND.search(source):
        return True
    return bool(_IMPORTS.search(source) and _IMPORTS.search(_LITERAL_IMPORTS.sub(b"", source)))


class Decision(NamedTuple):
    """What a zip needs of an installed distribution.

    Attributes:
        left_out: the files that need not ship, each with the reason.
        sought: the modules of tests that ship because code may look for them.
    """

    left_out: dict[str, str]
    sought: frozenset[str] = frozenset()


def decide(paths: Collection[str], read: Callable[[str], bytes]) -> Decision:
    """Decide which files of an installed distribution ship.

    `left_out` and `sought` hold tests that a module imports, too. The caller knows the imports and
    removes these tests.

    Args:
        paths: of all its files, relative to site-packages, with slashes.
        read: returns a file's bytes.
    """
    known = {*paths}
    code_files = {path for path in known if path.endswith(_MODULES)}
    of_tests = {path for path in code_files if test_package(path)}
    code = _Code(known)
    for path in sorted(known - of_tests):
        if path in code_files:
            code.add(path, read(path))
        elif path.endswith(".dist-info/entry_points.txt"):
            code.folders |= {name.decode() for name in _FOLDER_LOADED.findall(read(path))}
    sought = code.looks_around or not code.folders.isdisjoint(_TEST_FOLDERS)
    if sought:
        for path in sorted(of_tests):
            code.add(path, read(path))
    tests = {test_package(path) for path in of_tests}
    modules = {_stem(path) for path in code_files}
    modules |= {path.rpartition("/")[0] for path in code_files}
    compiled = {_stem(path) for path in code_files if path.endswith(".so")}
    left_out = {}
    for path in sorted(known):
        reason = _note(path, known) or _redundant(path, modules, compiled, code)
        if not reason and not sought and test_package(path) in tests:
            reason = TESTS
        if reason:
            left_out[path] = reason
    sources = (path for path in of_tests if sought and path.endswith(".py"))
    return Decision(left_out, frozenset(sources))


def notes(paths: Collection[str]) -> dict[str, str]:
    """Return the files that no program needs of any distribution, each with the reason.

    Args:
        paths: of all its files, relative to site-packages, with slashes.
    """
    known = {*paths}
    return {path: reason for path in sorted(known) if (reason := _note(path, known))}


def _note(path: str, known: Collection[str]) -> str:
    folder, _, name = path.rpartition("/")
    if folder.endswith(".dist-info") and "/" not in folder and name in _INSTALLER_FILES:
        return NOTES
    parent, _, last = folder.rpartition("/")
    if last == "__pycache__" and name.endswith(".pyc"):
        stem = name.partition(".")[0]
        if f"{parent}/{stem}.py".lstrip("/") in known:
            return BYTECODE
    return ""


def _redundant(path: str, modules: set[str], compiled: set[str], code: _Code) -> str:
    """Return why a file is redundant next to the others of its distribution."""
    if path.startswith("bin/"):
        named = path.rpartition("/")[2] in code.programs
        return "" if named or code.finds_scripts else PROGRAMS
    suffix = PurePosixPath(path).suffix
    if suffix in code.suffixes or ".dist-info/" in path:
        return ""
    if suffix == _STUB and _stem(path) in modules:
        return STUBS
    if suffix in _SOURCE_SUFFIXES and _stem(path) in compiled:
        return SOURCES
    if suffix in _HEADER_SUFFIXES and "include" in path.split("/")[:-1]:
        return "" if code.looks_around or "include" in code.folders else HEADERS
    return ""


def _stem(path: str) -> str:
    """Return the path of a module without its suffixes."""
    folder, slash, name = path.rpartition("/")
    return f"{folder}{slash}{name.partition('.')[0]}"


def is_licence(path: str) -> bool:
    """Return whether a file of an installed distribution is a licence or a notice.

    Args:
        path: relative to site-packages, with slashes.
    """
    name = path.rpartition("/")[2]
    if _LICENCE.match(name) and PurePosixPath(name).suffix.lower() not in _CODE:
        return True
    info, _, below = path.partition(".dist-info/")
    return "/" not in info and below.startswith(_LICENCE_FOLDERS)


def test_package(path: str) -> str | None:
    """Return the outermost ``tests`` or ``test`` folder that holds a file, None without one.

    A top-level folder counts only as part of its distribution's package: the name alone does not
    say that a whole distribution called ``test`` is tests.
    """
    parts = path.split("/")[:-1]
    for depth, part in enumerate(parts):
        if depth and part in _TEST_FOLDERS and not parts[0].endswith(".dist-info"):
            return "/".join(parts[: depth + 1])
    return None


def content(path: str, data: bytes) -> bytes:
    """Return a file's bytes as they ship: no symbols in libraries, no long description."""
    name = path.rpartition("/")[2]
    if name.endswith(".so") or ".so." in name:
        return elf.strip(data)
    if name == "METADATA" and path.count("/") == 1 and ".dist-info/" in path:
        return _headers(data)
    return data


def script(data: bytes, minor: str) -> bytes:
    """Return a script that an installer has written, without this machine's interpreter.

    Args:
        data: the script's bytes, or any file's.
        minor: the version of Python that runs it.
    """
    match = _SHEBANG.match(data)
    return b"#!/usr/bin/env python%b\n" % minor.encode() + data[match.end() :] if match else data


def _headers(metadata: bytes) -> bytes:
    """Return core metadata without its body, its ``Description`` and another machine's paths.

    https://packaging.python.org/en/latest/specifications/core-metadata/
    """
    headers = metadata.replace(b"\r\n", b"\n").partition(b"\n\n")[0]
    headers = _OF_A_MACHINE.sub(rb"\1", _DESCRIPTION.sub(b"", headers))
    return headers.rstrip(b"\n") + b"\n"
