"""What stands at an axis' ticks: numbers, dates and categories, as many as there is room for."""

import math
from collections.abc import Sequence
from typing import Any

from captions import clean, number, shorten, wrap
from chartspec import Axis, ChartSpec
from matplotlib import rcParams
from matplotlib.dates import AutoDateLocator, num2date
from matplotlib.ticker import (
    EngFormatter,
    FixedFormatter,
    FixedLocator,
    Formatter,
    FuncFormatter,
    LogLocator,
    MaxNLocator,
    NullLocator,
)
from msgspec.structs import replace

SUPERSCRIPTS = str.maketrans("0123456789-", "⁰¹²³⁴⁵⁶⁷⁸⁹⁻")

DATES = {"year": "\n%Y", "month": "\n%b %Y", "day": "\n%b %-d", "hour": "%H:%M"}
LEVELS = {
    "01-01 00:00:00": "\n%Y",
    "01 00:00:00": "%b\n%Y",
    "00:00:00": "%-d\n%b %Y",
    ":00": "%H:%M\n%b %-d, %Y",
    "": "%H:%M:%S\n%b %-d, %Y",
}
"""How dates are written that all end in a text."""


def letter() -> float:
    """Return the pixels that a letter is wide: the mean of DejaVu Sans, and a little more."""
    return 0.62 * float(rcParams["font.size"]) / 0.75


def text_of(value: float, axis: Axis, significant: int = 12) -> str:
    """Write a number as the request has an axis written."""
    digits = axis.decimals
    if axis.format in ("si", "bytes"):
        unit = "B" if axis.format == "bytes" else ""
        rounded = value if digits is not None else float(f"{value:.{min(significant, 6)}g}")
        text = EngFormatter(unit, digits, " " if unit else "")(rounded)
    elif axis.format == "scientific":
        mantissa, _, power = f"{value:.{1 if digits is None else digits}e}".partition("e")
        text = f"{mantissa}·10{str(int(power)).translate(SUPERSCRIPTS)}" if value else "0"
    elif axis.format == "percent":
        text = number(100 * value, significant) if digits is None else f"{100 * value:.{digits}f}"
        text += "%"
    elif digits is not None:
        text = f"{value:,.{digits}f}"
    elif axis.format == "grouped" and 1e3 <= abs(value) < 1e4:
        text = f"{float(f'{value:.{max(significant, 4)}g}'):,}".removesuffix(".0")
    else:
        text = number(value, significant)
    return clean(f"{axis.prefix}{text}{axis.suffix}").replace("-", "\N{MINUS SIGN}")


class DateFormatter(Formatter):
    """Writes dates on two lines: what changes from tick to tick, and what it is part of.

    The second line stands at the first tick and where it changes.
    """

    def __init__(self, form: str | None) -> None:
        """Write dates by a form of `strftime`, or by what tells them apart."""
        self.form = form

    def format_ticks(self, values: Sequence[float]) -> list[str]:
        """Write all dates of an axis."""
        dates = [num2date(value) for value in values]
        ends = [f"{date:%m-%d %H:%M:%S}" for date in dates]
        level = next(level for level in LEVELS if all(end.endswith(level) for end in ends))
        texts, before = [], ""
        for date in dates:
            first, _, then = date.strftime(self.form or LEVELS[level]).partition("\n")
            texts.append(f"{first}\n{then}".strip() if then != before else first)
            before = then
        return texts


def mark(
    axis: Any, wanted: Axis, spec: ChartSpec, *, is_date: bool = False, whole: bool = False
) -> None:
    """Set the ticks of an axis that has its limits, and how they are written."""
    low, high = axis.get_view_interval()
    if wanted.format == "auto" and max(abs(low), abs(high)) >= 1e4:
        wanted = replace(wanted, format="grouped")
    longest = max(len(text_of(float(f"{end:.2g}"), wanted, 4)) for end in (low, high))
    most = min(8, int(spec.height / 42))
    if axis.axis_name == "x":
        most = min(12, int(spec.width / letter() / (8 if is_date else longest + 4)))
    most = max(1, most)
    formatter: Formatter = FuncFormatter(lambda value, _: text_of(value, wanted))
    if is_date:
        locator: Any = AutoDateLocator(minticks=min(3, most), maxticks=most)
        formatter = DateFormatter(DATES.get(wanted.format))
    elif wanted.log and high / low >= 10:
        subs = (1.0, 2.0, 5.0) if 2 * math.log10(high / low) <= most + 1 else (1.0,)
        locator = LogLocator(subs=subs, numticks=most + 1)
    else:
        locator = MaxNLocator(most, steps=[1, 2, 2.5, 5, 10], integer=whole, min_n_ticks=2)
    axis.set_major_locator(locator)
    axis.set_major_formatter(formatter)
    axis.set_minor_locator(NullLocator())


def name_categories(
    axis: Any, labels: Sequence[str], spec: ChartSpec, rotation: float | None = None
) -> None:
    """Write categories: next to each other, on lines, slanted, or not all of them, as they fit."""
    names = [clean(label) or "–" for label in labels]
    step, look = 1, {}
    if axis.axis_name == "y":
        step = math.ceil(2.2 * letter() * len(names) / (0.8 * spec.height))
        names = [shorten(name, max(6, int(0.3 * spec.width / letter()))) for name in names]
    elif rotation is None:
        letters = int(0.9 * spec.width / len(names) / letter())
        longest_word = max((len(word) for name in names for word in name.split()), default=1)
        if max(map(len, names)) >= letters > max(longest_word, 6):
            names = ["\n".join(wrap(name, letters - 1, 3)) for name in names]
        elif max(map(len, names)) >= letters:
            step = math.ceil(2.1 * letter() * len(names) / (0.9 * spec.width))
            names = [shorten(name, max(6, int(0.3 * spec.height / letter()))) for name in names]
            look = {"rotation": 45, "ha": "right", "rotation_mode": "anchor"}
    axis.set_major_locator(FixedLocator(range(0, len(names), step)))
    axis.set_major_formatter(FixedFormatter(names[::step]))
    for label in axis.get_ticklabels() if look else ():
        label.set(**look)
