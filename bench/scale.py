"""Measures how builds grow with the number of functions, and prints a table.

    python -m bench scale [--sizes N …] [--minutes N] [--json FILE] [--write DOCUMENT]

All functions are Plots that differ in one constant and have a folder each. A system builds them
with warm download caches only, then again with nothing changed; its disk is what both left,
including shorts' store. The needs of a size are predicted from the growth of the sizes before it. A
size that would take longer than allowed, or more than the free disk, is not begun. One that does
take longer is stopped. The row of either says so, and has no figures.
"""

import argparse
import os
import shutil
import sys
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path

import msgspec

from bench import ground
from bench.measure import TookTooLong, figure, in_turn, padded, timed
from bench.program import FULL, Marked, at_least_one, described, machine, on_one_line, writable
from shorts.cli.progress import Progress
from shorts.errors import ShortsError

TABLE = Marked("scale")
SIZES = (1, 10, 50, 100)
# Assumed needs of a system's first size: seconds, and bytes for each function.
_FIRST = (0.0, 400_000_000)


class System(msgspec.Struct, frozen=True, kw_only=True):
    """A way to build an application.

    Attributes:
        title: in the table.
        command: with the name of a command that is installed next to Python.
        method: the build method in the functions' metadata, if any.
    """

    title: str
    command: tuple[str, ...]
    method: str = ""


SYSTEMS = (
    System(title="shorts", command=("shorts", "build")),
    System(title="sam build", command=("sam", "build", "--cached", "--parallel")),
    System(
        title="sam build, python-uv",
        # Without --cached, with which SAM copies what uv only links: each build then takes two and
        # a half times the processor's time, the disk as much as with pip.
        command=("sam", "build", "--parallel", "--beta-features"),
        method="python-uv",
    ),
)


class Point(msgspec.Struct, frozen=True, kw_only=True):
    """The figures of one system for one number of functions.

    Attributes:
        system: its title.
        functions: how many there were.
        clean: seconds of the build with warm download caches only.
        unchanged: seconds of the next one.
        disk: bytes that both left, without the sources.
        why: it was not measured, in words; then the figures are 0.
    """

    system: str
    functions: int
    clean: float = 0.0
    unchanged: float = 0.0
    disk: int = 0
    why: str = ""


def foretold(points: Sequence[Point], functions: int) -> tuple[float, float]:
    """Predict the needs of a number of functions, by a line through a system's last two sizes.

    Returns:
        Seconds of both builds together, and bytes.
    """
    measured = [point for point in points if not point.why]
    if not measured:
        return _FIRST[0], functions * _FIRST[1]
    last = measured[-1]
    before = measured[-2] if len(measured) > 1 else Point(system=last.system, functions=0)
    more = (functions - last.functions) / (last.functions - before.functions)
    seconds = [point.clean + point.unchanged for point in (before, last)]
    return (
        seconds[1] + more * max(0.0, seconds[1] - seconds[0]),
        last.disk + more * max(0, last.disk - before.disk),
    )


def growth(points: Sequence[Point]) -> tuple[float, float, float] | None:
    """Return the cost of each further function, from the smallest to the largest size.

    Returns:
        Seconds from nothing, seconds with nothing changed, bytes; None for a single size.
    """
    measured = [point for point in points if not point.why]
    if len(measured) < 2:
        return None
    small, large = measured[0], measured[-1]
    more = large.functions - small.functions
    return (
        (large.clean - small.clean) / more,
        (large.unchanged - small.unchanged) / more,
        (large.disk - small.disk) / more,
    )


def take(system: System, functions: int, root: Path, seconds: float) -> Point:
    """Build an application of some functions twice.

    Args:
        system: builds it.
        functions: how many.
        root: a folder for it; what this creates there is removed.
        seconds: the limit of both builds together.

    Raises:
        ShortsError: a build failed, or was stopped because it took too long.
    """
    folder = root / "application"
    folder.mkdir()
    try:
        ground.many(folder, functions, system.method)
        variables = ground.environment(folder / ".store")
        command = [ground.installed(system.command[0]), *system.command[1:]]
        clean = timed(command, cwd=folder, env=variables, within=seconds).seconds
        left = seconds - clean
        unchanged = timed(command, cwd=folder, env=variables, within=left).seconds
        disk = sum(_disk(folder / name) for name in (".aws-sam", ".store"))
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    return Point(
        system=system.title, functions=functions, clean=clean, unchanged=unchanged, disk=disk
    )


def _disk(folder: Path) -> int:
    """Return the bytes of a folder's files; one with several links counts once."""
    files = {}
    for where, _, names in os.walk(folder):
        for name in names:
            status = os.lstat(os.path.join(where, name))
            files[status.st_ino] = status.st_size
    return sum(files.values())


def measure(
    sizes: Sequence[int],
    seconds: float,
    root: Path,
    say: Callable[[str], None],
    points: list[Point],
) -> None:
    """Measure all systems, size by size, in turns.

    Args:
        sizes: numbers of functions, the smallest first.
        seconds: the limit of one size and system.
        root: a folder for everything.
        say: called with each step.
        points: the results so far; only complete ones are added.
    """
    failed: dict[str, str] = {}
    for system in SYSTEMS:
        say(f"{system.title}: a build that fills the download caches")
        _, failed[system.title] = _tried(system, 1, root, seconds)
    for number, size in enumerate(sizes, 1):
        for system in in_turn(SYSTEMS, number):
            former = [point for point in points if point.system == system.title]
            why = failed[system.title] or _prevented(foretold(former, size), seconds, root)
            point = None
            if not why:
                say(f"{system.title}: {_counted(size)}")
                point, why = _tried(system, size, root, seconds)
            points.append(point or Point(system=system.title, functions=size, why=why))


def _tried(system: System, functions: int, root: Path, seconds: float) -> tuple[Point | None, str]:
    """Return a point, or why there is none."""
    try:
        return take(system, functions, root, seconds), ""
    except TookTooLong:
        return None, f"ended, for it took longer than {_minutes(seconds)}"
    except ShortsError as error:
        return None, on_one_line(str(error))
    except OSError as error:
        if error.errno not in FULL:
            raise
        return None, "the disk was full"


def _prevented(expected: tuple[float, float], seconds: float, root: Path) -> str:
    """Return why a size is not begun; empty if it is."""
    foreseen, disk = expected
    free = shutil.disk_usage(root).free
    if disk > free:
        return f"not run: about {disk / 1e9:.0f} GB, and {free / 1e9:.0f} GB are free in TMPDIR"
    if foreseen > seconds:
        return f"not run: about {_minutes(foreseen)}, and {_minutes(seconds)} is the most"
    return ""


def _minutes(seconds: float) -> str:
    return f"{figure(seconds / 60)} minutes"


def table(points: Sequence[Point]) -> list[str]:
    """Return a document's lines: all sizes, cost of each further function, what was not run."""
    made = [point for point in points if not point.why]
    cells = [["Build system", "Functions", "From nothing (s)", "Nothing changed (s)", "Disk (MB)"]]
    for title in (system.title for system in SYSTEMS):
        of_system = [point for point in made if point.system == title]
        cells += [
            _cells(title, f"{point.functions}", (point.clean, point.unchanged, point.disk))
            for point in of_system
        ]
        more = growth(of_system)
        if more:
            cells.append(_cells(title, "each more", more))
    unmade = [
        f"- {point.system}, {point.functions} functions: {point.why}"
        for point in points
        if point.why
    ]
    return [*padded(cells), *([""] if unmade else []), *unmade]


def _counted(functions: int) -> str:
    return f"{functions} function{'s' * (functions != 1)}"


def _cells(title: str, functions: str, figures: tuple[float, float, float]) -> list[str]:
    clean, unchanged, disk = figures
    return [title, functions, figure(clean), figure(unchanged), figure(disk / 1e6)]


def main(arguments: Sequence[str]) -> int:
    """Measure and print; an interrupted run prints the finished sizes, and writes nothing."""
    options = parser().parse_args(arguments)
    points: list[Point] = []
    try:
        about = machine()
        with (
            Progress() as progress,
            tempfile.TemporaryDirectory(prefix="bench-", ignore_cleanup_errors=True) as root,
        ):
            measure(sorted(options.sizes), options.minutes * 60, Path(root), progress.say, points)
    except ShortsError as error:
        print(f"bench: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        if points:
            print("\n".join(table(points)), flush=True)
        print("bench: interrupted", file=sys.stderr)
        return 130
    lines = [*table(points), "", described(about)]
    print("\n".join(lines))
    if options.json:
        document = msgspec.json.encode({"machine": about, "scale": points})
        options.json.write_bytes(msgspec.json.format(document))
    if options.write:
        TABLE.fill(options.write, lines)
    return 0


def parser() -> argparse.ArgumentParser:
    """Return the parser of the options."""
    options = argparse.ArgumentParser(
        prog="bench scale", description="Measure how builds grow with the number of functions."
    )
    options.add_argument(
        "--sizes", nargs="+", type=at_least_one, default=SIZES, metavar="N", help="of applications"
    )
    options.add_argument(
        "--minutes",
        type=at_least_one,
        default=30,
        metavar="N",
        help="that a system may take for one size; default: 30",
    )
    options.add_argument("--json", type=writable, metavar="FILE", help="write all figures here")
    options.add_argument(
        "--write", type=TABLE.document, metavar="DOCUMENT", help="put the table in its place"
    )
    return options
