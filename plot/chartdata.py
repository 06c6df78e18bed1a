"""From a request to what its chart shows."""

from collections.abc import Iterator
from dataclasses import replace

import budgets
import numpy as np
from captions import clean, number, quoted
from chartspec import Bound, ChartSpec
from frames import Floats, read_date
from kinds import CATEGORICAL, NAMES, ROUND
from placing import placed
from problems import Fault, Refusal, member, refusal
from roles import Sample, sample
from series import ChartData, Series, XType

__all__ = ["ChartData", "Series", "XType", "position", "prepare"]


def prepare(spec: ChartSpec) -> ChartData:
    """Read a request's data, put it through the transforms asked for, and place it.

    Rows whose x is a gap are left out. Beyond `budgets.CATEGORIES`, the categories with the largest
    values keep their own place and the rest share the last.

    Raises:
        Refusal: The data cannot be read or drawn, or there is more than the budgets allow, or
            something else in the request does not go with the data.
    """
    sent = sample(spec)
    data = replace(placed(spec, sent), sent=sent.rows, left_out=sent.left_out)
    if sent.table is not None and spec.color is not None:
        names = sent.table[spec.color].names or None
        data = replace(data, color_name=spec.color, color_labels=names)
    if spec.size is not None:
        data = replace(data, size_name=spec.size)
    _check_values(spec, sent, data)
    if faults := [*_misplaced(spec, data), *_uncoloured(spec, data)]:
        raise Refusal(faults[: budgets.FAULTS])
    return data


def position(spec: ChartSpec, data: ChartData, bound: Bound, path: str) -> float:
    """Return where along the x axis a number, a date or a category stands.

    Args:
        spec: The request.
        data: What its chart shows.
        bound: As the request has it.
        path: The JSON path where it has it.

    Raises:
        Refusal: It is of another type than the axis, or there is no such category.
    """
    if data.x_type == "category":
        name = clean(bound) if isinstance(bound, str) else number(bound)
        if name in data.labels:
            return float(data.labels.index(name))
        known = ", ".join(map(quoted, data.labels[:10])) + (", …" if len(data.labels) > 10 else "")
        raise refusal(path, f"Expected one of the categories {known}, got {quoted(name)}")
    if data.x_type == "date":
        days = read_date(bound) if isinstance(bound, str) else None
        if days is None:
            found = quoted(bound) if isinstance(bound, str) else number(bound)
            raise refusal(path, f"Expected an ISO 8601 date, as x has, got {found}")
        return days
    if isinstance(bound, str):
        raise refusal(path, f"Expected a number, as x has, got {quoted(bound)}")
    return bound


def _check_values(spec: ChartSpec, sent: Sample, data: ChartData) -> None:
    """Refuse values that no chart of this kind can show."""
    if sent.x is not None and sent.x_name and not sent.x.known.any():
        detail = f"Expected at least one value in {quoted(sent.x_name)}, got only gaps"
        raise refusal("$.x" if spec.x is not None else "$", detail)
    path = "$.y" if spec.y else "$"
    ends = [(float(y.min()), float(y.max())) for one in data.series if len(y := _known(one.y))]
    if not ends:
        raise refusal(path, "Expected at least one number, got only gaps")
    if any(max(-low, high) > budgets.MAGNITUDE for low, high in ends):
        limit = f"{budgets.MAGNITUDE:g}"
        raise refusal("$.aggregate", f"Expected sums up to {limit}, either sign, got one beyond")
    if spec.kind in ROUND:
        _check_shares(spec, data, path)


def _known(values: Floats) -> Floats:
    return np.asarray(values[~np.isnan(values)])


def _check_shares(spec: ChartSpec, data: ChartData, path: str) -> None:
    name = NAMES[spec.kind]
    if len(data.series) > 1:
        detail = f"{name.capitalize()} has one column of values, got {len(data.series):,}"
        raise refusal("$.series" if spec.series is not None else path, detail)
    values = np.nan_to_num(data.series[0].y)
    if below := [place for place, value in enumerate(values) if value < 0]:
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
                yield from _off_axis(spec, data, mark.x, f"$.{name}[{index}].x")
    if spec.kind != "histogram":
        for second, axis in enumerate((spec.y_axis, spec.y2_axis)):
            if axis.log:
                path = f"$.{'y2' if second else 'y'}_axis.log"
                series = [one for one in data.series if one.second == bool(second)]
                yield from _below_zero(path, [(one.name, one.y) for one in series])


def _of_x_axis(spec: ChartSpec, data: ChartData) -> Iterator[Fault]:
    axis = spec.x_axis
    if data.x_type == "category":
        for name in ("min", "max", "log"):
            if getattr(axis, name) not in (None, False):
                yield Fault(path=f"$.x_axis.{name}", detail="An axis of categories has none")
        return
    bounds = ((name, getattr(axis, name)) for name in ("min", "max"))
    faults = [
        fault
        for name, bound in bounds
        if bound is not None
        for fault in _off_axis(spec, data, bound, f"$.x_axis.{name}")
    ]
    yield from faults
    if not faults and isinstance(axis.min, str) and isinstance(axis.max, str):
        low, high = read_date(axis.min), read_date(axis.max)
        if low is not None and high is not None and low >= high:
            detail = f"Expected a date after `min`, which is {quoted(axis.min)}"
            yield Fault(path="$.x_axis.max", detail=f"{detail}, got {quoted(axis.max)}")
    if axis.log and data.x_type == "date":
        yield Fault(path="$.x_axis.log", detail="Only an axis of numbers can be logarithmic")
    elif axis.log and spec.kind == "histogram":
        yield from _below_zero("$.x_axis.log", [(one.name, one.y) for one in data.series])
    elif axis.log:
        yield from _below_zero("$.x_axis.log", [(data.x_name, one.x) for one in data.series])


def _off_axis(spec: ChartSpec, data: ChartData, bound: Bound, path: str) -> list[Fault]:
    try:
        position(spec, data, bound, path)
    except Refusal as fault:
        return fault.problem.errors
    return []


def _below_zero(path: str, columns: list[tuple[str, Floats]]) -> Iterator[Fault]:
    for name, values in columns:
        known = _known(values)
        if len(known) and (lowest := float(known.min())) <= 0:
            found = f"got {number(lowest, 4)}" + (f" in {quoted(name)}" if name else "")
            detail = f"Expected values above 0 only for a log axis, {found}"
            yield Fault(path=path, detail=detail)
            return


def _uncoloured(spec: ChartSpec, data: ChartData) -> Iterator[Fault]:
    """Find colours of what there is not."""
    if isinstance(spec.colors, dict):
        names = {clean(one.name) for one in data.series}
        if spec.kind in CATEGORICAL:
            names |= set(data.labels)
        names |= set(data.color_labels or ())
        for name in spec.colors:
            if clean(name) not in names:
                known = ", ".join(map(quoted, sorted(names)[:10]))
                known += ", …" if len(names) > 10 else ""
                detail = f"Expected the name of a series, one of {known}"
                yield Fault(path=f"$.colors{member(name)}", detail=detail)
