"""Heatmaps: a table of numbers in colours."""

import numpy as np
from matplotlib import rcParams
from themes import contrast
from ticks import letter, text_of

from charts.chart import FRAME, Chart, Keys, Panel, fits

FEW = 400
"""Cells that say their value, where there is room."""

MOST = 1_000
"""Cells that say their value where it is asked for: as many texts take matplotlib a second."""

APART = 2_500
"""Cells up to which lines keep them apart."""


def draw(panel: Panel) -> Keys:
    """Draw a cell for each value; a gap has none."""
    spec, cells = panel.spec, np.array([one.y for one in panel.data.series])
    low, high = float(np.nanmin(cells)), float(np.nanmax(cells))
    cmap = rcParams["image.cmap"]
    if low < 0 < high:  # zero is in the middle of the colours
        low, high = min(low, -high), max(-low, high)
        cmap = "coolwarm"
    rows, columns = cells.shape
    image = panel.axes.pcolormesh(
        np.arange(columns + 1) - 0.5,
        np.arange(rows + 1) - 0.5,
        cells,
        cmap=cmap,
        vmin=low,
        vmax=high,
        edgecolors=panel.paper if cells.size <= APART else "none",
        linewidth=0.6,
        rasterized=cells.size > APART,
    )
    panel.add_ramp(image, spec.value or "")
    texts = {
        place: text_of(value, spec.y_axis, 3)
        for place, value in np.ndenumerate(cells)
        if value == value
    }
    has_room = 0.75 * spec.height / rows > 2.3 * letter()
    has_room = has_room and fits(list(texts.values()), 0.8 * spec.width / columns)
    is_asked = spec.labels is True and cells.size <= MOST
    if is_asked or (spec.labels is None and cells.size <= FEW and has_room):
        for (row, column), text in texts.items():
            color = contrast(image.to_rgba(cells[row, column])[:3])
            panel.axes.text(column, row, text, ha="center", va="center", color=color)
    return []


HEATMAP = Chart(
    name="a heatmap",
    draw=draw,
    takes=FRAME - {"lines", "notes"} | {"x", "value", "aggregate", "sort", "top"},
    x="cells",
    grids=(False, False),
)
