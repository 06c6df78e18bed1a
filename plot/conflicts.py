"""Find what does not go together in a request, before any data is read."""

from collections.abc import Iterator, Sequence

import budgets
from captions import listed, number, quoted
from charts.chart import Chart
from chartspec import SOURCES, Axis, ChartSpec
from kinds import KINDS
from problems import Fault
from tables import read_date

EVERYWHERE = frozenset((*SOURCES, "kind", "y", "title", "alt", "theme", "colors", "background")) | {
    "width",
    "height",
    "scale",
    "format",
}
"""Fields that mean something to every kind."""


def listed_words(names: Sequence[str], last: str = "or", quote: str = "`") -> str:
    """Write a list as a sentence has it."""
    *most, final = (f"{quote}{name}{quote}" for name in names)
    return f"{', '.join(most)} {last} {final}" if most else final


def conflicts(spec: ChartSpec) -> Iterator[Fault]:
    """Find what does not go together, before any data is read."""
    sources = [name for name in SOURCES if getattr(spec, name) is not None]
    if len(sources) != 1:
        found = listed_words(sources, "and") if sources else "none"
        yield Fault(
            path="$", detail=f"Expected exactly one of {listed_words(SOURCES, 'and')}, got {found}"
        )
    yield from misplaced(spec)
    if spec.series is not None:
        yield from _of_series(spec)
    yield from _of_columns(spec)
    for name in ("x_axis", "y_axis", "y2_axis"):
        yield from _of_axis(f"$.{name}", getattr(spec, name))
    yield from _of_marks(spec)


_NAMED = ("x", "y", "y2", "size", "color", "error", "value", "group_by", "sort")
"""Fields that name columns."""


def misplaced(spec: ChartSpec) -> Iterator[Fault]:
    """Find each field that is given and means nothing to the request's kind."""
    chart, without = KINDS[spec.kind], ChartSpec(kind=spec.kind)
    for name in spec.__struct_fields__:
        is_given = getattr(spec, name) != getattr(without, name)
        if is_given and name not in EVERYWHERE and name not in chart.takes:
            yield Fault(path=f"$.{name}", detail=_meaning(name, chart))


def _meaning(name: str, chart: Chart) -> str:
    if name == "x":
        return "A histogram has no x column: name the columns to count in `y`"
    names = [other.name for other in KINDS.values() if name in other.takes]
    if len(names) > len(KINDS) - len(names):
        return f"Means nothing to {chart.name}"
    return f"Means something only to {listed_words(names, quote='')}, and this is {chart.name}"


def _of_series(spec: ChartSpec) -> Iterator[Fault]:
    for name in _NAMED:
        if getattr(spec, name) is not None:
            yield Fault(path=f"$.{name}", detail="Names a column, and `series` has none")
    if spec.kind == "heatmap":
        yield Fault(path="$.series", detail="A heatmap is drawn of columns, records or CSV")


def _of_columns(spec: ChartSpec) -> Iterator[Fault]:
    groups = listed(spec.group_by)
    if len(groups) != len(set(groups)):
        yield Fault(path="$.group_by[1]", detail="Expected two different columns, got one twice")
    if groups and spec.x is not None and spec.x != groups[0]:
        detail = "The first column of `group_by` becomes x: leave this out, or name the same one"
        yield Fault(path="$.x", detail=detail)
    seen: set[str] = set()
    for name in ("y", "y2"):
        for index, column in enumerate(listed(getattr(spec, name))):
            path = f"$.{name}" if isinstance(getattr(spec, name), str) else f"$.{name}[{index}]"
            if column in seen:
                found = f"Expected each column once, got {quoted(column)} again"
                yield Fault(path=path, detail=found)
            seen.add(column)
    chart = KINDS[spec.kind]
    name = chart.name.capitalize()
    if chart.is_round and len(listed(spec.y)) > 1:
        detail = f"{name} has one column of values, got {len(listed(spec.y)):,}"
        yield Fault(path="$.y", detail=detail)
    if chart.is_round and len(groups) > 1:
        detail = f"{name} has one series, and a second column makes several"
        yield Fault(path="$.group_by", detail=detail)
    if spec.kind == "heatmap" and spec.value is not None and len(listed(spec.y)) != 1:
        detail = "Expected the column of the rows, since `value` names that of the values"
        yield Fault(path="$.y", detail=detail)
    if spec.kind == "errorbar":
        yield from _of_errors(spec)
    for name in ("sort", "top") if spec.rolling is not None else ():
        if getattr(spec, name) is not None:
            detail = "A window moves over all rows in their own order: leave this or `rolling` out"
            yield Fault(path=f"$.{name}", detail=detail)
    for name in ("size", "color") if groups else ():
        if getattr(spec, name) is not None:
            detail = "Points that are several rows have none: leave this or `group_by` out"
            yield Fault(path=f"$.{name}", detail=detail)


def _of_errors(spec: ChartSpec) -> Iterator[Fault]:
    merged = "group_by" if spec.group_by is not None else "resample" if spec.resample else ""
    errors, values = len(listed(spec.error)), len(listed(spec.y)) + len(listed(spec.y2))
    if merged and spec.error is not None:
        detail = f"Errors of rows that `{merged}` makes one are those of their `mean`, and computed"
        yield Fault(path="$.error", detail=detail)
    elif merged and spec.aggregate != "mean":
        detail = f"Expected `mean`, whose errors are known, got `{spec.aggregate}`"
        yield Fault(path="$.aggregate", detail=detail)
    elif not merged and spec.error is None and spec.series is None:
        detail = "Expected the columns of the errors, one for each column of `y`"
        yield Fault(path="$.error", detail=detail)
    elif not merged and spec.series is not None:
        detail = "Series have no errors: send columns, or let `resample` make them"
        yield Fault(path="$.series", detail=detail)
    elif errors and spec.y is not None and errors != values:
        detail = f"Expected one column for each of the {values:,} of `y`, got {errors:,}"
        yield Fault(path="$.error", detail=detail)


def _of_axis(path: str, axis: Axis) -> Iterator[Fault]:
    if path != "$.x_axis" and axis.type != "auto":
        yield Fault(
            path=f"{path}.type", detail="Only the x axis has a type: the others are numbers"
        )
    if axis.log and axis.type in ("time", "category"):
        yield Fault(path=f"{path}.log", detail="Only an axis of numbers can be logarithmic")
    for name in ("min", "max"):
        bound = getattr(axis, name)
        if isinstance(bound, str):
            if path != "$.x_axis":
                yield Fault(path=f"{path}.{name}", detail=f"Expected a number, got {quoted(bound)}")
            elif read_date(bound) is None:
                detail = f"Expected a number or an ISO 8601 date, got {quoted(bound)}"
                yield Fault(path=f"{path}.{name}", detail=detail)
        elif bound is not None and not abs(bound) <= budgets.MAGNITUDE:
            yield Fault(path=f"{path}.{name}", detail=_beyond(bound))
        elif bound is not None and bound <= 0 and axis.log:
            detail = f"Expected a number above 0 on a log axis, got {number(bound)}"
            yield Fault(path=f"{path}.{name}", detail=detail)
    low, high = axis.min, axis.max
    if isinstance(low, float) and isinstance(high, float) and low >= high:
        detail = f"Expected more than `min`, which is {number(low)}, got {number(high)}"
        yield Fault(path=f"{path}.max", detail=detail)


def _of_marks(spec: ChartSpec) -> Iterator[Fault]:
    for index, line in enumerate(spec.lines):
        if (line.x is None) == (line.y is None):
            found = "neither" if line.x is None else "both"
            detail = f"Expected exactly one of `x` and `y`, got {found}"
            yield Fault(path=f"$.lines[{index}]", detail=detail)
    for name in ("lines", "notes"):
        for index, mark in enumerate(getattr(spec, name)):
            path = f"$.{name}[{index}]"
            if mark.axis == "y2" and spec.y2 is None:
                yield Fault(path=f"{path}.axis", detail="There is no second axis without `y2`")
            for end in ("x", "y"):
                value = getattr(mark, end)
                if isinstance(value, float) and not abs(value) <= budgets.MAGNITUDE:
                    yield Fault(path=f"{path}.{end}", detail=_beyond(value))
    if spec.y2 is None and spec.y2_axis != Axis():
        yield Fault(path="$.y2_axis", detail="There is no second axis without `y2`")


def _beyond(value: float) -> str:
    return f"Expected numbers up to {budgets.MAGNITUDE:g}, either sign, got {value:g}"
