"""Words for who does not see a chart."""

from collections.abc import Sequence

import numpy as np
from captions import clean, shorten
from charts import KINDS
from charts.chart import ChartData, Series
from chartspec import Axis, ChartSpec
from matplotlib.dates import num2date
from ticks import text_of

SERIES = 6  # that are told of, one by one
LONGEST = 1000  # characters


def describe(spec: ChartSpec, data: ChartData) -> str:
    """Say what a chart shows: what the request says, else its kind, title, axes and ranges."""
    if spec.alt is not None:
        return clean(spec.alt)
    chart, title = KINDS[spec.kind], clean(spec.title)
    parts = [f"{chart.name[:1].upper()}{chart.name[1:]}{f': {title}' if title else ''}."]
    if chart.is_round:
        return shorten(f"{parts[0]} {_shares(data)}.", LONGEST)
    along = clean(data.x_name if spec.x_axis.label is None else spec.x_axis.label)
    if about := ", ".join(filter(None, (along, _extent(data)))):
        parts.append(f"Along x: {about}.")
    if label := clean(spec.y_axis.label or ""):
        parts.append(f"Values: {label}.")
    if data.rows:
        parts.append(f"{len(data.series)} rows, {_range(data.series, spec.y_axis)}.")
    for one in () if data.rows else data.series[:SERIES]:
        axis = spec.x_axis if chart.x == "none" else spec.y2_axis if one.second else spec.y_axis
        parts.append(f"{clean(one.name) or 'Values'}: {_range([one], axis)}.")
    if not data.rows and (more := len(data.series) - SERIES) > 0:
        parts.append(f"And {more} more series.")
    return shorten(" ".join(parts), LONGEST)


def _extent(data: ChartData) -> str:
    if count := len(data.labels):
        shown = ", ".join(map(clean, data.labels[:8])) + (", …" if count > 8 else "")
        return f"{count} {'category' if count == 1 else 'categories'} ({shown})"
    x = np.concatenate([one.x for one in data.series])
    if not len(x):
        return ""
    ends = [float(x.min()), float(x.max())]
    texts = [text_of(end, Axis(), 6) for end in ends]
    if data.x_type == "date":
        texts = [f"{num2date(end):%Y-%m-%d %H:%M}".removesuffix(" 00:00") for end in ends]
    return f"from {texts[0]} to {texts[1]}"


def _range(series: Sequence[Series], axis: Axis) -> str:
    known = np.concatenate([one.y for one in series])
    known = known[np.isfinite(known)]
    if not len(known):
        return "no values"
    low, high = (text_of(float(end), axis, 6) for end in (known.min(), known.max()))
    return f"1 value, {low}" if len(known) == 1 else f"{len(known):,} values from {low} to {high}"


def _shares(data: ChartData) -> str:
    values = np.nan_to_num(data.series[0].y)
    shares = zip(data.labels, 100 * values / values.sum(), strict=True)
    texts = [f"{clean(label) or '(no name)'} {share:.0f}%" for label, share in shares if share > 0]
    return ", ".join(texts[:20]) + (", …" if len(texts) > 20 else "")
