"""Where an axis is marked, and how its marks are written: round numbers and short dates."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from captions import number, printable
from chartspec import Axis

DAY = 86_400_000_000
"""Microseconds."""

MONTHS = "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split()

STEPS: tuple[tuple[float, str, int], ...] = (
    *((count / 86_400, "s", count) for count in (1, 2, 5, 10, 15, 30)),
    *((count / 1440, "m", count) for count in (1, 2, 5, 10, 15, 30)),
    *((count / 24, "h", count) for count in (1, 2, 3, 6, 12)),
    *((count, "D", count) for count in (1, 2, 7, 14)),
    *((count * 30.4, "M", count) for count in (1, 2, 3, 6)),
    *((count * 365.2, "Y", count) for count in (1, 2, 5, 10, 20, 50, 100, 200, 500, 1000)),
)
"""Days, unit and count of the steps between dates. Weeks begin on Mondays."""

FINEST = {"year": "Y", "month": "M", "day": "D", "hour": "m"}
"""The unit that a format of dates shows: no tick stands at less."""

SUPERSCRIPTS = str.maketrans("0123456789-", "⁰¹²³⁴⁵⁶⁷⁸⁹⁻")

PREFIXES = {
    **{-9: "n", -6: "µ", -3: "m", 0: "", 3: "k", 6: "M", 9: "G", 12: "T", 15: "P", 18: "E"},
}


@dataclass(frozen=True, kw_only=True)
class Tick:
    """A mark of an axis.

    Attributes:
        place: On the axis.
        text: What is written there.
        below: What is written on a second line: what several ticks share, at the first of them.
    """

    place: float
    text: str
    below: str = ""


def numbers(low: float, high: float, most: int, axis: Axis, whole: bool = False) -> list[Tick]:
    """Mark an axis of numbers at round ones.

    Args:
        low: Its lower end.
        high: Its upper end, above that.
        most: Ticks at most, 2 or more.
        axis: How they are written.
        whole: Whether only whole numbers are marked.
    """
    step, power = _step((high - low) / most)
    if whole and (power < 0 or step * 10.0**power < 1):
        step, power = 1, 0
    if step == 2.5 and power == 0 and whole:
        step = 5
    # A power of ten below 1 is divided by: the quotient is the float nearest to the decimal.
    size = step * 10.0**power
    first, last = math.ceil(low / size - 1e-9), math.floor(high / size + 1e-9)
    if last - first > 2 * most:  # so far from zero that floats are no longer as fine
        return []
    scale = 10.0**-power
    places = [at * step / scale if power < 0 else at * size for at in range(first, last + 1)]
    texts = texts_of(places, axis)
    return [Tick(place=place, text=text) for place, text in zip(places, texts, strict=True)]


def decades(low: float, high: float, most: int, axis: Axis) -> list[Tick]:
    """Mark a logarithmic axis at powers of ten, or at 1, 2 and 5 where it spans few.

    Args:
        low: Its lower end, above 0.
        high: Its upper end, above that.
        most: Ticks at most.
        axis: How they are written.
    """
    first, last = math.floor(math.log10(low)), math.ceil(math.log10(high))
    span = math.log10(high / low) if high / low < math.inf else last - first
    if span < 0.8:
        return [tick for tick in numbers(low, high, most, axis) if tick.place > 0]
    parts = (1, 2, 5) if 3 * span <= most else (1,)
    step = max(1, math.ceil(span / most))
    places = [
        float(f"{part}e{power}")
        for power in range(first - first % step, last + 1, step)
        for part in parts
    ]
    inside = [place for place in places if low <= place <= high]
    texts = texts_of(inside, axis)
    return [Tick(place=place, text=text) for place, text in zip(inside, texts, strict=True)]


def dates(low: float, high: float, most: int, axis: Axis) -> list[Tick]:
    """Mark an axis of dates.

    Args:
        low: Days since 1970-01-01 UTC.
        high: The same, above that.
        most: Ticks at most.
        axis: How they are written.
    """
    low, high = max(low, -719_162.0), min(high, 2_932_896.0)  # the years that have a number
    if not low < high:
        return []
    units = "smhDMY"
    finest = units.index(FINEST.get(axis.format, "s"))
    room = (high - low) / most
    chosen = [step for step in STEPS if units.index(step[1]) >= finest]
    if room < 1 / 86_400 and not finest:
        return _moments(low, high, most, axis)
    _, unit, count = next((step for step in chosen if step[0] >= room), chosen[-1])
    ends = np.array([math.floor(low * DAY), math.ceil(high * DAY)]).astype("datetime64[us]")
    start, end = ends.astype(f"datetime64[{unit}]").astype(np.int64).tolist()
    shift = -4 if unit == "D" and count % 7 == 0 else 30 if unit == "Y" else 0
    first = start + (-(start + (1970 if unit == "Y" else shift))) % count
    marks = np.arange(first, end + 1, count).astype(f"datetime64[{unit}]")
    places = marks.astype("datetime64[us]").astype(np.int64) / DAY
    inside = (places >= low - 1e-9) & (places <= high + 1e-9)
    texts = _date_texts(marks[inside].astype("datetime64[s]"), unit, axis)
    return [
        Tick(place=place, text=_affixed(text, axis), below=below)
        for place, (text, below) in zip(places[inside].tolist(), texts, strict=True)
    ]


def texts_of(values: Sequence[float], axis: Axis, significant: int = 12) -> list[str]:
    """Write numbers of an axis, all in one form."""
    grouped = any(abs(value) >= 1e4 for value in values)
    return [text_of(value, axis, significant, grouped) for value in values]


def text_of(value: float, axis: Axis, significant: int = 12, grouped: bool = False) -> str:
    """Write a number of an axis: with its format, decimals, prefix and suffix.

    Args:
        value: Any finite number.
        axis: Says how.
        significant: Digits at most, unless the axis says how many are behind the point.
        grouped: Whether thousands are set apart in numbers of four digits as well.
    """
    size, unit = abs(value), ""
    grouped = grouped or axis.format == "grouped"
    if axis.format == "percent":
        size, unit = size * 100, "%"
    elif axis.format in ("si", "bytes") and size > 0:
        lowest = 0 if axis.format == "bytes" else -9
        power = min(18, max(lowest, 3 * math.floor((math.log10(size) + 1e-12) / 3)))
        size, unit = size / 10.0**power, PREFIXES[power]
    if axis.format == "bytes":
        unit = f" {unit}B"
    if axis.format == "scientific" and size > 0:
        text = _scientific(size, axis.decimals, significant)
    elif axis.decimals is not None and size < 1e15:
        comma = "," if grouped or size >= 1e4 else ""
        text = f"{size:{comma}.{axis.decimals}f}"
    else:
        text = number(size, significant, grouped)
    minus = "\N{MINUS SIGN}" if value < 0 and any(digit in "123456789" for digit in text) else ""
    return minus + _affixed(text + unit, axis)


def _affixed(text: str, axis: Axis) -> str:
    return printable(f"{axis.prefix}{text}{axis.suffix}")


def _scientific(size: float, decimals: int | None, significant: int) -> str:
    digits = min(significant, 6) - 1 if decimals is None else decimals
    mantissa, power = f"{size:.{digits}e}".split("e")
    if decimals is None and "." in mantissa:
        mantissa = mantissa.rstrip("0").rstrip(".")
    raised = str(int(power)).translate(SUPERSCRIPTS)
    return f"10{raised}" if mantissa == "1" and int(power) else f"{mantissa}×10{raised}"


def round_step(least: float) -> float:
    """Return the smallest of 1, 2, 2.5 and 5, times a power of ten, that is as large."""
    step, power = _step(least)
    return float(f"{step}e{power}")


def _step(least: float) -> tuple[float, int]:
    """Return the smallest of 1, 2, 2.5 and 5, times a power of ten, that is as large."""
    power = math.floor(math.log10(max(least, 1e-307)))
    part = least / 10.0**power
    for step in (1, 2, 2.5, 5):
        if part <= step * (1 + 1e-9):
            return step, power
    return 1, power + 1


def _moments(low: float, high: float, most: int, axis: Axis) -> list[Tick]:
    """Mark less than a minute, at round parts of a second."""
    day = math.floor(low)
    seconds = numbers((low - day) * 86_400, (high - day) * 86_400, most, Axis(decimals=None))
    ticks = []
    for tick in seconds:
        minutes, second = divmod(tick.place, 60)
        hour, minute = divmod(int(minutes), 60)
        text = f"{hour % 24:02}:{minute:02}:{second:09.6f}".rstrip("0").rstrip(".")
        ticks.append(Tick(place=day + tick.place / 86_400, text=_affixed(text, axis)))
    return ticks


def _date_texts(marks: npt.NDArray[np.datetime64], unit: str, axis: Axis) -> list[tuple[str, str]]:
    """Write dates, and below them what they share: the year, the month or the day."""
    written = []
    before = ""
    for at, mark in enumerate(marks.astype(str).tolist()):
        year, month, day = mark[:4].lstrip("0"), MONTHS[int(mark[5:7]) - 1], int(mark[8:10])
        clock = mark[11:19] if unit == "s" else mark[11:16]
        forms = {"year": year, "month": f"{month} {year}", "day": f"{month} {day}", "hour": clock}
        if axis.format in forms:
            written.append((forms[axis.format], ""))
            continue
        if unit == "Y":
            text, shared, short = year, "", ""
        elif unit == "M":
            text, shared, short = month, year, year
        elif unit == "D":
            text, shared, short = str(day), f"{month} {year}", month
        else:
            text, shared, short = clock, f"{month} {day}, {year}", f"{month} {day}"
        new_year = at == 0 or before[-4:] != shared[-4:]
        below = "" if shared == before else shared if new_year else short
        written.append((text, below))
        before = shared
    return written
