"""Columns that have types."""

import math
import re
from array import array
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias

import budgets
import numpy as np
import numpy.typing as npt
from captions import clean, shorten
from chartspec import Cell

Floats: TypeAlias = npt.NDArray[np.float64]

GAPS = frozenset(("", "NaN", "nan", "null", "NULL"))
"""Texts that say that there is no value. `NA` is not one of them: it is Namibia's country code."""

NUMBER = re.compile(
    r"[+-]?(?:(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:e[+-]?[0-9]+)?|inf(?:inity)?)", re.IGNORECASE
)
"""A decimal number. `float` reads more, and faster."""

PIECE = 1000
"""Texts that are read at once where one that is no number is looked for."""

_DATE = (
    "[12][0-9]{3}-[0-9]{2}(?:-[0-9]{2}"
    r"(?:[T ][0-9]{2}(?::[0-9]{2}(?::[0-9]{2}(?:\.[0-9]{1,9})?)?)?%s)?)?"
)
_OFFSET = " ?(?:Z|([+-])([01][0-9]|2[0-3])(?::?([0-5][0-9]))?)"
ISO_DATE = re.compile(_DATE % f"(?:{_OFFSET})?")
"""A month, a day or a time. The years keep matplotlib's dates, margins included, in 1 to 9999."""

_DRESS = str.maketrans("", "", ", %\N{NO-BREAK SPACE}\N{NARROW NO-BREAK SPACE}$€£'_")
"""What stands in, before and behind numbers that are written for people."""

_LOCAL_DATES = re.compile(f"(?:(?:{_DATE % ''})?\n)*+")
"""Lines, each with a date of no zone or with nothing: one match is faster than one for each."""

_ZONE = re.compile(f"{_OFFSET}$")
_HOUR_ENDS = len("2024-02-29T12")


@dataclass(frozen=True, kw_only=True)
class Column:
    """Values of one type.

    Attributes:
        type: What they are.
        values: Numbers are float64 (a gap is NaN), dates datetime64[us] without a zone, in UTC
            (NaT), texts numbers of `names`, int64 (-1).
        names: The texts, each once, in the order in which they appear.
    """

    type: Literal["number", "date", "text"]
    values: npt.NDArray[Any]
    names: tuple[str, ...] = ()

    @property
    def known(self) -> npt.NDArray[np.bool_]:
        """Which values are no gaps."""
        if self.type == "text":
            return np.asarray(self.values >= 0)
        is_gap = np.isnan if self.type == "number" else np.isnat
        return np.asarray(~is_gap(self.values))

    @property
    def positions(self) -> Floats:
        """Where the values stand on an axis: a date at its days since 1970, a gap at NaN."""
        if self.type == "number":
            return self.values
        if self.type == "date":
            return days(self.values)
        return np.where(self.known, self.values, np.nan)

    def take(self, rows: npt.NDArray[Any]) -> "Column":
        """Return the column with so many of its rows, in another order."""
        return Column(type=self.type, values=self.values[rows], names=self.names)


def typed(cells: Sequence[Cell]) -> Column:
    """Give cells the narrowest type that holds all of them: number, date or text.

    Numbers alone are read at once. Where there is text, each cell is read as the text that it
    would be, so `[1, "2"]` are numbers, and `[true, 1]` are texts.
    """
    if (numbers := _floats(cells)) is not None:
        return Column(type="number", values=_finite(numbers))
    types = set(map(type, cells))
    if types <= {float, type(None)}:
        return Column(type="number", values=_finite(np.array(cells, dtype=np.float64)))
    texts = _texts(cells, types)
    if (numbers := _numbers(texts)) is not None:
        return Column(type="number", values=_finite(numbers))
    if (dates := _dates(texts)) is not None:
        return Column(type="date", values=dates)
    if len(max(texts, key=len)) > budgets.TEXT:
        texts = [shorten(text, budgets.TEXT) for text in texts]
    names = tuple(dict.fromkeys(filter(None, texts)))
    places = dict(zip(names, range(len(names)), strict=True)) | {"": -1}
    codes = np.fromiter(map(places.__getitem__, texts), np.int64, len(texts))
    return Column(type="text", values=codes, names=names)


def first_text(cells: Sequence[Cell]) -> tuple[int, str]:
    """Return the row of the first cell that is no number, and as much of it as messages have."""
    texts = _texts(cells, set(map(type, cells)))
    pieces = range(0, len(texts), PIECE)
    start = next(start for start in pieces if _numbers(texts[start : start + PIECE]) is None)
    known = ((row, texts[row]) for row in range(start, len(texts)) if texts[row])
    return next((row, text[:40]) for row, text in known if not NUMBER.fullmatch(text))


def resembles_numbers(column: Column) -> bool:
    """Tell whether half of a column's first texts are numbers, also as people write them."""
    texts = column.names[:PIECE]
    numbers = sum(NUMBER.fullmatch(text.translate(_DRESS)) is not None for text in texts)
    return 2 * numbers >= len(texts) > 0


def beyond(numbers: Floats) -> tuple[int, str] | None:
    """Return the row of the first number that is too large, and what is wrong with it."""
    excess = np.flatnonzero(np.abs(numbers) > budgets.MAGNITUDE)
    if not excess.size:
        return None
    row = int(excess[0])
    limit = f"Expected numbers up to {budgets.MAGNITUDE:g}, either sign"
    return row, f"{limit}, got {numbers[row]:g}"


def days(dates: npt.NDArray[np.datetime64]) -> Floats:
    """Return days since 1970-01-01, as matplotlib counts them; NaN for what is no date."""
    known = ~np.isnat(dates)
    micros = dates.astype("datetime64[us]").astype(np.int64)
    return np.where(known, micros / 86_400e6, np.nan)


def read_date(text: str) -> float | None:
    """Return a date's days since 1970-01-01 UTC, or None where the text is no ISO 8601 date."""
    dates = _dates([clean(text)])
    return None if dates is None else float(days(dates)[0])


def _floats(cells: Sequence[Any]) -> Floats | None:
    """Return cells that are all floats, or None: a third of the time that asking each one takes."""
    try:
        numbers = np.array(array("d", cells))
    except TypeError:
        return None
    maybe_bools = np.flatnonzero((numbers == 0) | (numbers == 1))
    is_few = 4 * len(maybe_bools) < len(cells)
    asked = map(cells.__getitem__, maybe_bools.tolist()) if is_few else cells
    return None if bool in set(map(type, asked)) else numbers


def _texts(cells: Sequence[Any], types: set[type]) -> list[str]:
    """Write each cell as the text that it would be, without spaces around it; a gap is empty."""
    if types == {str}:
        printable = "".join(cells).isprintable()
        texts = list(map(str.strip if printable else clean, cells))
    else:
        texts = list(map(_text, cells))
    return texts if GAPS.isdisjoint(texts) else ["" if text in GAPS else text for text in texts]


def _text(cell: Cell) -> str:
    if isinstance(cell, str):
        return clean(cell)
    if isinstance(cell, bool):
        return str(cell).lower()
    return "" if cell is None or not math.isfinite(cell) else repr(cell).removesuffix(".0")


def _numbers(texts: Sequence[str]) -> Floats | None:
    """Read texts as numbers, or return None where one is none."""
    try:
        numbers = np.fromiter((float(text or "nan") for text in texts), np.float64, len(texts))
    except ValueError:
        return None
    # Python reads more than decimal numbers: `1_0`, digits of any script, `NAN`.
    joined = "".join(texts)
    decimal = joined.isascii() and "_" not in joined
    return numbers if decimal and np.isnan(numbers).sum() == texts.count("") else None


def _dates(texts: Sequence[str]) -> npt.NDArray[np.datetime64] | None:
    """Read texts as dates in UTC, or return None where one is none."""
    first = next(filter(None, texts), "")
    if not ISO_DATE.fullmatch(first):
        return None
    lines = "\n".join(texts) + "\n"
    try:
        if _LOCAL_DATES.fullmatch(lines):
            return _micros(texts)
        if not all(ISO_DATE.fullmatch(text) for text in texts if text):
            return None
        lines = lines.replace(" Z\n", "\n").replace("Z\n", "\n")
        if _LOCAL_DATES.fullmatch(lines):
            return _micros(lines[:-1].split("\n"))
        zones = [_ZONE.search(text, _HOUR_ENDS) for text in texts]
        local = _micros(
            text[: zone.start()] if zone else text for text, zone in zip(texts, zones, strict=True)
        )
    except ValueError:  # there is no such day or hour
        return None
    ahead = np.fromiter(map(_minutes, zones), np.int64, len(texts))
    return np.asarray(local - ahead.astype("timedelta64[m]"))


def _micros(texts: Iterable[str]) -> npt.NDArray[np.datetime64]:
    return np.array([text or "NaT" for text in texts], dtype="datetime64[us]")


def _minutes(zone: re.Match[str] | None) -> int:
    """Return how far a zone is ahead of UTC."""
    if zone is None or zone[1] is None:
        return 0
    size = 60 * int(zone[2]) + int(zone[3] or 0)
    return -size if zone[1] == "-" else size


def _finite(numbers: Floats) -> Floats:
    """Make gaps of infinities, and zeros of what is too small to have a reciprocal."""
    size = np.abs(numbers)
    numbers[size == np.inf] = np.nan
    numbers[size < 1 / budgets.MAGNITUDE] = 0.0
    return numbers
