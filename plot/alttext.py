"""Words for who does not see a chart."""

import numpy as np
import ticks
from captions import clean, shorten
from chartdata import ChartData, Series
from chartspec import Axis, ChartSpec
from kinds import NAMES, ROUND

SERIES = 6
"""Series that are told of, one by one."""

LONGEST = 1000
"""Characters at most."""


def describe(spec: ChartSpec, data: ChartData) -> str:
    """Say what a chart shows.

    Returns:
        What the request says of it, else its kind, title and axes, and each series' range.
    """
    if spec.alt is not None:
        return clean(spec.alt)
    name = NAMES[spec.kind]
    title = clean(spec.title)
    parts = [f"{name[:1].upper()}{name[1:]}{f': {title}' if title else ''}."]
    if spec.kind in ROUND:
        parts.append(_shares(data))
        return shorten(" ".join(parts), LONGEST)
    along = clean(data.x_name if spec.x_axis.label is None else spec.x_axis.label)
    extent = _extent(data)
    if along or extent:
        parts.append(f"Along x: {', '.join(part for part in (along, extent) if part)}.")
    if spec.y_axis.label and (label := clean(spec.y_axis.label)):
        parts.append(f"Values: {label}.")
    if spec.kind == "heatmap":
        parts.append(f"{len(data.series)} rows, {_range(data.series, spec.y_axis)}.")
        return shorten(" ".join(parts), LONGEST)
    for one in data.series[:SERIES]:
        axis = spec.y2_axis if one.second else spec.y_axis
        axis = spec.x_axis if spec.kind == "histogram" else axis
        parts.append(f"{clean(one.name) or 'Values'}: {_range([one], axis)}.")
    if more := len(data.series) - SERIES:
        parts += [f"And {more} more series."] * (more > 0)
    return shorten(" ".join(parts), LONGEST)


def _extent(data: ChartData) -> str:
    if data.labels:
        names = [clean(label) for label in data.labels]
        shown = ", ".join(names[:8]) + (", …" if len(names) > 8 else "")
        return f"{len(names)} {'category' if len(names) == 1 else 'categories'} ({shown})"
    known = np.concatenate([one.x for one in data.series])
    known = known[np.isfinite(known)]
    if not len(known):
        return ""
    low, high = float(known.min()), float(known.max())
    if data.x_type == "date":
        days = np.array([low, high]) * ticks.DAY
        first, last = days.astype(np.int64).astype("datetime64[us]").astype("datetime64[m]")
        return f"from {_day(first)} to {_day(last)}"
    return f"from {ticks.text_of(low, Axis(), 6)} to {ticks.text_of(high, Axis(), 6)}"


def _day(moment: np.datetime64) -> str:
    return str(moment).replace("T", " ").removesuffix(" 00:00")


def _range(series: "list[Series] | tuple[Series, ...]", axis: Axis) -> str:
    known = np.concatenate([one.y for one in series])
    known = known[np.isfinite(known)]
    if not len(known):
        return "no values"
    low, high = (ticks.text_of(float(end), axis, 6) for end in (known.min(), known.max()))
    if len(known) == 1:
        return f"1 value, {low}"
    return f"{len(known):,} values from {low} to {high}"


def _shares(data: ChartData) -> str:
    values = np.nan_to_num(data.series[0].y)
    shares = values / values.max()
    shares = (100 * shares / shares.sum()).tolist()
    told = [
        f"{clean(label) or '(no name)'} {share:.0f}%"
        for label, share in zip(data.labels, shares, strict=True)
        if share > 0
    ]
    return ", ".join(told[:20]) + (", …" if len(told) > 20 else "") + "."
