"""Heatmaps."""

import numpy as np
import ticks
import typeface
from captions import clean
from chartdata import ChartData
from chartspec import ChartSpec
from framing import title_of
from marks import Bitmap, Box, Fill, Floats, Ints, Layer, Mark, Words, rectangles
from panel import Panel, Ramp, View
from scales import Scale
from themes import Theme, contrast, shades

SHADES = 96
"""Colours that values are told apart by."""

SHAPES = 2_500
"""Cells up to which each is a shape; more are pixels."""

LABELS = 400
"""Cells up to which each says its value, where there is room."""


def panel(spec: ChartSpec, data: ChartData, theme: Theme, dense: bool) -> Panel:
    """Describe a heatmap. Values of both signs are coloured from a middle at zero.

    Args:
        spec: The request.
        data: A series for each row, from the top.
        theme: Of colours.
        dense: Whether an SVG or PDF has the cells as pixels.
    """
    cells = np.array([one.y for one in data.series])
    known = cells[np.isfinite(cells)]
    low, high = float(known.min()), float(known.max())
    stops = theme.ramp
    if low < 0 < high:
        high = max(-low, high)
        low, stops = -high, theme.split
    colors = shades(stops, SHADES)
    rows = data.rows or tuple(one.name for one in data.series)
    ramp = Ramp(low=low, high=high, colors=colors, title=clean(spec.value or ""), axis=spec.y_axis)

    def paint(view: View) -> list[Layer]:
        shade = _shades(cells, low, high)
        if cells.size > SHAPES or dense:
            marks: list[Mark] = [_bitmap(view, shade, colors)]
        else:
            marks = _cells(view, shade, colors)
        words: list[Mark] = []
        shows = spec.labels if spec.labels is not None else cells.size <= LABELS
        if shows and cells.size <= SHAPES:
            words = _texts(view, spec, cells, shade, colors)
        return [Layer(marks=marks), Layer(marks=words)]

    along = Scale(
        axis=spec.x_axis,
        title=title_of(spec.x_axis, data.x_name),
        low=-0.5,
        high=len(data.labels) - 0.5,
        labels=data.labels,
    )
    values = Scale(
        axis=spec.y_axis,
        title=title_of(spec.y_axis, spec.y if isinstance(spec.y, str) and spec.value else ""),
        low=-0.5,
        high=len(rows) - 0.5,
        labels=rows,
        backwards=True,
    )
    return Panel(paint=paint, along=along, values=values, grids=(False, False), ramp=ramp)


def _shades(cells: Floats, low: float, high: float) -> Ints:
    """Return the number of each cell's colour, -1 for a gap."""
    # Halves: the range of values of both signs need not overflow.
    span = high / 2 - low / 2
    share = (cells / 2 - low / 2) / span if span > 0 else np.where(np.isnan(cells), np.nan, 0.5)
    number = np.clip(np.nan_to_num(share) * SHADES, 0, SHADES - 1).astype(np.int64)
    return np.where(np.isnan(cells), -1, number)


def _edges(view: View, shape: tuple[int, ...]) -> tuple[Floats, Floats]:
    rows, columns = shape
    x = view.x(np.linspace(0, 1, columns + 1, dtype=np.float64))
    y = view.y(np.linspace(1, 0, rows + 1, dtype=np.float64))
    return np.round(x), np.round(y)


def _cells(view: View, shade: Ints, colors: list[str]) -> list[Mark]:
    """Draw cells as shapes, on whole pixels, with a gap where they are large."""
    x, y = _edges(view, shade.shape)
    gap = 1.0 if min(view.box.width / shade.shape[1], view.box.height / shade.shape[0]) > 9 else 0.0
    left, top = np.meshgrid(x[:-1], y[:-1])
    right, bottom = np.meshgrid(x[1:] - gap, y[1:] - gap)
    shapes = rectangles(left, top, right, bottom)
    return [
        Fill(shapes=list(shapes[shade == number]), color=colors[number])
        for number in np.unique(shade[shade >= 0]).tolist()
    ]


def _bitmap(view: View, shade: Ints, colors: list[str]) -> Bitmap:
    table = np.array([(*bytes.fromhex(color[1:]), 255) for color in colors], dtype=np.uint8)
    ground = (*bytes.fromhex(view.theme.panel[1:]), 255)
    pixels = np.where((shade < 0)[..., None], np.array(ground, np.uint8), table[shade])
    x, y = _edges(view, shade.shape)
    box = Box(float(x[0]), float(y[0]), float(x[-1]), float(y[-1]))
    return Bitmap(pixels=pixels.astype(np.uint8), box=box)


def _texts(
    view: View, spec: ChartSpec, cells: Floats, shade: Ints, colors: list[str]
) -> list[Mark]:
    x, y = _edges(view, cells.shape)
    size = view.sizes.small
    room = view.box.width / cells.shape[1] - 4
    if view.box.height / cells.shape[0] < 1.2 * size:
        return []
    written = [
        [ticks.text_of(v, spec.y_axis, 3) if v == v else "" for v in row] for row in cells.tolist()
    ]
    widest = max(typeface.width(text, size) for row in written for text in row)
    if widest > room:
        return []
    words: list[Mark] = []
    for row, texts in enumerate(written):
        for column, text in enumerate(texts):
            if text:
                ink = contrast(colors[int(shade[row, column])], "#ffffff", "#1b2733")
                words.append(
                    Words(
                        x=(x[column] + x[column + 1]) / 2,
                        y=(y[row] + y[row + 1]) / 2 + 0.36 * size,
                        text=text,
                        size=size,
                        color=ink,
                        align="middle",
                    )
                )
    return words
