"""Times whole processes, and makes spreads, paired ratios and tables of the figures."""

import contextlib
import math
import os
import signal
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from statistics import median
from types import FrameType
from typing import IO, NoReturn, TypeVar

import msgspec

from shorts.errors import ShortsError
from shorts.system import process

System = TypeVar("System")

# Seconds that an interrupted command has to end by itself.
_PATIENCE = 5.0


class Run(msgspec.Struct, frozen=True, kw_only=True):
    """One finished command.

    Attributes:
        seconds: from before its start until its end.
        cpu: seconds of processor time, of it and of the processes that it waited for.
        peak: peak resident bytes of the largest process: it, or one that it waited for.
        output: what it wrote to standard output.
    """

    seconds: float
    cpu: float
    peak: int
    output: str


class Row(msgspec.Struct, frozen=True, kw_only=True):
    """One measurement, run by run.

    Attributes:
        what: in words.
        unit: of the figures.
        ours: those of shorts.
        theirs: those of the other system, in the same order; empty if there is none.
        most: the bound of our median.
        most_ratio: the bound of the ratios' median.
    """

    what: str
    unit: str
    ours: list[float]
    theirs: list[float] = []
    most: float | None = None
    most_ratio: float | None = None

    @property
    def ratios(self) -> list[float]:
        """Return ours to theirs, each of two figures that were taken one after the other."""
        return paired(self.ours, self.theirs) if self.theirs else []

    @property
    def reached(self) -> bool | None:
        """Return whether every bound is kept; None if there is none."""
        met = []
        if self.most is not None:
            met.append(median(self.ours) <= self.most)
        if self.most_ratio is not None:
            met.append(median(self.ratios) <= self.most_ratio)
        return all(met) if met else None


class TookTooLong(ShortsError):
    """A command was stopped, because it took longer than allowed."""


def timed(
    argv: Sequence[str], *, cwd: Path, env: Mapping[str, str], within: float | None = None
) -> Run:
    """Run a command and wait for it, without other work meanwhile.

    Its output goes to files, so that this process need not read while the clock runs. Linux counts
    this process's memory at the start towards the child's peak, so it must stay small itself.

    Args:
        argv: the command.
        cwd: the folder it runs in.
        env: variables to set in addition to those of this process.
        within: seconds after which it is stopped, with all that it has started. The timer signals
            this process, so it works only in its main thread.

    Raises:
        ProcessFailed: it could not be started, or ended with a status other than 0.
        TookTooLong: it was stopped.
    """
    with tempfile.TemporaryFile() as stdout, tempfile.TemporaryFile() as stderr:
        whole = process.environment(env)
        os.sync()  # so that output of earlier runs is not written during this one
        started = time.perf_counter()
        child = None
        try:
            child = process.start(argv, cwd=cwd, env=whole, stdout=stdout, stderr=stderr)
            with _alarm(within):
                _, ended, usage = os.wait4(child.pid, 0)
            seconds = time.perf_counter() - started
        except BaseException:
            if child:
                _end(child.pid)
                child.wait()
            raise
        status = child.returncode = os.waitstatus_to_exitcode(ended)
        if status:
            raise process.ProcessFailed(argv, status, _text(stderr) or _text(stdout))
        unit = 1 if sys.platform == "darwin" else 1024  # of ru_maxrss, see getrusage(2)
        return Run(
            seconds=seconds,
            cpu=usage.ru_utime + usage.ru_stime,
            peak=usage.ru_maxrss * unit,
            output=_text(stdout),
        )


def taking_turns(
    runs: int,
    ours: Callable[[], float],
    theirs: Callable[[], float],
    say: Callable[[int], None] = lambda number: None,
) -> tuple[list[float], list[float]]:
    """Measure two systems in turns; the one that is first in a run is second in the next.

    Args:
        runs: how often to measure each.
        ours: measures the first system once.
        theirs: measures the second once.
        say: called with the number of each run, from 1, before it begins.
    """
    first: list[float] = []
    second: list[float] = []
    for number in range(1, runs + 1):
        say(number)
        for figures, take in in_turn([(first, ours), (second, theirs)], number):
            figures.append(take())
    return first, second


def in_turn(systems: Sequence[System], run: int) -> list[System]:
    """Return the order of systems in a run, from 1: the first of one run is last in the next."""
    first = (run - 1) % len(systems) if systems else 0
    return [*systems[first:], *systems[:first]]


def paired(ours: Sequence[float], theirs: Sequence[float]) -> list[float]:
    """Return the ratio of each figure to the one of the same run.

    Raises:
        ValueError: one list is longer.
    """
    return [own / other for own, other in zip(ours, theirs, strict=True)]


def figure(value: float) -> str:
    """Return a positive number with three significant digits, or all before its point."""
    if value <= 0:
        return "0"
    digits = 2 - math.floor(math.log10(value))
    return f"{round(value, digits) if digits > 0 else value:,.{max(0, digits)}f}"


def spread(values: Sequence[float], unit: str = "") -> str:
    """Return the median with its unit, then the minimum and maximum if they differ."""
    if not values:
        return "–"
    text = f"{figure(median(values))} {unit}".rstrip()
    if len(set(values)) == 1:
        return text
    return f"{text} ({figure(min(values))}–{figure(max(values))})"


def table(rows: Sequence[Row], against: str, ours: str = "shorts") -> list[str]:
    """Return a Markdown table with padded columns.

    Args:
        rows: what was measured.
        against: the other system's name.
        ours: the name of the first.
    """
    head = ["what", ours, against, "ratio", "must reach", "reached"]
    return padded([head, *(_cells(row) for row in rows)])


def padded(cells: Sequence[Sequence[str]]) -> list[str]:
    """Return a Markdown table of lines of cells; the first line is the head."""
    widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
    lines = [cells[0], ["-" * width for width in widths], *cells[1:]]
    return [
        f"| {' | '.join(cell.ljust(width) for cell, width in zip(line, widths, strict=True))} |"
        for line in lines
    ]


def _cells(row: Row) -> list[str]:
    bounds = []
    if row.most is not None:
        bounds.append(f"≤ {row.most:g} {row.unit}")
    if row.most_ratio is not None:
        bounds.append(f"ratio ≤ {row.most_ratio:g}")
    return [
        row.what,
        spread(row.ours, row.unit),
        spread(row.theirs, row.unit),
        spread(row.ratios),
        ", ".join(bounds) or "–",
        {True: "yes", False: "no", None: "–"}[row.reached],
    ]


@contextlib.contextmanager
def _alarm(seconds: float | None) -> Iterator[None]:
    """Interrupt the wait inside after ``seconds``."""
    if seconds is None:
        yield
        return

    def ring(number: int, frame: FrameType | None) -> NoReturn:
        raise TookTooLong("it took longer than it might")

    before = signal.signal(signal.SIGALRM, ring)
    signal.setitimer(signal.ITIMER_REAL, max(seconds, 0.001))  # 0 would set no alarm
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


def _text(file: IO[bytes]) -> str:
    file.seek(0)
    return file.read().decode("utf-8", "replace")


def _end(pid: int) -> None:
    """Stop a process group: first politely, so that it can stop its children, then by force."""
    for number, wait in ((signal.SIGINT, _PATIENCE), (signal.SIGKILL, 0.0)):
        with contextlib.suppress(ProcessLookupError):
            os.killpg(pid, number)
        deadline = time.monotonic() + wait
        while time.monotonic() < deadline and not _has_ended(pid):
            time.sleep(0.02)


def _has_ended(pid: int) -> bool:
    return os.waitid(os.P_PID, pid, os.WEXITED | os.WNOHANG | os.WNOWAIT) is not None
