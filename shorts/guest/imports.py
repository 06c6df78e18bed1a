"""What a module imports, read from its compiled code.

A syntax tree takes as long to build as the bytecode, which is made anyway; so this finds the import
statements in the bytecode, exactly, by the one instruction that every import ends in. A comment may
name further modules: ``# shorts: import x.y, z``.

This module uses only the standard library: it also runs under the target's interpreter.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Callable, Iterator
from dis import findlinestarts
from opcode import opmap
from types import CodeType
from typing import Any, NamedTuple

# Calls that name a module in their first argument when it is a literal.
_IMPORTERS = frozenset(("import_module", "__import__"))
# Instructions by name; those that a version does not have are -1.
# https://docs.python.org/3/library/dis.html
_EXTENDED_ARG = opmap["EXTENDED_ARG"]
_IMPORT_NAME = opmap["IMPORT_NAME"]
_LOAD_CONST = opmap["LOAD_CONST"]
_LOAD_SMALL_INT = opmap.get("LOAD_SMALL_INT", -1)  # since 3.14
_STORES = frozenset((opmap["STORE_NAME"], opmap["STORE_GLOBAL"]))
_PASSED_OVER = frozenset((opmap.get("CACHE", -1), opmap.get("PUSH_NULL", -1), _EXTENDED_ARG))
# The lowest bit of their argument is a flag, since 3.11 and 3.12.
_FLAGGED = {
    opcode
    for opcode, since in ((opmap["LOAD_GLOBAL"], "CACHE"), (opmap["LOAD_ATTR"], "LOAD_SUPER_ATTR"))
    if since in opmap
}
_LOADS = frozenset(opmap.get(name, -1) for name in ("LOAD_NAME", "LOAD_METHOD")) | {
    opmap["LOAD_GLOBAL"],
    opmap["LOAD_ATTR"],
}
_CALLS = frozenset(opcode for name, opcode in opmap.items() if name.startswith("CALL"))
# Those that build a string from what was loaded.
_BUILDS = frozenset(
    opcode for name, opcode in opmap.items() if name.startswith(("BINARY_", "BUILD_STRING"))
)
_TYPE_CHECKING = re.compile(
    rb"^([ \t]*)(?:el)?if\b[ \t(]*(?:\w+\.)*TYPE_CHECKING[ \t)]*:", re.MULTILINE
)
_MARKED = re.compile(rb"#[ \t]*shorts:[ \t]*import\b")
_COMMENT = re.compile(r"#[ \t]*shorts:[ \t]*import[ \t]+(.+)")
_DOTTED = re.compile(r"[^.]+(?:\.[A-Za-z_]\w*)+")
# Linux's PATH_MAX: a module with a longer name has no path.
_LONGEST_NAME = 4096


class Import(NamedTuple):
    """One import.

    Attributes:
        module: the absolute dotted name that the statement imports; for ``from a import b``, ``a``;
            empty for the module's own ``__all__``.
        names: what is taken from it, each perhaps a submodule; ``*`` stands for itself.
        line: where, counted from 1.
    """

    module: str
    names: tuple[str, ...]
    line: int


class Unreadable(ValueError):
    """The source is not valid in this interpreter's Python version."""


def parse(source: bytes, shown: str = "<module>") -> CodeType:
    """Compile a module and return its code.

    Args:
        source: the file's bytes, in the encoding it declares.
        shown: its path in tracebacks.

    Raises:
        Unreadable: it is not valid in this interpreter's Python version.
    """
    try:
        return compile(source, shown, "exec", dont_inherit=True, optimize=0)
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        raise Unreadable(str(error)) from error


def scan(
    source: bytes, *, module: str, package: bool, code: CodeType | None = None
) -> list[Import]:
    """List the imports that a module can make when it runs, by their lines.

    Statements count everywhere, in functions and under ``try`` too; those under ``if
    TYPE_CHECKING`` do not, because they never run. ``importlib.import_module("name")`` and
    ``__import__("name")`` count where the name is a literal, and so do the absolute names in a
    comment ``# shorts: import x.y, z``. The strings of a literal ``__all__`` are listed too, under
    an empty module name, because ``from module import *`` takes them.

    Args:
        source: the file's bytes, in the encoding it declares.
        module: its dotted name, which relative imports start from.
        package: whether the file is a package's ``__init__``.
        code: the compiled source, if there is one already.

    Raises:
        Unreadable: it is not valid in this interpreter's Python version.
    """
    parents = module.split(".") if package else module.split(".")[:-1]
    imports: list[Import] = []
    waiting = [code or parse(source)]
    while waiting:
        block = waiting.pop()
        waiting += [inner for inner in block.co_consts if isinstance(inner, CodeType)]
        if block.co_names:
            imports += _statements(block, parents)
            if not _IMPORTERS.isdisjoint(block.co_names):
                imports += _calls(block, parents)
            if "__all__" in block.co_names:
                imports += _exports(block)
    never = _type_checking(source) if b"TYPE_CHECKING" in source else ()
    runs = [run for run in imports if run.line not in never and len(run.module) <= _LONGEST_NAME]
    if _MARKED.search(source):
        runs += _comments(source)
    # Code under `finally` is compiled twice.
    return sorted(dict.fromkeys(runs), key=lambda run: run.line)


def _statements(code: CodeType, parents: list[str]) -> Iterator[Import]:
    """Yield the import statements of one code object.

    Each is three instructions: one loads the level of a relative import, one loads the names that
    are taken, and one imports the module.
    """
    instructions, line_of = code.co_code, _lines(code)
    at = instructions.find(_IMPORT_NAME)
    while at >= 0:
        if at % 2 == 0:
            line = line_of(at)
            index, start = _argument(instructions, at)
            taken, start = _constant(code, instructions, start - 2, line)
            level, _ = _constant(code, instructions, start - 2, line)
            name = _absolute(code.co_names[index], level, parents)
            if name:
                yield Import(name, tuple(taken or ()), line)
        at = instructions.find(_IMPORT_NAME, at + 1)


def _argument(instructions: bytes, at: int) -> tuple[int, int]:
    """Return an instruction's argument and start, both with the prefixes that extend it."""
    value, shift = instructions[at + 1], 8
    while at >= 2 and instructions[at - 2] == _EXTENDED_ARG:
        at -= 2
        value |= instructions[at + 1] << shift
        shift += 8
    return value, at


def _constant(code: CodeType, instructions: bytes, at: int, line: int) -> tuple[Any, int]:
    """Return the constant that an instruction loads, and where the instruction begins."""
    value, start = _argument(instructions, at)
    if instructions[at] == _LOAD_SMALL_INT:
        return value, start
    if instructions[at] != _LOAD_CONST:
        raise Unreadable(f"an import of another form in line {line}")
    return code.co_consts[value], start


def _absolute(name: str, level: int, parents: list[str]) -> str | None:
    """Return a relative import's absolute name; None where it leaves the top package."""
    if not level:
        return name
    if level > len(parents):
        return None
    base = parents[: len(parents) - level + 1]
    return ".".join([*base, name] if name else base)


def _lines(code: CodeType) -> Callable[[int], int]:
    """Return a function from the offset of an instruction in a code object to its line."""
    starts, lines = [0], [code.co_firstlineno]
    for start, line in findlinestarts(code):
        starts.append(start)
        lines.append(line or lines[-1])
    return lambda at: lines[bisect_right(starts, at) - 1]


def _operations(code: CodeType) -> Iterator[tuple[int, int, int]]:
    """Yield each instruction's offset, opcode and argument, without prefixes and the like."""
    extended = 0
    instructions = code.co_code
    for at in range(0, len(instructions), 2):
        opcode, value = instructions[at], instructions[at + 1] | extended
        extended = value << 8 if opcode == _EXTENDED_ARG else 0
        if opcode not in _PASSED_OVER:
            yield at, opcode, value >> 1 if opcode in _FLAGGED else value


def _calls(code: CodeType, parents: list[str]) -> Iterator[Import]:
    """Yield the calls that import and have a literal as first argument."""
    called, literal, where = False, "", 0
    line_of = _lines(code)
    for at, opcode, value in _operations(code):
        if called and opcode == _LOAD_CONST and isinstance(code.co_consts[value], str):
            literal, where = code.co_consts[value], at
        elif opcode in _BUILDS:
            literal = ""
        elif opcode in _CALLS:
            bare = literal.lstrip(".")
            name = _absolute(bare, len(literal) - len(bare), parents)
            if name and bare.replace(".", "_").isidentifier():
                yield Import(name, (), line_of(where))
            literal = ""
        called = opcode in _LOADS and code.co_names[value] in _IMPORTERS


def _exports(code: CodeType) -> Iterator[Import]:
    """Yield the strings that are put into ``__all__``, by assignment or addition."""
    names: list[str] = []
    line_of = _lines(code)
    for at, opcode, value in _operations(code):
        if opcode == _LOAD_CONST:
            constant = code.co_consts[value]
            several = constant if isinstance(constant, (tuple, list)) else [constant]
            names += [name for name in several if isinstance(name, str) and name.isidentifier()]
        elif opcode in _STORES:
            if code.co_names[value] == "__all__" and names:
                yield Import("", tuple(names), line_of(at))
            names = []


def _comments(source: bytes) -> Iterator[Import]:
    """Yield the names in comments ``# shorts: import x.y, z``, but not in strings like that."""
    from io import BytesIO
    from tokenize import COMMENT, TokenError, tokenize

    try:
        for token in tokenize(BytesIO(source).readline):
            match = _COMMENT.fullmatch(token.string) if token.type == COMMENT else None
            for name in match[1].split(",") if match else ():
                bare = name.strip()
                if bare.replace(".", "_").isidentifier() and all(bare.split(".")):
                    yield Import(bare, (), token.start[0])
    except (SyntaxError, TokenError):
        return  # the compiler accepts what the tokenizer does not, such as null bytes


def _type_checking(source: bytes) -> set[int]:
    """Return the lines that only a type checker reads: those under ``if TYPE_CHECKING``."""
    skipped: set[int] = set()
    lines: list[bytes] = []
    first = at = 0
    for match in _TYPE_CHECKING.finditer(source):
        lines = lines or source.split(b"\n")
        first += source.count(b"\n", at, match.start())
        at = match.start()
        if first + 1 in skipped:
            continue  # within another one, which covers its lines
        indent = len(match[1].expandtabs())
        last = first
        for number in range(first + 1, len(lines)):
            bare = lines[number].strip()
            if bare and not bare.startswith(b"#"):
                line = lines[number].expandtabs()
                if len(line) - len(line.lstrip()) <= indent:
                    break
                last = number
        skipped.update(range(first + 1, last + 2))
    return skipped


def scan_extension(image: bytes, package: str) -> list[Import]:
    """List the names within a package that an extension module contains as C strings.

    Compiled code has no import statements, but it contains the names that it passes to
    ``PyImport_ImportModule``. Not all names found are modules; the caller has to check that.

    Args:
        image: the extension module's bytes.
        package: the top-level package that it is part of.
    """
    longest = max(_LONGEST_NAME - len(package), 1)
    within = rb"\0(%b\.[\w.]{1,%d})(?=\0)" % (re.escape(package.encode()), longest)
    names = {match[1].decode() for match in re.finditer(within, image)}
    return [Import(name, (), 0) for name in sorted(names) if _DOTTED.fullmatch(name)]
