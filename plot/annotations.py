"""Reference lines and notes."""

from collections.abc import Iterator
from typing import TypeAlias

import numpy as np
import typeface
from captions import clean
from chartdata import ChartData, position
from chartspec import ChartSpec
from marks import Box, Dots, Fill, Floats, Layer, Mark, Stroke, Words, outline
from panel import View
from themes import color, mix
from vacancy import Vacancy

Point: TypeAlias = tuple[float, float]

PAD = 4.0
"""Pixels around a note's text."""

DOT = 5.0
"""Pixels from the middle of a note's dot to what is beside it."""


def layers(spec: ChartSpec, data: ChartData, view: View) -> list[Layer]:
    """Draw a request's reference lines and notes.

    Raises:
        Refusal: A place is none of the axis, or a colour is none.
    """
    lines: list[Mark] = []
    words: list[Mark] = []
    vacancy = Vacancy(view, spec, data)
    named: list[tuple[Floats, str, str]] = []
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
        if _inside(view.box, ends):
            vacancy.cross(ends)
            named += [(ends, text, shade)] if (text := clean(line.label)) else []
    noted: list[tuple[Point, str]] = []
    for index, note in enumerate(spec.notes):
        at = position(spec, data, note.x, f"$.notes[{index}].x")
        ((x, y),) = view.points(np.array([at]), np.array([note.y]), note.axis == "y2").tolist()
        if (text := clean(note.text)) and _holds(view.box, x, y):
            vacancy.take(Box(x - DOT, y - DOT, x + DOT, y + DOT))
            noted.append(((x, y), text))
    for ends, text, shade in named:
        words += _label(view, vacancy, ends, text, shade)
    for place, text in noted:
        words += _note(view, vacancy, place, text)
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
    return all(_holds(box, x, y) for x, y in ends.tolist())


def _holds(box: Box, x: float, y: float) -> bool:
    return box.left - 1 <= x <= box.right + 1 and box.top - 1 <= y <= box.bottom + 1


def _label(view: View, vacancy: Vacancy, ends: Floats, text: str, shade: str) -> list[Mark]:
    """Write a line's name at one of its ends: above or below it, or beside it where it rises."""
    box, size = view.box, view.sizes.small
    (x, y), (other_x, other_y) = ends.tolist()
    text = typeface.fit(text, 0.7 * box.width, size)
    wide, high = typeface.width(text, size) + 4, 0.85 * size + 3
    if y == other_y:
        above, below = y - PAD + 2 - high, y + PAD
        corners = [(a, b) for a in (other_x - PAD - wide + 2, x + PAD) for b in (above, below)]
    else:
        right, left = x + PAD - 1, x - PAD + 1 - wide
        corners = [(a, b) for b in (box.top + 4, box.bottom - high - 2) for a in (right, left)]
    frames = [Box(a, b, a + wide, b + high) for a, b in corners]
    frame = vacancy.freest([one for one in frames if _within(one, box)] or frames)
    vacancy.take(frame)
    return [
        Fill(shapes=[outline(frame)], color=view.theme.panel, opacity=0.8),
        Words(x=frame.left + 2, y=frame.bottom - 3, text=text, size=size, color=shade),
    ]


def _within(frame: Box, box: Box) -> bool:
    return _holds(box, frame.left, frame.top) and _holds(box, frame.right, frame.bottom)


def _note(view: View, vacancy: Vacancy, place: Point, text: str) -> list[Mark]:
    """Write a note where it hides least, with a line between it and its place."""
    box, theme, size = view.box, view.theme, view.sizes.small
    lines = typeface.wrap(text, min(0.5 * box.width, 16 * size), size, False, 3)
    if not lines:
        return []
    wide = max(typeface.width(line, size) for line in lines) + 2 * PAD
    high = 1.3 * size * len(lines) + PAD
    frame = vacancy.freest(list(_around(box, place, wide, high, 1.6 * size)))
    vacancy.take(frame)
    x, y = place
    end = min(max(x, frame.left), frame.right), min(max(y, frame.top), frame.bottom)
    edge = mix(theme.panel, theme.soft, 0.35)
    marks: list[Mark] = [
        Stroke(points=np.array([place, end]), color=theme.soft),
        Dots(points=np.array([place]), shape="o", size=7, color=theme.panel, edge=theme.ink),
        Fill(shapes=[outline(frame)], color=theme.panel, edge=edge, width=1),
    ]
    for at, line in enumerate(lines):
        baseline = frame.top + PAD / 2 + (1.3 * at + 1.0) * size
        marks.append(Words(x=frame.left + PAD, y=baseline, text=line, size=size, color=theme.ink))
    return marks


def _around(box: Box, place: Point, wide: float, high: float, away: float) -> Iterator[Box]:
    """Return frames for a note around its place: above, beside and below it, then farther off."""
    x, y = place
    for far in (away, 2.5 * away):
        middle, centre = x - wide / 2, y - high / 2
        before, behind = x - far - wide, x + far
        above, below = y - far - high, y + far
        for left, top in (
            (middle, above),
            (behind, centre),
            (before, centre),
            (middle, below),
            (behind, above),
            (before, above),
            (behind, below),
            (before, below),
        ):
            left = max(min(left, box.right - wide), box.left)
            top = max(min(top, box.bottom - high), box.top)
            yield Box(left, top, left + wide, top + high)
