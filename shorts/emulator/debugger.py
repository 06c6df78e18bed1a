"""A debugger in a function: debugpy, which VS Code and other editors attach to."""

import shlex
from pathlib import Path
from typing import NamedTuple

from shorts.errors import UsageError

# https://github.com/microsoft/debugpy/wiki/Command-Line-Reference
_MODULE = ["-m", "debugpy"]
_ADDRESS = ("--listen", "--connect")
_WAITS = "--wait-for-client"
# Only this machine may attach: who does can run any code.
HOST = "127.0.0.1"
# debugpy cannot step through the modules that these versions of Python and later ones contain.
_FROZEN = (3, 11)
# The variables of a debugged function: without warnings that concern debugpy's authors.
VARIABLES = {"PYDEVD_DISABLE_FILE_VALIDATION": "1"}
# A debugged function may take as long as under SAM, in seconds.
TIMEOUT = 36_000


class Debugger(NamedTuple):
    """How a function is debugged.

    Attributes:
        port: where debugpy waits for a client.
        folder: where debugpy lies; None for the one that shorts installs.
        arguments: further ones of debugpy.
    """

    port: int
    folder: Path | None
    arguments: tuple[str, ...]

    def options(self, minor: str) -> list[str]:
        """Return what stands between the interpreter and the module that it runs.

        Args:
            minor: such as ``3.13``.
        """
        version = tuple(map(int, minor.split(".")))
        frozen = ["-X", "frozen_modules=off"] if version >= _FROZEN else []
        listen = ["--listen", f"{HOST}:{self.port}", _WAITS]
        return [*frozen, *_MODULE, *listen, *self.arguments]


def arguments(text: str) -> tuple[str, ...]:
    """Return the arguments in ``--debug-args``.

    SAM takes the whole start of the command there, such as ``-m debugpy --listen 0.0.0.0:5678``.
    The debugger and its address are already known, so these words are left out.

    Raises:
        UsageError: they name another debugger, or have quotes that do not end.
    """
    try:
        options = shlex.split(text)
    except ValueError as error:
        raise UsageError(f"--debug-args {text!r}: {error}.") from error
    if options[:1] == ["-m"]:
        if options[:2] != _MODULE:
            raise UsageError(f"--debug-args {text!r}: shorts debugs with debugpy only.")
        options = options[2:]
    kept: list[str] = []
    for at, word in enumerate(options):
        name = word.partition("=")[0]
        is_address = name in _ADDRESS or (at > 0 and options[at - 1] in _ADDRESS)
        if not is_address and word != _WAITS:
            kept.append(word)
    return tuple(kept)
