"""Line and scatter charts."""

import math

import numpy as np
import numpy.typing as npt
import pandas as pd
import scales
from chartdata import ChartData
from chartspec import ChartSpec
from housestyle import GREY, look
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.lines import Line2D

FEW = 40
"""Points up to which a line shows each."""

MOST = 200_000
"""Points that all lines together are drawn with: a second's work where they are noise."""


def draw_lines(axes: Axes, spec: ChartSpec, data: ChartData) -> list[Artist]:
    """Draw a line for each series, broken at gaps.

    Returns:
        What stands for each series in a legend.
    """
    columns = min(spec.width, MOST // (4 * len(data.frame.columns)))
    handles: list[Artist] = []
    for index, (_, series) in enumerate(data.frame.items()):
        style = look(index)
        drawn = thinned(series, columns)
        handles += axes.plot(
            drawn.index.to_numpy(),
            drawn.to_numpy(),
            color=style.color,
            linestyle=style.dash,
            marker=style.marker,
            markersize=4.5,
            markevery=np.flatnonzero(_lonely(drawn) | (len(drawn) <= FEW)).tolist(),
        )
    _dress(axes, spec, data)
    return handles


def draw_scatter(axes: Axes, spec: ChartSpec, data: ChartData) -> list[Artist]:
    """Draw a point for each value, smaller and paler where there are many.

    Returns:
        What stands for each series in a legend.
    """
    crowd = math.log10(max(10, data.frame.size)) - 1
    handles: list[Artist] = []
    for index, (_, series) in enumerate(data.frame.items()):
        style = look(index)
        (drawn,) = axes.plot(
            series.index.to_numpy(),
            series.to_numpy(),
            linestyle="none",
            color=style.color,
            marker=style.marker,
            markersize=max(1.5, 7 - 1.3 * crowd),
            markeredgewidth=0,
            alpha=max(0.35, 0.85 - 0.12 * crowd),
        )
        in_legend = Line2D([], [])
        in_legend.update_from(drawn)
        in_legend.set(markersize=6, alpha=1)
        handles.append(in_legend)
    _dress(axes, spec, data)
    axes.grid(axis="x")
    return handles


def thinned(line: pd.Series, columns: int) -> pd.Series:
    """Reduce a long line to what its pixels can show.

    Each column of pixels keeps the first, lowest, highest and last value of its points: drawn at
    that width, the line looks the same (M4, https://www.vldb.org/pvldb/vol7/p797-jugel.pdf).

    Args:
        line: Values by x, in ascending order of x; NaN is a gap.
        columns: Pixels that the line is drawn across.

    Returns:
        At most four values for each column, and the line itself where it has no more.
    """
    if len(line) <= 4 * columns:
        return line
    x = line.index.to_numpy(dtype=np.float64)
    column = np.floor((x - x[0]) / ((x[-1] - x[0]) or 1.0) * (columns - 1))
    kept = line.groupby(column).agg(["first", "min", "max", "last"])
    places = np.repeat(pd.Series(x).groupby(column).first().to_numpy(), 4)
    return pd.Series(kept.to_numpy().ravel(), index=places)


def _lonely(line: pd.Series) -> npt.NDArray[np.bool_]:
    """Tell which values stand between gaps, where a line of one point would not be seen."""
    known: npt.NDArray[np.bool_] = np.concatenate(([False], line.notna().to_numpy(), [False]))
    return known[1:-1] & ~known[:-2] & ~known[2:]


def _dress(axes: Axes, spec: ChartSpec, data: ChartData) -> None:
    axes.margins(x=0.03, y=0.06)
    low, high = data.ends
    if spec.log:
        margin = max(1.1, high**0.05 / low**0.05)
        scales.logarithmic(axes.yaxis, low / margin, high * margin)
    else:
        scales.linear(axes.yaxis, spec)
    if data.x_type == "category":
        scales.categories(axes.xaxis, data.labels, spec)
        axes.set_xlim(-0.5, len(data.labels) - 0.5)
    elif data.x_type == "date":
        scales.dates(axes.xaxis, spec)
    else:
        x = data.frame.index.to_numpy(dtype=np.float64)
        scales.linear(axes.xaxis, spec, whole=bool((x == np.round(x)).all()))
    scales.entitle(axes.xaxis, axes.yaxis, spec, data)
    axes.grid(axis="y")
    if low < 0 < high:
        axes.axhline(0, color=GREY, linewidth=0.9, zorder=1)
