"""Histograms: how often values are where."""

from typing import Any

import numpy as np
from chartspec import ChartSpec
from matplotlib.ticker import MaxNLocator
from series import ChartData, Floats
from ticks import text_of

from charts.chart import FRAME, Chart, Keys, Panel

MOST = 60
"""Bins at most where the request names no number."""

FEW = 20
"""The range of whole numbers up to which each has its bin."""


def draw(panel: Panel) -> Keys:
    """Draw how many values of each series fall into each of the bins that all of them share."""
    spec = panel.spec
    samples = [one.y[np.isfinite(one.y)] for one in panel.data.series]
    edges = bin_edges(samples, spec.bins, spec.x_axis.log)
    several = len(samples) > 1
    keys = []
    for (_, look, axes, name), sample in zip(panel.series(), samples, strict=True):
        counts = np.histogram(sample, edges)[0]
        if several:
            area: Any = axes.stairs(counts, edges, fill=True, color=look.color, alpha=0.3)
            axes.stairs(counts, edges, color=look.color, linewidth=1.35)
        else:
            edge = panel.theme.panel if len(counts) <= 100 else "none"
            widths = np.diff(edges)
            area = axes.bar(
                edges[:-1],
                counts,
                widths,
                align="edge",
                color=look.color,
                edgecolor=edge,
                linewidth=0.6,
            )
            if spec.labels:
                texts = [text_of(float(count), spec.y_axis) if count else "" for count in counts]
                axes.bar_label(area, texts, color=panel.theme.ink, fontsize=panel.size)
        keys.append((area, name))
    return keys


def bin_edges(samples: list[Floats], bins: int | None, log: bool = False) -> Floats:
    """Divide the range of all values into bins.

    Args:
        samples: The values of each series, no gaps.
        bins: So many, of equal width, from the lowest value to the highest. Without, about as
            many as the Rice rule has (twice the cube root of the number of values, at most
            `MOST`), with edges at round numbers; one for each, where there are few whole numbers.
        log: Whether widths are equal on a logarithmic axis.
    """
    values = np.concatenate(samples)
    low, high = float(values.min()), float(values.max())
    rice = min(MOST, max(4, int(np.ceil(2 * max(map(len, samples)) ** (1 / 3)))))
    if log:
        low, high = (low, high) if high > low * 1.000001 else (low / 2, high * 2)
        edges: Floats = np.geomspace(low, high, (bins or rice) + 1, dtype=np.float64)
        return edges
    if high - low <= 1e-9 * max(abs(low), abs(high)):  # too narrow to divide
        margin = 0.1 * max(abs(low), abs(high)) or 0.5
        low, high = low - margin, high + margin
    if bins is not None:
        return np.linspace(low, high, bins + 1, dtype=np.float64)
    if high - low <= FEW and bool((values == np.round(values)).all()):
        return np.arange(np.floor(low), np.ceil(high) + 2, dtype=np.float64) - 0.5
    locator = MaxNLocator(rice + 1, steps=[1, 2, 2.5, 5, 10])
    edges = np.asarray(locator.tick_values(low, high), dtype=np.float64)
    edges[0], edges[-1] = min(edges[0], low), max(edges[-1], high)
    return edges


def count_bins(spec: ChartSpec, data: ChartData) -> int:
    """Count the bins, as far as the request names them."""
    return len(data.series) * (spec.bins or MOST)


HISTOGRAM = Chart(
    name="a histogram",
    draw=draw,
    takes=FRAME | {"bins"},
    x="none",
    stands=True,
    marks=count_bins,
    most=25_000,
)
