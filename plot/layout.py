"""From a chart's parts to a scene: title, legend, axes, and the place for the marks between them.

Texts are measured, and each is measured once: what an axis takes follows from its own labels, and
nothing is drawn to find out.
"""

from dataclasses import dataclass

import annotations
import axes
import legend
import typeface
from captions import clean
from chartdata import ChartData
from chartspec import ChartSpec
from marks import Box, Fill, Layer, Mark, Scene, Words, outline
from panel import Panel, Sizes, View, sizes_of
from themes import Theme


@dataclass
class Room:
    """What is left of the image for the chart, while one part after the other takes its own."""

    left: float
    top: float
    right: float
    bottom: float


def compose(spec: ChartSpec, data: ChartData, theme: Theme, panel: Panel, alt: str) -> Scene:
    """Put a chart together.

    Args:
        spec: The request.
        data: What is drawn, for reference lines and notes.
        theme: Of colours.
        panel: The chart.
        alt: Its alternative text.
    """
    sizes = sizes_of(spec)
    words: list[Mark] = []
    layers: list[Layer] = []
    if panel.bare:
        edge = min(5.0, 0.12 * spec.height)  # for the last point
        box = Box(1, edge, spec.width - edge, spec.height - edge)
        view = _view(panel, box, sizes, theme)
        layers += panel.paint(view)
    else:
        margin = sizes.margin
        room = Room(margin, margin, spec.width - margin, spec.height - margin)
        words += _title(spec, sizes, theme, room)
        words += _legend(spec, panel, sizes, theme, room)
        drawn = axes.place(panel, sizes, theme, room, spec.width)
        words += drawn.words
        if panel.ramp is not None:
            words += legend.bar_marks(panel.ramp, drawn.box, sizes, theme)
        view = _view(panel, drawn.box, sizes, theme)
        if panel.along is not None and theme.framed:
            behind = Fill(shapes=[outline(drawn.box)], color=theme.panel)
            layers.append(Layer(marks=[behind]))
        layers.append(Layer(marks=drawn.grid))
        layers += panel.paint(view)
        layers.append(Layer(marks=drawn.lines))
        if panel.along is not None:
            layers += annotations.layers(spec, data, view)
    layers.append(Layer(marks=words))
    return Scene(
        width=spec.width,
        height=spec.height,
        paper=theme.paper,
        layers=[layer for layer in layers if layer.marks],
        title=clean(spec.title) or f"{spec.kind} chart",
        alt=alt,
    )


def _view(panel: Panel, box: Box, sizes: Sizes, theme: Theme) -> View:
    return View(
        box=box,
        along=panel.along,
        values=panel.values,
        second=panel.second,
        lying=panel.lying,
        sizes=sizes,
        theme=theme,
    )


def _title(spec: ChartSpec, sizes: Sizes, theme: Theme, room: Room) -> list[Mark]:
    """Write the title at the top left: in three lines, or a quarter of the image, at most."""
    line = 1.25 * sizes.title
    most = min(3, int(spec.height / 4 / line))
    text = clean(spec.title)
    if not text or most < 1:
        return []
    lines = typeface.wrap(text, room.right - room.left, sizes.title, True, most)
    marks: list[Mark] = []
    for at, words in enumerate(lines):
        y = room.top + at * line + 0.85 * sizes.title
        marks.append(
            Words(x=room.left, y=y, text=words, size=sizes.title, color=theme.ink, bold=True)
        )
    room.top += line * len(lines) + 0.45 * sizes.title
    return marks


def _legend(spec: ChartSpec, panel: Panel, sizes: Sizes, theme: Theme, room: Room) -> list[Mark]:
    """Draw the legend where it is asked for, unless it would leave too little for the chart."""
    keys = panel.keys
    if spec.legend == "none" or not keys or (spec.legend == "auto" and len(keys) < 2):
        return []
    line = 1.5 * sizes.text
    across, down = room.right - room.left, room.bottom - room.top
    if spec.legend == "right":
        wide = legend.swatch(sizes) + max(typeface.width(key.name, sizes.text) for key in keys)
        wide = min(wide, 0.35 * across)
        if down < line or across < 6 * sizes.text:
            return []
        lines = legend.column(keys, wide, down, sizes)
        room.right -= wide + sizes.text
        return legend.row_marks(lines, room.right + sizes.text, room.top, sizes, theme)
    most = int(0.34 * down / line)
    if most < 1 or across < 6 * sizes.text:
        return []
    lines = legend.rows(keys, across, most, sizes)
    high = line * len(lines)
    if spec.legend == "bottom":
        room.bottom -= high
        return legend.row_marks(lines, room.left, room.bottom, sizes, theme)
    marks = legend.row_marks(lines, room.left, room.top - 0.2 * sizes.text, sizes, theme)
    room.top += high + 0.35 * sizes.text
    return marks
