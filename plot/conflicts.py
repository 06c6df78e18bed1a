"""Find what does not go together in a request, before any data is read."""

from collections.abc import Iterator

from budgets import MAGNITUDE
from captions import listed, number, quoted
from charts import KINDS
from chartspec import SOURCES, Axis, ChartSpec
from columns import read_date
from problems import Fault

EVERYWHERE = {
    *SOURCES, "kind", "y", "title", "alt", "theme", "colors", "background",
    "width", "height", "scale", "format",
}  # fmt: skip
"""Fields that mean something to every kind."""

NAMING = ("x", "y", "y2", "size", "color", "error", "value", "group_by", "sort")
"""Fields that name columns."""


def conflicts(spec: ChartSpec) -> Iterator[Fault]:
    """Find what does not go together, before any data is read."""
    sources = [f"`{name}`" for name in SOURCES if getattr(spec, name) is not None]
    if len(sources) != 1:
        found = f"{', '.join(sources[:-1])} and {sources[-1]}" if sources else "none"
        known = "`columns`, `records`, `series` and `csv`"
        yield Fault("$", f"Expected exactly one of {known}, got {found}")
    yield from misplaced(spec)
    for path, is_wrong, detail in _rules(spec):
        if is_wrong:
            yield Fault(path, detail)
    for name in ("x_axis", "y_axis", "y2_axis"):
        yield from _of_axis(f"$.{name}", getattr(spec, name))
    yield from _of_marks(spec)


def misplaced(spec: ChartSpec) -> Iterator[Fault]:
    """Find each field that is given and means nothing to the request's kind."""
    chart, without = KINDS[spec.kind], ChartSpec(kind=spec.kind)
    for name in spec.__struct_fields__:
        is_given = getattr(spec, name) != getattr(without, name)
        if is_given and name not in EVERYWHERE and name not in chart.takes:
            yield Fault(f"$.{name}", f"Means nothing to {chart.name}")


def _rules(spec: ChartSpec) -> Iterator[tuple[str, bool, str]]:
    """Return the rules for fields that name columns: each with what it says where it is broken."""
    groups, is_series = listed(spec.group_by), spec.series is not None
    is_merged, is_errorbar = bool(groups or spec.resample), spec.kind == "errorbar"
    for name in NAMING:
        is_wrong = is_series and getattr(spec, name) is not None
        yield f"$.{name}", is_wrong, "Names a column, and `series` has none"
    is_wrong = is_series and spec.kind == "heatmap"
    yield "$.series", is_wrong, "A heatmap is drawn of columns, records or CSV"
    is_wrong = len(groups) != len(set(groups))
    yield "$.group_by[1]", is_wrong, "Expected two different columns, got one twice"
    is_wrong = bool(groups) and spec.x not in (None, *groups[:1])
    yield "$.x", is_wrong, "The first column of `group_by` becomes x: leave this out"
    is_wrong = KINDS[spec.kind].is_round and len(groups) > 1
    yield "$.group_by", is_wrong, "Slices are one series, and a second column makes several"
    is_wrong = spec.kind == "heatmap" and spec.value is not None and len(listed(spec.y)) != 1
    detail = "Expected the column of the rows, since `value` names that of the values"
    yield "$.y", is_wrong, detail
    detail = "A window moves over all rows in their own order: leave this or `rolling` out"
    for name in ("sort", "top"):
        is_wrong = spec.rolling is not None and getattr(spec, name) is not None
        yield f"$.{name}", is_wrong, detail
    detail = "Points that are several rows have none: leave this or `group_by` out"
    for name in ("size", "color"):
        yield f"$.{name}", bool(groups) and getattr(spec, name) is not None, detail
    is_wrong = is_errorbar and is_merged and spec.error is not None
    yield "$.error", is_wrong, "Errors of rows that become one are computed: leave this out"
    is_wrong = is_errorbar and is_merged and spec.aggregate != "mean"
    yield (
        "$.aggregate",
        is_wrong,
        f"Expected `mean`, which has known errors, got `{spec.aggregate}`",
    )
    is_wrong = is_errorbar and not is_merged and is_series
    yield "$.series", is_wrong, "Series have no errors: send columns, or let `resample` make them"
    is_wrong = is_errorbar and not is_merged and not is_series and spec.error is None
    yield "$.error", is_wrong, "Expected the columns of the errors, one for each column of `y`"
    is_wrong = spec.y2 is None and spec.y2_axis != Axis()
    yield "$.y2_axis", is_wrong, "There is no second axis without `y2`"


def _of_axis(path: str, axis: Axis) -> Iterator[Fault]:
    is_x = path == "$.x_axis"
    if not is_x and axis.type != "auto":
        yield Fault(f"{path}.type", "Only the x axis has a type: the others are numbers")
    if axis.log and axis.type in ("time", "category"):
        yield Fault(f"{path}.log", "Only an axis of numbers can be logarithmic")
    for name in ("min", "max"):
        bound = getattr(axis, name)
        if isinstance(bound, str) and not (is_x and read_date(bound) is not None):
            kinds = "a number or an ISO 8601 date" if is_x else "a number"
            yield Fault(f"{path}.{name}", f"Expected {kinds}, got {quoted(bound)}")
        yield from _beyond(f"{path}.{name}", bound)
        if isinstance(bound, float) and bound <= 0 and axis.log:
            detail = f"Expected a number above 0 on a log axis, got {number(bound)}"
            yield Fault(f"{path}.{name}", detail)
    low, high = axis.min, axis.max
    if isinstance(low, float) and isinstance(high, float) and low >= high:
        detail = f"Expected more than `min`, which is {number(low)}, got {number(high)}"
        yield Fault(f"{path}.max", detail)


def _of_marks(spec: ChartSpec) -> Iterator[Fault]:
    for index, line in enumerate(spec.lines):
        if (line.x is None) == (line.y is None):
            found = "neither" if line.x is None else "both"
            yield Fault(f"$.lines[{index}]", f"Expected exactly one of `x` and `y`, got {found}")
    for name in ("lines", "notes"):
        for index, mark in enumerate(getattr(spec, name)):
            path = f"$.{name}[{index}]"
            if mark.axis == "y2" and spec.y2 is None:
                yield Fault(f"{path}.axis", "There is no second axis without `y2`")
            yield from _beyond(f"{path}.x", mark.x)
            yield from _beyond(f"{path}.y", mark.y)


def _beyond(path: str, value: object) -> Iterator[Fault]:
    if isinstance(value, float) and not abs(value) <= MAGNITUDE:
        yield Fault(path, f"Expected numbers up to {MAGNITUDE:g}, either sign, got {value:g}")
