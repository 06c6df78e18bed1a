"""The requests for the benchmark's charts, as Plot takes them."""

from __future__ import annotations

import sys
from pathlib import Path

import msgspec

sys.path.insert(0, str(Path(__file__).parents[3] / "plot"))

from chartspec import ChartSpec

from bench.charts import Measured, charts
from bench.results import Result
from bench.scale import Point
from tests.unit.bench.test_results import FIGURES

RESULTS = [
    Result(
        function=function,
        system=system,
        title=system,
        remark="",
        state="measured" if measured else "failed",
        figures=FIGURES if measured else None,
    )
    for function, system, measured in (
        ("EchoFunction", "uv", True),
        ("PlotFunction", "sam", True),
        ("PlotFunction", "pants", False),
        ("PlotFunction", "shorts", True),
    )
]
POINTS = [
    Point(system="shorts", functions=1, clean=4.0049),
    Point(system="shorts", functions=100, clean=9),
    Point(system="sam", functions=1, clean=12),
    Point(system="sam", functions=100, why="not run"),
]


def test_every_request_is_one_of_plots() -> None:
    """Plot refuses what it does not know, so each is read as Plot reads it."""
    asked = charts(Measured(results=RESULTS, scale=POINTS))
    assert list(asked) == [
        "benchmark-time",
        "benchmark-size",
        "benchmark-start",
        "benchmark-scale",
    ]
    for chart in asked.values():
        assert msgspec.convert(chart | {"format": "svg", "theme": "dark"}, ChartSpec).title
