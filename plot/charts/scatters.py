"""Points, which may have sizes and colours."""

from typing import Any

import numpy as np
from matplotlib.lines import Line2D
from panel import Panel
from series import Floats, Series
from themes import looks_of

from charts.chart import FRAME, ROWS, Chart, Keys
from charts.labels import write_values

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
        dots = axes.scatter(
            one.x,
            one.y,
            s=_sizes(panel, one),
            c=look.color if one.color is None else one.color,
            cmap=None if one.color is None else panel.theme.ramp,
            marker=look.shape,
            **_look(panel, one),
        )
        mappable = dots if one.color is not None else mappable
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


SCATTER = Chart(
    name="a scatter chart",
    draw=draw,
    takes=FRAME | ROWS | {"size", "color"},
    merges=False,
    grids=(True, True),
)
