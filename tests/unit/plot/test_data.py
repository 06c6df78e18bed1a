"""Plot's data: how columns get their types, which of them are drawn, and where."""

import re
import sys
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any, get_args

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

sys.path.insert(0, str(Path(__file__).parents[3] / "plot"))

import chartdata
import columns
import tables
from charts import KINDS
from charts.chart import ChartData
from chartspec import Aggregate, Period
from columns import type_of
from decoding import decode
from problems import Fault, Refusal

NO_NUMBERS = "Expected at least one column of numbers to draw, got none"
NO_ROWS = "Expected at least one row of data, got none"
DATES = ["2024-01-31", "2024-02-29T12:00:00+02:00", None]
PAIR = {"a": [1, 2], "t": ["x", "y"]}


LINES = frozenset(name for name, chart in KINDS.items() if chart.ascends)
CELLS = (
    st.none()
    | st.booleans()
    | st.floats()
    | st.sampled_from([0.0, 1.0, -1.0, 1e100, "x", "y", "2024-01", "2024-03-01T10:00Z", "3", ""])
)
COLUMNS = st.integers(1, 5).flatmap(
    lambda rows: st.fixed_dictionaries(
        {name: st.lists(CELLS, min_size=rows, max_size=rows) for name in "ab"}
        | {"n": st.lists(st.floats(-9, 9), min_size=rows, max_size=rows)}
    )
)
NAME = st.sampled_from(["a", "b", "n"])
NAMES = NAME | st.lists(NAME, min_size=1, max_size=2, unique=True)
BOUND = st.sampled_from([0.5, 3.0, "x", "2024-02"])
FIELDS = st.fixed_dictionaries(
    {"kind": st.sampled_from(list(KINDS))},
    optional={
        "x": NAME,
        "y": NAMES,
        "y2": NAME,
        "size": NAME,
        "color": NAME,
        "error": NAME,
        "value": NAME,
        "group_by": NAMES,
        "aggregate": st.sampled_from(get_args(Aggregate)),
        "resample": st.sampled_from(get_args(Period)),
        "rolling": st.fixed_dictionaries({"window": st.integers(2, 3)}),
        "sort": st.fixed_dictionaries({"by": NAME, "descending": st.booleans()}),
        "top": st.integers(1, 3),
        "x_axis": st.fixed_dictionaries(
            {}, optional={"log": st.booleans(), "min": BOUND, "type": st.just("category")}
        ),
        "notes": st.lists(
            st.fixed_dictionaries({"x": BOUND, "y": st.just(1), "text": st.just("")})
        ),
    },
)


def read(**request: Any) -> pd.DataFrame:
    return tables.read(decode({"kind": "line"} | request))


def prepare(**request: Any) -> ChartData:
    return chartdata.prepare(decode({"kind": "line"} | request))


def faults(**request: Any) -> list[Fault]:
    with pytest.raises(Refusal) as caught:
        prepare(**request)
    return caught.value.problem.errors


def typed(cells: list[Any]) -> "pd.Series[Any]":
    return columns.typed(pd.Series(cells, dtype=object))


def texts(column: "pd.Series[Any]") -> list[str | None]:
    assert type_of(column) == "text"
    return list(column)


def day(text: str) -> float:
    return float((np.datetime64(text, "us") - np.datetime64(0, "us")) / np.timedelta64(1, "D"))


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ([1, 2.5, -3], [1, 2.5, -3]),
        ([1, None, "3"], [1, None, 3]),
        ([" 1e3 ", "-0.5", ""], [1000, -0.5, None]),
        ([float("nan"), float("inf"), float("-inf"), 1], [None, None, None, 1]),
        (["NaN", "null", "inf", "2"], [None, None, None, 2]),
        ([5e-324, 1e100], [0, 1e100]),
        ([2**63, 2**64 + 1], [2.0**63, 2.0**64]),
        ([None, None], [None, None]),
        ([47632, -3, 1234567890123.5, "5"], [47632, -3, 1234567890123.5, 5]),
        (["+.5", "1.", "1E400", "-Infinity"], [0.5, 1, None, None]),
    ],
)
def test_reads_numbers(values: list[Any], expected: list[float | None]) -> None:
    """A column is numbers where every value reads as one; what is no finite number is a gap."""
    column = read(columns={"a": values})["a"]

    assert type_of(column) == "number"
    np.testing.assert_array_equal(column.values, np.array(expected, dtype=float))


@given(st.lists(st.floats(-1e100, 1e100).filter(lambda value: not 0 < abs(value) < 1e-100)))
def test_reads_text_as_the_nearest_float(values: list[float]) -> None:
    """A number that is written out reads as itself, down to its last digit."""
    column = typed(["1", *map(repr, values)])

    assert list(column[1:]) == values


@given(st.lists(st.none() | st.floats() | st.integers(-(10**18), 10**18).map(float)))
def test_reads_text_as_the_numbers_it_was_written_from(values: list[float | None]) -> None:
    """Numbers are the same whether they are sent as numbers, as text, or as both."""
    texts_ = [None if value is None else repr(value) for value in values]
    mixed = [
        text if place % 2 else value
        for place, (text, value) in enumerate(zip(texts_, values, strict=True))
    ]

    for cells in (texts_, mixed):
        column = typed(cells)
        assert type_of(column) == "number"
        np.testing.assert_array_equal(column.values, typed(values).values)


@given(st.lists(st.text("0123456789.eE+-_infatyNI \u0661x", max_size=8), min_size=1))
def test_a_number_is_what_its_form_says(values: list[str]) -> None:
    """A column is numbers exactly where each text has the form of a decimal number, or is a gap."""
    forms = [value.strip() for value in values]
    expected = all(form in columns.GAPS or re.fullmatch(columns.NUMBER, form) for form in forms)

    assert (type_of(typed(values)) == "number") is expected


def test_reads_dates_in_utc() -> None:
    """A column is dates where every value is an ISO 8601 date, and those are moved to UTC."""
    column = read(columns={"a": DATES})["a"]

    assert type_of(column) == "date"
    expected = np.array(["2024-01-31", "2024-02-29T10:00", "NaT"], dtype="datetime64[us]")
    np.testing.assert_array_equal(column.values, expected)
    np.testing.assert_array_equal(column.notna(), [True, True, False])


@given(
    st.lists(
        st.datetimes(datetime(1701, 1, 1), datetime(2198, 12, 31)),
        min_size=1,
        max_size=5,
    ),
    st.sampled_from([None, 0, 90, -719, 1439]),
)
def test_reads_what_isoformat_writes(moments: list[datetime], minutes: int | None) -> None:
    """A time reads as itself, down to its last microsecond, and a zone moves it to UTC."""
    ahead = timedelta(minutes=minutes or 0)
    zone = None if minutes is None else timezone(ahead)

    column = typed([moment.replace(tzinfo=zone).isoformat() for moment in moments])

    assert type_of(column) == "date"
    assert column.tolist() == [moment - ahead for moment in moments]


@given(
    st.lists(
        st.sampled_from(
            [
                "2024-01",
                "2024-02-29T12:30",
                "2024-02-29 12:30Z",
                "",
                "2024-02-29T12:30 Z",
                "2024-02-29T12-05",
            ]
        )
    )
)
def test_dates_read_alike_in_any_company(values: list[str]) -> None:
    """What a date says does not depend on the forms of the others in its column."""
    alone = [typed([value]).values[0] if value else np.datetime64("NaT") for value in values]

    if any(values):
        expected = np.array(alone, dtype="datetime64[us]")
        np.testing.assert_array_equal(typed(values).values, expected)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("1700-01", "1700-01-01"),
        ("2199-12-31", "2199-12-31"),
        ("2024-02-29 12", "2024-02-29T12:00"),
        ("2024-02-29T12:30Z", "2024-02-29T12:30"),
        ("2024-02-29 12:30:15.5 +0100", "2024-02-29T11:30:15.5"),
        ("2024-02-29T00:00-11", "2024-02-29T11:00"),
        ("2024-02-29T12:00:00.123456789", "2024-02-29T12:00:00.123456"),
    ],
)
def test_reads_the_forms_of_a_date(text: str, expected: str) -> None:
    """A date is a month, a day or a time of the years 1700 to 2199, down to microseconds."""
    column = read(columns={"a": [text]})["a"]

    assert column.values.dtype == "datetime64[us]"
    assert list(column.values) == [np.datetime64(expected, "us")]


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        (["a", "1", "2024-01-01"], ["a", "1", "2024-01-01"]),
        ([True, False, 1.5], ["true", "false", "1.5"]),
        ([0, 1, True], ["0", "1", "true"]),
        (["2024-02-30"], ["2024-02-30"]),
        (["2024-01-01T24:00", "2024-01-01Tnow"], ["2024-01-01T24:00", "2024-01-01Tnow"]),
        (["2024-01-01T00:00+25:00"], ["2024-01-01T00:00+25:00"]),
        (["2024-01-01T00:00+01:60"], ["2024-01-01T00:00+01:60"]),
        (["2024-01-01Z"], ["2024-01-01Z"]),
        (["2024-01-01T00:00:00.1234567890"], ["2024-01-01T00:00:00.1234567890"]),
        ([47632, -3, 1e-5, "x"], ["47632", "-3", "1e-05", "x"]),
        (["1699-01-01", "2200-01-01"], ["1699-01-01", "2200-01-01"]),
        (["NA", "0x10", "1_0"], ["NA", "0x10", "1_0"]),
        (["a\nb\0\ud800c ", "x" * 300], ["a b c", "x" * 199 + "…"]),
    ],
)
def test_reads_text(values: list[Any], expected: list[str]) -> None:
    """Any other column is text, without control characters and lone surrogates."""
    column = read(columns={"a": values})["a"]

    assert texts(column) == expected


def test_a_name_that_a_record_lacks_is_a_gap() -> None:
    """Records need not have the same names; columns stand in order of first appearance."""
    table = read(records=[{"b": 1}, {"a": 2, "b": None}, {}])

    assert list(table) == ["b", "a"]
    np.testing.assert_array_equal(table["b"].values, [1, np.nan, np.nan])
    np.testing.assert_array_equal(table["a"].values, [np.nan, 2, np.nan])


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a,b\n1,x\n2,y\n", {"a": [1, 2], "b": ["x", "y"]}),
        ("\ufeffa,b\r\n1,x\r\n", {"a": [1], "b": ["x"]}),
        ("a\r1\r2\r", {"a": [1, 2]}),
        ('\n\n"a\nb","c,d"\n1,"x ""y"""\n', {"a b": [1], "c,d": ['x "y"']}),
        ("a,b\n1,\0x\ud800\n", {"a": [1], "b": ["x"]}),
        ('a,b\n"1\n",x\n\n2,"y\r\nz"', {"a": [1, 2], "b": ["x", "y z"]}),
        ("a,,b,\n1,,x, \n2,,y,\n", {"a": [1, 2], "b": ["x", "y"]}),
        (",b\n1,x\n2,y\n", {"": [1, 2], "b": ["x", "y"]}),
        ("a;b\n1\n2\n", {"a;b": [1, 2]}),
    ],
)
def test_reads_csv(text: str, expected: dict[str, list[Any]]) -> None:
    """CSV is read with or without a byte order mark, quotes, any line ends and commas at them."""
    table = read(csv=text)

    columns = {name: table[name] for name in table}
    found = {
        name: column.tolist() if type_of(column) == "number" else texts(column)
        for name, column in columns.items()
    }
    assert found == expected


def test_fills_short_csv_rows_with_gaps() -> None:
    """A CSV row that ends early has gaps in the columns that it lacks."""
    table = read(csv="a,b,c\n1\n2,3\n")

    assert [table[name].notna().tolist() for name in "bc"] == [[False, True], [False, False]]


@given(st.lists(st.lists(st.text(), min_size=2, max_size=2), min_size=1, max_size=4))
def test_any_csv_is_read_or_refused(rows: list[list[str]]) -> None:
    """Text that looks like CSV, or not at all, raises nothing but a refusal."""
    text = "a,b\n" + "\n".join(",".join(row) for row in rows)
    try:
        table = read(csv=text)
    except Refusal as refusal:
        paths = {fault.path for fault in refusal.problem.errors}
    else:
        paths = {"$.csv"}
        assert list(table) == ["a", "b"]
        assert len(table) > 0
    assert paths == {"$.csv"}


@pytest.mark.parametrize(
    ("request_", "path", "detail"),
    [
        ({"columns": {}}, "$.columns", NO_ROWS),
        ({"columns": {"a": []}}, "$.columns", NO_ROWS),
        ({"records": []}, "$.records", NO_ROWS),
        ({"records": [{}]}, "$.records", NO_ROWS),
        ({"series": []}, "$.series", NO_ROWS),
        ({"series": [{"name": "a", "y": []}]}, "$.series", NO_ROWS),
        ({"csv": ""}, "$.csv", NO_ROWS),
        ({"csv": "a,b\n"}, "$.csv", NO_ROWS),
        (
            {"columns": {"a": [1, 2], "b c": [1]}},
            '$.columns["b c"]',
            "Expected 2 values, as `a` has, got 1",
        ),
        ({"csv": "a,a\n1,2"}, "$.csv", "Expected one column named `a`, got another"),
        (
            {"csv": "a\n1\n\n2,3"},
            "$.csv",
            "The CSV cannot be read: Expected 1 fields in line 4, saw 2",
        ),
        (
            {"csv": "a,b\n1,2,3,4\n"},
            "$.csv",
            "The CSV cannot be read: Expected 2 fields in line 2, saw 4",
        ),
        (
            {"csv": 'a,b\n1,"2'},
            "$.csv",
            "The CSV cannot be read: EOF inside string starting at row 1",
        ),
        ({"csv": "day;v\n2024-01-01;1,5"}, "$.csv", "Expected commas between values, got `;`"),
        ({"csv": "day\tv\n2024-01-01\t1"}, "$.csv", "Expected commas between values, got tabs"),
        ({"csv": ",\n,"}, "$.csv", NO_ROWS),
        ({"columns": {"a": ["x"]}}, "$", NO_NUMBERS),
        (
            {"columns": {"a": ["x", "y"], "b": [1, "N/A"]}},
            "$.columns.b[1]",
            "Expected numbers in `b`, got the text `N/A` in row 2",
        ),
        (
            {"records": [{"a": "x", "b": "12%"}]},
            "$.records[0].b",
            "Expected numbers in `b`, got the text `12%` in row 1",
        ),
        (
            {"csv": 'a,b\nx,"1,234"'},
            "$.csv",
            "Expected numbers in `b`, got the text `1,234` in row 1",
        ),
        ({"columns": {"a": [None]}}, "$", "Expected at least one number, got only gaps"),
        ({"columns": {"a": [1]}, "y": []}, "$.y", NO_NUMBERS),
        (
            {"columns": {"a": [1], "b": [None]}, "x": "b"},
            "$.x",
            "Expected at least one value in `b`, got only gaps",
        ),
        ({"columns": {"a": [1]}, "y": "b"}, "$.y", "Expected one of the columns `a`, got `b`"),
        ({"columns": {"a": [1]}, "x": "\ud800"}, "$.x", "Expected one of the columns `a`, got ``"),
        ({"columns": {"a": [1]}, "y": ["b"]}, "$.y[0]", "Expected one of the columns `a`, got `b`"),
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
            {"csv": "a\n1\nz", "y": "a"},
            "$.csv",
            "Expected numbers in `a`, got the text `z` in row 2",
        ),
        (
            {"columns": {"a": DATES}, "y": "a"},
            "$.columns.a",
            "Expected numbers in `a`, got dates",
        ),
        (
            {"columns": {"a": [1, -2.5]}, "y_axis": {"log": True}},
            "$.y_axis.log",
            "Expected values above 0 only for a log axis, got \N{MINUS SIGN}2.5 in `a`",
        ),
        (
            {"kind": "histogram", "columns": {"a": [1, 0]}, "x_axis": {"log": True}},
            "$.x_axis.log",
            "Expected values above 0 only for a log axis, got 0 in `a`",
        ),
        (
            {"series": [{"name": "a", "x": [1], "y": [1, 2]}]},
            "$.series[0].x",
            "Expected 2 values, as `y` has, got 1",
        ),
        (
            {"series": [{"name": "a", "y": [1, "z"]}]},
            "$.series[0].y[1]",
            "Expected numbers, got the text `z`",
        ),
        (
            {"series": [{"name": "a", "y": [1]}, {"name": "b", "x": [1, 1e101], "y": [1, 2]}]},
            "$.series[1].x[1]",
            "Expected numbers up to 1e+100, either sign, got 1e+101",
        ),
        (
            {"kind": "pie", "columns": {"c": ["x", "y"], "v": [1, -2]}},
            "$",
            "Expected no value below 0 in a pie chart, got \N{MINUS SIGN}2 for `y`",
        ),
        (
            {"kind": "donut", "columns": {"c": ["x"], "v": [0]}, "y": "v"},
            "$.y",
            "Expected at least one value above 0 in a donut chart, got none",
        ),
        (
            {"kind": "pie", "columns": {"c": ["x"], "v": [1], "w": [1]}},
            "$",
            "A pie chart has one column of values, got 2",
        ),
        (
            {"kind": "scatter", "columns": {"a": [1, 2], "b": [1, 2], "s": [1, -1]}, "size": "s"},
            "$.columns.s[1]",
            "Expected sizes of 0 or more, got -1 in row 2",
        ),
        (
            {"kind": "scatter", "columns": {"a": [1], "b": [1], "d": ["2024-01"]}, "color": "d"},
            "$.color",
            "Expected numbers or text in `d`, got dates",
        ),
        (
            {"columns": PAIR, "x": "t", "x_axis": {"type": "time"}},
            "$.x_axis.type",
            "Expected `time` only where x is that, and `t` has texts: `x` in row 1",
        ),
        (
            {
                "columns": {"t": ["2024-01-01", "2024-01-02", "n/a"], "a": [1, 2, 3]},
                "x_axis": {"type": "time"},
            },
            "$.x_axis.type",
            "Expected `time` only where x is that, and `t` has texts: `n/a` in row 3",
        ),
        (
            {"csv": "t,a\n1,2\n1 000,3", "x": "t", "x_axis": {"type": "number"}},
            "$.x_axis.type",
            "Expected `number` only where x is that, and `t` has texts: `1 000` in row 2",
        ),
        (
            {"columns": PAIR, "x": "a", "sort": {"by": "a"}, "y": "a"},
            "$.sort",
            "Only categories can be put into another order, and `a` has numbers",
        ),
        (
            {"columns": {"a": [1]}, "top": 1},
            "$.top",
            "Only categories can be left out, and x is the row's number",
        ),
        (
            {"columns": PAIR, "x": "t", "x_axis": {"min": 1}},
            "$.x_axis.min",
            "An axis of categories has none",
        ),
        (
            {"columns": PAIR, "x": "t", "colors": {"b": "red"}},
            "$.colors.b",
            "Expected the name of a series, one of `a`",
        ),
        (
            {"columns": {"d": DATES, "v": [1, 2, 3]}, "x_axis": {"min": "2024-02", "max": "2024"}},
            "$.x_axis.max",
            "Expected a number or an ISO 8601 date, got `2024`",
        ),
        (
            {
                "columns": {"d": DATES, "v": [1, 2, 3]},
                "x_axis": {"min": "2024-02", "max": "2024-01"},
            },
            "$.x_axis.max",
            "Expected a date after `min`, which is `2024-02`, got `2024-01`",
        ),
    ],
)
def test_refuses_data_that_cannot_be_drawn(
    request_: dict[str, Any], path: str, detail: str
) -> None:
    """Data that makes no chart is refused, and the problem names the value or the column."""
    assert faults(**request_) == [Fault(path=path, detail=detail)]


def test_names_each_column_that_does_not_exist() -> None:
    """All names of columns are looked up before any of them is read."""
    found = faults(kind="scatter", columns={"a": [1]}, x="b", y=["a", "c"], sort={"by": "d"})

    assert [fault.path for fault in found] == ["$.sort.by", "$.x", "$.y[1]"]


def test_names_each_series_that_cannot_be_read() -> None:
    """What is wrong in one series does not hide what is wrong in another."""
    found = faults(series=[{"name": "a", "y": ["x"]}, {"name": "b", "y": [1], "x": []}])

    assert [fault.path for fault in found] == ["$.series[0].y[0]", "$.series[1].x"]


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
        ("pie", {"t": ["a", "b"], "u": [1, 2]}, "t", ["u"]),
    ],
)
def test_chooses_columns_by_default(
    kind: str, columns: dict[str, list[Any]], x: str, series: list[str]
) -> None:
    """The first column is x where it is no number, or in a scatter chart; the numbers are drawn."""
    data = prepare(kind=kind, columns=columns)

    assert (data.x_name, [one.name for one in data.series]) == (x, series)


def test_draws_by_default_what_nothing_else_names() -> None:
    """A column that is x, an error, a size or of the second axis is not drawn besides."""
    columns = {"t": ["x"], "a": [1], "b": [2], "c": [3]}

    data = prepare(kind="errorbar", columns=columns, error="c", y=["a"])
    both = prepare(columns=columns, y2=["b", "c"])

    assert [(one.name, one.error is not None) for one in data.series] == [("a", True)]
    assert [(one.name, one.second) for one in both.series] == [
        ("a", False),
        ("b", True),
        ("c", True),
    ]


def test_sorts_a_line_by_date_and_drops_rows_without_one() -> None:
    """A line runs from the earliest date to the latest, in days since 1970."""
    data = prepare(columns={"d": ["1970-01-03", None, "1970-01-01T12:00Z"], "v": [1, 2, 3]})

    (series,) = data.series
    assert data.x_type == "date"
    assert (series.x.tolist(), series.y.tolist()) == ([0.5, 2.0], [3, 1])


@settings(max_examples=500, deadline=None)  # the first window imports pandas
@given(FIELDS, COLUMNS)
def test_any_request_has_series_that_fit_or_is_refused(
    fields: dict[str, Any], columns: dict[str, list[Any]]
) -> None:
    """Whatever is asked for of whatever data, each series fits its axes, or a refusal says why."""
    try:
        data = prepare(columns=columns, **fields)
    except Refusal as refusal:
        assert refusal.problem.errors  # noqa: PT017 - either is right
        return
    assert any(np.isfinite(one.y).any() for one in data.series)
    for one in data.series:
        assert not np.isinf(one.y).any()
        assert len(one.x) == (0 if fields["kind"] == "histogram" else len(one.y))
        assert not np.isnan(one.x).any()
        if fields["kind"] in LINES | {"errorbar"}:
            assert (np.diff(one.x) >= 0).all()
        if data.x_type == "category":
            assert ((one.x >= 0) & (one.x < len(data.labels))).all()
        if fields["kind"] in ("bar", "pie", "donut"):
            assert one.x.tolist() == list(range(len(data.labels)))
        for own in (one.error, one.size, one.color):
            assert own is None or len(own) == len(one.y)


@given(st.lists(st.none() | st.integers(-5, 5).map(float), min_size=1))
def test_a_line_ascends(x: list[float | None]) -> None:
    """A line has each row whose x is known, in ascending order; equal ones keep theirs."""
    places = sorted((value, row) for row, value in enumerate(x) if value is not None)
    columns = {"x": x, "v": [float(row) for row in range(len(x))]}
    if not places:
        assert faults(columns=columns, x="x")
        return

    (series,) = prepare(columns=columns, x="x").series

    assert list(zip(series.x, series.y, strict=True)) == places


def test_places_dates_of_any_year() -> None:
    """The first and the last date that a column can hold stand at their days on the axis."""
    data = prepare(columns={"d": ["1700-01-01", "2199-12-31"], "v": [1, 2]})

    assert data.series[0].x.tolist() == [-98_615, 84_005]


def test_series_have_x_of_their_own_and_one_axis() -> None:
    """The x values of all series have one type; a series without has the numbers from 1."""
    series = [{"name": "a", "x": ["1970-01-02"], "y": [1]}, {"name": "b", "x": ["x"], "y": [2]}]

    data = prepare(series=series)
    plain = prepare(series=[{"name": "a", "y": [3, 4]}, {"name": "b", "x": [5], "y": ["6"]}])

    assert (data.x_type, data.labels) == ("category", ("1970-01-02", "x"))
    assert [one.x.tolist() for one in plain.series] == [[1, 2], [5]]
    assert [one.y.tolist() for one in plain.series] == [[3, 4], [6]]


def test_areas_of_series_stand_on_the_same_places() -> None:
    """Areas stand on each other, so each has a value or a gap wherever another has one."""
    series = [{"name": "a", "x": [1, 3], "y": [1, 2]}, {"name": "b", "x": [2], "y": [5]}]

    data = prepare(kind="area", series=series)

    assert [one.x.tolist() for one in data.series] == [[1, 2, 3], [1, 2, 3]]
    np.testing.assert_array_equal(
        [one.y for one in data.series], [[1, np.nan, 2], [np.nan, 5, np.nan]]
    )


def test_sums_the_rows_of_a_category() -> None:
    """Bars of one category are one bar; a category of nothing but gaps stays a gap."""
    data = prepare(kind="bar", columns={"c": ["x", "y", "x", "z"], "v": [1, 2, 3, None]})

    assert data.labels == ("x", "y", "z")
    np.testing.assert_array_equal(data.series[0].y, [4, 2, np.nan])
    assert data.series[0].x.tolist() == [0, 1, 2]


@pytest.mark.parametrize(
    ("values", "labels"),
    [
        ([2024, 2020.5], ("2020.5", "2024")),
        (["2024-02", "2024-01"], ("2024-01", "2024-02")),
        (["2024-01-02", "2024-01"], ("2024-01-01", "2024-01-02")),
        (["2024-01-01T10:30", "2024-01-01"], ("2024-01-01 00:00", "2024-01-01 10:30")),
        (["2024-01-01T10:30:01", "2024-01"], ("2024-01-01 00:00:00", "2024-01-01 10:30:01")),
        (["b", "a"], ("b", "a")),
    ],
)
def test_names_bars(values: list[Any], labels: tuple[str, ...]) -> None:
    """Numbers and dates name bars in ascending order, text in the order sent."""
    data = prepare(kind="bar", columns={"c": values, "v": [1, 2]}, x="c")

    assert data.labels == labels


def test_locates_points_of_a_category_without_summing() -> None:
    """A scatter chart keeps each row of a category."""
    data = prepare(kind="scatter", columns={"c": ["x", "y", "x"], "v": [1, 2, 3]})

    (series,) = data.series
    assert list(zip(series.x, series.y, strict=True)) == [(0, 1), (1, 2), (0, 3)]


def test_points_have_sizes_and_colours() -> None:
    """A column sizes points; another colours them, by its numbers or the order of its texts."""
    columns = {"a": [1, None, 3], "b": [4, 5, 6], "s": [7, 8, 9], "t": ["x", "y", "z"]}
    request = {"kind": "scatter", "columns": columns, "x": "a", "y": "b", "size": "s"}

    by_text = prepare(**request, color="t")
    by_number = prepare(**request, color="s")

    (series,) = by_text.series
    assert series.size is not None and series.color is not None
    assert (series.size.tolist(), series.color.tolist()) == ([7, 9], [0, 2])
    assert series.size is not None
    assert (by_text.color_labels, by_number.color_labels) == (("x", "y", "z"), None)


def test_boxes_stand_at_groups_or_at_columns() -> None:
    """With an x column its groups are the places; without, each column is one."""
    columns = {"t": ["x", "y", "x"], "a": [1, 2, 3], "b": [4, 5, 6]}

    grouped = prepare(kind="box", columns=columns)
    wide = prepare(kind="violin", columns={name: columns[name] for name in "ab"})

    assert (grouped.labels, [one.x.tolist() for one in grouped.series]) == (
        ("x", "y"),
        [[0, 1, 0], [0, 1, 0]],
    )
    assert (wide.labels, [one.x.tolist() for one in wide.series]) == (
        ("a", "b"),
        [[0, 0, 0], [1, 1, 1]],
    )


def test_a_heatmap_of_wide_data_has_a_row_for_each_row() -> None:
    """The columns of numbers are the heatmap's columns, and a column of text names its rows."""
    data = prepare(kind="heatmap", columns={"t": ["x", "y"], "a": [1, 2], "b": [3, None]})

    assert (data.rows, data.labels) == (("x", "y"), ("a", "b"))
    np.testing.assert_array_equal([one.y for one in data.series], [[1, 3], [2, np.nan]])
    assert [one.name for one in data.series] == ["x", "y"]


def test_a_heatmap_of_long_data_has_a_cell_for_each_pair() -> None:
    """Rows that share a cell become one, by the aggregate asked for."""
    columns = {"c": ["p", "q", "p"], "r": ["x", "y", "x"], "v": [1, 2, 3]}

    data = prepare(kind="heatmap", columns=columns, y="r", value="v", aggregate="mean")

    assert (data.x_name, data.labels, data.rows) == ("c", ("p", "q"), ("x", "y"))
    np.testing.assert_array_equal([one.y for one in data.series], [[2, np.nan], [np.nan, 2]])


@pytest.mark.parametrize(
    ("x", "bound", "expected"),
    [
        ([1.5, 2], 7, 7.0),
        (["2024-01-01", "2024-02-01"], "2024-01-01T12:00Z", day("2024-01-01T12:00")),
        (["p", "q"], " q ", 1.0),
    ],
)
def test_finds_a_place_on_the_x_axis(x: list[Any], bound: float | str, expected: float) -> None:
    """A number, a date or a category has its place on the axis that it is written for."""
    spec = decode({"kind": "line", "columns": {"x": x, "v": [1, 2]}, "x": "x", "y": "v"})

    assert chartdata.prepare(spec).position(bound, "$") == expected


@pytest.mark.parametrize(
    ("request_", "left_out"),
    [
        ({"csv": "d,a,b\n2024-01,1,2\n2024-02,3,N/A"}, ["`b` is not drawn: `N/A` in row 2"]),
        ({"csv": 'a,b\n1,"1,200"\n2,"3,400"'}, ["`b` is not drawn: `1,200` in row 1"]),
        (
            {"records": [{"a": 1, "b": 1, "c": "$5"}, {"a": 2, "b": "?", "c": "$ 6"}, {"b": 3}]},
            ["`b` is not drawn: `?` in row 2", "`c` is not drawn: `$5` in row 1"],
        ),
        ({"csv": "a,b\n1,2\n3,N/A", "y": "a"}, []),
        ({"csv": "a,b\n1,2\n3,N/A", "x": "b"}, []),
        ({"csv": "a,b\n1,red\n2,blue\n3,3"}, []),
        ({"csv": "a,b\n1,\n2,"}, []),
    ],
)
def test_says_what_is_left_out(request_: dict[str, Any], left_out: list[str]) -> None:
    """A column that one text keeps from being drawn is named with it, others are not."""
    data = chartdata.prepare(decode({"kind": "line"} | request_))

    assert list(data.left_out) == [f"{said} is no number" for said in left_out]


@pytest.mark.parametrize(
    ("x", "bound", "detail"),
    [
        ([1, 2], "2024-01", "Expected a number, as x has, got `2024-01`"),
        (["2024-01", "2024-02"], 3, "Expected an ISO 8601 date, as x has, got 3"),
        (["2024-01", "2024-02"], "p", "Expected an ISO 8601 date, as x has, got `p`"),
        (["p", "q"], "r", "Expected one of the categories `p`, `q`, got `r`"),
    ],
)
def test_refuses_what_has_no_place(x: list[Any], bound: float | str, detail: str) -> None:
    """Each line and note is looked up before anything is drawn."""
    note = {"x": bound, "y": 1, "text": ""}

    found = faults(columns={"x": x, "v": [1, 2]}, x="x", y="v", lines=[{"x": bound}], notes=[note])

    assert found == [
        Fault(path="$.lines[0].x", detail=detail),
        Fault(path="$.notes[0].x", detail=detail),
    ]
