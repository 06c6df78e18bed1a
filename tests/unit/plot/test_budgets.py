"""Plot's budgets: what is too much is refused before there is anything to draw with."""

import sys
from pathlib import Path
from typing import Any

import pytest

sys.path.insert(0, str(Path(__file__).parents[3] / "plot"))

import budgets
from chartdata import prepare
from charts.chart import ChartData
from decoding import decode
from problems import Refusal

MILLION = [1.0] * 1_000_001
MANY = {"kind": "line", "columns": {f"s{n}": [n] for n in range(51)}}
LONG = "x" * 201
ROWS = "Expected at most 1,000,000 rows, got 1,000,001"
TEXT = "Expected `str` of length <= 200"
TWO = {"a": [1, 2], "d": ["1700-01-01", "2199-01-01"]}
NAMES = [f"c{n}" for n in range(300)]


def draw(**request: Any) -> ChartData:
    return prepare(decode({"kind": "line"} | request))


@pytest.mark.parametrize(
    ("request_", "status", "detail"),
    [
        (
            {"columns": {"a": [1]}, "width": 4000, "height": 2001},
            413,
            "$: Expected at most 8,000,000 pixels after scale, got 8,004,000",
        ),
        (
            {"columns": {"a": [1]}, "width": 1000, "height": 501, "scale": 4},
            413,
            "$: Expected at most 8,000,000 pixels after scale, got 8,016,000",
        ),
        ({"columns": {"a": MILLION}}, 413, f"$.columns: {ROWS}"),
        (
            {"records": [{"a": 1}] * 1_000_001},
            413,
            f"$.records: {ROWS}",
        ),
        ({"series": [{"name": "a", "y": MILLION}]}, 413, f"$.series: {ROWS}"),
        ({"csv": "a\n" + "1\n" * 1_000_001}, 413, f"$.csv: {ROWS}"),
        (MANY, 413, "$: Expected at most 50 series, got 51"),
        (MANY | {"y": list(MANY["columns"])}, 413, "$.y: Expected at most 50 series, got 51"),
        (
            {"series": [{"name": "a", "y": [1]}] * 51},
            413,
            "$.series: Expected at most 50 series, got 51",
        ),
        (
            {
                "columns": {"t": ["a"] * 51, "g": NAMES[:51], "v": [1] * 51},
                "group_by": ["t", "g"],
            },
            413,
            "$.group_by[1]: Expected at most 50 series, got 51",
        ),
        (
            {"csv": "a," * 1000 + "a\n1"},
            413,
            "$.csv: Expected at most 1,000 columns, got 1,001",
        ),
        (
            {"columns": {f"s{n}": [1] for n in range(1001)}},
            413,
            "$.columns: Expected at most 1,000 columns, got 1,001",
        ),
        (
            {"records": [{f"s{n}": 1 for n in range(1001)}]},
            413,
            "$.records: Expected at most 1,000 columns, got 1,001",
        ),
        (
            {"records": [{f"s{n % 1000}": 1} for n in range(5001)]},
            413,
            "$.records: Expected at most 5,000,000 cells, got 5,001,000",
        ),
        (
            {"columns": TWO, "resample": "minute", "x": "d"},
            413,
            "$.resample: Expected at most 1,000,000 periods of all series, got 262,448,641",
        ),
        (
            {"kind": "bar", "columns": {"c": NAMES, "v": [1] * 300}, "rolling": {"window": 7}},
            413,
            "$.rolling: Expected at most 200 categories to move a window over, got 300",
        ),
        (
            {
                "kind": "scatter",
                "columns": {"a": [1] * 51, "b": [1] * 51, "c": NAMES[:51]},
                "color": "c",
            },
            413,
            "$.color: Expected at most 50 texts to colour by, got 51",
        ),
        (
            {"kind": "heatmap", "columns": {"a": [1] * 201}},
            413,
            "$: Expected at most 200 rows of a heatmap, got 201",
        ),
        (
            {"kind": "heatmap", "columns": {f"s{n}": [1] for n in range(201)}},
            413,
            "$: Expected at most 200 columns of a heatmap, got 201",
        ),
        (
            {"kind": "histogram", "columns": {"a": [1]}, "bins": 501},
            400,
            "$.bins: Expected `int` <= 500",
        ),
        ({"columns": {"a": [1]}, "title": "x" * 100_000}, 400, f"$.title: {TEXT}"),
        ({"columns": {"a": [1]}, "x_axis": {"label": LONG}}, 400, f"$.x_axis.label: {TEXT}"),
        ({"series": [{"name": LONG, "y": [1]}]}, 400, f"$.series[0].name: {TEXT}"),
        (
            {"columns": {"a": [1]}, "notes": [{"x": 1, "y": 1, "text": ""}] * 51},
            400,
            "$.notes: Expected `array` of length <= 50",
        ),
        (
            {"columns": {LONG: [1]}},
            400,
            f"$.columns: Expected column names of up to 200 characters, got 201: `{'x' * 39}…`",
        ),
        (
            {"columns": {"a": [1, -1.1e100]}},
            400,
            "$.columns.a[1]: Expected numbers up to 1e+100, either sign, got -1.1e+100",
        ),
        (
            {"csv": "a,b\n1,1e101"},
            400,
            "$.csv: Expected numbers up to 1e+100, either sign, got 1e+101 in row 1",
        ),
        (
            {"kind": "bar", "columns": {f"s{n}": [1] * 50 for n in range(41)}},
            413,
            "$: Expected at most 2,000 marks, got 2,050",
        ),
        (
            {
                "kind": "box",
                "series": [{"name": str(n), "x": NAMES[:99], "y": [1] * 99} for n in range(9)],
            },
            413,
            "$: Expected at most 500 marks, got 891",
        ),
    ],
)
def test_refuses_what_is_over_a_budget(request_: dict[str, Any], status: int, detail: str) -> None:
    """What is over a budget is refused with its path."""
    with pytest.raises(Refusal) as caught:
        draw(**request_)

    assert caught.value.problem.detail == detail
    assert caught.value.problem.status == status
    titles = {400: "Bad Request", 413: "Content Too Large"}
    assert caught.value.problem.title == titles[status]


def test_refuses_points_that_gaps_would_fill(monkeypatch: pytest.MonkeyPatch) -> None:
    """Areas that share no place would each have a gap at every place of the others."""
    monkeypatch.setattr(budgets, "CELLS", 5)
    series = [{"name": "a", "x": [1, 2], "y": [1, 1]}, {"name": "b", "x": [3], "y": [1]}]

    with pytest.raises(Refusal, match=r"^\$: Expected at most 5 points, got 6$"):
        draw(kind="area", series=series)


@pytest.mark.parametrize("kind", ["bar", "line", "scatter", "pie", "box"])
def test_the_last_category_stands_for_the_rest(kind: str) -> None:
    """Of 300 categories the 199 largest keep their place, and the others share the last."""
    sizes = [float((n * 7) % 300 + 1) for n in range(300)]

    data = draw(kind=kind, columns={"name": NAMES, "value": sizes})

    assert data.labels[-1] == "other (101)"
    kept = [name for name, size in zip(NAMES, sizes, strict=True) if size > 101]
    assert list(data.labels[:-1]) == kept
    (series,) = data.series
    others = series.y[series.x == 199]
    assert others.sum() == sum(range(1, 102))
    assert len(others) == (101 if kind in ("scatter", "box") else 1)


def test_200_categories_are_drawn_as_they_are() -> None:
    """No category is summed up where all fit."""
    data = draw(kind="bar", columns={"c": NAMES[:200], "v": [1] * 200})

    assert data.labels == tuple(NAMES[:200])
