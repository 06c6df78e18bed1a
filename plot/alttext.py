"""Words for who does not see a chart."""

from collections.abc import Sequence

import numpy as np
from captions import clean, shorten
from chartspec import Axis, ChartSpec
from kinds import KINDS
from matplotlib.dates import num2date
from series import ChartData, Series
from ticks import text_of

SERIES = 6
"""Series that are told of, one by one."""

LONGEST = 1000
"""Characters at most."""


def describe(spec: ChartSpec, data: ChartData) -> str:
    """Say what a chart shows: what the request says, else its kind, title, axes and ranges."""
    if spec.alt is not None:
        return clean(spec.alt)
    chart, title = KINDS[spec.kind], clean(spec.title)
    parts = [f"{chart.name[:1].upper()}{chart.name[1:]}{f': {title}' if title else ''}."]
    if chart.is_round:
        parts.append(_shares(data))
        return shorten(" ".join(parts), LONGEST)
    along = clean(data.x_name if spec.x_axis.label is None else spec.x_axis.label)
    extent = _extent(data)
    if along or extent:
        parts.append(f"Along x: {', '.join(part for part in (along, extent) if part)}.")
    if spec.y_axis.label and (label := clean(spec.y_axis.label)):
        parts.append(f"Values: {label}.")
    if data.rows:
        parts.append(f"{len(data.series)} rows, {_range(data.series, spec.y_axis)}.")
        return shorten(" ".join(parts), LONGEST)
    for one in data.series[:SERIES]:
        axis = spec.y2_axis if one.second else spec.y_axis
        axis = spec.x_axis if chart.x == "none" else axis
        parts.append(f"{clean(one.name) or 'Values'}: {_range([one], axis)}.")
    if (more := len(data.series) - SERIES) > 0:
        parts.append(f"And {more} more series.")
    return shorten(" ".join(parts), LONGEST)


def _extent(data: ChartData) -> str:
    if data.labels:
        names = [clean(label) for label in data.labels]
        shown = ", ".join(names[:8]) + (", …" if len(names) > 8 else "")
        return f"{len(names)} {'category' if len(names) == 1 else 'categories'} ({shown})"
    x = np.concatenate([one.x for one in data.series])
    if not np.isfinite(x).any():
        return ""
    low, high = float(np.nanmin(x)), float(np.nanmax(x))
    if data.x_type == "date":
        first, last = (f"{num2date(day):%Y-%m-%d %H:%M}" for day in (low, high))
        return f"from {first.removesuffix(' 00:00')} to {last.removesuffix(' 00:00')}"
    return f"from {text_of(low, Axis(), 6)} to {text_of(high, Axis(), 6)}"


def _range(series: Sequence[Series], axis: Axis) -> str:
    known = np.concatenate([one.y for one in series])
    known = known[np.isfinite(known)]
    if not len(known):
        return "no values"
    low, high = (text_of(float(end), axis, 6) for end in (known.min(), known.max()))
    return f"1 value, {low}" if len(known) == 1 else f"{len(known):,} values from {low} to {high}"


def _shares(data: ChartData) -> str:
    values = np.nan_to_num(data.series[0].y)
    told = [
        f"{clean(label) or '(no name)'} {share:.0f}%"
        for label, share in zip(data.labels, 100 * values / values.sum(), strict=True)
        if share > 0
    ]
    return ", ".join(told[:20]) + (", …" if len(told) > 20 else "") + "."
