"""Standard error: what is printed there, and in which colour; `--quiet` and `--color` decide."""

import os
import sys
from collections.abc import Mapping
from typing import Any, TextIO

from shorts.system.printed import printable_lines

WHEN = ("auto", "always", "never")
# By how a line begins; the codes are those of ECMA-48.
_COLOURS = {"shorts: ": "1;31", "warning: ": "33", "note: ": "36"}

quiet = False
_colour = "auto"


def choose(values: Mapping[str, Any]) -> None:
    """Apply ``--quiet`` and ``--color`` from now on, as far as a command has them."""
    global quiet, _colour
    quiet = bool(values.get("quiet"))
    _colour = values.get("color") or "auto"


def is_terminal(stream: TextIO) -> bool:
    """Return whether lines of a stream can be overwritten."""
    return stream.isatty() and os.environ.get("TERM") != "dumb"


def has_colour(stream: TextIO) -> bool:
    """Return whether colours are wanted."""
    if _colour == "auto":
        # https://no-color.org
        return is_terminal(stream) and not os.environ.get("NO_COLOR")
    return _colour == "always"


def coloured(line: str, stream: TextIO) -> str:
    """Return a line with its first word in colour, where that is wanted."""
    if has_colour(stream):
        for start, code in _COLOURS.items():
            if line.startswith(start):
                return f"\x1b[{code}m{start[:-1]}\x1b[0m{line[len(start) - 1 :]}"
    return line


def error(text: object) -> None:
    """Print what went wrong."""
    _print(f"shorts: {text}")


def warn(text: object) -> None:
    """Print a warning."""
    _print(f"warning: {text}")


def note(text: object) -> None:
    """Print a note, unless `--quiet` is given."""
    if not quiet:
        _print(f"note: {text}")


def _print(text: str) -> None:
    print(coloured(printable_lines(text), sys.stderr), file=sys.stderr, flush=True)
