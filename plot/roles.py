"""Which column does what: the drafts of a chart's series, before they are transformed."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import budgets
import numpy as np
from captions import quoted
from categories import categorised
from chartspec import ChartSpec, listed
from frames import Column, Floats, resembles_numbers
from kinds import SAMPLES
from problems import Fault, Refusal, refusal, too_large
from tables import Table, read, read_series
from transforms import Codes


@dataclass(frozen=True, kw_only=True)
class Draft:
    """A series as it was sent.

    Attributes:
        name: As the legend has it.
        rows: Which of all rows are its own; None for all of them.
        y: Its values, one for each of its rows.
        second: Whether it is of the second axis of values.
        error: Its errors.
    """

    name: str
    y: Floats
    rows: Codes | None = None
    second: bool = False
    error: Floats | None = None


@dataclass(frozen=True, kw_only=True)
class Sample:
    """A request's columns by what they are for.

    Attributes:
        x: Values along the x axis, of all rows. None where x is the row's number.
        x_name: The x column. Empty where there is none.
        drafts: The series.
        rows: How many rows there are.
        table: The columns, where the request has some.
        left_out: Of each column of numbers that is not drawn for a text in it, what that is.
    """

    x: Column | None
    x_name: str
    drafts: tuple[Draft, ...]
    rows: int
    table: Table | None = None
    left_out: tuple[str, ...] = ()


def sample(spec: ChartSpec) -> Sample:
    """Read a request's data and tell what each column is for.

    Raises:
        Refusal: The data cannot be read, a column does not exist or holds no numbers where numbers
            are drawn, or there are more series than `budgets.SERIES`.
    """
    if spec.series is not None:
        x, values = read_series(spec.series)
        ends = np.cumsum([len(y) for y in values])
        if _goes_by_time(spec, x):
            owners = np.repeat(np.arange(len(ends)), np.diff(ends, prepend=0))
            order = np.lexsort((x.values, owners))
            x, values = x.take(order), np.split(np.concatenate(values)[order], ends[:-1])
        drafts = tuple(
            Draft(name=trace.name, y=y, rows=np.arange(end - len(y), end))
            for trace, y, end in zip(spec.series, values, ends, strict=True)
        )
        placed = any(trace.x is not None for trace in spec.series)
        where = x if placed or spec.kind not in SAMPLES else None
        return Sample(x=where, x_name="", drafts=drafts, rows=len(x.values))
    table = read(spec)
    _check_names(spec, table)
    x_name = x_column(spec, table)
    if x_name and _goes_by_time(spec, table[x_name]):
        table = table.ordered(np.argsort(table[x_name].values, kind="stable"))
    return Sample(
        x=table[x_name] if x_name else None,
        x_name=x_name or "",
        drafts=_drafts(spec, table, x_name),
        rows=table.rows,
        table=table,
        left_out=tuple(_left_out(spec, table, x_name)) if spec.y is None else (),
    )


def _goes_by_time(spec: ChartSpec, x: Column) -> bool:
    """Tell whether rows count in the order of their dates: a period has a first and a last one."""
    return spec.resample is not None and spec.aggregate in ("first", "last") and x.type == "date"


def x_column(spec: ChartSpec, table: Table) -> str | None:
    """Return the name of the x column, if there is one."""
    if groups := listed(spec.group_by):
        return groups[0]
    if spec.x is not None:
        return spec.x
    taken = named(spec)
    free = [name for name in table.names if name not in taken]
    if spec.value is not None:
        if not free:
            raise refusal("$.x", "Expected the column of the heatmap's columns, and none is left")
        return free[0]
    first = table.names[0]
    if spec.kind == "histogram" or first in taken:
        return None
    if table[first].type != "number":
        return first
    points = spec.kind == "scatter" and sum(table[name].type == "number" for name in free) > 1
    # A second column that `y` names leaves the first one to be x.
    return first if points or (spec.kind == "scatter" and spec.y is not None) else None


def named(spec: ChartSpec) -> set[str]:
    """Return the columns that the request names for something other than x."""
    names = {*listed(spec.y), *listed(spec.y2), *listed(spec.error), *listed(spec.group_by)}
    return names | {name for name in (spec.size, spec.color, spec.value) if name is not None}


def _drafts(spec: ChartSpec, table: Table, x: str | None) -> tuple[Draft, ...]:
    first, second = _y_columns(spec, table, x), listed(spec.y2)
    names = [*first, *second]
    if len(listed(spec.group_by)) < 2:
        _check_count(spec, "$.y" if spec.y else "$", len(names))
    values = [_values(spec, table, name) for name in names]
    errors = [table.numbers(name) for name in listed(spec.error)]
    if errors and len(errors) != len(names):
        detail = f"Expected one column for each of the {len(names):,} drawn, got {len(errors):,}"
        raise refusal("$.error", detail)
    groups = listed(spec.group_by)
    if len(groups) == 2:
        return _split(spec, table, groups[1], names, values, len(first))
    return tuple(
        Draft(
            name=name,
            y=values[index],
            second=index >= len(first),
            error=errors[index] if errors else None,
        )
        for index, name in enumerate(names)
    )


def _y_columns(spec: ChartSpec, table: Table, x: str | None) -> list[str]:
    if spec.value is not None:
        names = [spec.value]
    elif spec.y is not None:
        names = listed(spec.y)
    else:
        others = named(spec) | {x}
        names = [name for name in table.numeric() if name not in others]
        if not names and not spec.y2 and spec.aggregate == "count" and spec.group_by is not None:
            return ["count"]
    if not names and not spec.y2:
        raise _without_numbers(spec, table, x)
    return names


def _left_out(spec: ChartSpec, table: Table, x: str | None) -> Iterator[str]:
    """Say what keeps columns from being drawn that look as if they ought to be."""
    others = named(spec) | {x}
    for name in table.names:
        column = table[name]
        if column.type == "text" and name not in others and resembles_numbers(column):
            row, text = table.first_text(name)
            yield f"{quoted(name)} is not drawn: `{text}` in row {row + 1:,} is no number"


def _without_numbers(spec: ChartSpec, table: Table, x: str | None) -> Refusal:
    """Return the refusal of a table that has nothing to draw: what in each column is no number."""
    faults: list[Fault] = []
    others = named(spec) | {x}
    for name in table.names if spec.y is None else ():
        try:
            if name not in others:
                table.numbers(name)
        except Refusal as fault:
            faults += fault.problem.errors
    path = "$.y" if spec.y is not None else "$"
    nothing = Fault(path=path, detail="Expected at least one column of numbers to draw, got none")
    return Refusal(faults[: budgets.FAULTS] or [nothing])


def _values(spec: ChartSpec, table: Table, name: str) -> Floats:
    """Return the numbers of a column; where only their count is drawn, any values do."""
    if spec.aggregate == "count" and (spec.group_by is not None or spec.resample is not None):
        if spec.y is None and name == "count" and name not in table.names:
            return np.ones(table.rows)
        return table[name].positions
    return table.numbers(name)


def _split(
    spec: ChartSpec,
    table: Table,
    by: str,
    names: Sequence[str],
    values: Sequence[Floats],
    first: int,
) -> tuple[Draft, ...]:
    """Make a series of each column for each value of another column."""
    groups = categorised(table[by])
    _check_count(spec, "$.group_by[1]", groups.count * len(names))
    drafts = []
    for index, name in enumerate(names):
        for code, label in enumerate(groups.names()):
            rows = np.flatnonzero(groups.codes == code)
            title = label if len(names) == 1 else f"{name}, {label}"
            y = values[index][rows]
            drafts.append(Draft(name=title, y=y, rows=rows, second=index >= first))
    return tuple(drafts)


def _check_count(spec: ChartSpec, path: str, count: int) -> None:
    limit, unit = budgets.SERIES, "series"
    if spec.kind == "heatmap":
        limit, unit = budgets.CATEGORIES, "columns of a heatmap"
    if count > limit:
        raise too_large(path, f"Expected at most {limit} {unit}, got {count:,}")


def _check_names(spec: ChartSpec, table: Table) -> None:
    """Refuse each column that is named and does not exist."""
    paths = [("$.x", spec.x), ("$.size", spec.size), ("$.color", spec.color)]
    paths += [("$.value", spec.value), ("$.sort.by", spec.sort.by if spec.sort else None)]
    for field in ("y", "y2", "error", "group_by"):
        value = getattr(spec, field)
        several = [] if isinstance(value, str) else listed(value)
        paths += [(f"$.{field}[{index}]", name) for index, name in enumerate(several)]
        paths += [(f"$.{field}", value)] if isinstance(value, str) else []
    known = ", ".join(map(quoted, table.names[:10])) + (", …" if len(table.names) > 10 else "")
    have = set(table.names)
    faults = [
        Fault(path=path, detail=f"Expected one of the columns {known}, got {quoted(name[:40])}")
        for path, name in paths
        if name is not None and name not in have
    ]
    if faults:
        raise Refusal(faults[: budgets.FAULTS])
