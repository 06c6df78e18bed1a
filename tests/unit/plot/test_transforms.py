"""Plot's transforms: groups, periods, windows, order, and what shares a place."""

import statistics
import sys
from collections.abc import Callable
from operator import itemgetter
from pathlib import Path
from typing import Any, get_args

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

sys.path.insert(0, str(Path(__file__).parents[3] / "plot"))

from chartdata import prepare
from charts.chart import ChartData
from chartspec import Aggregate
from decoding import decode
from problems import Fault, Refusal

VALUES = st.none() | st.integers(-1000, 1000).map(float)
EXPECTED: dict[str, Callable[[Any], float]] = {
    "sum": sum,
    "mean": statistics.fmean,
    "median": statistics.median,
    "min": min,
    "max": max,
    "std": statistics.stdev,
    "first": itemgetter(0),
    "last": itemgetter(-1),
}
SALES = {
    "day": ["2024-01-01", "2024-01-01", "2024-01-03", "2024-02-05"],
    "shop": ["N", "S", "N", "N"],
    "sold": [1, 2, 3, None],
    "back": [0, 1, 0, 1],
}


def draw(**request: Any) -> ChartData:
    return prepare(decode({"kind": "bar"} | request))


def fault(**request: Any) -> Fault:
    with pytest.raises(Refusal) as caught:
        draw(**request)
    (found,) = caught.value.problem.errors
    return found


def values(data: ChartData) -> dict[str, list[float | None]]:
    return {
        one.name: [None if np.isnan(value) else float(value) for value in one.y]
        for one in data.series
    }


@pytest.mark.parametrize("how", get_args(Aggregate))
@given(rows=st.lists(st.tuples(st.sampled_from("abc"), VALUES), min_size=1))
def test_aggregates_what_is_known(how: Aggregate, rows: list[tuple[str, float | None]]) -> None:
    """Each aggregate of a category is of its numbers; of nothing but gaps comes a gap, or a 0."""
    columns = {"c": [name for name, _ in rows], "v": [value for _, value in rows]}
    request: dict[str, Any] = {"columns": columns, "group_by": "c", "y": "v", "aggregate": how}
    try:
        data = draw(**request)
    except Refusal as refusal:
        assert "only gaps" in str(refusal)  # noqa: PT017 - either is right
        return

    for name, value in zip(data.labels, values(data)["v"], strict=True):
        known = [each for own, each in rows if own == name and each is not None]
        if how == "count":
            assert value == len(known)
        elif len(known) < (2 if how == "std" else 1):
            assert value is None
        else:
            assert value == pytest.approx(EXPECTED[how](known), abs=1e-6)


@pytest.mark.parametrize("how", ["mean", "sum", "median", "min", "max", "std"])
@given(window=st.integers(2, 5), column=st.lists(VALUES, min_size=5))
def test_moves_a_window(how: Any, window: int, column: list[float | None]) -> None:
    """Each value becomes the aggregate of itself and those before it; a gap spoils its windows."""
    rolling = {"window": window, "aggregate": how}
    try:
        data = draw(kind="line", columns={"v": column}, y="v", rolling=rolling)
    except Refusal as refusal:
        assert "only gaps" in str(refusal)  # noqa: PT017 - either is right
        return

    for end, value in enumerate(values(data)["v"], 1):
        part = column[max(0, end - window) : end]
        if end < window or None in part:
            assert value is None
        else:
            assert value == pytest.approx(EXPECTED[how](part), abs=1e-4)


def test_groups_rows_by_one_column() -> None:
    """Rows that are alike become one, of every column drawn."""
    data = draw(columns=SALES, group_by="shop")

    assert (data.x_name, data.labels) == ("shop", ("N", "S"))
    assert values(data) == {"sold": [4, 2], "back": [1, 1]}


def test_splits_series_by_a_second_column() -> None:
    """The second column's values become series, and with several columns one for each pair."""
    one = draw(columns=SALES, group_by=["day", "shop"], y="sold", aggregate="max")
    two = draw(columns=SALES, group_by=["day", "shop"], y="sold", y2="back")

    assert one.labels == ("2024-01-01", "2024-01-03", "2024-02-05")
    assert values(one) == {"N": [1, 3, None], "S": [2, None, None]}
    assert [(each.name, each.second) for each in two.series] == [
        ("sold, N", False),
        ("sold, S", False),
        ("back, N", True),
        ("back, S", True),
    ]


def test_a_line_of_a_group_has_only_the_places_of_its_rows() -> None:
    """A group that lacks a date is not broken there, but one whose value is missing is."""
    data = draw(kind="line", columns=SALES, group_by=["day", "shop"], y="sold")

    north, south = data.series
    assert (north.x.tolist(), south.x.tolist()) == ([19723, 19725, 19758], [19723])
    np.testing.assert_array_equal(north.y, [1, 3, np.nan])


def test_counts_values_and_rows() -> None:
    """A count needs no numbers: it counts what is no gap, or rows where no column is drawn."""
    by_column = draw(columns=SALES, group_by="day", aggregate="count", y=["shop", "sold"])
    by_row = draw(columns={"shop": SALES["shop"]}, group_by="shop", aggregate="count")

    assert values(by_column) == {"shop": [2, 1, 1], "sold": [2, 1, 0]}
    assert values(by_row) == {"count": [3, 1]}


def test_puts_dates_together_by_period() -> None:
    """A period without a row is a gap, and stands on the axis all the same."""
    line = draw(kind="line", columns=SALES, resample="week", y="back")
    bars = draw(columns=SALES, resample="quarter", y="back", aggregate="count")

    assert line.series[0].x.tolist() == [19723, 19730, 19737, 19744, 19751, 19758]
    assert values(line) == {"back": [1, None, None, None, None, 1]}
    assert (bars.labels, values(bars)) == (("2024 Q1",), {"back": [4]})


PRICES = {
    "day": ["2024-02-09", "2024-02-01", "2024-01-31", "2024-01-02"],
    "price": [4, 3, 2, 1],
    "shop": ["N", "S", "N", "N"],
}


@pytest.mark.parametrize(
    ("how", "all_", "north", "south"),
    [("first", [1, 3], [1, 4], [None, 3]), ("last", [2, 4], [2, 4], [None, 3])],
)
def test_a_period_has_its_first_and_last_value_by_date(
    how: Aggregate, all_: list[float], north: list[float], south: list[float | None]
) -> None:
    """Rows that stand with the newest first have the same first value in a month as others."""
    columns = {"day": PRICES["day"], "price": PRICES["price"]}
    request: dict[str, Any] = {"resample": "month", "aggregate": how}
    series = [{"name": "N", "x": PRICES["day"], "y": [4, None, 2, 1]}]
    series += [{"name": "S", "x": PRICES["day"], "y": [None, 3, None, None]}]

    assert values(draw(columns=columns, **request)) == {"price": all_}
    assert values(draw(columns=PRICES, group_by=["day", "shop"], **request)) == {
        "N": north, "S": south,
    }  # fmt: skip
    assert values(draw(series=series, **request)) == {"N": north, "S": south}


def test_a_group_has_its_first_and_last_value_by_row() -> None:
    """Rows that are alike are taken in the order in which they were sent."""
    assert values(draw(columns=PRICES, group_by="shop", aggregate="first")) == {"price": [4, 3]}


@pytest.mark.parametrize(
    ("period", "labels"),
    [
        ("year", ("2024",)),
        ("month", ("2024-01", "2024-02")),
        ("day", ("2024-01-31", "2024-02-01")),
        ("hour", ("2024-01-31 23:00", "2024-02-01 00:00")),
    ],
)
def test_names_periods(period: str, labels: tuple[str, ...]) -> None:
    """A period is named as far as it says anything."""
    columns = {"at": ["2024-01-31T23:59:59", "2024-02-01T00:01"], "v": [1, 2]}

    assert draw(columns=columns, resample=period).labels == labels


def test_groups_within_periods() -> None:
    """Periods of a group's dates are put together for each group by itself."""
    data = draw(kind="step", columns=SALES, group_by=["day", "shop"], resample="month", y="back")

    assert values(data) == {"N": [0, 1], "S": [1, None]}


def test_means_have_their_spread_for_errors() -> None:
    """An errorbar chart of means shows the standard deviation of what became one."""
    columns = {"t": ["x", "y", "x"], "v": [1, 5, 3]}

    (series,) = draw(kind="errorbar", columns=columns, group_by="t", aggregate="mean").series

    assert series.error is not None
    np.testing.assert_allclose(series.y, [2, 5])
    np.testing.assert_allclose(series.error, [2**0.5, np.nan])


def test_moves_a_window_over_what_was_grouped() -> None:
    """The window comes after the groups, and moves in the order of x."""
    columns = {"d": ["2024-03", "2024-01", "2024-02", "2024-02"], "v": [1, 2, 3, 4]}

    data = draw(kind="line", columns=columns, group_by="d", rolling={"window": 2})

    assert values(data) == {"v": [None, 4.5, 4]}


@pytest.mark.parametrize(
    ("sort", "labels"),
    [
        ({"by": "v"}, ("b", "a", "c")),
        ({"by": "v", "descending": True}, ("a", "b", "c")),
        ({"by": "t"}, ("a", "b", "c")),
        ({"by": "t", "descending": True}, ("c", "b", "a")),
        ({"by": "w"}, ("c", "b", "a")),
    ],
)
def test_sorts_categories(sort: dict[str, Any], labels: tuple[str, ...]) -> None:
    """Any column orders categories, by the aggregate of their rows; gaps come last."""
    columns = {"t": ["b", "a", "c", "a"], "v": [3, 2, None, 2], "w": [2, 3, 1, 0]}

    data = draw(columns=columns, sort=sort, y="v")

    assert data.labels == labels
    sums = {"a": 4, "b": 3, "c": None}
    assert values(data) == {"v": [sums[label] for label in labels]}


def test_sorts_boxes_by_their_middle() -> None:
    """What orders boxes is the median of their values, not the sum."""
    columns = {"t": ["a", "a", "a", "b"], "v": [1, 1, 1, 2]}

    data = draw(kind="box", columns=columns, sort={"by": "v", "descending": True})

    assert data.labels == ("b", "a")
    assert data.series[0].x.tolist() == [1, 1, 1, 0]


def test_sorts_rows_that_have_no_x() -> None:
    """Rows without an x column are numbered in the order asked for."""
    data = draw(kind="line", columns={"v": [2, 3, 1]}, sort={"by": "v"})

    assert values(data) == {"v": [1, 2, 3]}
    assert data.series[0].x.tolist() == [1, 2, 3]


def test_sorts_the_rows_of_a_wide_heatmap() -> None:
    """The rows of a heatmap of wide data are the rows of the data, in the order asked for."""
    columns = {"t": ["x", "y", "z"], "v": [2, 3, 1]}

    data = draw(kind="heatmap", columns=columns, sort={"by": "v", "descending": True})

    assert (data.rows, [one.y.tolist() for one in data.series]) == (
        ("y", "x", "z"),
        [[3], [2], [1]],
    )


def test_the_largest_categories_keep_their_place() -> None:
    """All other categories become one, by the same aggregate, behind those that are kept."""
    columns = {"t": ["a", "b", "c", "d", "b"], "v": [1, 5, 9, 2, 1]}

    sums = draw(columns=columns, top=2)
    means = draw(columns=columns, top=2, aggregate="mean", sort={"by": "v", "descending": True})

    assert (sums.labels, values(sums)) == (("b", "c", "other (2)"), {"v": [6, 9, 3]})
    assert (means.labels, values(means)) == (("c", "b", "other (2)"), {"v": [9, 3, 1.5]})


def test_leaves_out_nothing_where_all_fit() -> None:
    """As many categories as are asked for are drawn as they are."""
    assert draw(columns={"t": ["a", "b"], "v": [1, 2]}, top=2).labels == ("a", "b")


@pytest.mark.parametrize(
    ("request_", "path", "detail"),
    [
        (
            {"kind": "line", "resample": "day", "x": "shop"},
            "$.resample",
            "Only dates have periods, and `shop` has texts",
        ),
        (
            {"kind": "line", "y": "back", "rolling": {"window": 5}},
            "$.rolling.window",
            "Expected at most the 4 values there are, got 5",
        ),
        (
            {"kind": "violin", "y": "back", "x": "shop", "sort": {"by": "nothing"}},
            "$.sort.by",
            "Expected one of the columns `day`, `shop`, `sold`, `back`, got `nothing`",
        ),
        (
            {"kind": "heatmap", "top": 2},
            "$.top",
            "Only categories can be left out: name the columns to draw in `y`",
        ),
        (
            {"kind": "pie", "group_by": ["shop", "day"], "y": "back"},
            "$.group_by",
            "Slices are one series, and a second column makes several",
        ),
    ],
)
def test_refuses_a_transform_that_does_not_fit(
    request_: dict[str, Any], path: str, detail: str
) -> None:
    """A transform that means nothing to the data is refused with the reason."""
    assert fault(columns=SALES, **request_) == Fault(path=path, detail=detail)


def test_refuses_to_sort_boxes_without_groups() -> None:
    """Boxes of columns stand in the order of the columns."""
    found = fault(kind="box", columns={"v": [1, 2]}, sort={"by": "v"})

    assert found == Fault(path="$.sort", detail="There are no categories without an x column")
