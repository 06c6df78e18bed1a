"""Plot's plans: what would be drawn, and what that would cost."""

import sys
from pathlib import Path
from typing import Any, get_args

import msgspec
import pytest

sys.path.insert(0, str(Path(__file__).parents[3] / "plot"))

import budgets
from chartdata import prepare
from chartspec import Format, Kind
from decoding import decode
from drawing import draw
from planning import Plan, plan


def planned(**request: Any) -> Plan:
    spec = decode({"kind": "line"} | request)
    return plan(spec, prepare(spec))


def test_says_what_would_be_drawn() -> None:
    """A plan has the series, their marks, the axis and the image."""
    found = planned(
        kind="bar", columns={"t": ["x", "y", "x"], "a": [1, 2, 3], "b": [1, None, 3]}, scale=2
    )

    told = msgspec.to_builtins(found)
    costs = {name: told.pop(name) for name in ("seconds", "bytes")}
    assert told == {
        "kind": "bar",
        "format": "png",
        "width": 1600,
        "height": 1000,
        "series": ["a", "b"],
        "rows": 3,
        "marks": 3,
        "x_type": "category",
        "categories": 2,
        "rasterised": False,
        "decimated": False,
        "left_out": [],
    }
    assert costs["seconds"] > 0
    assert costs["bytes"] > 0


@pytest.mark.parametrize(
    ("request_", "marks"),
    [
        ({"columns": {"a": [1, None, 3]}}, 2),
        ({"kind": "histogram", "columns": {"a": [1], "b": [2]}, "bins": 30}, 60),
        ({"kind": "box", "columns": {"t": ["x", "x", "y"], "a": [1, 2, None]}}, 1),
        ({"kind": "heatmap", "columns": {"a": [1, 2], "b": [None, 4]}}, 3),
        ({"kind": "pie", "columns": {"t": ["x", "y", "x"], "a": [1, 2, 3]}}, 2),
        ({"kind": "pie", "columns": {"t": list("abcd"), "a": [1, 2, 3, 4]}, "top": 1}, 2),
    ],
)
def test_counts_marks(request_: dict[str, Any], marks: int) -> None:
    """A mark is a point, bin, box, cell or slice; a gap has none."""
    assert planned(**request_).marks == marks


@pytest.mark.parametrize(("points", "decimated"), [(3200, False), (3201, True)])
def test_tells_when_a_line_is_reduced(points: int, decimated: bool) -> None:
    """A line with more than four points for each column of pixels is drawn with four."""
    found = planned(columns={"a": [1.0] * points})

    assert (found.decimated, found.marks, found.rows) == (decimated, 3200, points)


@pytest.mark.parametrize(
    ("kind", "marks"), [("line", 200_000 // 50), ("step", 200_000 // 50), ("area", 200_000 // 100)]
)
def test_all_lines_together_have_a_limit(kind: str, marks: int) -> None:
    """Where many lines have four points for each column of a wide image, each has fewer of them."""
    columns = {f"c{n}": [1.0] * 4_100 for n in range(50)}

    found = planned(kind=kind, columns=columns, width=4000, height=300)

    assert (found.decimated, found.marks) == (True, 50 * marks)


@pytest.mark.parametrize("format_", ["svg", "pdf"])
def test_tells_when_points_are_pixels(format_: str) -> None:
    """A vector image of more points than its budget has them as pixels; a PNG always has."""
    few = {"kind": "scatter", "columns": {"a": [1.0] * budgets.RASTER_POINTS}}
    many = {"kind": "scatter", "columns": {"a": [1.0] * (budgets.RASTER_POINTS + 1)}}

    assert not planned(**few, format=format_).rasterised
    assert planned(**many, format=format_).rasterised
    assert not planned(**many).rasterised


def test_tells_when_marks_would_make_too_large_a_file() -> None:
    """Marks that would make too large a file are pixels in it, whatever they are."""
    rows = {"x": [float(n) for n in range(20_000)], "v": [1.0] * 20_000, "e": [1.0] * 20_000}
    request = {"kind": "errorbar", "columns": rows, "x": "x", "y": "v", "error": "e"}

    assert planned(**request, format="svg").rasterised
    assert not planned(columns=rows, x="x", format="svg").rasterised


def test_a_larger_chart_costs_more() -> None:
    """Rows, marks and pixels each add to the time, and pixels to the bytes."""
    small = planned(columns={"a": [1, 2]})
    longer = planned(columns={"a": [1.0] * 100_000})
    larger = planned(columns={"a": [1, 2]}, scale=3)

    assert small.seconds < longer.seconds
    assert small.seconds < larger.seconds
    assert small.bytes < larger.bytes


@pytest.mark.parametrize("kind", get_args(Kind))
@pytest.mark.parametrize("format_", get_args(Format))
def test_no_image_is_larger_than_its_plan_says(kind: Kind, format_: Format) -> None:
    """The bytes of a plan are an upper estimate, for each kind and format."""
    columns = {"t": [f"c{n}" for n in range(30)], "v": [float(n * 7 % 30 + 1) for n in range(30)]}
    request: dict[str, Any] = {"kind": kind, "columns": columns, "format": format_}
    if kind == "errorbar":
        request |= {"y": "v", "error": "v2", "columns": columns | {"v2": columns["v"]}}

    assert len(draw(decode(request)).content) <= planned(**request).bytes
