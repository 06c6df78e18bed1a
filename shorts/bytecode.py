"""Bytecode that stays valid in a zip with fixed dates, the same bytes for the same source.

Only the standard library is used here, as far back as Python 3.9: this module also runs under the
target's interpreter, whose bytecode it makes.
"""

from __future__ import annotations

import marshal
from importlib.util import MAGIC_NUMBER, source_hash
from types import CodeType
from typing import Any

# PEP 552: bit 0 says that the pyc is valid by its source's hash and not by its date, bit 1 that the
# importer compares that hash.
_UNCHECKED = (0b01).to_bytes(4, "little")
_CHECKED = (0b11).to_bytes(4, "little")
# Everything that marshal writes of a code object; which of it there is depends on the version.
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
)


def compiled(source: bytes, shown: str, *, checked: bool) -> bytes:
    """The ``.pyc`` of a source, from this interpreter; no process's history changes its bytes.

    Args:
        source: the file's bytes.
        shown: its path in tracebacks; where it is the path the file is imported from, the importer
            need not mend each code object.
        checked: whether the importer is to compare the source's hash, so that an edited source
            wins over its bytecode.

    Raises:
        SyntaxError: the source is no Python of this version.
        ValueError: it holds a null byte or cannot be decoded.
    """
    code = compile(source, shown, "exec", dont_inherit=True, optimize=0)
    held: list[Any] = []
    _hold(code, held)
    flags = _CHECKED if checked else _UNCHECKED
    return MAGIC_NUMBER + flags + source_hash(source) + marshal.dumps(code)


def _hold(value: Any, held: list[Any]) -> None:
    """Take one more reference to every object below a constant.

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
    """Where the importer of a Python version looks for a source's bytecode (PEP 3147).

    Args:
        path: of the source, with slashes, such as ``pandas/core/frame.py``.
        minor: such as ``3.13``.
    """
    folder, slash, name = path.rpartition("/")
    tag = "cpython-" + minor.replace(".", "")
    return f"{folder}{slash}__pycache__/{name.removesuffix('.py')}.{tag}.pyc"
