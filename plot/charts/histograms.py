"""Histograms: how often values are where."""

from typing import Any

import numpy as np
from chartspec import ChartSpec
from ticks import text_of

from charts.chart import FRAME, Chart, ChartData, Floats, Keys, Panel

MOST = 60
"""Bins where the request names no number."""


def draw(panel: Panel) -> Keys:
    """Draw how many values of each series fall into each of the bins that all of them share."""
    spec = panel.spec
    samples = [one.y[np.isfinite(one.y)] for one in panel.data.series]
    edges = bin_edges(np.concatenate(samples), spec.bins, spec.x_axis.log)
    keys = []
    for (_, look, axes, name), sample in zip(panel.series(), samples, strict=True):
        counts = np.histogram(sample, edges)[0]
        if samples[1:]:
            area: Any = axes.stairs(counts, edges, fill=True, color=look.color, alpha=0.3)
            axes.stairs(counts, edges, color=look.color, linewidth=1.35)
        else:
            look_of: dict[str, Any] = {"color": look.color, "linewidth": 0.6}
            look_of["edgecolor"] = panel.paper if len(counts) <= 100 else "none"
            area = axes.bar(edges[:-1], counts, np.diff(edges), align="edge", **look_of)
            if spec.labels:
                texts = [text_of(float(count), spec.y_axis) if count else "" for count in counts]
                axes.bar_label(area, texts, color=panel.ink)
        keys.append((area, name))
    return keys


def bin_edges(values: Floats, bins: int | None, log: bool = False) -> Floats:
    """Divide the range of all values into bins of equal width, on the axis that they are drawn on.

    Without a number there are as many as the Rice rule has, one at most for each whole number.
    """
    low, high = float(values.min()), float(values.max())
    if high - low <= 1e-9 * max(abs(low), abs(high)):  # too narrow to divide
        margin = 0.1 * max(abs(low), abs(high)) or 0.5
        low, high = low - margin, high + margin
    if log:
        logs = np.log10(values)
        edges = 10.0 ** bin_edges(logs, bins)
        return np.concatenate(([min(low, edges[0])], edges[1:-1], [max(high, edges[-1])]))
    if bins is not None:
        return np.linspace(low, high, bins + 1)
    if high - low <= 20 and (values == np.round(values)).all():
        return np.arange(np.floor(low), np.ceil(high) + 2) - 0.5
    count = int(np.clip(np.ceil(2 * len(values) ** (1 / 3)), 4, MOST))
    return np.linspace(low, high, count + 1)


def count_bins(spec: ChartSpec, data: ChartData) -> int:
    """Count the bins, as far as the request names them."""
    return len(data.series) * (spec.bins or MOST)


HISTOGRAM = Chart(
    name="a histogram",
    draw=draw,
    takes=FRAME | {"bins"},
    x="none",
    marks=count_bins,
    most=25_000,
)
