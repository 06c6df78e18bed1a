"""Bar charts: side by side or on each other, upright or lying."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import ticks
import typeface
from chartdata import ChartData
from chartspec import ChartSpec
from framing import along_scale, names_of, value_scales
from marks import Fill, Floats, Layer, Mark, Words, rectangles
from panel import Key, Panel, View, sizes_of
from themes import Theme, contrast, looks

GROUP = 0.76
"""Width of the bars of one category, of which each has 1."""

FEW = 24
"""Bars up to which each says its value."""


def panel(spec: ChartSpec, data: ChartData, theme: Theme, dense: bool) -> Panel:
    """Describe a bar chart.

    Args:
        spec: The request.
        data: One value of each series for each category.
        theme: Of colours.
        dense: Whether an SVG or PDF has the bars as pixels.
    """
    stacked = bool(spec.stacked) and not spec.y_axis.log
    heights = np.array([one.y for one in data.series])
    lows, highs = _stack(data, heights) if stacked else (np.zeros_like(heights), heights)
    reaches = [np.concatenate(pair) for pair in zip(lows, highs, strict=True)]
    values, second = value_scales(spec, data, reaches, floor=0.0, margin=0.07)
    lying = _lies(spec, data)
    names = names_of(data)
    styles = looks(spec, theme, names)
    keys = [
        Key(name=name, look=look, form="fill") for name, look in zip(names, styles, strict=True)
    ]
    own = _own_colors(spec, data, theme)

    def paint(view: View) -> list[Layer]:
        marks: list[Mark] = []
        words: list[Mark] = []
        length = view.box.height if lying else view.box.width
        slots = 1 if stacked else len(data.series)
        broad = GROUP / slots * length / max(1, len(data.labels))  # in pixels
        gap = 0.0 if slots == 1 or broad < 5 else 0.5 * GROUP / slots / broad
        shows = spec.labels if spec.labels is not None else heights.size <= FEW and not stacked
        for at, (one, look) in enumerate(zip(data.series, styles, strict=True)):
            start = one.x - GROUP / 2 + (0 if stacked else at) * GROUP / slots
            start, end = start + gap, start + GROUP / slots - gap
            known = ~np.isnan(heights[at])
            low, high = np.nan_to_num(lows[at]), np.nan_to_num(highs[at])
            axis = view.second if one.second and view.second is not None else view.values
            if axis is not None and axis.log:
                low = np.full_like(low, axis.low)
            one_corner = view.points(start[known], low[known], one.second)
            other = view.points(end[known], high[known], one.second)
            shapes = _bars(one_corner, other, lying)
            colors = [own.get(place, look.color) for place in np.flatnonzero(known).tolist()]
            if own:
                marks += [
                    Fill(shapes=[shape], color=color)
                    for shape, color in zip(shapes, colors, strict=True)
                ]
            else:
                edge = view.theme.panel if stacked and broad > 6 else None
                marks.append(Fill(shapes=list(shapes), color=look.color, edge=edge, width=1.0))
            if shows and axis is not None:
                texts = _texts(spec, heights[at][known], one.second)
                if stacked:
                    words += _inside(view, shapes, texts, look.color)
                elif lying:
                    words += _beside(view, shapes, texts, heights[at][known], broad, colors)
                else:
                    words += _above(view, shapes, texts, heights[at][known], broad)
        return [Layer(marks=marks, clip=view.box, dense=dense), Layer(marks=words)]

    along = along_scale(spec, data)
    if lying:
        along = replace(along, backwards=True)
    return Panel(paint=paint, along=along, values=values, second=second, lying=lying, keys=keys)


def _lies(spec: ChartSpec, data: ChartData) -> bool:
    """Tell whether bars lie: where it is asked for, or the names are too long to stand level."""
    if spec.horizontal is not None:
        return spec.horizontal
    if data.ordered or any(one.second for one in data.series):  # time runs from left to right
        return False
    sizes = sizes_of(spec)
    slot = 0.86 * spec.width / len(data.labels)
    longest = max(typeface.width(label, sizes.small) for label in data.labels)
    two_lines = longest <= 1.7 * slot and all(
        typeface.width(word, sizes.small) < slot - 6
        for label in data.labels
        for word in label.split()
    )
    high = 0.75 * spec.height / len(data.labels)
    return longest > slot - 6 and not two_lines and high >= 1.35 * sizes.small


def _stack(data: ChartData, heights: Floats) -> tuple[Floats, Floats]:
    """Put values on each other, those below zero downwards; each axis has a stack of its own."""
    lows, highs = np.zeros_like(heights), np.zeros_like(heights)
    second = np.array([one.second for one in data.series])
    for part in (second, ~second):
        for sign in (1, -1):
            chosen = np.where(sign * heights > 0, heights, 0.0) * part[:, None]
            top = np.cumsum(chosen, axis=0)
            mine = (sign * heights > 0) & part[:, None]
            highs = np.where(mine, top, highs)
            lows = np.where(mine, top - chosen, lows)
    return lows, np.where(np.isnan(heights), np.nan, highs)


def _own_colors(spec: ChartSpec, data: ChartData, theme: Theme) -> dict[int, str]:
    """Return the colours that a request gives categories by name, by their numbers."""
    if not isinstance(spec.colors, dict) or len(data.series) != 1:
        return {}
    named = looks(spec, theme, list(data.labels))
    return {
        at: look.color
        for at, (label, look) in enumerate(zip(data.labels, named, strict=True))
        if label in spec.colors
    }


def _bars(one: Floats, other: Floats, lying: bool) -> Floats:
    """Return bars' corners, their sides on whole pixels where that does not make them uneven."""
    left, right = np.minimum(one[:, 0], other[:, 0]), np.maximum(one[:, 0], other[:, 0])
    top, bottom = np.minimum(one[:, 1], other[:, 1]), np.maximum(one[:, 1], other[:, 1])
    if lying:
        top, bottom = _even(top, bottom)
    else:
        left, right = _even(left, right)
    return rectangles(left, top, right, bottom)


def _even(start: Floats, end: Floats) -> tuple[Floats, Floats]:
    if len(start) == 0 or float((end - start).min()) < 4:
        return start, end
    return np.round(start), np.round(end)


def _texts(spec: ChartSpec, values: Floats, second: bool) -> list[str]:
    axis = spec.y2_axis if second else spec.y_axis
    return [ticks.text_of(value, axis, 4) for value in values.tolist()]


def _above(
    view: View, shapes: Floats, texts: Sequence[str], values: Floats, broad: float
) -> list[Mark]:
    """Write values above upright bars, or below those that go down, if none touches another."""
    size, box = view.sizes.small, view.box
    if max((typeface.width(text, size) for text in texts), default=0.0) > 1.06 * broad + 4:
        return []
    words: list[Mark] = []
    for shape, text, value in zip(shapes, texts, values.tolist(), strict=True):
        (left, top), (right, bottom) = shape.min(axis=0).tolist(), shape.max(axis=0).tolist()
        x, y = (left + right) / 2, top - 0.4 * size if value >= 0 else bottom + 1.15 * size
        if box.left - size <= x <= box.right + size and box.top - size <= y <= box.bottom + size:
            color = view.theme.ink
            words.append(Words(x=x, y=y, text=text, size=size, color=color, align="middle"))
    return words


def _beside(
    view: View,
    shapes: Floats,
    texts: Sequence[str],
    values: Floats,
    broad: float,
    colors: Sequence[str],
) -> list[Mark]:
    """Write values beyond the ends of lying bars, inside where there is no room beyond."""
    size, box, gap = view.sizes.small, view.box, 0.4 * view.sizes.small
    if broad < 1.1 * size:
        return []
    words: list[Mark] = []
    for shape, text, value, color in zip(shapes, texts, values.tolist(), colors, strict=True):
        (left, top), (right, bottom) = shape.min(axis=0).tolist(), shape.max(axis=0).tolist()
        end, room = (right, box.right + view.sizes.margin - right)
        if value < 0:
            end, room = (left, left - box.left)
        y, wide = (top + bottom) / 2 + 0.36 * size, gap + typeface.width(text, size)
        seen = box.left - 1 <= end <= box.right + 1 and box.top - size <= y <= box.bottom + size
        inside = room < wide
        if not seen or (inside and right - left < wide + gap):
            continue
        forward = (value >= 0) != inside
        words.append(
            Words(
                x=end + gap if forward else end - gap,
                y=y,
                text=text,
                size=size,
                color=_ink_on(color) if inside else view.theme.ink,
                align="start" if forward else "end",
            )
        )
    return words


def _inside(view: View, shapes: Floats, texts: Sequence[str], color: str) -> list[Mark]:
    """Write values into bars that are large enough."""
    size = view.sizes.small
    ink = _ink_on(color)
    words: list[Mark] = []
    for shape, text in zip(shapes, texts, strict=True):
        left, top = shape.min(axis=0).tolist()
        right, bottom = shape.max(axis=0).tolist()
        if bottom - top > 1.3 * size and right - left > typeface.width(text, size) + 4:
            x, y = (left + right) / 2, (top + bottom) / 2 + 0.36 * size
            words.append(Words(x=x, y=y, text=text, size=size, color=ink, align="middle"))
    return words


def _ink_on(color: str) -> str:
    """Return the colour of letters on a bar."""
    return contrast(color, "#ffffff", "#1b2733")
