"""What a module imports, read from its source.

Only the standard library is used here, as far back as Python 3.9: this module also runs under the
target's interpreter, which alone can parse all that its own version of the language allows.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from typing import NamedTuple

# Calls whose first argument names a module when it is a literal.
_IMPORTERS = frozenset(("import_module", "__import__"))


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
    """The source is no Python of this interpreter's version."""


def parse(source: bytes) -> ast.Module:
    """A module's syntax tree.

    Args:
        source: the file's bytes, in the encoding it declares.

    Raises:
        Unreadable: it is no Python of this interpreter's version.
    """
    try:
        return ast.parse(source)
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        raise Unreadable(str(error)) from error


def scan(
    source: bytes, *, module: str, package: bool, tree: ast.Module | None = None
) -> list[Import]:
    """List the imports that a module can make when it runs, in the source's order.

    Statements count wherever they stand, in functions and under ``try`` too; those under ``if
    TYPE_CHECKING`` do not, for they never run. ``importlib.import_module("name")`` and
    ``__import__("name")`` count where the name is a literal. The strings of a literal ``__all__``
    are listed too, under no module's name, for ``from module import *`` takes them.

    Args:
        source: the file's bytes, in the encoding it declares.
        module: its dotted name, which relative imports start from.
        package: whether the file is a package's ``__init__``.
        tree: the source as it was parsed, where it was.

    Raises:
        Unreadable: it is no Python of this interpreter's version.
    """
    tree = tree or parse(source)
    parents = module.split(".") if package else module.split(".")[:-1]
    found: list[Import] = []
    calls = any(name.encode() in source for name in _IMPORTERS)
    for node in _nodes(tree, into_expressions=calls):
        if isinstance(node, ast.Import):
            found += [Import(alias.name, (), node.lineno) for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            base = _absolute(node.module or "", node.level, parents)
            if base:
                found.append(Import(base, tuple(alias.name for alias in node.names), node.lineno))
        elif isinstance(node, ast.Call):
            found += _call(node, parents)
        elif isinstance(node, (ast.Assign, ast.AnnAssign, ast.AugAssign)):
            found += _all(node)
    return found


def _nodes(tree: ast.AST, *, into_expressions: bool) -> Iterator[ast.AST]:
    """The nodes that may import, without those that only a type checker reads.

    Statements are walked by their bodies alone, an order of magnitude fewer nodes than all; a
    source that calls an importer is walked whole.
    """
    waiting: list[ast.AST] = [tree]
    while waiting:
        node = waiting.pop()
        yield node
        if isinstance(node, ast.If) and _is_type_checking(node.test):
            waiting += reversed(node.orelse)
        elif into_expressions:
            waiting += reversed(list(ast.iter_child_nodes(node)))
        else:
            for field in ("cases", "finalbody", "orelse", "handlers", "body"):
                inner = getattr(node, field, None)
                if isinstance(inner, list):
                    waiting += reversed(inner)


def _is_type_checking(test: ast.expr) -> bool:
    return (isinstance(test, ast.Name) and test.id == "TYPE_CHECKING") or (
        isinstance(test, ast.Attribute) and test.attr == "TYPE_CHECKING"
    )


def _absolute(name: str, level: int, parents: list[str]) -> str | None:
    """A relative import's absolute name; None where it leaves the top package."""
    if not level:
        return name
    if level > len(parents):
        return None
    base = parents[: len(parents) - level + 1]
    return ".".join([*base, name] if name else base)


def _call(node: ast.Call, parents: list[str]) -> list[Import]:
    called = (
        node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
    )
    named = [keyword.value for keyword in node.keywords if keyword.arg == "name"]
    if called not in _IMPORTERS or not (node.args or named):
        return []
    argument = (node.args or named)[0]
    if not isinstance(argument, ast.Constant) or not isinstance(argument.value, str):
        return []
    if not argument.value.lstrip(".").replace(".", "_").isidentifier():
        return []
    bare = argument.value.lstrip(".")
    name = _absolute(bare, len(argument.value) - len(bare), parents)
    return [Import(name, (), node.lineno)] if name else []


def _all(node: ast.Assign | ast.AnnAssign | ast.AugAssign) -> list[Import]:
    targets = node.targets if isinstance(node, ast.Assign) else [node.target]
    named = any(isinstance(target, ast.Name) and target.id == "__all__" for target in targets)
    if not named or not isinstance(node.value, (ast.List, ast.Tuple)):
        return []
    names = tuple(
        item.value
        for item in node.value.elts
        if isinstance(item, ast.Constant)
        and isinstance(item.value, str)
        and item.value.isidentifier()
    )
    return [Import("", names, node.lineno)]


def scan_extension(image: bytes, package: str) -> list[Import]:
    """List the names within a package that stand in an extension module as C strings.

    Compiled code has no import statements, but what it hands to ``PyImport_ImportModule`` stands in
    it by name. Not all of the names found are modules; whoever follows them looks for those.

    Args:
        image: the extension module's bytes.
        package: the top-level package that it is part of.
    """
    prefix = re.escape(package.encode())
    found = re.finditer(rb"\0(" + prefix + rb"(?:\.[A-Za-z_]\w*)+)(?=\0)", image)
    names = {match[1].decode() for match in found}
    return [Import(name, (), 0) for name in sorted(names)]
