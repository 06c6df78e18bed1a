"""From a request to what its chart shows, and what is told of it without drawing it."""

from collections.abc import Iterator
from dataclasses import replace

import budgets
import msgspec
import numpy as np
from captions import clean, listed, number, quoted
from chartspec import Bound, ChartSpec
from kinds import KINDS
from placing import placed
from problems import Fault, Refusal, member, refusal, too_large
from roles import sample
from series import ChartData, Floats, first_names
from tables import read_date, type_of
from themes import check_looks


def prepare(spec: ChartSpec) -> ChartData:
    """Read a request's data, put it through the transforms asked for, and place it.

    Rows whose x is a gap are left out. Beyond `budgets.CATEGORIES`, the categories with the largest
    values keep their own place and the rest share the last.

    Raises:
        Refusal: The data cannot be read or drawn, or there is more than the budgets allow, or
            something else in the request does not go with the data.
    """
    sent = sample(spec)
    if sent.has_x and sent.x_name and sent.x.isna().all():
        detail = f"Expected at least one value in {quoted(sent.x_name)}, got only gaps"
        raise refusal("$.x" if spec.x is not None else "$", detail)
    data = replace(placed(spec, sent), sent=sent.count, left_out=sent.left_out)
    if sent.table is not None and spec.color is not None:
        texts = sent.table[spec.color]
        if type_of(texts) == "text":
            data = replace(data, color_labels=tuple(texts.dropna().unique()))
    path = "$.y" if spec.y else "$"
    if not any(np.isfinite(one.y).any() for one in data.series):
        raise refusal(path, "Expected at least one number, got only gaps")
    if KINDS[spec.kind].is_round:
        _check_shares(spec, data, path)
    marks, most = KINDS[spec.kind].marks(spec, data), KINDS[spec.kind].most
    if marks > most:
        raise too_large("$", f"Expected at most {most:,} marks, got {marks:,}")
    if faults := [*_misplaced(spec, data), *_unnamed(spec, data)]:
        raise Refusal(faults[: budgets.FAULTS])
    return data


def _check_shares(spec: ChartSpec, data: ChartData, path: str) -> None:
    name = KINDS[spec.kind].name
    if len(data.series) > 1:
        detail = f"{name.capitalize()} has one column of values, got {len(data.series):,}"
        raise refusal("$.series" if spec.series is not None else path, detail)
    values = np.nan_to_num(data.series[0].y)
    if (below := np.flatnonzero(values < 0)).size:
        found = f"got {number(values[below[0]], 4)} for {quoted(data.labels[below[0]])}"
        raise refusal(path, f"Expected no value below 0 in {name}, {found}")
    if not values.any():
        raise refusal(path, f"Expected at least one value above 0 in {name}, got none")


def _misplaced(spec: ChartSpec, data: ChartData) -> Iterator[Fault]:
    """Find what has no place on its axis."""
    yield from _of_x_axis(spec, data)
    for name in ("lines", "notes"):
        for index, mark in enumerate(getattr(spec, name)):
            if mark.x is not None:
                yield from _off_axis(data, mark.x, f"$.{name}[{index}].x")
    if spec.kind != "histogram":
        for second, axis in enumerate((spec.y_axis, spec.y2_axis)):
            if axis.log:
                path = f"$.{'y2' if second else 'y'}_axis.log"
                series = [one for one in data.series if one.second == bool(second)]
                yield from _below_zero(path, [(one.name, one.y) for one in series])


def _of_x_axis(spec: ChartSpec, data: ChartData) -> Iterator[Fault]:
    axis = spec.x_axis
    bounds = {name: getattr(axis, name) for name in ("min", "max")}
    if data.x_type == "category":
        for name, value in (bounds | {"log": axis.log or None}).items():
            if value is not None:
                yield Fault(path=f"$.x_axis.{name}", detail="An axis of categories has none")
        return
    faults = [
        fault
        for name, bound in bounds.items()
        if bound is not None
        for fault in _off_axis(data, bound, f"$.x_axis.{name}")
    ]
    yield from faults
    if not faults and isinstance(axis.min, str) and isinstance(axis.max, str):
        low, high = read_date(axis.min), read_date(axis.max)
        if low is not None and high is not None and low >= high:
            detail = f"Expected a date after `min`, which is {quoted(axis.min)}"
            yield Fault(path="$.x_axis.max", detail=f"{detail}, got {quoted(axis.max)}")
    if axis.log and data.x_type == "date":
        yield Fault(path="$.x_axis.log", detail="Only an axis of numbers can be logarithmic")
    elif axis.log:
        columns = [
            (one.name, one.y) if spec.kind == "histogram" else (data.x_name, one.x)
            for one in data.series
        ]
        yield from _below_zero("$.x_axis.log", columns)


def _off_axis(data: ChartData, bound: Bound, path: str) -> list[Fault]:
    try:
        data.position(bound, path)
    except Refusal as fault:
        return fault.problem.errors
    return []


def _below_zero(path: str, columns: list[tuple[str, Floats]]) -> Iterator[Fault]:
    for name, values in columns:
        if (low := values[values <= 0]).size:
            found = f"got {number(float(low.min()), 4)}" + (f" in {quoted(name)}" if name else "")
            detail = f"Expected values above 0 only for a log axis, {found}"
            yield Fault(path=path, detail=detail)
            return


def _unnamed(spec: ChartSpec, data: ChartData) -> Iterator[Fault]:
    """Find colours and lines of series that there are not."""
    series = tuple(dict.fromkeys(clean(one.name) for one in data.series))
    if isinstance(spec.colors, dict):
        known = {*series, *(data.color_labels or ())}
        known |= set(data.labels) if KINDS[spec.kind].x == "category" else set()
        for name in spec.colors:
            if clean(name) not in known:
                found = f"Expected the name of a series, one of {first_names(tuple(sorted(known)))}"
                yield Fault(path=f"$.colors{member(name)}", detail=found)
    for name in listed(spec.over):
        if clean(name) not in series:
            yield Fault(path="$.over", detail=f"Expected a series, one of {first_names(series)}")


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
    """Say what would be drawn, and draw nothing.

    Raises:
        Refusal: The data cannot be drawn, or there is too much of it, or a theme or a colour is
            unknown.
    """
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
