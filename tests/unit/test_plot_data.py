"""Plot's data: how columns get their types, and which of them are drawn."""

import sys
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

sys.path.insert(0, str(Path(__file__).parents[2] / "plot"))

import chartdata
import chartspec
import frames
from problems import Fault, Refusal

NO_NUMBERS = "Expected at least one column of numbers to draw, got none"
NO_ROWS = "Expected at least one row of data, got none"
DATES = ["2024-01-31", "2024-02-29T12:00:00+02:00", None]


def read(**request: Any) -> pd.DataFrame:
    return frames.read(chartspec.decode({"kind": "line"} | request))


def choose(**request: Any) -> chartdata.ChartData:
    spec = chartspec.decode({"kind": "line"} | request)
    return chartdata.choose(spec, frames.read(spec))


def fault(**request: Any) -> Fault:
    with pytest.raises(Refusal) as caught:
        choose(**request)
    (found,) = caught.value.problem.errors
    return found


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ([1, 2.5, -3], [1, 2.5, -3]),
        ([1, None, "3"], [1, None, 3]),
        ([" 1e3 ", "-0.5", ""], [1000, -0.5, None]),
        ([float("nan"), float("inf"), float("-inf"), 1], [None, None, None, 1]),
        (["NaN", "null", "inf", "2"], [None, None, None, 2]),
        ([5e-324, 1e300], [0, 1e300]),
        ([2**63, 2**64 + 1], [2.0**63, 2.0**64]),
        ([None, None], [None, None]),
        ([47632, -3, 1234567890123.5, "5"], [47632, -3, 1234567890123.5, 5]),
        (["+.5", "1.", "1E400", "-Infinity"], [0.5, 1, None, None]),
    ],
)
def test_reads_numbers(values: list[Any], expected: list[float | None]) -> None:
    """A column is numbers where every value reads as one; what is no finite number is a gap."""
    column = read(columns={"a": values})["a"]

    np.testing.assert_array_equal(column, np.array(expected, dtype=float))


@given(st.lists(st.floats(-1e300, 1e300).filter(lambda value: not 0 < abs(value) < 1e-300)))
def test_reads_text_as_the_nearest_float(values: list[float]) -> None:
    """A number that is written out reads as itself, down to its last digit."""
    column = read(columns={"a": ["1", *map(repr, values)]})["a"]

    assert list(column[1:]) == values


def test_reads_dates_in_utc() -> None:
    """A column is dates where every value is an ISO 8601 date, and those are moved to UTC."""
    column = read(columns={"a": DATES})["a"]

    assert list(column[:2]) == [pd.Timestamp("2024-01-31"), pd.Timestamp("2024-02-29T10:00")]
    assert column[2] is pd.NaT


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("1000-01", "1000-01-01"),
        ("2999-12-31", "2999-12-31"),
        ("2024-02-29 12", "2024-02-29T12:00"),
        ("2024-02-29T12:30Z", "2024-02-29T12:30"),
        ("2024-02-29 12:30:15.5 +0100", "2024-02-29T11:30:15.5"),
        ("2024-02-29T00:00-11", "2024-02-29T11:00"),
        ("2024-02-29T12:00:00.123456789", "2024-02-29T12:00:00.123456"),
    ],
)
def test_reads_the_forms_of_a_date(text: str, expected: str) -> None:
    """A date is a month, a day or a time of the years 1000 to 2999, down to microseconds."""
    column = read(columns={"a": [text]})["a"]

    assert column.dtype == "datetime64[us]"
    assert list(column) == [pd.Timestamp(expected)]


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        (["a", "1", "2024-01-01"], ["a", "1", "2024-01-01"]),
        ([True, False, 1.5], ["true", "false", "1.5"]),
        (["2024-02-30"], ["2024-02-30"]),
        (["2024-01-01T24:00", "2024-01-01Tnow"], ["2024-01-01T24:00", "2024-01-01Tnow"]),
        (["2024-01-01T00:00+25:00"], ["2024-01-01T00:00+25:00"]),
        ([47632, -3, 1e-5, "x"], ["47632", "-3", "1e-05", "x"]),
        (["0999-01-01", "3000-01-01"], ["0999-01-01", "3000-01-01"]),
        (["NA", "0x10", "1_0"], ["NA", "0x10", "1_0"]),
        (["a\nb\0\ud800c ", "x" * 300], ["a b c", "x" * 199 + "…"]),
    ],
)
def test_reads_text(values: list[Any], expected: list[str]) -> None:
    """Any other column is text, without control characters and lone surrogates."""
    column = read(columns={"a": values})["a"]

    assert column.dtype == "str"
    assert list(column) == expected


def test_a_name_that_a_record_lacks_is_a_gap() -> None:
    """Records need not have the same names; columns stand in order of first appearance."""
    frame = read(records=[{"b": 1}, {"a": 2, "b": None}, {}])

    assert list(frame) == ["b", "a"]
    np.testing.assert_array_equal(frame, [[1, np.nan], [np.nan, 2], [np.nan, np.nan]])


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a,b\n1,x\n2,y\n", {"a": [1, 2], "b": ["x", "y"]}),
        ("\ufeffa,b\r\n1,x\r\n", {"a": [1], "b": ["x"]}),
        ("a\r1\r2\r", {"a": [1, 2]}),
        ('\n\n"a\nb","c,d"\n1,"x ""y"""\n', {"a b": [1], "c,d": ['x "y"']}),
        ("a,b\n1,\0x\ud800\n", {"a": [1], "b": ["x"]}),
    ],
)
def test_reads_csv(text: str, expected: dict[str, list[Any]]) -> None:
    """CSV is read with or without a byte order mark, quotes, and any line ends."""
    assert read(csv=text).to_dict("list") == expected


def test_fills_short_csv_rows_with_gaps() -> None:
    """A CSV row that ends early has gaps in the columns that it lacks."""
    assert list(read(csv="a,b\n1\n2,3\n")["b"].isna()) == [True, False]


@pytest.mark.parametrize(
    ("request_", "path", "detail"),
    [
        ({"columns": {}}, "$.columns", NO_ROWS),
        ({"columns": {"a": []}}, "$.columns", NO_ROWS),
        ({"records": []}, "$.records", NO_ROWS),
        ({"records": [{}]}, "$.records", NO_ROWS),
        ({"csv": ""}, "$.csv", NO_ROWS),
        ({"csv": "a,b\n"}, "$.csv", NO_ROWS),
        (
            {"columns": {"a": [1, 2], "b c": [1]}},
            '$.columns["b c"]',
            "Expected 2 values, as `a` has, got 1",
        ),
        ({"csv": "a,a\n1,2"}, "$.csv", "Expected one column named `a`, got another"),
        (
            {"csv": "a\n1,2"},
            "$.csv",
            "Expected a value for each of 1 names, got more in the first row",
        ),
        (
            {"csv": "a,b\n1,2\n1,2,3"},
            "$.csv",
            "The CSV cannot be read: Expected 2 fields in line 3, saw 3",
        ),
        (
            {"csv": 'a,b\n1,"2'},
            "$.csv",
            "The CSV cannot be read: EOF inside string starting at row 1",
        ),
        ({"columns": {"a": ["x"]}}, "$", NO_NUMBERS),
        ({"columns": {"a": [None]}}, "$", "Expected at least one number, got only gaps"),
        ({"columns": {"a": [1]}, "y": []}, "$.y", NO_NUMBERS),
        ({"columns": {"a": [1]}, "y": "b"}, "$.y", "Expected one of the columns `a`, got `b`"),
        ({"columns": {"a": [1]}, "x": "\ud800"}, "$.x", "Expected one of the columns `a`, got ``"),
        ({"columns": {"a": [1]}, "y": ["b"]}, "$.y[0]", "Expected one of the columns `a`, got `b`"),
        (
            {"columns": {"a": [1]}, "y": ["a", "a"]},
            "$.y[1]",
            "Expected each column once, got `a` again",
        ),
        (
            {"columns": {"a": [1, "z"]}, "y": "a"},
            "$.columns.a[1]",
            "Expected numbers in `a`, got the text `z` in row 2",
        ),
        (
            {"columns": {"a": [47632, -3, None, "1e400", "z"]}, "y": "a"},
            "$.columns.a[4]",
            "Expected numbers in `a`, got the text `z` in row 5",
        ),
        (
            {"records": [{"a": 1}, {"a": True}], "y": "a"},
            "$.records[1].a",
            "Expected numbers in `a`, got the text `true` in row 2",
        ),
        (
            {"columns": {"a": DATES}, "y": "a"},
            "$.columns.a",
            "Expected numbers in `a`, got dates",
        ),
        (
            {"columns": {"a": [1, -2.5]}, "log": True},
            "$.log",
            "Expected values above 0 only for a log axis, got \N{MINUS SIGN}2.5 in `a`",
        ),
    ],
)
def test_refuses_data_that_cannot_be_drawn(
    request_: dict[str, Any], path: str, detail: str
) -> None:
    """Data that makes no chart is refused, and the problem names the value or the column."""
    assert fault(**request_) == Fault(path=path, detail=detail)


@pytest.mark.parametrize(
    ("kind", "columns", "x", "series"),
    [
        ("line", {"t": ["a", "b"], "u": [1, 2], "v": [3, 4]}, "t", ["u", "v"]),
        ("line", {"d": ["2024-01", "2024-02"], "u": [1, 2]}, "d", ["u"]),
        ("line", {"u": [1, 2], "v": [3, 4]}, "", ["u", "v"]),
        ("bar", {"u": [1, 2], "t": ["a", "b"]}, "", ["u"]),
        ("scatter", {"u": [1, 2], "v": [3, 4]}, "u", ["v"]),
        ("scatter", {"u": [1, 2]}, "", ["u"]),
        ("histogram", {"t": ["a", "b"], "u": [1, 2]}, "", ["u"]),
    ],
)
def test_chooses_columns_by_default(
    kind: str, columns: dict[str, list[Any]], x: str, series: list[str]
) -> None:
    """The first column is x where it is no number, or in a scatter chart; the numbers are drawn."""
    data = choose(kind=kind, columns=columns)

    assert (data.x_name, list(data.frame)) == (x, series)


def test_sorts_a_line_by_date_and_drops_rows_without_one() -> None:
    """A line runs from the earliest date to the latest, in days since 1970."""
    data = choose(columns={"d": ["1970-01-03", None, "1970-01-01T12:00Z"], "v": [1, 2, 3]})

    assert data.x_type == "date"
    assert data.frame["v"].to_dict() == {0.5: 3, 2.0: 1}


def test_places_dates_of_any_year() -> None:
    """The first and the last date that a column can hold stand at their days on the axis."""
    data = choose(columns={"d": ["1000-01-01", "2999-12-31"], "v": [1, 2]})

    assert list(data.frame.index) == [-354_285, 376_199]


def test_sums_the_rows_of_a_category() -> None:
    """Bars of one category are one bar; a category of nothing but gaps stays a gap."""
    data = choose(kind="bar", columns={"c": ["x", "y", "x", "z"], "v": [1, 2, 3, None]})

    assert data.labels == ["x", "y", "z"]
    np.testing.assert_array_equal(data.frame["v"], [4, 2, np.nan])


@pytest.mark.parametrize(
    ("values", "labels"),
    [
        ([2024, 2020.5], ["2020.5", "2024"]),
        (["2024-02", "2024-01"], ["2024-01", "2024-02"]),
        (["2024-01-02", "2024-01"], ["2024-01-01", "2024-01-02"]),
        (["2024-01-01T10:30", "2024-01-01"], ["2024-01-01 00:00", "2024-01-01 10:30"]),
        (["b", "a"], ["b", "a"]),
    ],
)
def test_names_bars(values: list[Any], labels: list[str]) -> None:
    """Numbers and dates name bars in ascending order, text in the order sent."""
    data = choose(kind="bar", columns={"c": values, "v": [1, 2]}, x="c")

    assert data.labels == labels


def test_locates_points_of_a_category_without_summing() -> None:
    """A scatter chart keeps each row of a category."""
    data = choose(kind="scatter", columns={"c": ["x", "y", "x"], "v": [1, 2, 3]})

    assert list(zip(data.frame.index, data.frame["v"], strict=True)) == [(0, 1), (1, 2), (0, 3)]
