"""Where along x each value stands, and which values become one: groups, periods and windows."""

from dataclasses import replace
from typing import Any

import budgets
import numpy as np
import numpy.typing as npt
import pandas as pd
from captions import quoted
from charts import KINDS
from charts.chart import ChartData, Series
from chartspec import ChartSpec
from columns import (
    DATE,
    NUMBER,
    Column,
    codes_of,
    days,
    distinct,
    first_text,
    names_of,
    ordering,
    type_of,
)
from problems import check_count, refusal
from roles import Sample

PERIODS = {"minute": "min", "hour": "h", "day": "D", "month": "M", "quarter": "Q", "year": "Y"} | {
    "week": "W-SUN"  # which ends on Sunday
}
"""pandas' names of the periods."""


def placed(spec: ChartSpec, sample: Sample) -> ChartData:
    """Place the series of a chart, and put them through the transforms asked for."""
    chart, rows, starts = KINDS[spec.kind], sample.rows, None
    if chart.x == "none":
        series = _series(sample, rows.assign(x=np.nan))
        return ChartData(series=tuple(replace(one, x=one.x[:0]) for one in series), x_type="number")
    if chart.x == "cells" and spec.value is None:
        return _cells(spec, sample)
    if chart.x == "category" and not chart.merges and not sample.has_x:
        return _side_by_side(spec, sample)
    is_category = chart.x in ("category", "cells") or _is_category(spec, sample)
    for name, what in (("top", "be left out"), ("sort", "be put into another order")):
        is_free = is_category or (name == "sort" and not sample.has_x)
        if getattr(spec, name) is not None and not is_free:
            raise refusal(f"$.{name}", f"Only categories can {what}, and {_what_x_is(sample)}")
    if spec.resample is not None:
        rows, starts = _by_period(spec, sample)
    if is_category:
        return _by_category(spec, sample, rows, starts)
    is_date = type_of(rows["x"]) == "date"
    rows = (rows.assign(x=days(rows["x"])) if is_date else rows).dropna(subset="x")
    if starts is not None:
        rows = _merged(spec, sample, rows, days(starts))
    elif spec.group_by is not None or (chart.whole and spec.series is not None):
        rows = _merged(spec, sample, rows, distinct(rows["x"]) if chart.whole else None)
    series = _series(sample, _rolled(spec, rows))
    return ChartData(series=series, x_type="date" if is_date else "number", x_name=sample.x_name)


def _is_category(spec: ChartSpec, sample: Sample) -> bool:
    wanted, found = spec.x_axis.type, type_of(sample.rows["x"])
    expected = {"number": "number", "time": "date"}.get(wanted)
    if expected is not None and found != expected:
        detail = f"Expected `{wanted}` only where x is that, and {_what_x_is(sample)}"
        if found == "text":
            row, text = first_text(sample.rows["x"], DATE if expected == "date" else NUMBER)
            detail += f": {quoted(text)} in row {row + 1:,}"
        raise refusal("$.x_axis.type", detail)
    return wanted == "category" or found == "text"


def _what_x_is(sample: Sample) -> str:
    if not sample.has_x:
        return "x is the row's number"
    name = quoted(sample.x_name) if sample.x_name else "x"
    return f"{name} has {type_of(sample.rows['x'])}s"


def _by_period(spec: ChartSpec, sample: Sample) -> tuple[pd.DataFrame, Column]:
    """Move each row to the beginning of its period, and return the beginnings of all periods."""
    rows = sample.rows
    if not sample.has_x or type_of(rows["x"]) != "date":
        raise refusal("$.resample", f"Only dates have periods, and {_what_x_is(sample)}")
    rows = rows.dropna(subset="x").sort_values("x", kind="stable")  # first and last are by date
    periods = rows["x"].dt.to_period(PERIODS[spec.resample or "day"])
    first, last = periods.min(), periods.max()
    count = (last.ordinal - first.ordinal + 1) * len(sample.names)
    check_count("$.resample", count, budgets.ROWS, "periods of all series")
    starts = pd.period_range(first, last, freq=periods.dt.freq).start_time
    return rows.assign(x=periods.dt.start_time), pd.Series(starts)


def _by_category(
    spec: ChartSpec, sample: Sample, rows: pd.DataFrame, starts: "Column | None"
) -> ChartData:
    """Place rows at categories; beyond those that are kept, all share the last."""
    chart, is_ordered = KINDS[spec.kind], type_of(rows["x"]) != "text" and spec.sort is None
    merges = chart.merges or spec.resample is not None or spec.group_by is not None
    values = distinct(rows["x"]) if starts is None else starts
    codes = codes_of(rows["x"], values)
    rows = rows.assign(x=codes.astype(float))[codes >= 0]
    labels = names_of(values, spec.resample)
    order = _order(spec, sample, rows, len(labels), merges)
    places = np.full(len(labels), float(len(order)))
    places[order] = np.arange(len(order))
    rows["x"] = places[rows["x"].astype(int)]
    others = len(labels) - len(order)
    names = [labels[at] for at in order] + ([f"other ({others:,})"] if others else [])
    if merges:
        whole = not chart.ascends or chart.whole or spec.resample is not None
        every = pd.Series(np.arange(len(names), dtype=float)) if whole else None
        rows = _merged(spec, sample, rows, every)
    return ChartData(
        series=_series(sample, _rolled(spec, rows)),
        x_type="category",
        x_name=sample.x_name,
        labels=tuple(names),
        ordered=is_ordered,
        rows=tuple(sample.names) if chart.x == "cells" else (),
    )


def _order(
    spec: ChartSpec, sample: Sample, rows: pd.DataFrame, count: int, merges: bool
) -> npt.NDArray[np.intp]:
    """Return the categories that keep a place of their own, in the order of their places."""
    kept = spec.top or (count if count <= budgets.CATEGORIES else budgets.CATEGORIES - 1)
    order: npt.NDArray[np.intp] = np.arange(count)
    if kept < count:
        if spec.rolling is not None:
            unit = "categories to move a window over"
            check_count("$.rolling", count, budgets.CATEGORIES, unit)
        groups = (rows if merges else rows.assign(y=rows["y"].abs())).groupby(["series", "x"])["y"]
        sizes = aggregated(groups, spec.aggregate if merges else "sum").abs()
        sizes = sizes.groupby(level="x").sum().reindex(order).fillna(0.0)
        order = np.sort(ordering(sizes, descending=True)[:kept])
    if spec.sort is not None and sample.has_x:
        once, key = rows["x"][~rows.index.duplicated()], sample.table[spec.sort.by]
        is_number = type_of(key) == "number"
        key = key if is_number else key.rank(method="dense")
        how = spec.aggregate if merges or KINDS[spec.kind].x != "category" else "median"
        weights = aggregated(key[once.index].groupby(once), how if is_number else "first")
        order = order[ordering(weights.reindex(order), spec.sort.descending)]
    return order


def aggregated(groups: Any, how: str) -> Column:
    """Make one number of the values of each group; a sum of nothing but gaps is a gap."""
    numbers: Column = groups.sum(min_count=1) if how == "sum" else groups.agg(how).astype(float)
    return numbers


def _merged(
    spec: ChartSpec, sample: Sample, rows: pd.DataFrame, places: "Column | None"
) -> pd.DataFrame:
    """Make one value of all rows of a series at a place.

    Where `places` are given, each series has a value, or a gap, at each.
    """
    groups = rows.groupby(["series", "x"])["y"]
    merged = pd.DataFrame({"y": aggregated(groups, spec.aggregate)})
    if spec.kind == "errorbar":
        merged["error"] = groups.std()
    if places is not None:
        check_count("$", len(places) * len(sample.names), budgets.CELLS, "points")
        every = pd.MultiIndex.from_product([range(len(sample.names)), places])
        merged = merged.reindex(every.set_names(["series", "x"]))
        merged["y"] = merged["y"].fillna(0.0) if spec.aggregate == "count" else merged["y"]
    return merged.reset_index()


def _rolled(spec: ChartSpec, rows: pd.DataFrame) -> pd.DataFrame:
    """Put rows into the order of x, and move a window over each series.

    A window that holds a gap, or begins before its series, gives a gap.
    """
    if KINDS[spec.kind].ascends and not rows["x"].is_monotonic_increasing:
        rows = rows.sort_values(["series", "x"], kind="stable")
    if spec.rolling is None:
        return rows
    longest = int(rows["series"].value_counts().max())
    if spec.rolling.window > longest:
        detail = f"Expected at most the {longest:,} values there are, got {spec.rolling.window:,}"
        raise refusal("$.rolling.window", detail)
    rows = rows.reset_index(drop=True)
    window = rows.groupby("series")["y"].rolling(spec.rolling.window)
    return rows.assign(y=window.agg(spec.rolling.aggregate).droplevel(0))


def _side_by_side(spec: ChartSpec, sample: Sample) -> ChartData:
    """Place each series' values at a place of its own, which has its name."""
    for name in ("sort", "top"):
        if getattr(spec, name) is not None:
            raise refusal(f"$.{name}", "There are no categories without an x column")
    series = _series(sample, sample.rows.assign(x=sample.rows["series"]))
    return ChartData(series=series, x_type="category", labels=tuple(sample.names))


def _cells(spec: ChartSpec, sample: Sample) -> ChartData:
    """Make a heatmap's row of each row, and its column of each column."""
    check_count("$", sample.count, budgets.CATEGORIES, "rows of a heatmap")
    if spec.top is not None:
        detail = "Only categories can be left out: name the columns to draw in `y`"
        raise refusal("$.top", detail)
    cells = sample.rows["y"].to_numpy().reshape(len(sample.names), sample.count).T
    column = sample.rows["x"][: sample.count]
    names = np.array([*names_of(distinct(column)), ""], dtype=object)
    names = names[codes_of(column, distinct(column))]
    order: npt.NDArray[np.intp] = np.arange(sample.count)
    if spec.sort is not None:
        order = ordering(sample.table[spec.sort.by], spec.sort.descending)
    x = np.arange(len(sample.names), dtype=float)
    series = tuple(Series(name=names[at], x=x, y=cells[at]) for at in order)
    labels, rows = tuple(sample.names), tuple(names[order])
    return ChartData(series=series, x_type="category", labels=labels, rows=rows)


def _series(sample: Sample, rows: pd.DataFrame) -> tuple[Series, ...]:
    """Take rows apart again."""
    parts, none = dict(list(rows.groupby("series"))), rows.iloc[:0]
    fields = [name for name in ("x", "y", "error", "size", "color") if name in rows]
    return tuple(
        Series(
            name=name,
            second=at in sample.second,
            **{field: parts.get(at, none)[field].to_numpy(float) for field in fields},
        )
        for at, name in enumerate(sample.names)
    )
