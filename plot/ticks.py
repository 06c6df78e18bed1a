"""What stands at an axis' ticks: numbers, dates and categories, as many as there is room for."""

import math
from collections.abc import Sequence
from datetime import datetime
from typing import Any, TypeAlias

from captions import clean, number, shorten, wrap
from chartspec import Axis
from matplotlib.dates import AutoDateLocator, num2date
from matplotlib.ticker import (
    EngFormatter,
    FixedFormatter,
    FixedLocator,
    Formatter,
    FuncFormatter,
    LogLocator,
    MaxNLocator,
    NullFormatter,
    NullLocator,
)
from msgspec.structs import replace

Room: TypeAlias = tuple[int, int]

LETTER = 0.62
"""Of a letter's height, how wide it is; the mean of DejaVu Sans, and a little more."""

DATES = {"year": "%Y", "month": "%b %Y", "day": "%b %-d", "hour": "%H:%M"}

SUPERSCRIPTS = str.maketrans("0123456789-", "⁰¹²³⁴⁵⁶⁷⁸⁹⁻")


def text_of(value: float, axis: Axis, significant: int = 12) -> str:
    """Write a number as the request has an axis written."""
    digits = axis.decimals
    if axis.format in ("si", "bytes"):
        is_bytes = axis.format == "bytes"
        rounded = value if digits is not None else float(f"{value:.{min(significant, 6)}g}")
        unit = EngFormatter("B" if is_bytes else "", digits, " " if is_bytes else "")
        text = unit(rounded)
    elif axis.format == "scientific":
        mantissa, _, power = f"{value:.{1 if digits is None else digits}e}".partition("e")
        text = f"{mantissa}·10{str(int(power)).translate(SUPERSCRIPTS)}" if value else "0"
    elif axis.format == "percent":
        text = (
            number(100 * value, significant) if digits is None else f"{100 * value:.{digits}f}"
        ) + "%"
    elif digits is not None:
        text = f"{value:,.{digits}f}"
    elif axis.format == "grouped" and 1e3 <= abs(value) < 1e12:
        text = f"{value:,.{max(0, significant - 4)}f}"
        text = text.rstrip("0").rstrip(".") if "." in text else text
    else:
        text = number(value, significant)
    return clean(f"{axis.prefix}{text}{axis.suffix}").replace("-", "\N{MINUS SIGN}")


class DateFormatter(Formatter):
    """Writes dates on two lines: what changes from tick to tick, and what it is part of.

    The second line stands at the first tick and where it changes.
    """

    LEVELS = (
        ("%Y", ""),
        ("%b", "%Y"),
        ("%-d", "%b %Y"),
        ("%H:%M", "%b %-d, %Y"),
        ("%H:%M:%S",) * 2,
    )

    def __init__(self, form: str | None) -> None:
        """Write dates by a form of `strftime`, or by what tells them apart."""
        self.form = form

    def __call__(self, value: float, pos: int | None = None) -> str:
        """Write one date."""
        return self.format_ticks([value])[0]

    def format_ticks(self, values: Sequence[float]) -> list[str]:
        """Write all dates of an axis."""
        dates = [num2date(value) for value in values]
        if self.form is not None:
            texts = [date.strftime(self.form) for date in dates]
            return ["" if at and text == texts[at - 1] else text for at, text in enumerate(texts)]
        first, then = self.LEVELS[max(map(_level, dates), default=0)]
        then = "%b %-d, %Y" if then == first else then
        contexts = [date.strftime(then) for date in dates]
        return [
            date.strftime(first) + (f"\n{text}" if not at or text != contexts[at - 1] else "")
            for at, (date, text) in enumerate(zip(dates, contexts, strict=True))
        ]


def _level(date: datetime) -> int:
    """Return the finest part of a date that says something: 0 for the year, 4 for the seconds."""
    parts = (
        date.second or date.microsecond,
        date.hour or date.minute,
        date.day > 1,
        date.month > 1,
    )
    return next((4 - at for at, part in enumerate(parts) if part), 0)


def mark(
    axis: Any, wanted: Axis, room: Room, size: float, *, is_date: bool = False, whole: bool = False
) -> None:
    """Set an axis' ticks and how they are written.

    Args:
        axis: Its limits are set.
        wanted: What the request says.
        room: Pixels of the image.
        size: Of the text, in points.
        is_date: Whether it is of dates.
        whole: Whether it is marked at whole numbers only.
    """
    ends = axis.get_view_interval()
    if wanted.format == "auto" and max(map(abs, ends)) >= 1e4:
        wanted = replace(wanted, format="grouped")
    longest = max(len(text_of(float(f"{end:.2g}"), wanted, 4)) for end in ends)
    letter = LETTER * size / 0.75
    across = axis.axis_name == "x"
    places = room[0] / (letter * (8 if is_date else longest + 4)) if across else room[1] / 42
    most = max(1, min(int(places), 12 if across else 8))
    if is_date:
        axis.set_major_locator(AutoDateLocator(minticks=min(3, most), maxticks=most))
        axis.set_major_formatter(DateFormatter(DATES.get(wanted.format)))
    elif wanted.log:
        decades = math.log10(ends[1] / ends[0])
        subs = (1.0,) if decades > 3 else (1.0, 2.0, 5.0) if decades > 1 else tuple(range(1, 10))
        axis.set_major_locator(LogLocator(subs=subs, numticks=most + 1))
    else:
        steps = [1, 2, 2.5, 5, 10]
        axis.set_major_locator(MaxNLocator(most, steps=steps, integer=whole, min_n_ticks=2))
    if not is_date:
        axis.set_major_formatter(FuncFormatter(lambda value, _: text_of(value, wanted)))
    axis.set_minor_locator(NullLocator())
    axis.set_minor_formatter(NullFormatter())
    axis.set_tick_params(labelsize=size)


def name_categories(
    axis: Any, labels: Sequence[str], room: Room, size: float, rotation: float | None = None
) -> None:
    """Write categories: side by side, on lines, slanted, or not all of them, as they fit."""
    names = [clean(label) or "–" for label in labels]
    pixel, letter = size / 0.75, LETTER * size / 0.75
    longest = max(map(len, names))
    step, look = 1, {}
    if axis.axis_name == "y":
        step = math.ceil(1.35 * pixel * len(names) / (0.8 * room[1]))
        names = [shorten(name, max(6, int(0.3 * room[0] / letter))) for name in names]
    else:
        place = 0.9 * room[0] / len(names)
        letters = int(place / letter)
        words = max((len(word) for name in names for word in name.split()), default=1)
        if longest + 1 > letters and max(words, 6) < letters and rotation is None:
            names = ["\n".join(wrap(name, letters - 1, 3)) for name in names]
        elif longest + 1 > letters and rotation is None:
            step = math.ceil(1.3 * pixel / place)
            names = [shorten(name, max(6, int(0.3 * room[1] / letter))) for name in names]
            look = {"rotation": 45, "ha": "right", "rotation_mode": "anchor"}
    axis.set_major_locator(FixedLocator(range(0, len(names), step)))
    axis.set_major_formatter(FixedFormatter(names[::step]))
    axis.set_tick_params(labelsize=size)
    for label in axis.get_ticklabels() if look else ():
        label.set(**look)
