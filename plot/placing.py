"""Where along the x axis each value stands, and which values become one."""

from collections.abc import Callable
from dataclasses import replace

import budgets
import numpy as np
from captions import quoted
from categories import Categories, categorised, limit, ordering, rank
from chartspec import Aggregate, ChartSpec
from frames import NUMBER, Column, Floats, days, read_date
from grids import grid
from kinds import CATEGORICAL, LINES, POINTS, SAMPLES
from problems import refusal, too_large
from roles import Sample
from series import ChartData, Series, XType
from transforms import Codes, Dates, aggregated, periods, rolled


def placed(spec: ChartSpec, sample: Sample) -> ChartData:
    """Place the series of a chart, and put them through the transforms asked for.

    Raises:
        Refusal: A transform does not fit the data, or makes more of it than the budgets allow.
    """
    if spec.kind == "histogram":
        nowhere = np.empty(0)
        series = tuple(Series(name=draft.name, x=nowhere, y=draft.y) for draft in sample.drafts)
        return ChartData(series=series, x_type="number", x_name="")
    if spec.kind == "heatmap":
        return grid(spec, sample)
    if spec.kind in SAMPLES and sample.x is None:
        return _side_by_side(spec, sample)
    if spec.kind in CATEGORICAL or _is_category(spec, sample):
        return _by_category(spec, sample)
    if spec.top is not None:
        raise refusal("$.top", f"Only categories can be left out, and {_what_x_is(sample)}")
    if spec.sort is not None and sample.x is not None:
        raise refusal("$.sort", f"Only categories have another order, and {_what_x_is(sample)}")
    return _by_number(spec, sample)


def _is_category(spec: ChartSpec, sample: Sample) -> bool:
    wanted = spec.x_axis.type
    type_ = sample.x.type if sample.x is not None else "number"
    expected = {"number": "number", "time": "date"}.get(wanted)
    if expected is not None and type_ != expected:
        detail = f"Expected `{wanted}` only where x is that, and {_what_x_is(sample)}"
        raise refusal("$.x_axis.type", detail + _first_other(sample.x, expected))
    return wanted == "category" or type_ == "text"


def _first_other(x: Column | None, expected: str) -> str:
    """Name the text that keeps a column from being of dates, or of numbers."""
    if x is None or x.type != "text":
        return ""
    reads: Callable[[str], object] = read_date if expected == "date" else NUMBER.fullmatch
    for code, text in enumerate(x.names):
        if reads(text) is None:
            return f": {quoted(text)} in row {np.flatnonzero(x.values == code)[0] + 1:,}"
    return ""


def _what_x_is(sample: Sample) -> str:
    if sample.x is None:
        return "x is the row's number"
    name = quoted(sample.x_name) if sample.x_name else "x"
    return f"{name} has {sample.x.type}s"


def _by_number(spec: ChartSpec, sample: Sample) -> ChartData:
    """Place rows at numbers or dates."""
    x = sample.x if sample.x is not None else _row_numbers(spec, sample)
    x_type: XType = "date" if x.type == "date" else "number"
    if spec.resample is not None:
        codes, count, start = _periods(spec, sample)
        everywhere = days(start(np.arange(count)))
        series = _merged(spec, sample, codes, everywhere, whole=True)
    elif spec.group_by is not None or (spec.kind == "area" and spec.series is not None):
        groups = categorised(x)
        series = _merged(spec, sample, groups.codes, groups.values.positions, spec.kind == "area")
    else:
        series = _one_by_one(spec, sample, x.positions)
    return ChartData(series=_rolled(spec, series), x_type=x_type, x_name=sample.x_name)


def _row_numbers(spec: ChartSpec, sample: Sample) -> Column:
    """Number the rows from 1, in the order asked for."""
    numbers = np.arange(1.0, sample.rows + 1)
    if spec.sort is not None and sample.table is not None:
        order = ordering(rank(sample.table[spec.sort.by]), spec.sort.descending)
        numbers[order] = np.arange(1.0, sample.rows + 1)
    return Column(type="number", values=numbers)


def _periods(spec: ChartSpec, sample: Sample) -> tuple[Codes, int, Callable[[Codes], Dates]]:
    assert spec.resample is not None
    if sample.x is None or sample.x.type != "date":
        raise refusal("$.resample", f"Only dates have periods, and {_what_x_is(sample)}")
    codes, count, start = periods(sample.x.values, spec.resample)
    cells = count * len(sample.drafts)
    if cells > budgets.ROWS:
        detail = f"Expected at most {budgets.ROWS:,} periods of all series, got {cells:,}"
        raise too_large("$.resample", detail)
    return codes, count, start


def _merged(
    spec: ChartSpec, sample: Sample, codes: Codes, positions: Floats, whole: bool
) -> tuple[Series, ...]:
    """Make one value of all rows at a place.

    Args:
        spec: The request.
        sample: Its data.
        codes: Each row's place, from 0; -1 leaves the row out.
        positions: Where the places are on the x axis.
        whole: Whether a series has a value at each place, a gap where it has no row.
    """
    count = len(positions)
    if whole and count * len(sample.drafts) > budgets.CELLS:
        cells = count * len(sample.drafts)
        raise too_large("$", f"Expected at most {budgets.CELLS:,} points, got {cells:,}")
    series = []
    for draft in sample.drafts:
        own = codes if draft.rows is None else codes[draft.rows]
        y = aggregated(draft.y, own, count, spec.aggregate)
        error = aggregated(draft.y, own, count, "std") if spec.kind == "errorbar" else None
        x = positions
        if not whole:
            there = np.bincount(own[own >= 0], minlength=count) > 0
            x, y = x[there], y[there]
            error = None if error is None else error[there]
        series.append(Series(name=draft.name, x=x, y=y, second=draft.second, error=error))
    return tuple(series)


def _one_by_one(spec: ChartSpec, sample: Sample, x: Floats) -> tuple[Series, ...]:
    """Keep every row whose x is known."""
    ascends = spec.kind in LINES or spec.kind == "errorbar"
    size, color = _of_points(spec, sample)
    shared = _kept(x, ascends)
    series = []
    for draft in sample.drafts:
        rows = draft.rows
        own = x if rows is None else x[rows]
        kept = shared if rows is None else _kept(own, ascends)
        series.append(
            Series(
                name=draft.name,
                x=own[kept],
                y=draft.y[kept],
                second=draft.second,
                error=None if draft.error is None else draft.error[kept],
                size=None if size is None else size[kept],
                color=None if color is None else color[kept],
            )
        )
    return tuple(series)


def _kept(x: Floats, ascends: bool) -> Codes | slice:
    """Return the rows whose x is known, in ascending order where that matters."""
    if ascends and not (x[1:] >= x[:-1]).all():
        return np.argsort(x, kind="stable")[: np.count_nonzero(~np.isnan(x))]  # gaps come last
    known = ~np.isnan(x)
    return slice(None) if known.all() else np.flatnonzero(known)


def _of_points(spec: ChartSpec, sample: Sample) -> tuple[Floats | None, Floats | None]:
    """Return the sizes and the colours of a scatter chart's points."""
    table = sample.table
    if table is None or (spec.size is None and spec.color is None):
        return None, None
    size = color = None
    if spec.size is not None:
        size = table.numbers(spec.size)
        below = np.flatnonzero(size < 0)
        if below.size:
            detail = f"Expected sizes of 0 or more, got {size[below[0]]:g} in row {below[0] + 1}"
            raise refusal(table.path(spec.size, int(below[0])), detail)
    if spec.color is not None:
        column = table[spec.color]
        if column.type == "date":
            found = f"Expected numbers or text in {quoted(spec.color)}, got dates"
            raise refusal("$.color", found)
        if len(column.names) > budgets.SERIES:
            detail = f"Expected at most {budgets.SERIES} texts to colour by"
            raise too_large("$.color", f"{detail}, got {len(column.names):,}")
        color = column.positions
    return size, color


def _rolled(spec: ChartSpec, series: tuple[Series, ...]) -> tuple[Series, ...]:
    if spec.rolling is None:
        return series
    longest = max(len(one.y) for one in series)
    if spec.rolling.window > longest:
        detail = f"Expected at most the {longest:,} values there are, got {spec.rolling.window:,}"
        raise refusal("$.rolling.window", detail)
    values = sum(len(one.y) for one in series)
    if values > budgets.ROWS:
        detail = f"Expected at most {budgets.ROWS:,} values of all series, got {values:,}"
        raise too_large("$.rolling", detail)
    rolling = spec.rolling
    return tuple(replace(one, y=rolled(one.y, rolling)) for one in series)


def _side_by_side(spec: ChartSpec, sample: Sample) -> ChartData:
    """Place each series' values at a place of its own, which has its name."""
    for name in ("sort", "top"):
        if getattr(spec, name) is not None:
            raise refusal(f"$.{name}", "There are no categories without an x column")
    series = tuple(
        Series(name=draft.name, x=np.full(len(draft.y), float(place)), y=draft.y)
        for place, draft in enumerate(sample.drafts)
    )
    labels = tuple(draft.name for draft in sample.drafts)
    return ChartData(series=series, x_type="category", x_name="", labels=labels)


def _by_category(spec: ChartSpec, sample: Sample) -> ChartData:
    """Place rows at categories."""
    groups, period = _groups(spec, sample), spec.resample
    merges = spec.kind not in SAMPLES and (spec.kind not in POINTS or period or spec.group_by)
    how: Aggregate = spec.aggregate if merges else "sum"
    kept = limit(spec, groups.count)
    if kept is not None and spec.rolling is not None:
        detail = f"Expected at most {budgets.CATEGORIES} categories to move a window over"
        raise too_large("$.rolling", f"{detail}, got {groups.count:,}")
    if kept is not None:
        weights = np.zeros(groups.count)
        for draft in sample.drafts:
            codes = groups.codes if draft.rows is None else groups.codes[draft.rows]
            values = draft.y if merges else np.abs(draft.y)
            weights += np.abs(np.nan_to_num(aggregated(values, codes, groups.count, how)))
        groups = groups.largest(weights, kept)
    groups = _sorted(spec, sample, groups)
    places = np.arange(groups.count, dtype=np.float64)
    if merges:
        whole = spec.kind not in LINES or spec.kind == "area" or period is not None
        series = _rolled(spec, _merged(spec, sample, groups.codes, places, whole))
    else:
        x = np.where(groups.codes < 0, np.nan, groups.codes)
        series = _one_by_one(spec, sample, x)
    return ChartData(
        series=series,
        x_type="category",
        x_name=sample.x_name,
        labels=groups.names(period),
        ordered=groups.ordered,
    )


def _groups(spec: ChartSpec, sample: Sample) -> Categories:
    """Number the categories along x."""
    if spec.resample is not None:
        codes, count, start = _periods(spec, sample)
        every = Column(type="date", values=start(np.arange(count)))
        return Categories(codes=codes, values=every, ordered=True)
    return categorised(sample.x if sample.x is not None else _row_numbers(spec, sample))


def _sorted(spec: ChartSpec, sample: Sample, groups: Categories) -> Categories:
    if spec.sort is None or sample.table is None or sample.x is None:
        return groups
    how: Aggregate = "median" if spec.kind in SAMPLES else spec.aggregate
    return groups.sorted(sample.table[spec.sort.by], how, spec.sort.descending)
