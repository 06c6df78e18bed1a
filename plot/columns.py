"""Columns with pandas: which type they have, and their values as categories."""

from functools import partial
from typing import Any, Literal, TypeAlias

import budgets
import numpy as np
import numpy.typing as npt
import pandas as pd
from captions import clean, number, shorten
from chartspec import Cell, Period

Column: TypeAlias = "pd.Series[Any]"

GAPS = ("", "NaN", "nan", "null", "NULL")
"""Texts that say that there is no value. `NA` is not one of them: it is Namibia's country code."""

NUMBER = r"[+-]?(?:(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?|(?i:inf(?:inity)?))"

DATE = (
    r"(?:1[7-9]|2[01])[0-9]{2}-[0-9]{2}(?:-[0-9]{2}"
    r"(?:[T ][0-9]{2}(?::[0-9]{2}(?::[0-9]{2}(?:\.[0-9]{1,9})?)?)?"
    r"(?: ?(?:Z|[+-](?:[01][0-9]|2[0-3])(?::?[0-5][0-9])?))?)?)?"
)
"""An ISO 8601 month, day or time, of years that pandas tells apart to the nanosecond."""


def typed(cells: Column) -> Column:
    """Give a column the narrowest type that holds its values: numbers, dates in UTC, or text.

    `[1, "2"]` are numbers, and `[true, 1]` are texts. An infinity is a gap.
    """
    if pd.api.types.is_numeric_dtype(cells.dtype) and cells.dtype != bool:
        numbers: Column = finite(cells.astype(float))
        return numbers
    if any(cell is True or cell is False for cell in cells):  # which are 1 and 0 to factorize
        cells = pd.Series([_text(cell) for cell in cells], dtype=object)
    codes, values = pd.factorize(cells)  # a text is looked at once
    texts = pd.Series([_text(value) for value in values], dtype=object)
    texts = texts.mask(texts.isin(GAPS), None)
    known = texts.dropna()
    column = texts.map(partial(shorten, length=budgets.TEXT), na_action="ignore")
    if known.str.fullmatch(NUMBER).all():
        column = finite(texts.astype(float))
    elif known.str.fullmatch(DATE).all() and (dates := _dates(texts))[known.index].notna().all():
        column = dates
    return column.reindex(codes).reset_index(drop=True)


def _text(cell: Cell) -> str | None:
    if isinstance(cell, str):
        return clean(cell)
    if isinstance(cell, bool | np.bool_):
        return str(cell).lower()
    return None if cell is None or not np.isfinite(cell) else repr(float(cell)).removesuffix(".0")


def finite(numbers: Any) -> Any:
    """Make gaps of infinities, and zeros of what is too small to have a reciprocal."""
    size = numbers.abs()
    return numbers.mask(size == np.inf).mask(size < 1 / budgets.MAGNITUDE, 0.0)


def _dates(texts: Column) -> Column:
    """Read ISO 8601 dates, in UTC; other texts become gaps."""
    texts = texts.str.replace(r"(?<=\d) (?=Z|[+-])", "", regex=True)
    # Apart, since pandas gives a time without a zone that of the one before it.
    has_zone = texts.str.contains("[T ].*[Z+-]", na=False)
    parts = [
        pd.to_datetime(part, format="ISO8601", utc=True, errors="coerce")
        for part in (texts[has_zone], texts[~has_zone])
    ]
    return pd.concat(parts).sort_index().dt.tz_localize(None).dt.as_unit("us")


def type_of(column: Column) -> Literal["number", "date", "text"]:
    """Return what a typed column has."""
    if pd.api.types.is_numeric_dtype(column.dtype):
        return "number"
    return "date" if pd.api.types.is_datetime64_dtype(column.dtype) else "text"


def read_date(text: str) -> float | None:
    """Return a date's days since 1970-01-01 UTC, or None for another text."""
    column = typed(pd.Series([text], dtype=object))
    return float(days(column)[0]) if type_of(column) == "date" else None


def days(dates: Column) -> Column:
    """Return dates as days since 1970-01-01, as matplotlib counts them; a gap is NaN."""
    return (dates - pd.Timestamp(0)) / pd.Timedelta(days=1)


def first_text(column: Column, form: str = NUMBER) -> tuple[int, str]:
    """Return the row and the beginning of a text column's first text that has not a form."""
    known = column.dropna().drop_duplicates()
    others = known[~known.str.fullmatch(form)]
    row = (others if len(others) else known).index[0]
    return int(row), str(column[row])[:40]


def distinct(column: Column) -> Column:
    """Return each value once: numbers and dates ascend, texts stand in the order sent."""
    values = pd.Series(column.dropna().unique())
    return values if type_of(column) == "text" else values.sort_values(ignore_index=True)


def codes_of(column: Column, values: Column) -> npt.NDArray[np.intp]:
    """Return the place of each row's value among distinct ones, -1 for a gap."""
    return pd.Index(values).get_indexer(pd.Index(column))


def ordering(column: Column, descending: bool) -> npt.NDArray[np.intp]:
    """Return the rows in the order of a column; equal ones keep theirs, gaps come last."""
    ranks = column.rank(method="dense", ascending=not descending, na_option="bottom")
    return np.argsort(ranks.to_numpy(), kind="stable")


def names_of(values: Column, period: Period | None = None) -> list[str]:
    """Write numbers, and dates as far as they say anything, or the periods that begin with them."""
    if type_of(values) == "text":
        return list(values)
    if type_of(values) == "number":
        return list(map(number, values))
    if period == "quarter":
        return [f"{year} Q{n}" for year, n in zip(values.dt.year, values.dt.quarter, strict=True)]
    form = "%Y-%m-%d %H:%M:%S"
    if (values == values.dt.floor("min")).all():
        form = "%Y-%m-%d %H:%M"
    if (values == values.dt.normalize()).all():
        form = "%Y-%m" if (values.dt.day == 1).all() else "%Y-%m-%d"
    return list(values.dt.strftime("%Y" if period == "year" else form))
