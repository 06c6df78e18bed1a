"""Bytecode that stays valid in a zip with fixed dates.

Only the standard library is used here, as far back as Python 3.9: this module also runs under the
target's interpreter, whose bytecode it makes.
"""

from __future__ import annotations

import marshal
from importlib.util import MAGIC_NUMBER, source_hash

# PEP 552: bit 0 says that the pyc is valid by its source's hash and not by its date, bit 1 that the
# importer compares that hash.
_UNCHECKED = (0b01).to_bytes(4, "little")
_CHECKED = (0b11).to_bytes(4, "little")


def compiled(source: bytes, shown: str, *, checked: bool) -> bytes:
    """The ``.pyc`` of a source, from this interpreter.

    ``marshal`` writes which names the process has interned and which objects it shares, so the same
    bytes come only from processes with the same history, such as forks of one that did nothing.

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
    flags = _CHECKED if checked else _UNCHECKED
    return MAGIC_NUMBER + flags + source_hash(source) + marshal.dumps(code)


def pyc_path(path: str, minor: str) -> str:
    """Where the importer of a Python version looks for a source's bytecode (PEP 3147).

    Args:
        path: of the source, with slashes, such as ``pandas/core/frame.py``.
        minor: such as ``3.13``.
    """
    folder, slash, name = path.rpartition("/")
    tag = "cpython-" + minor.replace(".", "")
    return f"{folder}{slash}__pycache__/{name.removesuffix('.py')}.{tag}.pyc"
