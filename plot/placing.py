"""Where along x each value stands, and which values become one: groups, periods and windows."""

from dataclasses import replace

import budgets
import numpy as np
import pandas as pd
from captions import quoted
from categories import Categories, Codes, aggregated, categorised, limit, names_of
from cells import cells_of_long, cells_of_wide
from chartspec import ChartSpec
from kinds import KINDS
from problems import refusal, too_large
from roles import Sample
from series import ChartData, Floats, Series
from tables import DATE, NUMBER, Column, days, first_text, type_of

PERIODS = {
    "minute": "min",
    "hour": "h",
    "day": "D",
    "week": "W-SUN",
    "month": "M",
    "quarter": "Q",
    "year": "Y",
}
"""pandas' names of the periods. A week ends on Sunday."""


def placed(spec: ChartSpec, sample: Sample) -> ChartData:
    """Place the series of a chart, and put them through the transforms asked for.

    Raises:
        Refusal: A transform does not fit the data, or makes more of it than the budgets allow.
    """
    chart = KINDS[spec.kind]
    if chart.x == "none":
        series = _series(sample, sample.rows.assign(x=np.nan))
        series = tuple(replace(one, x=one.x[:0]) for one in series)
        return ChartData(series=series, x_type="number")
    if chart.x == "cells":
        return (
            cells_of_long(spec, sample) if spec.value is not None else cells_of_wide(spec, sample)
        )
    if chart.x == "category" and not chart.merges and not sample.has_x:
        return _side_by_side(spec, sample)
    if chart.x == "category" or _is_category(spec, sample):
        return _by_category(spec, sample)
    if spec.top is not None:
        raise refusal("$.top", f"Only categories can be left out, and {_what_x_is(sample)}")
    if spec.sort is not None and sample.has_x:
        raise refusal("$.sort", f"Only categories have another order, and {_what_x_is(sample)}")
    is_date = type_of(sample.x) == "date"
    if spec.resample is not None:
        codes, starts = _periods(spec, sample)
        rows = _merged(spec, sample, codes.astype(float), np.arange(len(starts), dtype=float))
        rows["x"] = days(starts).to_numpy()[rows["x"].astype(int)]
    else:
        x = (days(sample.x) if is_date else sample.x).to_numpy()
        if spec.group_by is not None or (chart.whole and spec.series is not None):
            rows = _merged(spec, sample, x, np.unique(x[~np.isnan(x)]) if chart.whole else None)
        else:
            rows = _one_by_one(spec, sample, x)
    series = _series(sample, _rolled(spec, rows))
    return ChartData(series=series, x_type="date" if is_date else "number", x_name=sample.x_name)


def _is_category(spec: ChartSpec, sample: Sample) -> bool:
    wanted, found = spec.x_axis.type, type_of(sample.x)
    expected = {"number": "number", "time": "date"}.get(wanted)
    if expected is not None and found != expected:
        detail = f"Expected `{wanted}` only where x is that, and {_what_x_is(sample)}"
        if found == "text":
            row, text = first_text(sample.x, DATE if expected == "date" else NUMBER)
            detail += f": {quoted(text)} in row {row + 1:,}"
        raise refusal("$.x_axis.type", detail)
    return wanted == "category" or found == "text"


def _what_x_is(sample: Sample) -> str:
    if not sample.has_x:
        return "x is the row's number"
    return f"{quoted(sample.x_name) if sample.x_name else 'x'} has {type_of(sample.x)}s"


def _periods(spec: ChartSpec, sample: Sample) -> tuple[Codes, Column]:
    """Return the period of each row, -1 for a gap, and where each period begins."""
    if not sample.has_x or type_of(sample.x) != "date" or spec.resample is None:
        raise refusal("$.resample", f"Only dates have periods, and {_what_x_is(sample)}")
    periods = sample.x.dt.to_period(PERIODS[spec.resample])
    numbers = pd.PeriodIndex(periods).asi8
    known = periods.notna().to_numpy()
    first, last = (numbers[known].min(), numbers[known].max()) if known.any() else (0, 0)
    cells = int(last - first + 1) * len(sample.names)
    if cells > budgets.ROWS:
        detail = f"Expected at most {budgets.ROWS:,} periods of all series, got {cells:,}"
        raise too_large("$.resample", detail)
    starts = pd.period_range(periods.min(), periods.max(), freq=periods.dt.freq).start_time
    return np.where(known, numbers - first, -1), pd.Series(starts)


def _merged(spec: ChartSpec, sample: Sample, x: Floats, places: Floats | None) -> pd.DataFrame:
    """Make one value of all rows of a series at a place.

    Args:
        spec: The request.
        sample: Its data.
        x: The place of each row that was sent; NaN or below 0 where a code is none.
        places: Where each series has a value, a gap where it has no row; None for its own places.
    """
    if places is not None and len(places) * len(sample.names) > budgets.CELLS:
        cells = len(places) * len(sample.names)
        raise too_large("$", f"Expected at most {budgets.CELLS:,} points, got {cells:,}")
    rows = sample.rows.assign(x=x[sample.rows["row"]])
    groups = rows.groupby(["series", "x"])["y"]
    merged = pd.DataFrame({"y": aggregated(groups, spec.aggregate)})
    if spec.kind == "errorbar":
        merged["error"] = groups.std()
    if places is not None:
        every = pd.MultiIndex.from_product([range(len(sample.names)), places])
        merged = merged.reindex(every.set_names(["series", "x"]))
        merged["y"] = merged["y"].fillna(0.0) if spec.aggregate == "count" else merged["y"]
    return merged.reset_index()


def _one_by_one(spec: ChartSpec, sample: Sample, x: Floats) -> pd.DataFrame:
    """Keep every row that has a place."""
    rows = sample.rows.assign(x=x[sample.rows["row"]])
    rows = rows.dropna(subset="x") if np.isnan(x).any() else rows
    is_sorted = not KINDS[spec.kind].ascends or bool((np.diff(x) >= 0).all())
    return rows if is_sorted else rows.sort_values("x", kind="stable")


def _rolled(spec: ChartSpec, rows: pd.DataFrame) -> pd.DataFrame:
    """Move a window over each series; one that holds a gap, or begins before it, gives a gap."""
    if spec.rolling is None:
        return rows
    longest = int(rows["series"].value_counts().max())
    if spec.rolling.window > longest:
        detail = f"Expected at most the {longest:,} values there are, got {spec.rolling.window:,}"
        raise refusal("$.rolling.window", detail)
    window = rows.groupby("series")["y"].rolling(spec.rolling.window)
    moved = window.agg(spec.rolling.aggregate).droplevel(0)
    return rows.assign(y=moved)


def _by_category(spec: ChartSpec, sample: Sample) -> ChartData:
    """Place rows at categories."""
    chart = KINDS[spec.kind]
    if spec.resample is not None:
        codes, starts = _periods(spec, sample)
        groups = Categories(codes=codes, labels=names_of(starts, spec.resample))
    else:
        groups = categorised(sample.x)
    merges = chart.merges or spec.resample is not None or spec.group_by is not None
    if (kept := limit(spec, groups.count)) is not None:
        if spec.rolling is not None:
            detail = f"Expected at most {budgets.CATEGORIES} categories to move a window over"
            raise too_large("$.rolling", f"{detail}, got {groups.count:,}")
        groups = groups.largest(_weights(spec, sample, groups.codes, merges), kept)
    if spec.sort is not None and sample.table is not None and sample.has_x:
        how = spec.aggregate if merges or chart.x != "category" else "median"
        groups = groups.sorted(sample.table[spec.sort.by], how, spec.sort.descending)
    x = np.where(groups.codes < 0, np.nan, groups.codes)
    if merges:
        whole = not chart.ascends or chart.whole or spec.resample is not None
        rows = _merged(spec, sample, x, np.arange(groups.count, dtype=float) if whole else None)
    else:
        rows = _one_by_one(spec, sample, x)
    series = _series(sample, _rolled(spec, rows))
    return ChartData(
        series=series,
        x_type="category",
        x_name=sample.x_name,
        labels=groups.names,
        ordered=type_of(sample.x) != "text" and spec.sort is None,
    )


def _weights(spec: ChartSpec, sample: Sample, codes: Codes, merges: bool) -> Column:
    """Return how large each category is, over all series."""
    rows = sample.rows.assign(x=codes[sample.rows["row"]])
    rows = rows if merges else rows.assign(y=rows["y"].abs())
    groups = rows[rows["x"] >= 0].groupby(["series", "x"])["y"]
    return aggregated(groups, spec.aggregate if merges else "sum").abs().groupby(level="x").sum()


def _side_by_side(spec: ChartSpec, sample: Sample) -> ChartData:
    """Place each series' values at a place of its own, which has its name."""
    for name in ("sort", "top"):
        if getattr(spec, name) is not None:
            raise refusal(f"$.{name}", "There are no categories without an x column")
    rows = sample.rows.assign(x=sample.rows["series"].astype(float))
    labels = tuple(sample.names)
    return ChartData(series=_series(sample, rows), x_type="category", labels=labels)


def _series(sample: Sample, rows: pd.DataFrame) -> tuple[Series, ...]:
    """Take rows apart again."""
    parts = dict(list(rows.groupby("series")))
    none = rows.iloc[:0]
    columns = [name for name in ("x", "y", "error", "size", "color") if name in rows]
    return tuple(
        Series(
            name=name,
            second=index in sample.second,
            **{column: parts.get(index, none)[column].to_numpy(float) for column in columns},
        )
        for index, name in enumerate(sample.names)
    )
