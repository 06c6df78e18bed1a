"""Pies and donuts: shares of a whole."""

import numpy as np
from captions import clean
from colors import contrast
from themes import looks_of
from ticks import text_of

from charts.chart import Chart, Keys, Panel

SMALLEST = 0.04
"""The smallest share that is written into its slice."""


def draw(panel: Panel, hole: float = 0.0) -> Keys:
    """Draw a slice for each category above zero, clockwise from the top."""
    spec, axes, labels = panel.spec, panel.axes, panel.data.labels
    looks = looks_of(spec, panel.theme, labels)
    values = np.nan_to_num(panel.data.series[0].y)
    values = values / values.max()
    shown = np.flatnonzero(values > 0)
    wedges = axes.pie(
        values[shown],
        colors=[looks[at].color for at in shown],
        startangle=90,
        counterclock=False,
        wedgeprops={"width": 1 - hole, "edgecolor": panel.theme.panel, "linewidth": 1.2},
    )[0]
    axes.set(xlim=(-1.02, 1.02), ylim=(-1.02, 1.02))
    shares = values[shown] / values.sum()
    for wedge, share, at in zip(wedges, shares, shown, strict=True):
        if share >= SMALLEST and spec.labels is not False:
            angle = np.radians((wedge.theta1 + wedge.theta2) / 2)
            away = (1 + hole) / 2 if hole else 0.66
            axes.text(
                away * np.cos(angle),
                away * np.sin(angle),
                f"{100 * share:.0f}%",
                ha="center",
                va="center",
                color=contrast(looks[at].color, panel.theme.ink, panel.theme.panel),
                fontsize=panel.size,
            )
    return [(wedge, clean(labels[at]) or "–") for wedge, at in zip(wedges, shown, strict=True)]


def draw_donut(panel: Panel) -> Keys:
    """Draw a pie with a hole, and the sum in it."""
    keys = draw(panel, hole=0.6)
    total = float(np.nansum(panel.data.series[0].y))
    text, size = text_of(total, panel.spec.y_axis, 6), 1.5 * panel.size
    panel.axes.text(0, 0, text, ha="center", va="center", fontsize=size, fontweight="bold")
    return keys


TAKES = frozenset({"x", "group_by", "aggregate", "sort", "top", "labels", "legend"})
PIE = Chart(name="a pie chart", draw=draw, takes=TAKES, x="category", is_round=True)
DONUT = Chart(name="a donut chart", draw=draw_donut, takes=TAKES, x="category", is_round=True)
