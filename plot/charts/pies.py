"""Pies and donuts: shares of a whole."""

import numpy as np
from captions import clean
from matplotlib import rcParams
from themes import contrast, looks_of
from ticks import text_of

from charts.chart import Chart, Keys, Panel

SMALLEST = 4
"""Percent of the smallest share that is written into its slice."""


def draw(panel: Panel, hole: float = 0.0) -> Keys:
    """Draw a slice for each category above zero, clockwise from the top."""
    values, labels = np.nan_to_num(panel.data.series[0].y), panel.data.labels
    shown = np.flatnonzero(values / values.max() > 0)
    colors = [look.color for look in looks_of(panel.spec, labels)]
    is_written = panel.spec.labels is not False
    pie = panel.axes.pie(
        values[shown] / values.max(),
        colors=[colors[at] for at in shown],
        startangle=90,
        counterclock=False,
        autopct=lambda share: f"{share:.0f}%" if share >= SMALLEST and is_written else "",
        pctdistance=(1 + hole) / 2 if hole else 0.66,
        wedgeprops={"width": 1 - hole, "edgecolor": panel.paper, "linewidth": 1.2},
    )
    panel.axes.set(xlim=(-1.02, 1.02), ylim=(-1.02, 1.02))
    wedges, texts = pie[0], pie[-1]
    for text, at in zip(texts, shown, strict=True):
        text.set_color(contrast(colors[at]))
    return [(wedge, clean(labels[at]) or "–") for wedge, at in zip(wedges, shown, strict=True)]


def draw_donut(panel: Panel) -> Keys:
    """Draw a pie with a hole, and the sum in it."""
    keys = draw(panel, hole=0.6)
    total = text_of(float(np.nansum(panel.data.series[0].y)), panel.spec.y_axis, 6)
    size = 1.5 * rcParams["font.size"]
    panel.axes.text(0, 0, total, ha="center", va="center", fontsize=size, fontweight="bold")
    return keys


TAKES = frozenset({"x", "group_by", "aggregate", "sort", "top", "labels", "legend"})
PIE = Chart(name="a pie chart", draw=draw, takes=TAKES, x="category", is_round=True)
DONUT = Chart(name="a donut chart", draw=draw_donut, takes=TAKES, x="category", is_round=True)
