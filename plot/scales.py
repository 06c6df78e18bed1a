"""Axes that people can read: round numbers, short dates, names that fit."""

import math
from collections.abc import Sequence
from typing import TypeAlias

from captions import clean, number, shorten, wrap
from chartdata import ChartData
from chartspec import ChartSpec
from housestyle import SMALL, TEXT, width
from matplotlib.axis import XAxis, YAxis
from matplotlib.dates import AutoDateLocator, ConciseDateFormatter
from matplotlib.ticker import FixedLocator, Formatter, LogLocator, MaxNLocator, NullFormatter

Axis: TypeAlias = XAxis | YAxis

LINE = 18.0
"""Pixels from one line of small type to the next."""

LABEL = 32
"""Characters of a category's name at most."""


def room(axis: Axis, spec: ChartSpec) -> float:
    """Estimate the length of an axis, in pixels before scale."""
    return 0.85 * (spec.width if axis.axis_name == "x" else spec.height)


def entitle(along: Axis, values: Axis, spec: ChartSpec, data: ChartData) -> None:
    """Write what two axes show: what the request says, else the columns' names.

    Args:
        along: The axis of the x column, or of what a histogram counts.
        values: The axis of the values, or of a histogram's counts.
        spec: The request.
        data: What is drawn.
    """
    sole = str(data.frame.columns[0]) if len(data.frame.columns) == 1 else ""
    own = (sole, "count") if spec.kind == "histogram" else (data.x_name, sole)
    for axis, wanted, name in zip((along, values), (spec.x_label, spec.y_label), own, strict=True):
        text = clean(name if wanted is None else wanted)
        axis.set_label_text("\n".join(wrap(text, int(room(axis, spec) / width("x", TEXT)), 2)))


class Plain(Formatter):
    """Writes ticks for people, all of an axis in one form."""

    def __call__(self, x: float, pos: int | None = None) -> str:
        """Write one tick by itself."""
        return number(x)

    def format_ticks(self, values: Sequence[float]) -> list[str]:
        """Write all ticks of an axis."""
        grouped = any(abs(value) >= 1e4 for value in values)
        return [number(value, grouped=grouped) for value in values]


def linear(axis: Axis, spec: ChartSpec, whole: bool = False) -> None:
    """Mark an axis at round numbers.

    Args:
        axis: Of numbers.
        spec: The request.
        whole: Whether only whole numbers are marked.
    """
    ticks = room(axis, spec) / (95 if axis.axis_name == "x" else 55)
    locator = MaxNLocator(min(8, max(2, int(ticks))), steps=[1, 2, 2.5, 5, 10], integer=whole)
    axis.set_major_locator(locator)
    axis.set_major_formatter(Plain())


def logarithmic(axis: Axis, low: float, high: float) -> None:
    """Make an axis logarithmic, marked at powers of ten, or at 1, 2 and 5 where it spans few.

    Args:
        axis: Of numbers.
        low: Its lower end, above 0.
        high: Its upper end.
    """
    ends = (max(low, 1e-307), min(high, 1e307))
    axis.axes.set(**{f"{axis.axis_name}lim": ends})  # first: no margin is added that overflows
    axis.axes.set(**{f"{axis.axis_name}scale": "log"})
    few = math.log10(ends[1]) - math.log10(ends[0]) <= 2.5
    axis.set_major_locator(LogLocator(subs=(1.0, 2.0, 5.0) if few else (1.0,)))
    axis.set_major_formatter(Plain())
    axis.set_minor_formatter(NullFormatter())


def dates(axis: Axis, spec: ChartSpec) -> None:
    """Mark an axis of days since 1970 with dates, each as short as its neighbours allow."""
    most = min(10, max(3, int(room(axis, spec) / 80)))
    locator = AutoDateLocator(minticks=max(2, most // 2), maxticks=most)  # type: ignore[no-untyped-call]
    axis.set_major_locator(locator)
    axis.set_major_formatter(ConciseDateFormatter(locator))  # type: ignore[no-untyped-call]


def categories(axis: Axis, labels: Sequence[str], spec: ChartSpec) -> None:
    """Name categories, slanted where they would touch, and only every nth where they still would.

    Args:
        axis: Of positions from 0.
        labels: The categories' names.
        spec: The request.
    """
    slot = room(axis, spec) / len(labels)
    upright = axis.axis_name == "y"
    slanted = not upright and longest(labels, spec) > slot
    step = math.ceil(LINE / slot) if upright or slanted else 1
    places = range(0, len(labels), step)
    axis.set_major_locator(FixedLocator(places))
    axis.set_ticklabels([shorten(labels[place], _letters(spec)) for place in places])
    if slanted:
        for text in axis.get_ticklabels():
            text.set(rotation=40, ha="right", rotation_mode="anchor")


def longest(labels: Sequence[str], spec: ChartSpec) -> float:
    """Estimate the pixels that the longest of the names takes, with a space on each side."""
    return max(width(f" {shorten(label, _letters(spec))} ", SMALL) for label in labels)


def _letters(spec: ChartSpec) -> int:
    """Return how long a category's name may be without taking the chart's own room."""
    return min(LABEL, int(0.4 * min(spec.width, 1.5 * spec.height) / width("x", SMALL)))
