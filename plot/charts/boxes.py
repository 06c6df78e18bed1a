"""Boxes and violins: how the values of each category are spread."""

from collections.abc import Iterator
from typing import Any

import numpy as np
from chartspec import ChartSpec
from colors import mix
from matplotlib.patches import Patch
from series import ChartData, Floats
from themes import Look

from charts.chart import FRAME, Chart, Keys, Panel

WIDTH = 0.7
"""Of the place of a category, how much its boxes take."""

KNOWN = 1_000
"""Values of a violin: of more, quantiles stand for all."""


def draw_boxes(panel: Panel) -> Keys:
    """Draw boxes from the first to the third quartile, with whiskers of 1.5 times their height."""
    for samples, places, look, axes, width in _samples(panel):
        line = {"color": look.color, "linewidth": 1}
        axes.boxplot(
            samples,
            positions=places,
            widths=0.85 * width,
            patch_artist=True,
            manage_ticks=False,
            boxprops={
                "facecolor": mix(panel.theme.panel, look.color, 0.35),
                "edgecolor": look.color,
            },
            medianprops={"color": look.color, "linewidth": 1.8},
            whiskerprops=line,
            capprops=line,
            flierprops={
                "markersize": 2.5,
                "markerfacecolor": look.color,
                "markeredgecolor": "none",
            },
        )
    return _keys(panel)


def draw_violins(panel: Panel) -> Keys:
    """Draw how densely values lie, with the quartiles and the median inside."""
    for samples, places, look, axes, width in _samples(panel):
        samples = list(map(_thinned, samples))
        shapes = axes.violinplot(samples, positions=places, widths=0.9 * width, showextrema=False)
        for body in shapes["bodies"]:
            body.set(
                facecolor=mix(panel.theme.panel, look.color, 0.45),
                edgecolor=look.color,
                alpha=1,
                linewidth=0.9,
            )
        low, middle, high = np.transpose([np.quantile(one, (0.25, 0.5, 0.75)) for one in samples])
        axes.vlines(places, low, high, color=look.color, linewidth=3)
        axes.plot(places, middle, "o", color=panel.theme.panel, markersize=2.5, zorder=3)
    return _keys(panel)


def _thinned(sample: Floats) -> Any:
    """Return quantiles where a sample has so many values that their density takes long."""
    return np.quantile(sample, np.linspace(0, 1, KNOWN)) if len(sample) > KNOWN else sample


def _samples(panel: Panel) -> Iterator[tuple[list[Floats], Floats, Look, Any, float]]:
    """Return the values of each series by category, where they stand, and how wide."""
    drawn = list(panel.series())
    beside = len(drawn) if panel.data.x_name or _overlap(panel.data) else 1
    width = WIDTH / beside
    for index, (one, look, axes, _) in enumerate(drawn):
        known = np.isfinite(one.y)
        places = np.unique(one.x[known])
        samples = [one.y[known & (one.x == place)] for place in places]
        offset = width * (index - (beside - 1) / 2) if beside > 1 else 0.0
        if samples:
            yield samples, places + offset, look if beside > 1 else panel.looks[0], axes, width


def _overlap(data: ChartData) -> bool:
    """Tell whether several series have values of one category."""
    places = [set(np.unique(one.x)) for one in data.series]
    return sum(map(len, places)) > len(set().union(*places))


def _keys(panel: Panel) -> Keys:
    if not (panel.data.x_name or _overlap(panel.data)):
        return []
    return [(Patch(color=look.color), name) for _, look, _, name in panel.series()]


def count_boxes(spec: ChartSpec, data: ChartData) -> int:
    """Count the boxes."""
    return sum(len(np.unique(one.x[np.isfinite(one.y)])) for one in data.series)


TAKES = FRAME - {"labels"} | {"x", "sort", "top"}
BOX = Chart(
    name="a box plot",
    draw=draw_boxes,
    takes=TAKES,
    x="category",
    merges=False,
    marks=count_boxes,
    most=500,
)
VIOLIN = Chart(
    name="a violin plot",
    draw=draw_violins,
    takes=TAKES,
    x="category",
    merges=False,
    marks=count_boxes,
    most=500,
)
