"""Heatmaps: a table of numbers in colours."""

from typing import Any

import numpy as np
from colors import contrast
from matplotlib.colors import Normalize
from ticks import text_of

from charts.chart import FRAME, Chart, Keys, Panel, room_for

FEW = 400
"""Cells that say their value, where there is room."""

MOST = 1_000
"""Cells that say their value where it is asked for: as many texts take matplotlib a second."""

APART = 2_500
"""Cells up to which lines keep them apart."""


def draw(panel: Panel) -> Keys:
    """Draw a cell for each value; a gap has none."""
    axes, data, theme = panel.axes, panel.data, panel.theme
    cells = np.array([one.y for one in data.series])
    low, high = float(np.nanmin(cells)), float(np.nanmax(cells))
    is_split = low < 0 < high
    most = max(-low, high)
    norm = Normalize(-most, most) if is_split else Normalize(low, high)
    rows, columns = cells.shape
    image = axes.pcolormesh(
        np.arange(columns + 1) - 0.5,
        np.arange(rows + 1) - 0.5,
        cells,
        cmap=theme.split if is_split else theme.ramp,
        norm=norm,
        edgecolors=theme.panel if cells.size <= APART else "none",
        linewidth=0.6,
        rasterized=cells.size > APART,
    )
    panel.add_ramp(image, panel.spec.value or "")
    texts = [text_of(value, panel.spec.y_axis, 3) for value in cells.ravel() if value == value]
    wide, high_ = 0.8 * panel.spec.width / columns, 0.75 * panel.spec.height / rows
    has_room = room_for(panel, texts, wide) and high_ > 1.4 * panel.size / 0.75
    is_asked = panel.spec.labels is True and cells.size <= MOST
    if is_asked or (panel.spec.labels is None and cells.size <= FEW and has_room):
        for (row, column), value in np.ndenumerate(cells):
            if np.isfinite(value):
                color = contrast(image.to_rgba(value)[:3], theme.ink, theme.panel)
                text = text_of(value, panel.spec.y_axis, 3)
                look: dict[str, Any] = {
                    "ha": "center",
                    "va": "center",
                    "color": color,
                    "fontsize": panel.size,
                }
                axes.text(column, row, text, **look)
    return []


HEATMAP = Chart(
    name="a heatmap",
    draw=draw,
    takes=FRAME - {"lines", "notes"} | {"x", "value", "aggregate", "sort", "top"},
    x="cells",
    grids=(False, False),
)
