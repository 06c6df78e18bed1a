"""Draws the benchmark's figures with the Plot function itself, light and dark.

    python -m bench.charts JSON … [--into FOLDER]

Reads what ``python -m bench --json`` and ``python -m bench scale --json`` wrote, builds Plot with
shorts in a copy of the application, and requests each chart with `shorts local invoke`.
"""

import argparse
import json
import sys
import tempfile
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from statistics import median
from typing import Any

import msgspec

from bench import ground
from bench.results import Figures, Result
from bench.scale import Point
from shorts.cli.progress import Progress
from shorts.errors import ShortsError
from shorts.system import process

THEMES = ("light", "dark")
# The function to draw the figures of: the heavy one.
FUNCTION = "PlotFunction"
Chart = dict[str, Any]


class Measured(msgspec.Struct, frozen=True, kw_only=True):
    """The output of one of the benchmark's programs, or of both."""

    results: list[Result] = []
    scale: list[Point] = []


class _Picture(msgspec.Struct, frozen=True, kw_only=True):
    """The used part of Plot's answer to a direct invocation."""

    image: str
    encoding: str


def charts(measured: Measured) -> dict[str, Chart]:
    """Return the requests for what has figures, by the names of their files."""
    rows = {
        result.title: result.figures
        for result in measured.results
        if result.function == FUNCTION and result.figures is not None
    }
    drawn: dict[str, Chart] = {}
    if rows:
        drawn["benchmark-time"] = _bars(
            "Plot: seconds to a working zip",
            rows,
            {
                "from nothing": lambda figures: median(figures.clean),
                "handler edited": lambda figures: median(figures.edited),
                "nothing changed": lambda figures: median(figures.unchanged),
            },
            {"label": "seconds"},
        )
        drawn["benchmark-size"] = _bars(
            "Plot: size of the zip, and unzipped",
            rows,
            {
                "zip": lambda figures: figures.zipped / 1e6,
                "unzipped": lambda figures: figures.unzipped / 1e6,
            },
            {"label": "MB"},
        )
        drawn["benchmark-start"] = _bars(
            "Plot: from a cold start to the first answer",
            rows,
            {
                "init": lambda figures: median(figures.init),
                "first invocation": lambda figures: median(figures.first),
            },
            {"label": "milliseconds, page cache warm"},
        ) | {"stacked": True}
    points = [point for point in measured.scale if not point.why]
    if points:
        drawn["benchmark-scale"] = _lines("Many Plots: seconds of a build from nothing", points)
    return drawn


def _bars(
    title: str,
    rows: Mapping[str, Figures],
    series: Mapping[str, Callable[[Figures], float]],
    axis: Chart,
) -> Chart:
    """Return a request for a bar of each series for each system."""
    columns: dict[str, list[Any]] = {"system": list(rows)}
    for name, value in series.items():
        columns[name] = [_rounded(value(figures)) for figures in rows.values()]
    return {
        "kind": "bar",
        "title": title,
        "columns": columns,
        "x": "system",
        "horizontal": True,
        "x_axis": {"label": ""},
        "y_axis": axis,
        "width": 800,
        "height": 120 + 24 * len(rows) * len(series),
    }


def _lines(title: str, points: Sequence[Point]) -> Chart:
    """Return a request for a line of each system over the number of functions."""
    series = [
        {
            "name": system,
            "x": [point.functions for point in points if point.system == system],
            "y": [_rounded(point.clean) for point in points if point.system == system],
        }
        for system in dict.fromkeys(point.system for point in points)
    ]
    return {
        "kind": "line",
        "title": title,
        "series": series,
        "x_axis": {"label": "functions"},
        "y_axis": {"label": "seconds"},
        "width": 800,
        "height": 400,
    }


def _rounded(value: float) -> float:
    """Round to three significant digits, as in the tables."""
    return float(f"{value:.3g}")


def draw(charts: Mapping[str, Chart], into: Path, say: Callable[[str], None]) -> list[Path]:
    """Draw charts with the built Plot function, each in both themes.

    Args:
        charts: requests by the names of their files.
        into: the folder for them.
        say: called with each step.

    Returns:
        The files that were written.

    Raises:
        ShortsError: Plot cannot be built or run, or refuses a request.
    """
    shorts = ground.installed("shorts")
    drawn = []
    with tempfile.TemporaryDirectory(prefix="charts-") as root:
        folder = Path(root)
        ground.copy(folder)
        ground.untrim(folder)  # charts need more than its sample events show
        say("building Plot")
        process.run([shorts, "build", FUNCTION], cwd=folder)
        for name, chart in charts.items():
            for theme in THEMES:
                file = into / f"{name}-{theme}.svg"
                say(f"drawing {file.name}")
                event = json.dumps(chart | {"format": "svg", "theme": theme})
                command = [shorts, "local", "invoke", FUNCTION, "--event", "-"]
                answer = process.run(command, cwd=folder, stdin=event)
                file.write_text(_svg(answer), encoding="utf-8")
                drawn.append(file)
    return drawn


def _svg(answer: str) -> str:
    """Return the image in an answer of Plot.

    Raises:
        ShortsError: there is none.
    """
    try:
        picture = msgspec.json.decode(answer, type=_Picture)
    except msgspec.DecodeError:
        raise ShortsError(f"Plot drew nothing: {answer.strip()}") from None
    if picture.encoding != "utf-8":
        raise ShortsError(f"Plot's image is in {picture.encoding}, and no SVG.")
    return picture.image


def main(arguments: Sequence[str] | None = None) -> int:
    """Draw all that the files have figures for."""
    options = parser().parse_args(arguments)
    wanted: dict[str, Chart] = {}
    try:
        for path in options.json:
            try:
                wanted |= charts(msgspec.json.decode(path.read_bytes(), type=Measured))
            except (OSError, msgspec.DecodeError) as error:
                raise ShortsError(f"{path} has no figures: {error}.") from error
        with Progress() as progress:
            drawn = draw(wanted, options.into, progress.say)
    except ShortsError as error:
        print(f"bench: {error}", file=sys.stderr)
        return 1
    for file in drawn:
        print(file)
    return 0


def parser() -> argparse.ArgumentParser:
    """Return the parser of the options."""
    options = argparse.ArgumentParser(
        prog="bench.charts", description="Draw the benchmark's figures with the Plot function."
    )
    options.add_argument(
        "json", nargs="+", type=Path, metavar="JSON", help="what --json has written"
    )
    options.add_argument("--into", type=Path, default=ground.HERE.parent / "docs", metavar="FOLDER")
    return options


if __name__ == "__main__":
    sys.exit(main())
