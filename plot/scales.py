"""Axes: from values to places, and what stands at them."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import ticks
from captions import clean
from chartspec import Axis
from marks import Floats
from ticks import Tick

SMALLEST, LARGEST = 1e-305, 1e305
"""Ends of an axis: so far off that all that lies between them is told apart and none overflows."""


@dataclass(frozen=True, kw_only=True)
class Scale:
    """An axis.

    Attributes:
        axis: What the request says of it.
        title: What it shows.
        low: Its lower end: a number, days since 1970-01-01, or a category's number.
        high: Its upper end, above that.
        log: Whether it is logarithmic.
        dates: Whether it is of dates.
        whole: Whether it is marked at whole numbers only.
        labels: Names of categories, at 0 and so on; none for numbers and dates.
        backwards: Whether it runs from the far end: the first category on top.
    """

    axis: Axis
    title: str
    low: float
    high: float
    log: bool = False
    dates: bool = False
    whole: bool = False
    labels: Sequence[str] = ()
    backwards: bool = False

    def fractions(self, values: Floats | float) -> Floats:
        """Place values along the axis: 0 at its start, 1 at its end."""
        placed = np.asarray(values, dtype=np.float64)
        with np.errstate(all="ignore"):  # what lies beyond a float lies beyond the image
            if self.log:
                low, high = math.log10(self.low), math.log10(self.high)
                share = (np.log10(placed) - low) / (high - low)
            else:
                share = (placed - self.low) / (self.high - self.low)
        share = np.clip(share, -1e4, 1e4)
        return 1 - share if self.backwards else share

    def ticks(self, most: int) -> list[Tick]:
        """Return at most about so many marks, inside of it. Categories are all marked."""
        if self.labels:
            places = range(max(0, math.ceil(self.low)), len(self.labels))
            return [
                Tick(place=place, text=clean(self.labels[place]) or "–")
                for place in places
                if place <= self.high
            ]
        mark = ticks.dates if self.dates else ticks.decades if self.log else None
        if mark is not None:
            return mark(self.low, self.high, most, self.axis)
        return ticks.numbers(self.low, self.high, most, self.axis, self.whole)


def ends(
    axis: Axis,
    low: float,
    high: float,
    *,
    fixed: tuple[float | None, float | None] = (None, None),
    margin: float = 0.0,
    floor: float | None = None,
) -> tuple[float, float]:
    """Return an axis' ends.

    Args:
        axis: What the request says.
        low: The lowest value.
        high: The highest.
        fixed: The ends that the request names.
        margin: Share of the range that is left free at each end that is not named.
        floor: A value that bars or areas stand on: it is on the axis, and no margin beyond it.
    """
    if axis.log:
        ratio = max(1.12, (high / low) ** margin if high / low < math.inf else 1e12)
        if floor is not None:
            low = 10.0 ** (math.ceil(math.log10(max(low, SMALLEST))) - 1)
        start, end = (low if floor is not None else low / ratio), high * ratio
    else:
        if floor is not None:
            low, high = min(low, floor), max(high, floor)
        space = margin * (high - low)
        if high - low <= 1e-9 * max(abs(low), abs(high)):  # too narrow to divide
            space = 0.1 * max(abs(low), abs(high)) or 1.0
            if floor is not None:
                space = 0.0 if high != low else 1.0
        start = low - space * (low != floor)
        end = high + space * (high != floor or low == high)
        if low >= 0 > start and high > 0:  # no values below zero, and no axis there
            start = 0.0
        if high <= 0 < end and low < 0:
            end = 0.0
    start = start if fixed[0] is None else fixed[0]
    end = end if fixed[1] is None else fixed[1]
    if axis.log:
        start, end = max(start, SMALLEST), max(end, 10 * SMALLEST)
    if not start < end:  # one end was named, beyond all values
        beyond = abs(start) * 0.1 or 1.0
        start, end = (end - beyond, end) if fixed[0] is None else (start, start + beyond)
    return max(start, -LARGEST), min(end, LARGEST)
