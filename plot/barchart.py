"""Bar charts."""

import math

import numpy as np
import numpy.typing as npt
import pandas as pd
import scales
from captions import number
from chartdata import ChartData
from chartspec import ChartSpec
from housestyle import GREY, INK, PAPER, SMALL, look, width
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.collections import PolyCollection

Floats = npt.NDArray[np.float64]

GROUP = 0.76
"""Width of the bars of one category, of which each has 1."""

FEW = 14
"""Bars up to which each says its value."""


def draw(axes: Axes, spec: ChartSpec, data: ChartData) -> list[Artist]:
    """Draw bars side by side in each category, lying where the names are long.

    Returns:
        What stands for each series in a legend.
    """
    lying = _lies(axes, spec, data)
    along, values = (axes.yaxis, axes.xaxis) if lying else (axes.xaxis, axes.yaxis)
    frame = data.frame.reindex(range(len(data.labels)))
    low, high = _limits(*data.ends, spec.log)
    base = low if spec.log else 0.0
    thickness = GROUP / len(frame.columns)
    broad = thickness * scales.room(along, spec) / len(frame)  # in pixels
    roomy = broad >= 6
    gap = thickness * 0.5 / broad if roomy else 0.0  # on each side
    handles: list[Artist] = []
    for index, (_, series) in enumerate(frame.items()):
        start = np.arange(len(series), dtype=np.float64) - GROUP / 2 + index * thickness
        ends = series.fillna(base).to_numpy()
        style = look(index)
        bars = PolyCollection(
            list(_corners(start + gap, start + thickness - gap, base, ends, lying)),
            facecolor=style.color,
            edgecolor=PAPER,
            linewidth=0,  # an outline would cover a bar of a pixel, and shorten every other
            hatch=style.hatch if roomy else None,
            zorder=2.6,  # above the axis, which would cover it too
        )
        axes.add_collection(bars, autolim=False)
        handles.append(bars)
        if _shows_values(frame, lying, broad):
            _write_values(axes, start + thickness / 2, series, lying)

    if spec.log:
        scales.logarithmic(values, low, high)
    else:
        scales.linear(values, spec)
    scales.categories(along, data.labels, spec)
    scales.entitle(along, values, spec, data)
    sides = (-0.5, len(data.labels) - 0.5)
    _set_limits(axes, (low, high), sides, lying)
    axes.grid(axis="x" if lying else "y")
    if low < 0 < high and not spec.log:
        (axes.axvline if lying else axes.axhline)(0, color=GREY, linewidth=0.9)
    return handles


def _lies(axes: Axes, spec: ChartSpec, data: ChartData) -> bool:
    if data.ordered:  # numbers and dates run from left to right
        return False
    touching = scales.longest(data.labels, spec) > scales.room(axes.xaxis, spec) / len(data.labels)
    return touching and len(data.labels) * scales.LINE <= scales.room(axes.yaxis, spec)


def _limits(lowest: float, highest: float, log: bool) -> tuple[float, float]:
    """Return the ends of the values' axis; a logarithmic one has no 0 and starts a decade below."""
    if log:
        decade = math.ceil(math.log10(lowest)) - 1
        return max(10.0**decade, 1e-307), highest * 1.6
    low, high = min(0.0, lowest), max(0.0, highest)
    margin = 0.07 * (high - low) or 1.0
    return low - margin * (low < 0), high + margin * (high > 0 or low == 0)


def _corners(left: Floats, right: Floats, base: float, ends: Floats, lying: bool) -> Floats:
    """Return the corners of bars: an array of (bar, corner, x and y)."""
    foot = np.full_like(ends, base)
    outline = [(left, foot), (left, ends), (right, ends), (right, foot)]
    points = np.array([(y, x) if lying else (x, y) for x, y in outline])
    return points.transpose(2, 0, 1)


def _shows_values(frame: pd.DataFrame, lying: bool, broad: float) -> bool:
    if frame.size > FEW:
        return False
    if lying:
        return broad >= 0.75 * scales.LINE
    texts = (number(value, 4) for value in frame.to_numpy().ravel() if np.isfinite(value))
    return max(width(text, SMALL) for text in texts) <= 1.1 * broad


def _write_values(axes: Axes, middles: Floats, series: pd.Series, lying: bool) -> None:
    for middle, value in zip(middles, series, strict=True):
        if np.isnan(value):
            continue
        away = 4 if value >= 0 else -4
        side = ("left", "center") if value >= 0 else ("right", "center")
        level = ("center", "bottom") if value >= 0 else ("center", "top")
        across, up = side if lying else level
        axes.annotate(
            number(value, 4),
            (value, middle) if lying else (middle, value),
            xytext=(away, 0) if lying else (0, away),
            textcoords="offset points",
            ha=across,
            va=up,
            fontsize=SMALL,
            color=INK,
        )


def _set_limits(
    axes: Axes, values: tuple[float, float], sides: tuple[float, float], lying: bool
) -> None:
    if lying:  # the first category on top
        axes.set(xlim=values, ylim=sides[::-1])
        axes.spines["left"].set_visible(values[0] >= 0)
        axes.spines["bottom"].set_visible(False)
    else:
        axes.set(xlim=sides, ylim=values)
        axes.spines["bottom"].set_visible(values[0] >= 0)
