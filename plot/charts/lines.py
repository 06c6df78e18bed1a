"""Lines, steps and sparklines."""

import numpy as np
from panel import Panel

from charts.chart import FRAME, ROWS, Chart, Keys
from charts.labels import write_values

MARKED = 40
"""Points up to which a line shows each."""


def draw(panel: Panel, drawstyle: str = "default") -> Keys:
    """Draw a line for each series; a gap breaks it."""
    keys = []
    for one, look, axes, name in panel.series():
        known = np.isfinite(one.y)
        few = known.sum() <= MARKED and drawstyle == "default"
        (line,) = axes.plot(
            one.x,
            one.y,
            color=look.color,
            linestyle=look.dash,
            drawstyle=drawstyle,
            marker=look.shape if few or known.sum() == 1 else "",
            markersize=0.35 * panel.size,
            # Round corners take most of the time of a million points.
            solid_joinstyle="bevel" if panel.is_dense(len(one.y)) else "round",
        )
        keys.append((line, name))
    write_values(panel)
    return keys


def draw_steps(panel: Panel) -> Keys:
    """Draw lines that keep a value until the next one."""
    return draw(panel, "steps-post")


def draw_sparkline(panel: Panel) -> Keys:
    """Draw lines with nothing around them, and a dot at the last value."""
    for one, look, axes, _ in panel.series():
        axes.plot(one.x, one.y, color=look.color, linestyle=look.dash)
        known = np.flatnonzero(np.isfinite(one.y))[-1:]
        axes.plot(one.x[known], one.y[known], "o", color=look.color, markersize=4, clip_on=False)
    return []


LINE = Chart(name="a line chart", draw=draw, takes=FRAME | ROWS | {"rolling"}, ascends=True)
STEP = Chart(name="a step chart", draw=draw_steps, takes=FRAME | ROWS | {"rolling"}, ascends=True)
SPARKLINE = Chart(
    name="a sparkline",
    draw=draw_sparkline,
    takes=frozenset({"x", "group_by", "aggregate", "resample", "sort", "rolling"}),
    ascends=True,
    is_bare=True,
)
