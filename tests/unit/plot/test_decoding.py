"""Plot's requests: what is refused before any data is read."""

import re
import sys
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

sys.path.insert(0, str(Path(__file__).parents[3] / "plot"))

import budgets
from charts import KINDS
from chartspec import ChartSpec
from decoding import decode
from problems import Fault, Refusal

GOOD: dict[str, Any] = {"kind": "line", "columns": {"a": [1, 2]}}
FIELDS = ", ".join(f"`{name}`" for name in ChartSpec.__struct_encode_fields__[:-1])
UNKNOWN = f"Unknown field, expected only {FIELDS} or `format`"
NAMES = ", ".join(f"`{kind}`" for kind in list(KINDS)[:-1]) + " or `sparkline`"
CELL = "Expected `bool | float | str | null`"
NOTHING = "Means nothing to a line chart"
NO_Y2 = "There is no second axis without `y2`"
NO_COLUMN = "Names a column, and `series` has none"
IN_ORDER = "A window moves over all rows in their own order: leave this or `rolling` out"
SEVERAL = "Points that are several rows have none: leave this or `group_by` out"
TICKS = (
    "`auto`, `grouped`, `percent`, `si`, `bytes`, `scientific`, `year`, `month`, `day` or `hour`"
)
HALF = "Expected Unicode text, got half of a surrogate pair"

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=9),
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=9), inner, max_size=4)
    ),
    max_leaves=12,
)


def faults(document: object) -> list[Fault]:
    with pytest.raises(Refusal) as caught:
        decode(document)
    assert caught.value.problem.status == 400
    return caught.value.problem.errors


def test_fills_in_defaults() -> None:
    """A kind and data are all that a request needs."""
    spec = decode(GOOD)

    assert (spec.format, spec.pixels, spec.title, spec.theme) == ("png", (800, 500), "", "light")


@pytest.mark.parametrize(("format_", "pixels"), [("webp", (1200, 750)), ("svg", (800, 500))])
def test_scale_makes_pixels_of_pixels_alone(format_: str, pixels: tuple[int, int]) -> None:
    """A scale multiplies the pixels of a PNG or WebP; shapes scale by themselves."""
    assert decode(GOOD | {"format": format_, "scale": 1.5}).pixels == pixels


@pytest.mark.parametrize(
    ("document", "path", "detail"),
    [
        (None, "$", "Expected `object`, got `null`"),
        ([GOOD], "$", "Expected `object`, got `array`"),
        (10**400, "$", "Expected `object`, got `int`"),
        ({}, "$", "Object missing required field `kind`"),
        (GOOD | {"kind": "cake"}, "$.kind", f"Invalid enum value 'cake', expected {NAMES}"),
        (GOOD | {"kind": "\ud800"}, "$.kind", f"Invalid enum value '\\ud800', expected {NAMES}"),
        (
            GOOD | {"format": "\udfff"},
            "$.format",
            HALF,
        ),
        (
            GOOD | {"x_axis": {"format": "\ud800"}},
            "$.x_axis",
            HALF,
        ),
        (
            GOOD | {"x_axis": {"format": "days"}},
            "$.x_axis.format",
            f"Invalid enum value 'days', expected {TICKS}",
        ),
        (
            GOOD | {"lines": [{"y": 1}, {"y": 2, "axis": "x"}]},
            "$.lines[1].axis",
            "Invalid enum value 'x', expected `y` or `y2`",
        ),
        (
            GOOD | {"sort": {"by": "a", "desc": True}},
            "$.sort",
            "Object contains unknown field `desc`",
        ),
        (
            GOOD | {"sort": {}},
            "$.sort",
            "Object missing required field `by`",
        ),
        (GOOD | {"kind": None}, "$.kind", "Expected `str`, got `null`"),
        (GOOD | {"stacked": 1}, "$.stacked", "Expected `bool | str | null`, got `int`"),
        (GOOD | {"width": "800"}, "$.width", "Expected `int`, got `str`"),
        (GOOD | {"width": 19}, "$.width", "Expected `int` >= 20"),
        (GOOD | {"height": 10**400}, "$.height", "Expected `int` <= 8000"),
        (GOOD | {"scale": float("nan")}, "$.scale", "Expected `float` >= 0.5"),
        (GOOD | {"scale": 4.5}, "$.scale", "Expected `float` <= 4.0"),
        (GOOD | {"title": None}, "$.title", "Expected `str`, got `null`"),
        (GOOD | {"y": [1]}, "$.y[0]", "Expected `str`, got `int`"),
        (GOOD | {"top": 200}, "$.top", "Expected `int` <= 199"),
        (GOOD | {"colors": {"a b": 3}}, '$.colors["a b"]', "Expected `str`, got `int`"),
        (GOOD | {"colors": {"a": "x" * 33}}, "$.colors.a", "Expected `str` of length <= 32"),
        ("\ud800", "$", HALF),
        (
            GOOD | {"rolling": {"window": 3, "\ud800": 3}},
            "$.rolling",
            HALF,
        ),
        (GOOD | {"columns": {"a": "\ud800"}}, "$.columns", HALF),
        (
            {"kind": "bar"},
            "$",
            "Expected exactly one of `columns`, `records`, `series` and `csv`, got none",
        ),
        (
            GOOD | {"csv": "a\n1", "records": []},
            "$",
            "Expected exactly one of `columns`, `records`, `series` and `csv`, "
            "got `columns`, `records` and `csv`",
        ),
    ],
)
def test_refuses_a_bad_request(document: object, path: str, detail: str) -> None:
    """A bad value is named by its path, with what was expected."""
    assert faults(document) == [Fault(path=path, detail=detail)]


@pytest.mark.parametrize(
    ("changes", "path", "detail"),
    [
        ({"columns": []}, "$.columns", "Expected `object | null`, got `array`"),
        ({"columns": {"a": 5}}, "$.columns.a", "Expected `array`, got `int`"),
        ({"columns": {"a": [1], "b c": [1, {}]}}, '$.columns["b c"][1]', f"{CELL}, got `object`"),
        ({"columns": {"a\n\ud800": [[]]}}, '$.columns["a\\n\\ud800"][0]', f"{CELL}, got `array`"),
        ({"columns": {"a": [1, 10**400]}}, "$.columns.a[1]", "Number out of range"),
    ],
)
def test_names_the_column_and_row_of_a_bad_cell(
    changes: dict[str, Any], path: str, detail: str
) -> None:
    """The path of a bad value leads through the column's own name, whatever that is."""
    assert faults(GOOD | changes) == [Fault(path=path, detail=detail)]


@pytest.mark.parametrize(
    ("data", "path"),
    [
        ({"records": [{"a": 1, "b": None}, {"a": 1, "b": [2]}]}, "$.records[1].b"),
        ({"series": [{"name": "a", "y": [1]}, {"name": "b", "y": [1, [2]]}]}, "$.series[1].y[1]"),
    ],
)
def test_names_the_row_of_a_bad_cell(data: dict[str, Any], path: str) -> None:
    """The path of a bad value in a record or a series has its index and the name."""
    found = faults({"kind": "bar"} | data)

    assert found == [Fault(path=path, detail=f"{CELL}, got `array`")]


def test_names_every_unknown_field_and_every_bad_value() -> None:
    """All fields that no request has or that hold something else are refused at once."""
    found = faults({"kind": "pies", "colour": "red", "\ud800": 1, "bins": "x", "x_axis": {"a": 1}})

    assert [fault.path for fault in found] == [
        "$.kind",
        "$.colour",
        '$["\\ud800"]',
        "$.bins",
        "$.x_axis",
    ]
    assert found[1].detail == found[2].detail == UNKNOWN


def test_names_no_more_faults_than_people_read() -> None:
    """The first faults are named where there are more than the budget has room for."""
    found = faults(GOOD | {f"field{n}": n for n in range(1000)})

    assert [fault.path for fault in found] == [f"$.field{n}" for n in range(budgets.FAULTS)]


@pytest.mark.parametrize(
    ("changes", "path", "detail"),
    [
        ({"bins": 3}, "$.bins", NOTHING),
        ({"size": "a"}, "$.size", NOTHING),
        ({"kind": "histogram", "legend": "top", "top": 2}, "$.top", "Means nothing to a histogram"),
        ({"kind": "pie", "y_axis": {"log": True}}, "$.y_axis", "Means nothing to a pie chart"),
        (
            {"horizontal": False},
            "$.horizontal",
            NOTHING,
        ),
        (
            {"stacked": True},
            "$.stacked",
            NOTHING,
        ),
        (
            {"kind": "histogram", "x": "a"},
            "$.x",
            "Means nothing to a histogram",
        ),
        (
            {"x": "b", "group_by": ["a", "b"]},
            "$.x",
            "The first column of `group_by` becomes x: leave this out",
        ),
        (
            {"group_by": ["a", "a"]},
            "$.group_by[1]",
            "Expected two different columns, got one twice",
        ),
        (
            {"kind": "heatmap", "value": "a"},
            "$.y",
            "Expected the column of the rows, since `value` names that of the values",
        ),
        ({"rolling": {"window": 2}, "top": 2}, "$.top", IN_ORDER),
        ({"rolling": {"window": 2}, "sort": {"by": "a"}}, "$.sort", IN_ORDER),
        ({"kind": "scatter", "group_by": "a", "color": "b"}, "$.color", SEVERAL),
        (
            {"kind": "errorbar"},
            "$.error",
            "Expected the columns of the errors, one for each column of `y`",
        ),
        (
            {"kind": "errorbar", "error": "c", "group_by": "a", "aggregate": "mean"},
            "$.error",
            "Errors of rows that become one are computed: leave this out",
        ),
        (
            {"kind": "errorbar", "resample": "day"},
            "$.aggregate",
            "Expected `mean`, which has known errors, got `sum`",
        ),
        (
            {"y_axis": {"type": "number"}},
            "$.y_axis.type",
            "Only the x axis has a type: the others are numbers",
        ),
        (
            {"x_axis": {"log": True, "type": "time"}},
            "$.x_axis.log",
            "Only an axis of numbers can be logarithmic",
        ),
        ({"y_axis": {"min": "low"}}, "$.y_axis.min", "Expected a number, got `low`"),
        (
            {"x_axis": {"max": "2024-02-30"}},
            "$.x_axis.max",
            "Expected a number or an ISO 8601 date, got `2024-02-30`",
        ),
        (
            {"y_axis": {"min": 3, "max": 3}},
            "$.y_axis.max",
            "Expected more than `min`, which is 3, got 3",
        ),
        (
            {"y_axis": {"min": 0, "log": True}},
            "$.y_axis.min",
            "Expected a number above 0 on a log axis, got 0",
        ),
        (
            {"y_axis": {"max": float("inf")}},
            "$.y_axis.max",
            "Expected numbers up to 1e+100, either sign, got inf",
        ),
        ({"lines": [{}]}, "$.lines[0]", "Expected exactly one of `x` and `y`, got neither"),
        (
            {"lines": [{"x": 1, "y": 1}]},
            "$.lines[0]",
            "Expected exactly one of `x` and `y`, got both",
        ),
        ({"lines": [{"y": 1, "axis": "y2"}]}, "$.lines[0].axis", NO_Y2),
        ({"y2_axis": {"label": "b"}}, "$.y2_axis", NO_Y2),
        (
            {"notes": [{"x": 1, "y": 1e301, "text": ""}]},
            "$.notes[0].y",
            "Expected numbers up to 1e+100, either sign, got 1e+301",
        ),
    ],
)
def test_refuses_what_does_not_go_together(changes: dict[str, Any], path: str, detail: str) -> None:
    """A field that means nothing beside the others is refused, with the reason."""
    assert faults(GOOD | changes) == [Fault(path=path, detail=detail)]


def test_names_every_conflict() -> None:
    """All that does not go together is refused at once."""
    found = faults(GOOD | {"bins": 3, "color": "a", "y2_axis": {"log": True}, "lines": [{}]})

    assert [fault.path for fault in found] == ["$.color", "$.bins", "$.y2_axis", "$.lines[0]"]


def test_series_name_no_columns() -> None:
    """What names a column means nothing beside series, which have none."""
    series = [{"name": "a", "y": [1]}]

    found = faults({"kind": "scatter", "series": series, "x": "t", "y": "a", "size": "b"})

    assert found == [Fault(path=f"$.{name}", detail=NO_COLUMN) for name in ("x", "y", "size")]


def paths(document: object) -> list[str]:
    try:
        decode(document)
    except Refusal as refusal:
        return [fault.path for fault in refusal.problem.errors]
    return ["$"]


@given(JSON)
def test_any_json_value_is_read_or_refused(document: object) -> None:
    """No document raises anything but a refusal."""
    assert paths(document)


@given(st.dictionaries(st.sampled_from(ChartSpec.__struct_encode_fields__), JSON))
def test_any_value_of_a_field_is_read_or_refused(changes: dict[str, Any]) -> None:
    """Whatever a field holds, it is read, or refused at a path of its own or the request's."""
    found = paths(GOOD | changes)

    assert {re.split(r"[.[]", path)[1] for path in found if path != "$"} <= set(changes)
