"""The imports of a source that may fail, and those that never run on a target.

Only sources with an import that nothing provides are parsed, so building a syntax tree is cheap.
"""

import ast
import operator
from collections import defaultdict
from collections.abc import Collection, Iterator
from contextlib import suppress
from typing import Any

_CAUGHT = frozenset(("ImportError", "ModuleNotFoundError", "Exception", "BaseException"))
_COMPARED = {
    ast.Eq: operator.eq,
    ast.NotEq: operator.ne,
    ast.Lt: operator.lt,
    ast.LtE: operator.le,
    ast.Gt: operator.gt,
    ast.GtE: operator.ge,
}
# A placeholder for the patch version.
_PATCH = 99
# The values on Lambda, https://docs.python.org/3/library/sys.html#sys.platform
_PLATFORM = {"sys.platform": "linux", "os.name": "posix", "platform.system()": "Linux"}


class _Unknown(ValueError):
    """A condition that the target alone does not decide."""


class OptionalImports:
    """The lines of a source where an import may fail, never runs, or is a fallback.

    Args:
        source: the file's bytes.
        minor: the target's Python version; it decides ``sys.version_info``.

    Attributes:
        optional: lines where imports may fail: those under a ``try`` that catches the error, in
            ``with suppress(ImportError)``, or under an ``if`` that calls ``find_spec``.
        never: lines that never run on the target, such as under ``sys.platform == "win32"``.
        fallbacks: the lines of each ``try`` by those of its handlers that catch the error.
    """

    def __init__(self, source: bytes, minor: str) -> None:
        self.optional: set[int] = set()
        self.never: set[int] = set()
        self.fallbacks: dict[int, list[set[int]]] = defaultdict(list)
        self._version = tuple(int(part) for part in minor.split("."))
        try:
            tree = ast.parse(source)
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            return  # not valid in this interpreter's Python: all its imports count
        for node in ast.walk(tree):
            self._look(node)

    def is_spare(self, line: int, missing: Collection[int]) -> bool:
        """Return whether an import is a fallback for others that are all there, so it never runs.

        Args:
            line: of the import.
            missing: the lines with imports that nothing provides.
        """
        return any(first.isdisjoint(missing) for first in self.fallbacks.get(line, ()))

    def _look(self, node: ast.AST) -> None:
        match node:
            case ast.Try() | ast.TryStar():
                for handler in node.handlers:
                    if _catches(handler.type):
                        first = _lines(node.body)
                        self.optional |= first
                        for line in _lines(handler.body):
                            self.fallbacks[line].append(first)
            case ast.With():
                for item in node.items:
                    call = item.context_expr
                    calls = [call] if isinstance(call, ast.Call) else []
                    if any(_name(call.func) == "suppress" and _caught(call) for call in calls):
                        self.optional |= _lines(node.body)
            case ast.If():
                if _asks_for_spec(node.test):
                    self.optional |= _lines(node.body)
                with suppress(_Unknown, RecursionError):
                    self.never |= _lines(node.orelse if self._truth(node.test) else node.body)

    def _truth(self, test: ast.expr) -> bool:
        """Return the value of a condition on the target.

        Raises:
            _Unknown: the target alone does not decide it.
        """
        match test:
            case ast.UnaryOp(op=ast.Not(), operand=operand):
                return not self._truth(operand)
            case ast.BoolOp(op=op, values=values):
                ends = isinstance(op, ast.Or)  # one such value decides
                known = list(self._known(values))
                if ends in known:
                    return ends
                if len(known) == len(values):
                    return not ends
            case ast.Call(func=ast.Attribute(value=value, attr="startswith"), args=[start]):
                with suppress(AttributeError, TypeError):
                    return bool(self._value(value).startswith(self._value(start)))
            case ast.Compare(left=left, ops=[op], comparators=[right]):
                return self._compared(self._value(left), op, self._value(right))
        raise _Unknown

    def _known(self, values: list[ast.expr]) -> Iterator[bool]:
        for value in values:
            try:
                yield self._truth(value)
            except _Unknown:
                continue

    def _compared(self, left: Any, op: ast.cmpop, right: Any) -> bool:
        full = (*self._version, _PATCH)
        for value, other in ((left, right), (right, left)):
            # Lambda does not say which patch version it runs: a test for one is not decided.
            if value == full and isinstance(other, tuple) and other[:2] == self._version != other:
                raise _Unknown
        with suppress(TypeError):
            if isinstance(op, (ast.In, ast.NotIn)):
                return (left in right) == isinstance(op, ast.In)
            if type(op) in _COMPARED:
                return bool(_COMPARED[type(op)](left, right))
        raise _Unknown

    def _value(self, node: ast.expr) -> Any:
        """Return the value of a literal, or of an expression that the target decides.

        Raises:
            _Unknown: it is neither.
        """
        text = ast.unparse(node)
        if text in _PLATFORM:
            return _PLATFORM[text]
        match text:
            case "sys.version_info":
                return (*self._version, _PATCH)
            case "sys.version_info[0]" | "sys.version_info.major":
                return self._version[0]
            case "sys.version_info[1]" | "sys.version_info.minor":
                return self._version[1]
            case "sys.version_info[:2]":
                return self._version
        try:
            return ast.literal_eval(node)
        except (ValueError, TypeError, SyntaxError, RecursionError, MemoryError):
            raise _Unknown from None


def _catches(kind: ast.expr | None) -> bool:
    """Return whether a handler of these exceptions catches one that an import raises."""
    if isinstance(kind, ast.Tuple):
        return any(map(_catches, kind.elts))
    return kind is None or _name(kind) in _CAUGHT


def _caught(call: ast.Call) -> bool:
    return any(map(_catches, call.args))


def _name(node: ast.expr) -> str:
    """Return the last part of a dotted name; empty for another expression."""
    if isinstance(node, ast.Attribute):
        return node.attr
    return node.id if isinstance(node, ast.Name) else ""


def _asks_for_spec(test: ast.expr) -> bool:
    calls = (node for node in ast.walk(test) if isinstance(node, ast.Call))
    return any(_name(call.func) == "find_spec" for call in calls)


def _lines(body: list[ast.stmt]) -> set[int]:
    return {
        line
        for statement in body
        for line in range(statement.lineno, (statement.end_lineno or statement.lineno) + 1)
    }
