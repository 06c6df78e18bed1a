"""Progress, shown while a command runs: a bar on a terminal, plain lines elsewhere."""

import shutil
import sys
import threading
import time
from typing import Any

from shorts.cli import console
from shorts.system.printed import printable
from shorts.system.step import Step

# After how many seconds something is shown, and how often it is renewed.
_DELAY = 0.15
_RENEWAL = 0.1
_CLEAR = "\r\x1b[2K"


class Progress:
    """Shows the steps of a command on standard error.

    On a terminal that is one line, which goes when the command is done: the step, a bar and a count
    where the step has parts, and the seconds. Elsewhere each step is one line. `--quiet` shows
    only warnings.
    """

    def __init__(self) -> None:
        self._stream = sys.stderr  # samcli replaces it for a while
        self._live = console.is_terminal(self._stream) and not console.quiet
        self._step: str = ""
        self._printed: set[str] = set()
        self._warnings: list[str] = []
        self._over = threading.Event()
        self._thread: threading.Thread | None = None

    def __enter__(self) -> "Progress":
        if self._live:
            self._thread = threading.Thread(target=self._show, daemon=True)
            self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        if self._thread:
            self._thread.join()
        for line in self._warnings:
            print(line, file=self._stream, flush=True)

    def say(self, line: str) -> None:
        """Show the line of a step, or a warning; ignore an empty line."""
        shown = printable(line)
        if shown.startswith("warning: "):
            self._warn(console.coloured(shown, self._stream))
        elif self._live and shown:
            self._step = line
        elif shown and not console.quiet and self._is_new(line, shown):
            print(shown, file=self._stream, flush=True)

    def _is_new(self, line: str, shown: str) -> bool:
        """Return whether a line was not printed before, if it is that of a step."""
        if not isinstance(line, Step):
            return True
        is_new = not line.is_short and shown not in self._printed
        self._printed.add(shown)
        return is_new

    def _warn(self, line: str) -> None:
        if self._live:  # it would be in the way of the bar
            self._warnings.append(line)
        else:
            print(line, file=self._stream, flush=True)

    def _show(self) -> None:
        """Show the current step until the command is done, if that takes long."""
        started = time.monotonic()
        if self._over.wait(_DELAY):
            return
        width = shutil.get_terminal_size().columns
        self._write(printable(self._step)[: width - 1])  # importing the bar takes a while
        bar = _bar(self._stream)
        self._write("")
        with bar:
            task = bar.add_task("", count="")
            # It began before the bar did.
            bar.tasks[0].start_time = bar.get_time() - (time.monotonic() - started)
            while not self._over.wait(_RENEWAL):
                step = self._step
                done, total = (step.done, step.total) if isinstance(step, Step) else (0, 0)
                count = f"{done}/{total}" if total else ""
                text = printable(step)
                bar.update(task, description=text, completed=done, total=total or None, count=count)

    def _write(self, text: str) -> None:
        self._stream.write(f"{_CLEAR}{text}")
        self._stream.flush()


def _bar(stream: Any) -> Any:
    """Return rich's progress; importing it takes longer than a build with nothing changed."""
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn
    from rich.table import Column

    terminal = Console(
        file=stream,
        no_color=not console.has_colour(stream),
        force_terminal=True,
        highlight=False,
        width=shutil.get_terminal_size((80, 24)).columns,
    )
    return Progress(
        TextColumn("{task.description}", markup=False, table_column=Column(no_wrap=True, ratio=1)),
        BarColumn(bar_width=24),
        TextColumn("{task.fields[count]}", markup=False),
        TimeElapsedColumn(),
        console=terminal,
        expand=True,
        transient=True,
        redirect_stdout=False,
        redirect_stderr=False,
    )
