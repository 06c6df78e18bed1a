"""Heatmaps: a table of values from wide or from long data."""

import budgets
import numpy as np
from categories import categorised, limit, ordering, rank
from chartspec import ChartSpec, listed
from frames import Column, Floats
from problems import refusal, too_large
from roles import Sample
from series import ChartData, Series
from transforms import Codes, aggregated


def grid(spec: ChartSpec, sample: Sample) -> ChartData:
    """Arrange a heatmap's values.

    Raises:
        Refusal: It has more than `budgets.CATEGORIES` rows, or a transform does not fit.
    """
    return _of_long(spec, sample) if spec.value is not None else _of_wide(spec, sample)


def _of_wide(spec: ChartSpec, sample: Sample) -> ChartData:
    """Make a row of each row, and a column of each column."""
    _check_rows(sample.rows)
    if spec.top is not None:
        detail = "Only categories can be left out: name the columns to draw in `y`"
        raise refusal("$.top", detail)
    x = sample.x
    if x is None:
        x = Column(type="number", values=np.arange(1.0, sample.rows + 1))
    groups = categorised(x)
    names = ("", *groups.names())
    order: Codes = np.arange(sample.rows)
    if spec.sort is not None and sample.table is not None:
        order = ordering(rank(sample.table[spec.sort.by]), spec.sort.descending)
    values = np.column_stack([draft.y for draft in sample.drafts])[order]
    return ChartData(
        series=_series(tuple(names[code + 1] for code in groups.codes[order].tolist()), values),
        x_type="category",
        x_name="",
        labels=tuple(draft.name for draft in sample.drafts),
        rows=tuple(names[code + 1] for code in groups.codes[order].tolist()),
    )


def _of_long(spec: ChartSpec, sample: Sample) -> ChartData:
    """Make a row of each category of one column, and a column of each of another."""
    assert sample.table is not None and spec.value is not None and sample.x is not None
    rows = categorised(sample.table[listed(spec.y)[0]])
    _check_rows(rows.count)
    columns = categorised(sample.x)
    values = sample.drafts[0].y
    kept = limit(spec, columns.count)
    if kept is not None:
        sums = aggregated(np.abs(values), columns.codes, columns.count, "sum")
        columns = columns.largest(np.nan_to_num(sums), kept)
    if spec.sort is not None:
        key, descending = sample.table[spec.sort.by], spec.sort.descending
        columns = columns.sorted(key, spec.aggregate, descending)
    places = np.where(
        (rows.codes < 0) | (columns.codes < 0), -1, rows.codes * columns.count + columns.codes
    )
    cells = aggregated(values, places, rows.count * columns.count, spec.aggregate)
    names = rows.names()
    return ChartData(
        series=_series(names, cells.reshape(rows.count, columns.count)),
        x_type="category",
        x_name=sample.x_name,
        labels=columns.names(),
        ordered=columns.ordered,
        rows=names,
    )


def _series(names: tuple[str, ...], values: Floats) -> tuple[Series, ...]:
    x = np.arange(values.shape[1], dtype=np.float64)
    return tuple(Series(name=name, x=x, y=row) for name, row in zip(names, values, strict=True))


def _check_rows(count: int) -> None:
    if count > budgets.CATEGORIES:
        detail = f"Expected at most {budgets.CATEGORIES} rows of a heatmap, got {count:,}"
        raise too_large("$", detail)
