"""Axes: grid, lines, ticks and titles, and what they leave for the marks."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import legend
import numpy as np
import typeface
from captions import clean
from marks import Align, Box, Floats, Mark, Stroke, Words, segments
from panel import Panel, Sizes
from scales import Scale
from themes import Theme
from ticks import Tick

NARROWEST = 0.4
"""Share of the room that the marks keep at least, each way."""

SLANT = 40
"""Degrees that names are turned by where they would touch."""


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
class Side:
    """The labels of an axis that runs upwards.

    Attributes:
        ticks: Those that are written, shortened where they must be.
        width: Pixels that they take, with the space beside them.
    """

    ticks: Sequence[Tick]
    width: float


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


@dataclass(frozen=True, kw_only=True)
class Foot:
    """The labels of an axis that runs across.

    Attributes:
        ticks: Those that are written.
        marked: All that have a line of the grid.
        angle: Degrees that they are turned by.
        height: Pixels below the axis.
    """

    ticks: Sequence[Tick]
    marked: Sequence[Tick]
    angle: float
    height: float


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
    left = room.left + 3 * sizes.small
    foot = _across(across, 0.8 * (right - room.left), tall, sizes, left)
    side = second = _upright(upright, bottom - foot.height - top, sizes, right - room.left)
    for _ in range(2):
        high = max(bottom - foot.height - top, NARROWEST * (bottom - room.top))
        side = _upright(upright, high, sizes, right - room.left)
        left = room.left + side.width
        far = right
        if panel.second is not None:
            second = _upright(panel.second, high, sizes, right - room.left)
            far -= second.width
        far = max(far, left + NARROWEST * (right - room.left))
        foot = _across(across, far - left, tall, sizes, left)
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


def _upright(scale: Scale, high: float, sizes: Sizes, wide: float) -> Side:
    """Choose the labels of an axis that runs upwards.

    Args:
        scale: The axis.
        high: Its pixels.
        sizes: Of type.
        wide: Pixels of the room.
    """
    line = 1.35 * sizes.small
    ticks = scale.ticks(max(2, min(8, int(high / (2.9 * sizes.small)))))
    if scale.labels:
        slot = high / max(1.0, scale.high - scale.low)
        ticks = ticks[:: max(1, math.ceil(line / slot))]
    texts = [typeface.fit(tick.text, 0.36 * wide, sizes.small) for tick in ticks]
    widest = max((typeface.width(text, sizes.small) for text in texts), default=0.0)
    shown = [Tick(place=tick.place, text=text) for tick, text in zip(ticks, texts, strict=True)]
    return Side(ticks=shown, width=widest + (0.7 * sizes.small if texts else 0.0))


def _across(scale: Scale, wide: float, tall: float, sizes: Sizes, left: float) -> Foot:
    """Choose the labels of an axis that runs across: as many as do not touch each other.

    Args:
        scale: The axis.
        wide: Its pixels.
        tall: Pixels below it that turned labels may take.
        sizes: Of type.
        left: Pixels from the edge of the image to its start.
    """
    turned = scale.axis.rotation
    if turned:
        ticks = scale.ticks(max(2, min(12, int(wide / 40))))
        return _turned(scale, ticks, wide, tall, sizes, left)
    if scale.labels:
        return _named(scale, wide, tall, sizes, left)
    most = max(1, min(12, int(wide / (4.2 * sizes.small))))
    while True:
        ticks = scale.ticks(most)
        places = scale.fractions(np.array([tick.place for tick in ticks])) * wide
        if _apart(ticks, places, sizes) or most <= 1:
            break
        most -= 1
    if not _apart(ticks, places, sizes):
        ticks = ticks[:1]
    return _level(ticks, ticks, sizes)


def _named(scale: Scale, wide: float, tall: float, sizes: Sizes, left: float) -> Foot:
    """Choose how categories are named: level, on two lines, or slanted where they would touch."""
    ticks = scale.ticks(len(scale.labels))
    slot = wide / max(1.0, scale.high - scale.low)
    space = slot - 0.5 * sizes.small
    if all(typeface.width(tick.text, sizes.small) <= space for tick in ticks):
        return _level(ticks, ticks, sizes)
    if len(ticks) <= 16 and scale.axis.rotation is None:
        wrapped = [typeface.wrap(tick.text, space, sizes.small, False, 3) for tick in ticks]
        words = (word for tick in ticks for word in tick.text.split())
        if all(typeface.width(word, sizes.small) <= space for word in words) and all(
            len(lines) <= 2 for lines in wrapped
        ):
            twofold = [
                Tick(place=tick.place, text=lines[0], below=(*lines, "")[1])
                for tick, lines in zip(ticks, wrapped, strict=True)
            ]
            return _level(twofold, ticks, sizes)
    if scale.axis.rotation == 0:
        widest = max(typeface.width(tick.text, sizes.small) for tick in ticks)
        step = math.ceil((min(widest, 0.3 * wide) + 0.5 * sizes.small) / slot)
        kept = [
            Tick(
                place=tick.place,
                text=typeface.fit(tick.text, step * slot - 0.5 * sizes.small, sizes.small),
            )
            for tick in ticks[::step]
        ]
        return _level(kept, ticks, sizes)
    return _turned(scale, ticks, wide, tall, sizes, left)


def _turned(
    scale: Scale, ticks: Sequence[Tick], wide: float, tall: float, sizes: Sizes, left: float
) -> Foot:
    """Turn labels, and write only every nth where they would touch even so."""
    angle = float(scale.axis.rotation or SLANT)
    turn = math.radians(abs(angle))
    longest = min(0.3 * wide, tall / max(0.3, math.sin(turn)))
    places = scale.fractions(np.array([tick.place for tick in ticks])) * wide
    gap = float(np.abs(np.diff(places)).min()) if len(places) > 1 else wide
    step = max(1, math.ceil(1.25 * sizes.small / max(math.sin(turn), 0.2) / max(gap, 1e-3)))
    kept = []
    for tick, at in zip(ticks[::step], places[::step].tolist(), strict=True):
        # What ends at a place leans to the left of it, as far as there is image.
        lean = left + at if angle > 0 else left + wide - at + sizes.margin
        room = min(longest, lean / max(math.cos(turn), 1e-3))
        kept.append(Tick(place=tick.place, text=typeface.fit(tick.text, room, sizes.small)))
    widest = max((typeface.width(tick.text, sizes.small) for tick in kept), default=0.0)
    high = widest * math.sin(turn) + sizes.small * math.cos(turn) + 0.75 * sizes.small
    return Foot(ticks=kept, marked=ticks, angle=angle, height=high)


def _apart(ticks: Sequence[Tick], places: Floats, sizes: Sizes) -> bool:
    """Tell whether labels that stand level keep a space between each other, on both lines."""
    for texts, space in (
        ([tick.text for tick in ticks], 0.9 * sizes.small),
        ([tick.below for tick in ticks], 0.5 * sizes.small),
    ):
        end = -math.inf
        for text, middle in zip(texts, places.tolist(), strict=True):
            if not text:
                continue
            half = typeface.width(text, sizes.small) / 2
            if middle - half < end + space:
                return False
            end = middle + half
    return True


def _level(ticks: Sequence[Tick], marked: Sequence[Tick], sizes: Sizes) -> Foot:
    lines = 2 if any(tick.below for tick in ticks) else 1
    high = (0.6 + 1.25 * lines) * sizes.small if ticks else 0.3 * sizes.small
    return Foot(ticks=ticks, marked=marked, angle=0, height=high)


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
