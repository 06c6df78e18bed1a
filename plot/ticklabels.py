"""Which labels an axis has: as many as do not touch each other, whole, wrapped, turned or cut."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import typeface
from marks import Floats
from panel import Sizes
from scales import Scale
from ticks import Tick

SLANT = 40
"""Degrees that names are turned by where they would touch."""


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


def upright(scale: Scale, high: float, sizes: Sizes, wide: float) -> Side:
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


def across(scale: Scale, wide: float, tall: float, sizes: Sizes, left: float) -> Foot:
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
