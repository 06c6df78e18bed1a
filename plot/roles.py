"""Which column does what: a request's rows, one behind the other, each with its series."""

from collections.abc import Iterator
from dataclasses import dataclass, field

import budgets
import numpy as np
import numpy.typing as npt
import pandas as pd
from captions import first_of, listed, quoted
from charts import KINDS
from chartspec import ChartSpec
from columns import Column, codes_of, distinct, first_text, names_of, ordering, type_of
from problems import Fault, Refusal, check_count, refusal
from tables import numbers_of, path_of, read, read_series


@dataclass(frozen=True, kw_only=True)
class Sample:
    """A request's data by what it is for.

    `rows` has one row for each value: `series` (its number), `x`, `y`, and where a field names a
    column for it `error`, `size` and `color`. Its index is the row's number as it was sent.
    """

    rows: pd.DataFrame
    names: list[str]  # of the series
    count: int  # of rows that were sent
    second: frozenset[int] = frozenset()  # series of the second axis of values
    x_name: str = ""
    has_x: bool  # x is more than the row's number
    table: pd.DataFrame = field(default_factory=pd.DataFrame)
    left_out: tuple[str, ...] = ()  # of columns that look like numbers: why they are not drawn


def sample(spec: ChartSpec) -> Sample:
    """Read a request's data and tell what each column is for, or refuse it."""
    if spec.series is not None:
        has_x = any(trace.x is not None for trace in spec.series)
        rows, names = read_series(spec), [trace.name for trace in spec.series]
        return Sample(rows=rows, names=names, count=len(rows), has_x=has_x)
    table = read(spec)
    _check_names(spec, table)
    x_name = _x_column(spec, table)
    first, second = _y_columns(spec, table, x_name), listed(spec.y2)
    names, split = [*first, *second], len(first)
    splitter = listed(spec.y) if spec.value is not None else listed(spec.group_by)[1:]
    if not splitter:
        _check_count(spec, "$.y" if spec.y else "$", len(names))
    errors = listed(spec.error)
    if errors and len(errors) != len(names):
        detail = f"Expected one column for each of the {len(names):,} drawn, got {len(errors):,}"
        raise refusal("$.error", detail)
    base = _base(spec, table, x_name)
    parts = [base.assign(series=at, y=_values(spec, table, name)) for at, name in enumerate(names)]
    for part, error in zip(parts, errors, strict=False):
        part["error"] = numbers_of(spec, table, error)
    rows = pd.concat(parts)
    for name in splitter:  # its texts are series, or a heatmap's rows
        texts = names_of(distinct(table[name]))
        codes = codes_of(table[name], distinct(table[name]))[rows.index]
        _check_count(spec, "$.group_by[1]", len(texts) * len(names))
        rows = rows.assign(series=rows["series"] * len(texts) + codes)[codes >= 0]
        split *= len(texts)
        names = [f"{name}, {text}" if names[1:] else text for name in names for text in texts]
    return Sample(
        rows=rows,
        names=names,
        count=len(table),
        second=frozenset(range(split, len(names))),
        x_name=x_name or "",
        has_x=x_name is not None,
        table=table,
        left_out=tuple(_left_out(spec, table, x_name)) if spec.y is None else (),
    )


def _base(spec: ChartSpec, table: pd.DataFrame, x_name: str | None) -> pd.DataFrame:
    """Return what the rows of all series share."""
    if x_name is not None:
        base = pd.DataFrame({"x": table[x_name]})
    else:  # the row's number from 1, in the order asked for
        places: npt.NDArray[np.intp] = np.arange(len(table))
        if spec.sort is not None and KINDS[spec.kind].x != "cells":
            places = np.argsort(ordering(table[spec.sort.by], spec.sort.descending))
        base = pd.DataFrame({"x": places + 1.0})
    if spec.size is not None:
        base["size"] = numbers_of(spec, table, spec.size)
        if (base["size"] < 0).any():
            row = int(np.flatnonzero(base["size"] < 0)[0])
            detail = f"Expected sizes of 0 or more, got {base['size'][row]:g} in row {row + 1}"
            raise refusal(path_of(spec, spec.size, row), detail)
    if spec.color is not None:
        column = base["color"] = table[spec.color]
        if type_of(column) == "date":
            raise refusal("$.color", f"Expected numbers or text in {quoted(spec.color)}, got dates")
        if type_of(column) == "text":
            check_count("$.color", column.nunique(), budgets.SERIES, "texts to colour by")
            base["color"] = pd.Series(codes_of(column, distinct(column))).replace(-1, np.nan)
    return base


def _x_column(spec: ChartSpec, table: pd.DataFrame) -> str | None:
    """Return the x column: the one that is named, else the first that can be it."""
    if spec.x is not None or spec.group_by is not None:
        return spec.x if spec.group_by is None else listed(spec.group_by)[0]
    taken = _named(spec)
    free = [name for name in table.columns if name not in taken]
    if spec.value is not None:
        if not free:
            raise refusal("$.x", "Expected the column of the heatmap's columns, and none is left")
        return str(free[0])
    first = str(table.columns[0])
    if KINDS[spec.kind].x == "none" or first in taken:
        return None
    if type_of(table[first]) != "number":
        return first
    # A second column of numbers, or one that `y` names, leaves a scatter chart's first to be x.
    numbers = sum(type_of(table[name]) == "number" for name in free)
    return first if spec.kind == "scatter" and (numbers > 1 or spec.y is not None) else None


def _named(spec: ChartSpec) -> set[str | None]:
    """Return the columns that the request names for something other than x."""
    several = (spec.y, spec.y2, spec.error, spec.group_by, spec.size, spec.color, spec.value)
    return {name for names in several for name in listed(names)}


def _y_columns(spec: ChartSpec, table: pd.DataFrame, x: str | None) -> list[str]:
    names = [spec.value] if spec.value is not None else listed(spec.y)
    others = [name for name in table.columns if name not in _named(spec) | {x}]
    if spec.value is None and spec.y is None:
        names = [name for name in others if type_of(table[name]) == "number"]
        if not names and not spec.y2 and spec.aggregate == "count" and spec.group_by is not None:
            return ["count"]
    if names or spec.y2:
        return names
    faults: list[Fault] = []
    for name in others if spec.y is None else ():
        try:
            numbers_of(spec, table, name)
        except Refusal as refused:
            faults += refused.problem.errors
    nothing = "Expected at least one column of numbers to draw, got none"
    raise Refusal(faults or [Fault("$.y" if spec.y is not None else "$", nothing)])


def _values(spec: ChartSpec, table: pd.DataFrame, name: str) -> Column:
    """Return the numbers of a column; where only their count is drawn, any values do."""
    if spec.aggregate == "count" and (spec.group_by is not None or spec.resample is not None):
        if spec.y is None and name not in table:
            return pd.Series(1.0, index=table.index)
        return table[name].notna().astype(float).replace(0.0, np.nan)
    return numbers_of(spec, table, name)


def _left_out(spec: ChartSpec, table: pd.DataFrame, x: str | None) -> Iterator[str]:
    """Say what keeps columns from being drawn of which half looks like numbers."""
    for name in table.columns:
        if name not in _named(spec) | {x} and type_of(table[name]) == "text":
            texts = table[name].dropna().drop_duplicates()[:1000]
            plain = texts.str.replace("[\\s,%$€£'_]", "", regex=True)
            if 2 * pd.to_numeric(plain, errors="coerce").notna().sum() >= len(texts):
                row, text = first_text(table[name])
                yield f"{quoted(name)} is not drawn: `{text}` in row {row + 1:,} is no number"


def _check_count(spec: ChartSpec, path: str, count: int) -> None:
    if spec.kind == "heatmap":
        unit = "columns of a heatmap" if spec.value is None else "rows of a heatmap"
        check_count(path if spec.value is None else "$.y", count, budgets.CATEGORIES, unit)
    else:
        check_count(path, count, budgets.SERIES, "series")


def _check_names(spec: ChartSpec, table: pd.DataFrame) -> None:
    """Refuse each column that is named and does not exist."""
    named = [("$.sort.by", spec.sort.by)] if spec.sort is not None else []
    for name in ("x", "size", "color", "value", "y", "y2", "error", "group_by"):
        value = getattr(spec, name)
        steps = ("",) if isinstance(value, str) else (f"[{at}]" for at in range(budgets.COLUMNS))
        named += [(f"$.{name}{step}", one) for step, one in zip(steps, listed(value), strict=False)]
    known = first_of(list(table.columns))
    faults = [
        Fault(path, f"Expected one of the columns {known}, got {quoted(name[:40])}")
        for path, name in named
        if name not in table
    ]
    if faults:
        raise Refusal(faults)
