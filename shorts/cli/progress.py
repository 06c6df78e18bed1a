"""Progress, shown while a command runs."""

import os
import sys

from shorts.system.printed import printable


class Progress:
    """Shows progress: one line, overwritten, on a terminal; plain lines elsewhere."""

    def __init__(self) -> None:
        self._terminal = sys.stderr.isatty()

    def __enter__(self) -> "Progress":
        return self

    def __exit__(self, *_: object) -> None:
        if self._terminal:
            print("\r\x1b[2K", end="", file=sys.stderr, flush=True)

    def say(self, line: str) -> None:
        """Show one line; ignore an empty one."""
        if not line:
            return
        line = printable(line)
        if self._terminal:
            width = os.get_terminal_size(sys.stderr.fileno()).columns
            print(f"\r\x1b[2K{line[: width - 1]}", end="", file=sys.stderr, flush=True)
        else:
            print(line, file=sys.stderr, flush=True)
