"""Plot's budgets: what is too much is refused before there is a figure."""

import sys
from pathlib import Path
from typing import Any

import pytest

sys.path.insert(0, str(Path(__file__).parents[2] / "plot"))

import budgets
import chartdata
import chartspec
import drawing
import frames
from problems import Refusal

MILLION = [1.0] * 1_000_001
MANY = {"kind": "line", "columns": {f"s{n}": [n] for n in range(51)}}
LONG = "x" * 201
ROWS = "Expected at most 1,000,000 rows, got 1,000,001"
TEXT = "Expected `str` of length <= 200"


@pytest.fixture
def no_figure(monkeypatch: pytest.MonkeyPatch) -> None:
    """Make the first figure fail the test."""

    def refuse(**_: object) -> None:
        raise AssertionError("a figure was made")

    monkeypatch.setattr(drawing, "Figure", refuse)


def draw(**request: Any) -> drawing.Image:
    return drawing.draw(chartspec.decode({"kind": "line"} | request))


@pytest.mark.usefixtures("no_figure")
@pytest.mark.parametrize(
    ("request_", "status", "detail"),
    [
        (
            {"columns": {"a": [1]}, "width": 4000, "height": 2001},
            413,
            "$: Expected at most 8,000,000 pixels after scale, got 4,000 by 2,001",
        ),
        (
            {"columns": {"a": [1]}, "width": 1000, "height": 501, "scale": 4},
            413,
            "$: Expected at most 8,000,000 pixels after scale, got 4,000 by 2,004",
        ),
        ({"columns": {"a": MILLION}}, 413, f"$.columns: {ROWS}"),
        (
            {"records": [{"a": 1}] * 1_000_001},
            413,
            f"$.records: {ROWS}",
        ),
        ({"csv": "a\n" + "1\n" * 1_000_001}, 413, f"$.csv: {ROWS}"),
        (MANY, 413, "$: Expected at most 50 series, got 51"),
        (MANY | {"y": list(MANY["columns"])}, 413, "$.y: Expected at most 50 series, got 51"),
        (
            {"csv": "a," * 1000 + "a\n1"},
            413,
            "$.csv: Expected at most 1,000 columns, got 1,001",
        ),
        (
            {"records": [{f"s{n % 1000}": 1} for n in range(5001)]},
            413,
            "$.records: Expected at most 5,000,000 cells, got 5,001,000",
        ),
        (
            {"kind": "histogram", "columns": {"a": [1]}, "bins": 501},
            400,
            "$.bins: Expected `int` <= 500",
        ),
        ({"columns": {"a": [1]}, "title": LONG}, 400, f"$.title: {TEXT}"),
        ({"columns": {"a": [1]}, "x_label": LONG}, 400, f"$.x_label: {TEXT}"),
        ({"columns": {"a": [1]}, "y_label": LONG}, 400, f"$.y_label: {TEXT}"),
        (
            {"columns": {LONG: [1]}},
            400,
            f"$.columns: Expected column names of up to 200 characters, got 201: `{'x' * 39}…`",
        ),
        (
            {"columns": {"a": [1, -1.1e300]}},
            400,
            "$.columns.a[1]: Expected numbers up to 1e+300, either sign, got -1.1e+300",
        ),
        (
            {"csv": "a,b\n1,1e301"},
            400,
            "$.csv: Expected numbers up to 1e+300, either sign, got 1e+301 in row 1 of `b`",
        ),
        (
            {"kind": "scatter", "columns": {"a": [1] * 45_001}, "format": "svg"},
            413,
            "$: 45,001 points make an SVG of 4,500,100 bytes, expected at most 4,500,000: "
            "ask for fewer points, fewer pixels, or a PNG",
        ),
    ],
)
def test_refuses_what_is_over_a_budget(request_: dict[str, Any], status: int, detail: str) -> None:
    """What is over a budget is refused with its path, and nothing has been drawn."""
    with pytest.raises(Refusal) as caught:
        draw(**request_)

    assert caught.value.problem.detail == detail
    assert caught.value.problem.status == status
    titles = {400: "Bad Request", 413: "Content Too Large"}
    assert caught.value.problem.title == titles[status]


def test_refuses_an_image_that_is_too_large(monkeypatch: pytest.MonkeyPatch) -> None:
    """An image whose size only drawing tells is measured before it is sent."""
    monkeypatch.setattr(budgets, "ANSWER", 1000)

    with pytest.raises(Refusal, match=r"^\$: The image has [\d,]+ bytes, expected at most 1,000: "):
        draw(columns={"a": [1, 2]})


def test_svg_marks_take_the_bytes_that_the_budget_expects() -> None:
    """The estimate of a scatter chart's SVG is the size it has, within a fifth."""
    values = [n * 0.137 % 1 for n in range(20_000)]

    image = draw(kind="scatter", format="svg", columns={"a": values[::-1], "b": values})

    assert len(image.content) == pytest.approx(20_000 * budgets.SVG_MARK, rel=0.2)


@pytest.mark.parametrize("kind", ["bar", "line", "scatter"])
def test_the_last_category_stands_for_the_rest(kind: str) -> None:
    """Of 300 categories the 199 largest keep their place, and the others share the last."""
    names = [f"c{n}" for n in range(300)]
    values = [float((n * 7) % 300 + 1) for n in range(300)]
    spec = chartspec.decode({"kind": kind, "columns": {"name": names, "value": values}})

    data = chartdata.choose(spec, frames.read(spec))

    assert data.labels[-1] == "other (101)"
    kept = [name for name, value in zip(names, values, strict=True) if value > 101]
    assert data.labels[:-1] == kept
    others = data.frame["value"][data.frame.index == 199]
    assert others.sum() == sum(range(1, 102))
    assert len(others) == (101 if kind == "scatter" else 1)


def test_200_categories_are_drawn_as_they_are() -> None:
    """No category is summed up where all fit."""
    columns = {"c": [f"c{n}" for n in range(200)], "v": [1] * 200}
    spec = chartspec.decode({"kind": "bar", "columns": columns})

    assert len(chartdata.choose(spec, frames.read(spec)).labels) == 200
