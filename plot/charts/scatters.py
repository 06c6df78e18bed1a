"""Points, which may have sizes and colours."""

from typing import Any

import numpy as np
from chartspec import ChartSpec
from matplotlib.lines import Line2D
from series import ChartData, Floats, Series
from themes import looks_of

from charts.chart import FRAME, ROWS, Chart, Keys, Panel, count_values, write_values

SMALLEST, LARGEST = 8.0, 260.0
"""Areas of points, in square points, that have a column for their size."""


def draw(panel: Panel) -> Keys:
    """Draw a point for each row."""
    labels = panel.data.color_labels
    if labels is not None:
        return _by_text(panel, labels)
    keys: list[tuple[Any, str]] = []
    mappable = None
    for one, look, axes, name in panel.series():
        if one.size is None and one.color is None and panel.is_dense(len(one.y)):
            (dots,) = axes.plot(one.x, one.y, "o", color=look.color, markersize=1.7, alpha=0.45)
            dots.set(markeredgewidth=0, rasterized=True)
            keys.append((_dot(panel, look.color, look.shape), name))
            continue
        points = axes.scatter(
            one.x,
            one.y,
            s=_sizes(panel, one),
            c=look.color if one.color is None else one.color,
            cmap=None if one.color is None else panel.theme.ramp,
            marker=look.shape,
            **_look(panel, one),
        )
        mappable = points if one.color is not None else mappable
        keys.append((_dot(panel, look.color, look.shape), name))
    if mappable is not None:
        panel.add_ramp(mappable, panel.spec.color or "")
    write_values(panel)
    return keys if mappable is None else []


def _by_text(panel: Panel, labels: tuple[str, ...]) -> Keys:
    """Draw points in the colours of the texts of a column."""
    looks = looks_of(panel.spec, panel.theme, labels)
    for one, _, axes, _ in panel.series():
        assert one.color is not None
        colors = [looks[int(at)].color if at == at else panel.theme.edge for at in one.color]
        axes.scatter(one.x, one.y, s=_sizes(panel, one), c=colors, **_look(panel, one))
    write_values(panel)
    return [(_dot(panel, look.color), label) for look, label in zip(looks, labels, strict=True)]


def _dot(panel: Panel, color: str, shape: str = "o") -> Line2D:
    return Line2D([], [], color=color, marker=shape, linestyle="none", markersize=0.6 * panel.size)


def _look(panel: Panel, one: Series) -> dict[str, Any]:
    few = len(one.y) <= 2_000
    return {
        "alpha": 0.75 if few else 0.45,
        "edgecolors": panel.theme.panel if few else "none",
        "linewidths": 0.5,
        "rasterized": panel.is_dense(len(one.y)),
    }


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
