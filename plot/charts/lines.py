"""Lines: plain, in steps, over filled areas, with error bars, and sparklines."""

from typing import Any

import numpy as np

from charts.chart import FRAME, ROWS, Chart, Keys, Panel, stacked, write_values

MARKED = 40
"""Points up to which a line shows each."""


def draw(panel: Panel, drawstyle: str = "default") -> Keys:
    """Draw a line for each series; a gap breaks it."""
    keys = []
    for one, look, axes, name in panel.series():
        points = np.isfinite(one.y).sum()
        is_marked = points == 1 or (points <= MARKED and drawstyle == "default")
        # Round corners take most of the time of a million points.
        join = "bevel" if panel.is_dense(len(one.y)) else "round"
        (line,) = axes.plot(one.x, one.y, color=look.color, linestyle=look.dash, markersize=3.2)
        line.set(drawstyle=drawstyle, solid_joinstyle=join, marker=look.marker if is_marked else "")
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
        last = np.flatnonzero(np.isfinite(one.y))[-1:]
        axes.plot(one.x[last], one.y[last], "o", color=look.color, markersize=4, clip_on=False)
    return []


def draw_areas(panel: Panel) -> Keys:
    """Draw an area for each series, on those before it or, where they do not stack, on zero."""
    series, is_stack = panel.data.series, panel.spec.stacked is not False
    is_alone = len(series) == 1 and panel.spec.stacked != "percent"
    spans = [(np.zeros_like(one.y), one.y) for one in series]
    spans = stacked(panel, list(series)) if is_stack and not is_alone else spans
    keys = []
    for (one, look, axes, name), (start, height) in zip(panel.series(), spans, strict=True):
        end = start + height
        base = axes.get_ylim()[0] if panel.axis_of(one).log else start
        area = axes.fill_between(one.x, base, end, color=look.color, linewidth=0)
        area.set(alpha=None if is_stack else 0.35, rasterized=panel.is_dense(len(one.y)))
        if is_stack and not is_alone:
            axes.plot(one.x, end, color=panel.paper, linewidth=0.9)
        elif not is_stack:
            axes.plot(one.x, end, color=look.color)
        keys.append((area, name))
    write_values(panel)
    return keys


def draw_errorbars(panel: Panel) -> Keys:
    """Draw each value with a bar of its error, either way, and a line through the values."""
    keys = []
    for one, look, axes, name in panel.series():
        error = None if one.error is None else abs(one.error)
        dash = look.dash if panel.data.x_type != "category" else "none"
        shape: dict[str, Any] = {"marker": look.marker, "color": look.color, "linestyle": dash}
        bars = axes.errorbar(one.x, one.y, error, markersize=3.6, elinewidth=1, capsize=3, **shape)
        for artist in bars.get_children():
            artist.set_rasterized(panel.is_dense(4 * len(one.y)))
        keys.append((bars, name))
    write_values(panel)
    return keys


TAKES = FRAME | ROWS | {"rolling"}
LINE = Chart(name="a line chart", draw=draw, takes=TAKES, ascends=True)
STEP = Chart(name="a step chart", draw=draw_steps, takes=TAKES, ascends=True)
AREA = Chart(
    name="an area chart",
    draw=draw_areas,
    takes=TAKES | {"stacked"},
    ascends=True,
    whole=True,
    most=400_000,
)
ERRORBAR = Chart(
    name="an errorbar chart",
    draw=draw_errorbars,
    takes=FRAME | ROWS | {"error"},
    merges=False,
    ascends=True,
    most=20_000,
)
SPARKLINE = Chart(
    name="a sparkline",
    draw=draw_sparkline,
    takes=frozenset({"x", "group_by", "aggregate", "resample", "sort", "rolling"}),
    ascends=True,
    is_bare=True,
)
