"""The cells of a heatmap, from wide or from long data."""

from dataclasses import replace

import budgets
import numpy as np
from captions import listed
from categories import Codes, aggregated, categorised, limit, ordering
from chartspec import ChartSpec
from problems import refusal, too_large
from roles import Sample
from series import ChartData, Floats, Series


def cells_of_wide(spec: ChartSpec, sample: Sample) -> ChartData:
    """Make a heatmap's row of each row, and its column of each column."""
    _check_rows(sample.count)
    if spec.top is not None:
        detail = "Only categories can be left out: name the columns to draw in `y`"
        raise refusal("$.top", detail)
    groups = categorised(sample.x)
    names = np.array([*groups.labels, ""], dtype=object)[groups.codes]
    cells = sample.rows.pivot(index="row", columns="series", values="y").to_numpy()
    order: Codes = np.arange(sample.count)
    if spec.sort is not None and sample.table is not None:
        order = ordering(sample.table[spec.sort.by], spec.sort.descending)
    return _heatmap(tuple(names[order]), tuple(sample.names), cells[order])


def cells_of_long(spec: ChartSpec, sample: Sample) -> ChartData:
    """Make a heatmap's row of each category of one column, and its column of each of another."""
    table = sample.table
    assert table is not None
    down, across = categorised(table[listed(spec.y)[0]]), categorised(sample.x)
    _check_rows(down.count)
    if (kept := limit(spec, across.count)) is not None:
        sums = sample.rows["y"].abs().groupby(across.codes).sum()
        across = across.largest(sums.drop(-1, errors="ignore"), kept)
    if spec.sort is not None:
        across = across.sorted(table[spec.sort.by], spec.aggregate, spec.sort.descending)
    known = (down.codes >= 0) & (across.codes >= 0)
    groups = sample.rows["y"][known].groupby([down.codes[known], across.codes[known]])
    table = aggregated(groups, spec.aggregate).unstack()
    table = table.reindex(index=range(down.count), columns=range(across.count))
    cells = (table.fillna(0.0) if spec.aggregate == "count" else table).to_numpy(np.float64)
    return replace(_heatmap(down.names, across.names, cells), x_name=sample.x_name)


def _heatmap(names: tuple[str, ...], labels: tuple[str, ...], cells: Floats) -> ChartData:
    x = np.arange(len(labels), dtype=np.float64)
    series = tuple(Series(name=name, x=x, y=row) for name, row in zip(names, cells, strict=True))
    return ChartData(series=series, x_type="category", labels=labels, rows=names)


def _check_rows(count: int) -> None:
    if count > budgets.CATEGORIES:
        detail = f"Expected at most {budgets.CATEGORIES} rows of a heatmap, got {count:,}"
        raise too_large("$", detail)
