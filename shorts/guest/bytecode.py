"""Bytecode that stays valid in a zip with fixed dates, the same bytes for the same source.

This module uses only the standard library, back to Python 3.8: it also runs under the target's
interpreter, to make that version's bytecode.
"""

from __future__ import annotations

import marshal
import sys
from importlib.util import MAGIC_NUMBER, source_hash
from types import CodeType
from typing import Any

# PEP 552: bit 0 says that the pyc is validated by its source's hash and not by its date, bit 1 that
# the importer compares that hash.
_UNCHECKED = (0b01).to_bytes(4, "little")
_CHECKED = (0b11).to_bytes(4, "little")
_NAMES = ("co_name", "co_qualname", "co_filename")
# Everything that marshal writes of a code object; some attributes exist in some versions only.
_PARTS = (
    "co_consts",
    "co_names",
    "co_varnames",
    "co_freevars",
    "co_cellvars",
    "co_name",
    "co_qualname",
    "co_filename",
    "co_linetable" if hasattr(CodeType, "co_linetable") else "co_lnotab",
    "co_exceptiontable",
    # Since 3.11 each access returns a copy.
    *(("co_code",) if sys.version_info < (3, 11) else ()),
)


def compiled(source: bytes, shown: str, *, checked: bool, code: CodeType | None = None) -> bytes:
    """Return the ``.pyc`` of a source; what this process did before does not change its bytes.

    Args:
        source: the file's bytes.
        shown: its path in tracebacks; where it is the path the file is imported from, the importer
            need not fix each code object.
        checked: whether the importer compares the source's hash, so that an edited source wins
            over its bytecode.
        code: the compiled source, if there is one already.

    Raises:
        SyntaxError: the source is not valid in this Python version.
        ValueError: it holds a null byte or cannot be decoded.
    """
    code = code or compile(source, shown, "exec", dont_inherit=True, optimize=0)
    code = _settled(code, {})
    held: list[Any] = []
    _hold(code, held)
    flags = _CHECKED if checked else _UNCHECKED
    return MAGIC_NUMBER + flags + source_hash(source) + marshal.dumps(code)


def _settled(value: Any, known: dict[Any, Any]) -> Any:
    """Return an equal constant made of objects that do not depend on the rest of this process.

    ``marshal`` writes whether a string is interned, and whether two equal constants are one object.
    The compiler interns words and merges equal constants, but it does not merge a set with its
    equals where a word of it is interned already, and until 3.13 every character below 256 is one
    object, interned once it was a name anywhere. So this interns words and characters, makes every
    other string new, and merges equal constants.

    Args:
        value: a constant or a code object.
        known: what was settled before, by type and value.
    """
    kind = type(value)
    if kind is str:
        if len(value) < 2 or (value.isascii() and value.replace("_", "a").isalnum()):
            return sys.intern(value)
        key, new = value, (value + " ")[:-1]
    elif kind is tuple:
        new = tuple([_settled(inner, known) for inner in value])
        key = (kind, *map(id, new))
    elif kind is frozenset:
        inner = sorted(
            (_settled(item, known) for item in value), key=lambda item: marshal.dumps(item, 2)
        )
        key, new = (kind, *map(id, inner)), frozenset(inner)
    elif kind is slice:
        inner = [_settled(bound, known) for bound in (value.start, value.stop, value.step)]
        key, new = (kind, *map(id, inner)), slice(*inner)
    elif kind in (int, bytes):
        key, new = (kind, value), value
    elif kind in (float, complex):
        key, new = (kind, repr(value)), value  # 0.0 and -0.0 are equal, and a nan not to itself
    elif kind is CodeType:
        names = {part: sys.intern(getattr(value, part)) for part in _NAMES if hasattr(value, part)}
        return value.replace(co_consts=_settled(value.co_consts, known), **names)
    else:
        return value
    return known.setdefault(key, new)


def _hold(value: Any, held: list[Any]) -> None:
    """Add one more reference to every object below a constant.

    ``marshal`` flags each object that has more than one reference, and whether a name has more than
    one depends on what else the process has interned. With all of them held, all are flagged.
    """
    held.append(value)
    if isinstance(value, CodeType):
        for part in _PARTS:
            if hasattr(value, part):
                _hold(getattr(value, part), held)
    elif isinstance(value, (tuple, frozenset)):
        for inner in value:
            _hold(inner, held)


def pyc_path(path: str, minor: str) -> str:
    """Return the path where a Python version looks for a source's bytecode (PEP 3147).

    Args:
        path: of the source, with slashes, such as ``pandas/core/frame.py``.
        minor: such as ``3.13``.
    """
    folder, slash, name = path.rpartition("/")
    tag = "cpython-" + minor.replace(".", "")
    return f"{folder}{slash}__pycache__/{name[: -len('.py')]}.{tag}.pyc"
