"""Which column does what: a request's rows, one behind the other, each with its series."""

from collections.abc import Iterator
from dataclasses import dataclass

import budgets
import numpy as np
import pandas as pd
from captions import listed, quoted
from categories import Codes, categorised, ordering
from chartspec import ChartSpec
from kinds import KINDS
from problems import Fault, Refusal, refusal, too_large
from tables import (
    Column,
    first_text,
    is_number,
    names_in,
    numbers_of,
    path_of,
    read,
    read_series,
    type_of,
)


@dataclass(frozen=True, kw_only=True)
class Sample:
    """A request's data by what it is for.

    Attributes:
        x: Values along the x axis, of each row that was sent.
        rows: One for each value: `series` and `row` (their numbers), `y`, and where a field names
            a column for it `error`, `size` and `color`.
        names: Of the series.
        second: Which series are of the second axis of values.
        x_name: The x column; empty where there is none.
        has_x: Whether x is more than the row's number.
        table: The columns, where the request has some.
        left_out: Of each column that looks like numbers and is not drawn, why.
    """

    x: Column
    rows: pd.DataFrame
    names: list[str]
    second: frozenset[int] = frozenset()
    x_name: str = ""
    has_x: bool
    table: pd.DataFrame | None = None
    left_out: tuple[str, ...] = ()

    @property
    def count(self) -> int:
        """How many rows were sent."""
        return len(self.x)


def sample(spec: ChartSpec) -> Sample:
    """Read a request's data and tell what each column is for.

    Raises:
        Refusal: The data cannot be read, a column does not exist or holds no numbers where numbers
            are drawn, or there are more series than `budgets.SERIES`.
    """
    if spec.series is not None:
        rows = read_series(spec)
        x = rows.pop("x")
        names = [trace.name for trace in spec.series]
        rows = _in_time(spec, x, rows.assign(row=rows.index))
        has_x = any(trace.x is not None for trace in spec.series)
        return Sample(x=x, rows=rows, names=names, has_x=has_x)
    table = read(spec)
    _check_names(spec, table)
    x_name = _x_column(spec, table)
    first, second = _y_columns(spec, table, x_name), listed(spec.y2)
    names, groups = [*first, *second], listed(spec.group_by)
    if len(groups) < 2:
        _check_count(spec, "$.y" if spec.y else "$", len(names))
    errors = listed(spec.error)
    if errors and len(errors) != len(names):
        detail = f"Expected one column for each of the {len(names):,} drawn, got {len(errors):,}"
        raise refusal("$.error", detail)
    x = table[x_name] if x_name else _row_numbers(spec, table)
    base = _base(spec, table)
    parts = []
    for index, name in enumerate(names):
        part = base.assign(series=index, y=_values(spec, table, name).to_numpy())
        parts.append(part.assign(error=numbers_of(spec, table, errors[index])) if errors else part)
    rows = pd.concat(parts, ignore_index=True)
    split = len(first)
    if len(groups) == 2:
        by = categorised(table[groups[1]])
        _check_count(spec, "$.group_by[1]", by.count * len(names))
        codes = by.codes[rows["row"]]
        rows["series"] = rows["series"] * by.count + codes
        rows, split = rows[codes >= 0], split * by.count
        names = [f"{name}, {text}" if names[1:] else text for name in names for text in by.labels]
    return Sample(
        x=x,
        rows=_in_time(spec, x, rows),
        names=names,
        second=frozenset(range(split, len(names))),
        x_name=x_name or "",
        has_x=x_name is not None,
        table=table,
        left_out=tuple(_left_out(spec, table, x_name)) if spec.y is None else (),
    )


def _in_time(spec: ChartSpec, x: Column, rows: pd.DataFrame) -> pd.DataFrame:
    """Order rows by their dates where a period has a first and a last one."""
    if spec.resample is None or spec.aggregate not in ("first", "last") or type_of(x) != "date":
        return rows
    return rows.iloc[np.argsort(x.to_numpy()[rows["row"]], kind="stable")]


def _row_numbers(spec: ChartSpec, table: pd.DataFrame) -> Column:
    """Return the rows' numbers from 1, in the order asked for."""
    numbers = np.arange(1.0, len(table) + 1)
    order: Codes = np.arange(len(table))
    if spec.sort is not None and KINDS[spec.kind].x != "cells":
        order = ordering(table[spec.sort.by], spec.sort.descending)
    places = np.empty(len(table))
    places[order] = numbers
    return pd.Series(places)


def _base(spec: ChartSpec, table: pd.DataFrame) -> pd.DataFrame:
    """Return what the rows of all series share."""
    base = pd.DataFrame({"row": np.arange(len(table))})
    if spec.size is not None:
        base["size"] = numbers_of(spec, table, spec.size)
        if (base["size"] < 0).any():
            row = int(np.flatnonzero(base["size"] < 0)[0])
            detail = f"Expected sizes of 0 or more, got {base['size'][row]:g} in row {row + 1}"
            raise refusal(path_of(spec, spec.size, row), detail)
    if spec.color is not None:
        base["color"] = _colors(spec.color, table[spec.color])
    return base


def _colors(name: str, column: Column) -> Column:
    kind = type_of(column)
    if kind == "date":
        raise refusal("$.color", f"Expected numbers or text in {quoted(name)}, got dates")
    if kind == "text" and (count := column.nunique()) > budgets.SERIES:
        detail = f"Expected at most {budgets.SERIES} texts to colour by, got {count:,}"
        raise too_large("$.color", detail)
    return column if kind == "number" else pd.Series(pd.factorize(column)[0]).replace(-1, np.nan)


def _x_column(spec: ChartSpec, table: pd.DataFrame) -> str | None:
    if groups := listed(spec.group_by):
        return groups[0]
    if spec.x is not None:
        return spec.x
    taken = _named(spec)
    free = [name for name in names_in(table) if name not in taken]
    if spec.value is not None:
        if not free:
            raise refusal("$.x", "Expected the column of the heatmap's columns, and none is left")
        return free[0]
    first = names_in(table)[0]
    if KINDS[spec.kind].x == "none" or first in taken:
        return None
    if not is_number(table[first]):
        return first
    points = spec.kind == "scatter" and sum(is_number(table[name]) for name in free) > 1
    # A second column that `y` names leaves the first one to be x.
    return first if points or (spec.kind == "scatter" and spec.y is not None) else None


def _named(spec: ChartSpec) -> set[str]:
    """Return the columns that the request names for something other than x."""
    names = {*listed(spec.y), *listed(spec.y2), *listed(spec.error), *listed(spec.group_by)}
    return names | {name for name in (spec.size, spec.color, spec.value) if name is not None}


def _y_columns(spec: ChartSpec, table: pd.DataFrame, x: str | None) -> list[str]:
    names = [spec.value] if spec.value is not None else listed(spec.y)
    if spec.value is None and spec.y is None:
        others = _named(spec) | {x}
        names = [name for name in names_in(table) if is_number(table[name]) and name not in others]
        if not names and not spec.y2 and spec.aggregate == "count" and spec.group_by is not None:
            return ["count"]
    if not names and not spec.y2:
        raise _without_numbers(spec, table, x)
    return names


def _values(spec: ChartSpec, table: pd.DataFrame, name: str) -> Column:
    """Return the numbers of a column; where only their count is drawn, any values do."""
    if spec.aggregate == "count" and (spec.group_by is not None or spec.resample is not None):
        if spec.y is None and name == "count" and name not in table:
            return pd.Series(1.0, index=table.index)
        return table[name].notna().astype(float).replace(0.0, np.nan)
    return numbers_of(spec, table, name)


def _left_out(spec: ChartSpec, table: pd.DataFrame, x: str | None) -> Iterator[str]:
    """Say what keeps columns from being drawn of which half looks like numbers."""
    others = _named(spec) | {x}
    for name in names_in(table):
        if name not in others and type_of(table[name]) == "text":
            texts = pd.Series(table[name].dropna().unique()[:1000], dtype=object)
            plain = texts.str.replace("[\\s,%$€£'_]", "", regex=True)
            if 2 * pd.to_numeric(plain, errors="coerce").notna().sum() >= len(texts):
                row, text = first_text(table[name])
                yield f"{quoted(name)} is not drawn: `{text}` in row {row + 1:,} is no number"


def _without_numbers(spec: ChartSpec, table: pd.DataFrame, x: str | None) -> Refusal:
    """Return the refusal of a table that has nothing to draw: what in each column is no number."""
    faults: list[Fault] = []
    for name in names_in(table) if spec.y is None else ():
        if name not in _named(spec) | {x}:
            try:
                numbers_of(spec, table, name)
            except Refusal as fault:
                faults += fault.problem.errors
    path = "$.y" if spec.y is not None else "$"
    nothing = Fault(path=path, detail="Expected at least one column of numbers to draw, got none")
    return Refusal(faults[: budgets.FAULTS] or [nothing])


def _check_count(spec: ChartSpec, path: str, count: int) -> None:
    limit, unit = budgets.SERIES, "series"
    if spec.kind == "heatmap":
        limit, unit = budgets.CATEGORIES, "columns of a heatmap"
    if count > limit:
        raise too_large(path, f"Expected at most {limit} {unit}, got {count:,}")


def _check_names(spec: ChartSpec, table: pd.DataFrame) -> None:
    """Refuse each column that is named and does not exist."""
    paths = [("$.x", spec.x), ("$.size", spec.size), ("$.color", spec.color)]
    paths += [("$.value", spec.value), ("$.sort.by", spec.sort.by if spec.sort else None)]
    for field in ("y", "y2", "error", "group_by"):
        value = getattr(spec, field)
        several = [] if isinstance(value, str) else listed(value)
        paths += [(f"$.{field}[{index}]", name) for index, name in enumerate(several)]
        paths += [(f"$.{field}", value)] if isinstance(value, str) else []
    known = ", ".join(map(quoted, table.columns[:10])) + (", …" if len(table.columns) > 10 else "")
    faults = [
        Fault(path=path, detail=f"Expected one of the columns {known}, got {quoted(name[:40])}")
        for path, name in paths
        if name is not None and name not in table
    ]
    if faults:
        raise Refusal(faults[: budgets.FAULTS])
