"""From a request to what its chart shows, and what is told of it without drawing it."""

from collections.abc import Iterator
from dataclasses import replace

import msgspec
import numpy as np
from captions import clean, first_of, listed, number, quoted
from charts import KINDS
from charts.chart import ChartData
from chartspec import ChartSpec
from columns import distinct, type_of
from problems import Fault, Refusal, check_count, member, refusal
from roles import sample
from themes import check_looks
from transforms import placed


def prepare(spec: ChartSpec) -> ChartData:
    """Read a request's data, transform it and place it, or refuse it."""
    chart, sent = KINDS[spec.kind], sample(spec)
    if sent.x_name and sent.rows["x"].isna().all():
        detail = f"Expected at least one value in {quoted(sent.x_name)}, got only gaps"
        raise refusal("$.x" if spec.x is not None else "$", detail)
    data = replace(placed(spec, sent), sent=sent.count, left_out=sent.left_out)
    if spec.color is not None and type_of(column := sent.table[spec.color]) == "text":
        data = replace(data, color_labels=tuple(distinct(column)))
    path = "$.y" if spec.y else "$"
    if not any(np.isfinite(one.y).any() for one in data.series):
        raise refusal(path, "Expected at least one number, got only gaps")
    if chart.is_round:
        _check_shares(data, chart.name, path)
    check_count("$", chart.marks(spec, data), chart.most, "marks")
    if faults := [*_of_x_axis(spec, data), *_of_logs(spec, data), *_of_names(spec, data)]:
        raise Refusal(faults)
    return data


def _check_shares(data: ChartData, name: str, path: str) -> None:
    if len(data.series) > 1:
        detail = f"{name.capitalize()} has one column of values, got {len(data.series):,}"
        raise refusal(path, detail)
    values = np.nan_to_num(data.series[0].y)
    if (below := np.flatnonzero(values < 0)).size:
        found = f"got {number(values[below[0]], 4)} for {quoted(data.labels[below[0]])}"
        raise refusal(path, f"Expected no value below 0 in {name}, {found}")
    if not values.any():
        raise refusal(path, f"Expected at least one value above 0 in {name}, got none")


def _of_x_axis(spec: ChartSpec, data: ChartData) -> Iterator[Fault]:
    """Find what has no place on the x axis."""
    axis = spec.x_axis
    fields = {"min": axis.min, "max": axis.max, "log": axis.log or None}
    places = {f"$.x_axis.{name}": value for name, value in fields.items() if value is not None}
    if data.x_type == "category":
        yield from (Fault(path, "An axis of categories has none") for path in places)
        places = {}
    if places.pop("$.x_axis.log", None) and data.x_type == "date":
        yield Fault("$.x_axis.log", "Only an axis of numbers can be logarithmic")
    for field in ("lines", "notes"):
        marks = enumerate(getattr(spec, field))
        places |= {f"$.{field}[{at}].x": mark.x for at, mark in marks if mark.x is not None}
    found = {}
    for path, place in places.items():
        try:
            found[path] = data.position(place, path)
        except Refusal as refused:
            yield from refused.problem.errors
    low, high = found.get("$.x_axis.min"), found.get("$.x_axis.max")
    if data.x_type == "date" and low is not None and high is not None and low >= high:
        detail = f"Expected a date after `min`, which is {quoted(str(axis.min))}"
        yield Fault("$.x_axis.max", f"{detail}, got {quoted(str(axis.max))}")


def _of_logs(spec: ChartSpec, data: ChartData) -> Iterator[Fault]:
    """Find values below zero on a logarithmic axis; a histogram has its values along x."""
    is_counted = spec.kind == "histogram"
    for one in data.series:
        value_axis = "y2_axis" if one.second else "x_axis" if is_counted else "y_axis"
        checks = [(value_axis, one.name, one.y)]
        checks += [("x_axis", data.x_name, one.x)] if data.x_type == "number" else []
        for axis, name, values in checks:
            low = values[values <= 0]
            if getattr(spec, axis).log and low.size:
                found = f"got {number(float(low.min()), 4)}"
                found += f" in {quoted(name)}" if name else ""
                detail = f"Expected values above 0 only for a log axis, {found}"
                yield Fault(f"$.{axis}.log", detail)


def _of_names(spec: ChartSpec, data: ChartData) -> Iterator[Fault]:
    """Find colours and lines of series that there are not."""
    series = list(dict.fromkeys(clean(one.name) for one in data.series))
    known = {*series, *(data.color_labels or ())}
    known |= set(data.labels) if KINDS[spec.kind].x == "category" else set()
    for name in spec.colors if isinstance(spec.colors, dict) else ():
        if clean(name) not in known:
            detail = f"Expected the name of a series, one of {first_of(sorted(known))}"
            yield Fault(f"$.colors{member(name)}", detail)
    for name in listed(spec.over):
        if clean(name) not in series:
            yield Fault("$.over", f"Expected a series, one of {first_of(series)}")


class Plan(msgspec.Struct, frozen=True, kw_only=True):
    """What would be drawn of a request.

    Attributes:
        kind: As asked for.
        format: As asked for.
        width: Pixels of the image.
        height: Pixels of the image.
        series: Their names.
        rows: How many the request has.
        marks: Points, bars, slices, boxes, cells or bins that are drawn.
        x_type: `number`, `date` or `category`.
        categories: How many stand along the x axis.
        left_out: Columns that are not drawn though they look like numbers, each with the reason.
    """

    kind: str
    format: str
    width: int
    height: int
    series: list[str]
    rows: int
    marks: int
    x_type: str
    categories: int
    left_out: list[str]


def plan(spec: ChartSpec) -> Plan:
    """Say what would be drawn, or refuse what cannot be, and draw nothing."""
    data = prepare(spec)
    check_looks(spec)
    width, height = spec.pixels
    return Plan(
        kind=spec.kind,
        format=spec.format,
        width=width,
        height=height,
        series=[one.name for one in data.series],
        rows=data.sent,
        marks=KINDS[spec.kind].marks(spec, data),
        x_type=data.x_type,
        categories=len(data.labels),
        left_out=list(data.left_out),
    )
