"""Lines: plain, in steps, over filled areas, with error bars, and sparklines."""

import numpy as np

from charts.chart import FRAME, ROWS, Chart, Keys, Panel, stacked, write_values

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


def draw_areas(panel: Panel) -> Keys:
    """Draw an area for each series, on those before it or, where they do not stack, on zero."""
    stacks = panel.spec.stacked is not False
    spans = stacked(panel, list(panel.data.series)) if stacks else []
    several = len(panel.data.series) > 1
    keys = []
    for index, (one, look, axes, name) in enumerate(panel.series()):
        start, height = spans[index] if several and stacks else (np.zeros_like(one.y), one.y)
        base = axes.get_ylim()[0] if panel.axis_of(one.second).log else start
        area = axes.fill_between(
            one.x,
            base,
            start + height,
            color=look.color,
            alpha=None if stacks else 0.35,
            linewidth=0,
            rasterized=panel.is_dense(len(one.y)),
        )
        edge = {"color": panel.theme.panel, "linewidth": 0.9} if stacks else {"color": look.color}
        if several or not stacks:
            axes.plot(one.x, start + height, **edge)
        keys.append((area, name))
    write_values(panel)
    return keys


AREA = Chart(
    name="an area chart",
    draw=draw_areas,
    takes=FRAME | ROWS | {"rolling", "stacked"},
    ascends=True,
    whole=True,
    stands=True,
    most=400_000,
)


def draw_errorbars(panel: Panel) -> Keys:
    """Draw each value with a bar of its error, either way, and a line through the values."""
    keys = []
    for one, look, axes, name in panel.series():
        bars = axes.errorbar(
            one.x,
            one.y,
            yerr=None if one.error is None else abs(one.error),
            color=look.color,
            linestyle=look.dash if panel.data.x_type != "category" else "none",
            marker=look.shape,
            markersize=0.4 * panel.size,
            elinewidth=1,
            capsize=3,
        )
        for artist in bars.get_children():
            artist.set_rasterized(panel.is_dense(4 * len(one.y)))
        keys.append((bars, name))
    write_values(panel)
    return keys


ERRORBAR = Chart(
    name="an errorbar chart",
    draw=draw_errorbars,
    takes=FRAME | ROWS | {"error"},
    merges=False,
    ascends=True,
    most=20_000,
)
