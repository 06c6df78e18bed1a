"""Reference lines and notes."""

import numpy as np
import typeface
from captions import clean
from chartdata import ChartData, position
from chartspec import ChartSpec
from marks import Box, Dots, Fill, Floats, Layer, Mark, Stroke, Words, outline
from panel import View
from themes import Theme, color, mix

PAD = 4.0
"""Pixels around a note's text."""


def layers(spec: ChartSpec, data: ChartData, view: View) -> list[Layer]:
    """Draw a request's reference lines and notes.

    Raises:
        Refusal: A place is none of the axis, or a colour is none.
    """
    lines: list[Mark] = []
    words: list[Mark] = []
    for index, line in enumerate(spec.lines):
        path = f"$.lines[{index}]"
        shade = view.theme.ink
        if line.color is not None:
            shade = color(line.color, f"{path}.color")
        if line.y is not None:
            ends = _across(view, line.y, line.axis == "y2")
        elif line.x is not None:
            ends = _upright(view, position(spec, data, line.x, f"{path}.x"))
        else:
            continue
        lines.append(Stroke(points=ends, color=shade, width=1.4, dash=(4, 3)))
        if _inside(view.box, ends) and (text := clean(line.label)):
            words += _label(view, ends, text, shade)
    for index, note in enumerate(spec.notes):
        at = position(spec, data, note.x, f"$.notes[{index}].x")
        (place,) = view.points(np.array([at]), np.array([note.y]), note.axis == "y2")
        if text := clean(note.text):
            words += _note(view, (float(place[0]), float(place[1])), text)
    return [Layer(marks=lines, clip=view.box), Layer(marks=words)]


def _across(view: View, value: float, second: bool) -> Floats:
    axis = view.second if second and view.second is not None else view.values
    if axis is None:
        return np.full((2, 2), np.nan)
    share = axis.fractions(value)
    if view.lying:
        return np.array([(view.x(share), view.box.bottom), (view.x(share), view.box.top)])
    return np.array([(view.box.left, view.y(share)), (view.box.right, view.y(share))])


def _upright(view: View, value: float) -> Floats:
    if view.along is None:
        return np.full((2, 2), np.nan)
    share = view.along.fractions(value)
    if view.lying:
        return np.array([(view.box.left, view.y(share)), (view.box.right, view.y(share))])
    return np.array([(view.x(share), view.box.bottom), (view.x(share), view.box.top)])


def _inside(box: Box, ends: Floats) -> bool:
    (x, y), (other_x, other_y) = ends
    across = box.left - 1 <= x and other_x <= box.right + 1
    return bool(across and box.top - 1 <= min(y, other_y) and max(y, other_y) <= box.bottom + 1)


def _label(view: View, ends: Floats, text: str, shade: str) -> list[Mark]:
    """Write a line's name at its end: above it where it runs across, beside it where it rises."""
    box, size = view.box, view.sizes.small
    (x, y), (other_x, other_y) = ends.tolist()
    text = typeface.fit(text, 0.7 * box.width, size)
    wide = typeface.width(text, size)
    if y == other_y:
        left, baseline = other_x - wide - PAD, y - PAD - 1
        if baseline - size < box.top:
            baseline = y + PAD + 0.8 * size
    else:
        left, baseline = x + PAD + 1, other_y + size + 1
        if left + wide > box.right:
            left = x - PAD - 1 - wide
    return _boxed(view, left, baseline, text, shade)


def _note(view: View, place: tuple[float, float], text: str) -> list[Mark]:
    """Write a note near its place, with a line between them: above, beside or below it."""
    box, theme, size = view.box, view.theme, view.sizes.small
    x, y = place
    if not (box.left - 1 <= x <= box.right + 1 and box.top - 1 <= y <= box.bottom + 1):
        return []
    lines = typeface.wrap(text, min(0.5 * box.width, 16 * size), size, False, 3)
    if not lines:
        return []
    wide = max(typeface.width(line, size) for line in lines) + 2 * PAD
    high = 1.3 * size * len(lines) + PAD
    away = 1.6 * size
    left = min(max(x - wide / 2, box.left), box.right - wide)
    top = min(max(y - high / 2, box.top), box.bottom - high)
    if y - away - high >= box.top:
        top, end = y - away - high, (x, y - away)
    elif x + away + wide <= box.right:
        left, end = x + away, (x + away, y)
    elif x - away - wide >= box.left:
        left, end = x - away - wide, (x - away, y)
    else:
        top, end = y + away, (x, y + away)
    frame = Box(left, top, left + wide, top + high)
    edge = mix(theme.panel, theme.soft, 0.35)
    marks: list[Mark] = [
        Stroke(points=np.array([place, end]), color=theme.soft),
        Dots(points=np.array([place]), shape="o", size=7, color=theme.panel, edge=theme.ink),
        Fill(shapes=[outline(frame)], color=theme.panel, edge=edge, width=1),
    ]
    for at, line in enumerate(lines):
        baseline = top + PAD / 2 + (1.3 * at + 1.0) * size
        marks.append(Words(x=left + PAD, y=baseline, text=line, size=size, color=theme.ink))
    return marks


def _boxed(view: View, left: float, baseline: float, text: str, shade: str) -> list[Mark]:
    size: float = view.sizes.small
    frame = Box(
        left - 2, baseline - 0.85 * size, left + typeface.width(text, size) + 2, baseline + 3
    )
    theme: Theme = view.theme
    return [
        Fill(shapes=[outline(frame)], color=theme.panel, opacity=0.8),
        Words(x=left, y=baseline, text=text, size=size, color=shade),
    ]
