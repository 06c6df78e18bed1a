"""Axes: grid, lines, ticks and titles, and what they leave for the marks."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import legend
import numpy as np
import ticklabels
import typeface
from captions import clean
from marks import Align, Box, Mark, Stroke, Words, segments
from panel import Panel, Sizes
from scales import Scale
from themes import Theme
from ticklabels import Foot
from ticks import Tick

NARROWEST = 0.4
"""Share of the room that the marks keep at least, each way."""


class Room(Protocol):
    """What is left of the image."""

    left: float
    top: float
    right: float
    bottom: float


@dataclass(frozen=True, kw_only=True)
class Axes:
    """Axes, drawn.

    Attributes:
        box: What they enclose.
        grid: Lines below the marks.
        lines: Lines above the marks.
        words: Ticks and titles.
    """

    box: Box
    grid: Sequence[Mark]
    lines: Sequence[Mark]
    words: Sequence[Mark]


@dataclass(frozen=True, kw_only=True)
class Titles:
    """The axes' titles, shortened to their place.

    Attributes:
        left: Of the axis that runs upwards, above it.
        right: Of the second axis, or of the colour bar, above it.
        foot: Of the axis that runs across, below it.
    """

    left: str
    right: str
    foot: str


def place(panel: Panel, sizes: Sizes, theme: Theme, room: Room, width: float) -> Axes:
    """Draw a panel's axes into the room that there is.

    Args:
        panel: The chart.
        sizes: Of type.
        theme: Of colours.
        room: What is left of the image.
        width: Of the image, within which every label stays.
    """
    upright, across = panel.values, panel.along
    if panel.lying:
        upright, across = panel.along, panel.values
    right = room.right
    if panel.ramp is not None:
        right -= min(legend.bar_width(panel.ramp, room.bottom - room.top, sizes), 0.4 * right)
    if upright is None or across is None:
        return Axes(box=Box(room.left, room.top, right, room.bottom), grid=(), lines=(), words=())
    names = _titles(panel, upright, across, sizes, room)
    top = room.top + (1.75 if names.left or names.right else 0.55) * sizes.small
    bottom = room.bottom - (1.45 * sizes.text if names.foot else 0.0)
    # An axis across knows what it takes once it knows how long it is, and the one upright too.
    tall = 0.34 * (bottom - top)
    wide = right - room.left
    left = room.left + 3 * sizes.small
    foot = ticklabels.across(across, 0.8 * wide, tall, sizes, left)
    side = second = ticklabels.upright(
        upright, bottom - foot.height - top, sizes, right - room.left
    )
    for _ in range(2):
        high = max(bottom - foot.height - top, NARROWEST * (bottom - room.top))
        side = ticklabels.upright(upright, high, sizes, wide)
        left = room.left + side.width
        far = right
        if panel.second is not None:
            second = ticklabels.upright(panel.second, high, sizes, wide)
            far -= second.width
        far = max(far, left + NARROWEST * wide)
        foot = ticklabels.across(across, far - left, tall, sizes, left)
    box = Box(left, top, far, max(bottom - foot.height, top + NARROWEST * (bottom - top)))
    words = _foot_words(across, foot, box, sizes, theme, width)
    words += _side_words(upright, side.ticks, box, sizes, theme, room.left)
    if panel.second is not None:
        words += _far_words(panel.second, second.ticks, box, sizes, theme)
    words += _title_words(names, box, sizes, theme, room)
    marked = (foot.marked, side.ticks)
    return Axes(
        box=box,
        grid=_grid(panel, across, upright, marked, box, theme),
        lines=_lines(panel, across, upright, box, theme),
        words=words,
    )


def _titles(panel: Panel, upright: Scale, across: Scale, sizes: Sizes, room: Room) -> Titles:
    wide = room.right - room.left
    if room.bottom - room.top < 7 * sizes.text:
        return Titles(left="", right="", foot="")
    right = ""
    if panel.second is not None:
        right = typeface.fit(clean(panel.second.title), 0.47 * wide, sizes.small)
    elif panel.ramp is not None:
        right = typeface.fit(clean(panel.ramp.title), 0.47 * wide, sizes.small)
    return Titles(
        left=typeface.fit(clean(upright.title), (0.47 if right else 1) * wide, sizes.small),
        right=right,
        foot=typeface.fit(clean(across.title), wide, sizes.small),
    )


def _foot_words(
    scale: Scale, foot: Foot, box: Box, sizes: Sizes, theme: Theme, width: float
) -> list[Mark]:
    words: list[Mark] = []
    places = scale.fractions(np.array([tick.place for tick in foot.ticks]))
    for tick, share in zip(foot.ticks, places.tolist(), strict=True):
        x = box.left + share * box.width
        if foot.angle:
            turn = math.radians(abs(foot.angle))
            y = box.bottom + (0.5 + 0.73 * math.cos(turn)) * sizes.small
            x += math.copysign(0.36 * sizes.small * math.sin(turn), foot.angle)
            align: Align = "end" if foot.angle > 0 else "start"
            words.append(
                Words(
                    x=x,
                    y=y,
                    text=tick.text,
                    size=sizes.small,
                    color=theme.soft,
                    align=align,
                    angle=foot.angle,
                )
            )
            continue
        for line, text in enumerate((tick.text, tick.below)):
            if text:
                half = typeface.width(text, sizes.small) / 2
                words.append(
                    Words(
                        x=max(2 + half, min(width - 2 - half, x)),
                        y=box.bottom + (1.4 + 1.25 * line) * sizes.small,
                        text=text,
                        size=sizes.small,
                        color=theme.soft,
                        align="middle",
                    )
                )
    return words


def _side_words(
    scale: Scale, ticks: Sequence[Tick], box: Box, sizes: Sizes, theme: Theme, left: float
) -> list[Mark]:
    places = scale.fractions(np.array([tick.place for tick in ticks]))
    # Names begin at the edge, where the title does; numbers end at the axis, digit below digit.
    x = box.left - 0.6 * sizes.small
    return [
        Words(
            x=x,
            y=box.bottom - share * box.height + 0.36 * sizes.small,
            text=tick.text,
            size=sizes.small,
            color=theme.soft,
            align="end",
        )
        for tick, share in zip(ticks, places.tolist(), strict=True)
    ]


def _far_words(
    scale: Scale, ticks: Sequence[Tick], box: Box, sizes: Sizes, theme: Theme
) -> list[Mark]:
    places = scale.fractions(np.array([tick.place for tick in ticks]))
    return [
        Words(
            x=box.right + 0.6 * sizes.small,
            y=box.bottom - share * box.height + 0.36 * sizes.small,
            text=tick.text,
            size=sizes.small,
            color=theme.soft,
        )
        for tick, share in zip(ticks, places.tolist(), strict=True)
    ]


def _title_words(names: Titles, box: Box, sizes: Sizes, theme: Theme, room: Room) -> list[Mark]:
    head = room.top + 0.85 * sizes.small
    foot = room.bottom - 0.15 * sizes.small
    middle = (box.left + box.right) / 2
    half = typeface.width(names.foot, sizes.small) / 2
    middle = max(room.left + half, min(room.right - half, middle))
    words = [
        Words(x=room.left, y=head, text=names.left, size=sizes.small, color=theme.soft),
        Words(
            x=room.right, y=head, text=names.right, size=sizes.small, color=theme.soft, align="end"
        ),
        Words(
            x=middle, y=foot, text=names.foot, size=sizes.small, color=theme.soft, align="middle"
        ),
    ]
    return [word for word in words if word.text]


def _grid(
    panel: Panel,
    across: Scale,
    upright: Scale,
    marked: tuple[Sequence[Tick], Sequence[Tick]],
    box: Box,
    theme: Theme,
) -> list[Mark]:
    along, values = panel.grids if theme.grids is None else theme.grids
    rises, runs = (values, along) if panel.lying else (along, values)
    if theme.grid_width == 0:
        return []
    marks: list[Mark] = []
    if rises:
        x = box.left + across.fractions(np.array([tick.place for tick in marked[0]])) * box.width
        starts = np.column_stack((x, np.full_like(x, box.top)))
        ends = np.column_stack((x, np.full_like(x, box.bottom)))
        marks.append(
            Stroke(points=segments(starts, ends), color=theme.grid, width=theme.grid_width)
        )
    if runs:
        shares = upright.fractions(np.array([tick.place for tick in marked[1]]))
        y = box.bottom - shares * box.height
        starts = np.column_stack((np.full_like(y, box.left), y))
        ends = np.column_stack((np.full_like(y, box.right), y))
        marks.append(
            Stroke(points=segments(starts, ends), color=theme.grid, width=theme.grid_width)
        )
    return marks


def _lines(panel: Panel, across: Scale, upright: Scale, box: Box, theme: Theme) -> list[Mark]:
    """Draw the axes' lines, and a line at zero where values lie on both sides of it."""
    sides = theme.sides
    if sides == ("bottom",) and panel.lying:
        sides = ("left",)
    values = panel.values
    corners = {
        "left": ((box.left, box.top), (box.left, box.bottom)),
        "right": ((box.right, box.top), (box.right, box.bottom)),
        "top": ((box.left, box.top), (box.right, box.top)),
        "bottom": ((box.left, box.bottom), (box.right, box.bottom)),
    }
    plain = values is not None and not values.log and not values.labels
    if values is not None and plain and values.low < 0 < values.high:
        share = float(values.fractions(0.0))
        x, y = box.left + share * box.width, box.bottom - share * box.height
        zero = ((x, box.top), (x, box.bottom)) if panel.lying else ((box.left, y), (box.right, y))
        corners["zero"] = zero
        sides = ("zero",) if theme.sides == ("bottom",) else (*sides, "zero")
    ends = [corners[side] for side in sides]
    if not ends or theme.edge_width == 0:
        return []
    points = np.array(ends, dtype=np.float64)
    width = max(1.0, theme.edge_width)
    return [Stroke(points=segments(points[:, 0], points[:, 1]), color=theme.edge, width=width)]
