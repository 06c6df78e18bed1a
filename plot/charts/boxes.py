"""Boxes and violins: how the values of each category are spread."""

from collections.abc import Iterator
from typing import Any

import numpy as np
from chartspec import ChartSpec
from matplotlib.patches import Patch
from themes import mix

from charts.chart import FRAME, Chart, ChartData, Floats, Keys, Panel

WIDTH = 0.7
"""Of the place of a category, how much its boxes take."""

KNOWN = 1_000
"""Values of a violin: of more, quantiles stand for all, since their density takes long."""


def draw_boxes(panel: Panel) -> Keys:
    """Draw boxes from the first to the third quartile, with whiskers of 1.5 times their height."""
    for samples, places, color, axes, width in _samples(panel):
        axes.boxplot(
            samples,
            positions=places,
            widths=0.85 * width,
            patch_artist=True,
            manage_ticks=False,
            boxprops={"facecolor": mix(panel.paper, color, 0.35), "edgecolor": color},
            medianprops={"color": color, "linewidth": 1.8},
            whiskerprops={"color": color},
            capprops={"color": color},
            flierprops={"markersize": 2.5, "markerfacecolor": color, "markeredgecolor": "none"},
        )
    return _keys(panel)


def draw_violins(panel: Panel) -> Keys:
    """Draw how densely values lie, with the quartiles and the median inside."""
    for samples, places, color, axes, width in _samples(panel):
        quantiles = np.linspace(0, 1, KNOWN)
        samples = [np.quantile(one, quantiles) if len(one) > KNOWN else one for one in samples]
        shapes = axes.violinplot(samples, positions=places, widths=0.9 * width, showextrema=False)
        for body in shapes["bodies"]:
            body.set(facecolor=mix(panel.paper, color, 0.45), edgecolor=color, alpha=1)
        low, middle, high = np.transpose([np.quantile(one, (0.25, 0.5, 0.75)) for one in samples])
        axes.vlines(places, low, high, color=color, linewidth=3)
        axes.plot(places, middle, "o", color=panel.paper, markersize=2.5, zorder=3)
    return _keys(panel)


def _samples(panel: Panel) -> Iterator[tuple[list[Floats], Floats, str, Any, float]]:
    """Return the values of each series by category, where they stand, their colour and width."""
    drawn = list(panel.series())
    several = len(drawn) if _shares_places(panel.data) else 1
    width = WIDTH / several
    for index, (one, look, axes, _) in enumerate(drawn):
        known = np.isfinite(one.y)
        places = np.unique(one.x[known])
        samples = [one.y[known & (one.x == place)] for place in places]
        offset = width * (index - (several - 1) / 2) if several > 1 else 0.0
        if samples:
            color = look.color if several > 1 else panel.looks[0].color
            yield samples, places + offset, color, axes, width


def _shares_places(data: ChartData) -> bool:
    """Tell whether several series have values of one category."""
    places = [set(np.unique(one.x)) for one in data.series]
    return bool(data.x_name) or sum(map(len, places)) > len(set().union(*places))


def _keys(panel: Panel) -> Keys:
    if not _shares_places(panel.data):
        return []
    return [(Patch(color=look.color), name) for _, look, _, name in panel.series()]


def count_boxes(spec: ChartSpec, data: ChartData) -> int:
    """Count the boxes."""
    return sum(len(np.unique(one.x[np.isfinite(one.y)])) for one in data.series)


def _chart(name: str, draw: Any) -> Chart:
    takes = FRAME - {"labels"} | {"x", "sort", "top"}
    kind: Any = {"x": "category", "merges": False, "marks": count_boxes, "most": 500}
    return Chart(name=name, draw=draw, takes=takes, **kind)


BOX = _chart("a box plot", draw_boxes)
VIOLIN = _chart("a violin plot", draw_violins)
