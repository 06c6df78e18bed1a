"""The requests for the benchmark's charts, as Plot takes them."""

from __future__ import annotations

import sys
from pathlib import Path

import msgspec
import pytest

sys.path.insert(0, str(Path(__file__).parents[3] / "plot"))

from chartspec import ChartSpec

from bench.charts import Measured, _svg, charts
from bench.results import Result
from bench.scale import Point
from shorts.errors import ShortsError
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


def test_the_figures_of_plot_are_drawn_and_no_row_without_any() -> None:
    """Medians, to three digits; a system that failed has no bar."""
    asked = charts(Measured(results=RESULTS))
    assert asked["benchmark-time"]["columns"] == {
        "system": ["sam", "shorts"],
        "from nothing": [5.0, 5.0],
        "handler edited": [1.25, 1.25],
        "nothing changed": [0.5, 0.5],
    }
    assert asked["benchmark-size"]["columns"]["zip"] == [1.23, 1.23]


def test_a_line_ends_where_a_system_was_not_run() -> None:
    """Nothing is drawn for a size that was not begun."""
    assert charts(Measured(scale=POINTS))["benchmark-scale"]["series"] == [
        {"name": "shorts", "x": [1, 100], "y": [4.0, 9.0]},
        {"name": "sam", "x": [1], "y": [12.0]},
    ]


def test_what_has_no_figures_has_no_charts() -> None:
    """Rows that only say why there is none are not drawn."""
    assert charts(Measured(results=[RESULTS[2]], scale=[POINTS[3]])) == {}


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        ('{"type": "about:blank", "title": "no"}', 'Plot drew nothing: {"type"'),
        ('{"image": "AAAA", "encoding": "base64"}', "Plot's image is in base64, and no SVG."),
    ],
)
def test_an_answer_that_is_no_svg_is_refused(answer: str, said: str) -> None:
    """A refusal of Plot's is shown in its own words."""
    with pytest.raises(ShortsError) as caught:
        _svg(answer)
    assert str(caught.value).startswith(said)
