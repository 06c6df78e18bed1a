"""Histograms."""

import math

import numpy as np
import numpy.typing as npt
import scales
from chartdata import ChartData
from chartspec import ChartSpec
from housestyle import PAPER, look
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator

Floats = npt.NDArray[np.float64]

MOST = 60
"""Bins at most where the request names no number."""

FEW = 20
"""The range of whole numbers up to which each has its bin."""


def draw(axes: Axes, spec: ChartSpec, data: ChartData) -> list[Artist]:
    """Count each series' values in bins that all series share, and draw the counts' outline.

    Returns:
        What stands for each series in a legend.
    """
    edges = bin_edges(data, spec.bins)
    several = len(data.frame.columns) > 1
    highest = 1
    handles: list[Artist] = []
    for index, (_, series) in enumerate(data.frame.items()):
        style = look(index)
        counts, _ = np.histogram(series.dropna(), edges)
        highest = max(highest, int(counts.max()))
        if several:
            axes.stairs(counts, edges, fill=True, color=style.color, alpha=0.25)
            handles.append(axes.stairs(counts, edges, color=style.color, linestyle=style.dash))
        else:
            handles.append(axes.stairs(counts, edges, fill=True, color=style.color))
            between = np.minimum(counts[:-1], counts[1:])
            axes.vlines(edges[1:-1], 0, between, color=PAPER, linewidth=0.7)
    if spec.log:
        scales.logarithmic(axes.yaxis, 0.7, highest * 1.5)
    else:
        scales.linear(axes.yaxis, spec, whole=True)
        axes.set_ylim(0, highest * 1.06)
    axes.margins(x=0.03)
    scales.linear(axes.xaxis, spec)
    scales.entitle(axes.xaxis, axes.yaxis, spec, data)
    axes.grid(axis="y")
    return handles


def bin_edges(data: ChartData, bins: int | None) -> Floats:
    """Divide the range of all values into bins.

    Args:
        data: At least one number.
        bins: So many, of equal width, from the lowest value to the highest. Without, about as
            many as the Rice rule has (twice the cube root of the number of values, at most
            `MOST`), with edges at round numbers; one for each, where there are few whole numbers.

    Returns:
        The edges, ascending. A bin has its lower edge, and the last one its upper edge too.
    """
    low, high = data.ends
    size = max(abs(low), abs(high))
    if high - low <= 1e-9 * size:  # too narrow to divide
        margin = 0.1 * size or 0.5
        low, high = low - margin, high + margin
    if bins is not None:
        return np.linspace(low, high, bins + 1, dtype=np.float64)
    values = data.frame.to_numpy()
    if high - low <= FEW and bool((np.isnan(values) | (values == np.round(values))).all()):
        return np.arange(np.ceil(low), np.floor(high) + 2) - 0.5
    rice = math.ceil(2 * int(data.frame.count().max()) ** (1 / 3))
    edges = np.asarray(MaxNLocator(min(MOST, max(4, rice))).tick_values(low, high))
    before = [2 * edges[0] - edges[1]] if edges[0] > low else []
    after = [2 * edges[-1] - edges[-2]] if edges[-1] <= high else []
    return np.concatenate((before, edges, after))
