"""Points, which may have sizes and colours."""

from typing import Any

import numpy as np
from chartspec import ChartSpec
from matplotlib import rcParams
from matplotlib.lines import Line2D
from themes import looks_of

from charts.chart import (
    FRAME,
    ROWS,
    Chart,
    ChartData,
    Floats,
    Keys,
    Panel,
    Series,
    count_values,
    write_values,
)

SMALLEST, LARGEST = 8.0, 260.0
"""Areas of points, in square points, that have a column for their size."""


def draw(panel: Panel) -> Keys:
    """Draw a point for each row."""
    texts = panel.data.color_labels
    looks = looks_of(panel.spec, texts or ())
    keys: list[tuple[Any, str]] = [
        (_key(look.color, "o"), text) for look, text in zip(looks, texts or (), strict=True)
    ]
    ramp = None
    for one, look, axes, name in panel.series():
        color: Any = look.color if one.color is None else one.color
        if texts is not None and one.color is not None:
            gap = rcParams["axes.edgecolor"]
            color = [looks[int(at)].color if at == at else gap for at in one.color]
        elif one.color is None:
            keys.append((_key(look.color, look.marker), name))
        if one.size is None and one.color is None and panel.is_dense(len(one.y)):
            (dots,) = axes.plot(one.x, one.y, "o", color=look.color, markersize=1.7)
            dots.set(alpha=0.45, markeredgewidth=0, rasterized=True)
            continue
        is_few = len(one.y) <= 2_000
        points = axes.scatter(
            one.x,
            one.y,
            s=_sizes(panel, one),
            c=color,
            marker=look.marker if texts is None else "o",
            alpha=0.75 if is_few else 0.45,
            edgecolors=panel.paper if is_few else "none",
            linewidths=0.5,
            rasterized=panel.is_dense(len(one.y)),
        )
        ramp = points if one.color is not None and texts is None else ramp
    if ramp is not None:
        panel.add_ramp(ramp, panel.spec.color or "")
    write_values(panel)
    return keys


def _key(color: str, marker: str) -> Line2D:
    return Line2D([], [], color=color, marker=marker, linestyle="none", markersize=5.4)


def _sizes(panel: Panel, one: Series) -> Floats | float:
    """Return the areas of points: in proportion to their sizes, else smaller the more there are."""
    if one.size is None:
        return float(np.clip(22.0 - 4 * np.log10(max(1, len(one.y) / 50)), 3, 22))
    sizes = [other.size for other in panel.data.series if other.size is not None]
    most = max(float(np.nanmax(size, initial=0)) for size in sizes) or 1.0
    return np.asarray(SMALLEST + (LARGEST - SMALLEST) * np.nan_to_num(one.size) / most)


def count_points(spec: ChartSpec, data: ChartData) -> int:
    """Count points, those with a size or a colour of their own ten times: they take as long."""
    return count_values(spec, data) * (10 if spec.size or spec.color else 1)


SCATTER = Chart(
    name="a scatter chart",
    draw=draw,
    takes=FRAME | ROWS | {"size", "color"},
    merges=False,
    grids=(True, True),
    marks=count_points,
)
