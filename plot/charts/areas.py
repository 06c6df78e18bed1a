"""Areas, on each other or over each other."""

import numpy as np
from panel import Panel

from charts.chart import FRAME, ROWS, Chart, Keys
from charts.labels import write_values
from charts.stacks import stacked


def draw(panel: Panel) -> Keys:
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
    draw=draw,
    takes=FRAME | ROWS | {"rolling", "stacked"},
    ascends=True,
    whole=True,
    stands=True,
    most=400_000,
)
