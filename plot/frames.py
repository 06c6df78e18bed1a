"""From a request's columns, records or CSV text to one table whose columns have types."""

import contextlib
import csv
import io
import warnings
from collections.abc import Iterable
from itertools import chain

import budgets
import numpy as np
import pandas as pd
from captions import clean, shorten
from chartspec import Cell, ChartSpec
from problems import refusal, too_large

GAPS = ("", "NaN", "nan", "null", "NULL")
"""Texts that say that there is no value. `NA` is not one of them: it is Namibia's country code."""

NUMBER = r"(?i)[+-]?(?:(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:e[+-]?[0-9]+)?|inf(?:inity)?)"
"""A decimal number. Not every pandas reads one as the float nearest to it, but Python does."""

ISO_DATE = (
    "[12][0-9]{3}-[0-9]{2}(?:-[0-9]{2}"
    r"(?:[T ][0-9]{2}(?::[0-9]{2}(?::[0-9]{2}(?:\.[0-9]+)?)?)?"
    " ?(?:Z|[+-][0-9]{2}(?::?[0-9]{2})?)?)?)?"
)
"""A month, a day or a time. The years keep matplotlib's dates, margins included, in 1 to 9999."""

TEXT = pd.StringDtype(na_value=np.nan)
"""What pandas 3 calls `str`; to pandas 2 that is `object`."""


def read(spec: ChartSpec) -> pd.DataFrame:
    """Read a request's data.

    Returns:
        One row for each row sent. A column of numbers is float64 (a gap is NaN), one of dates
        datetime64 without a zone, in UTC (NaT), one of text str (NaN).

    Raises:
        Refusal: There is no row, columns differ in length, CSV cannot be read, two columns share a
            name, a number is beyond `budgets.MAGNITUDE`, or there is more than the budgets allow.
    """
    if spec.columns is not None:
        columns = _from_columns(spec, spec.columns)
    elif spec.records is not None:
        columns = _from_records(spec, spec.records)
    else:
        columns = _from_csv(spec, spec.csv or "")
    frame = pd.DataFrame({name: typed(values) for name, values in columns.items()})
    for name, column in frame.select_dtypes("number").items():
        _check_magnitude(spec, str(name), column)
    return frame


def typed(values: pd.Series) -> pd.Series:
    """Give a column the narrowest type that holds all of its values: number, date or text.

    Args:
        values: Cells of a request, or text alone, as CSV has it.
    """
    if values.dtype.kind == "f":
        return _finite(values)
    texts = values.map(_text, na_action="ignore").astype(TEXT)
    texts = texts.mask(texts.isin(GAPS))
    known = texts.dropna()
    if known.str.fullmatch(NUMBER).all():
        return _finite(texts.astype("float64"))
    if known.str.fullmatch(ISO_DATE).all():
        with contextlib.suppress(ValueError):  # there is no such day or hour
            return texts.astype("datetime64[us, UTC]").dt.tz_localize(None)
    return texts.map(lambda text: shorten(text, budgets.TEXT), na_action="ignore").astype(TEXT)


def _text(cell: Cell) -> str:
    if isinstance(cell, str):
        return clean(cell)
    if isinstance(cell, bool) or cell is None:
        return str(cell).lower()
    return repr(cell).removesuffix(".0") if np.isfinite(cell) else ""


def _finite(numbers: pd.Series) -> pd.Series:
    size = numbers.abs()
    return numbers.mask(size == np.inf).mask(size < 1 / budgets.MAGNITUDE, 0.0)


def _from_columns(spec: ChartSpec, columns: dict[str, list[Cell]]) -> dict[str, pd.Series]:
    lengths = {name: len(values) for name, values in columns.items()}
    rows = max(lengths.values(), default=0)
    _check_size(spec, rows, columns)
    for name, length in lengths.items():
        if length != rows:
            longest = next(other for other in lengths if lengths[other] == rows)
            detail = f"Expected {rows:,} values, as `{clean(longest)}` has, got {length:,}"
            raise refusal(spec.path(name), detail)
    return {name: pd.Series(values) for name, values in columns.items()}


def _from_records(spec: ChartSpec, records: list[dict[str, Cell]]) -> dict[str, pd.Series]:
    names = dict.fromkeys(chain.from_iterable(records))
    _check_size(spec, len(records), names)
    return {name: pd.Series([record.get(name) for record in records]) for name in names}


def _from_csv(spec: ChartSpec, text: str) -> dict[str, pd.Series]:
    """Read CSV from memory alone.

    The first line is read apart, to count columns before pandas makes room for them, and because
    pandas renames the second of two columns of one name.
    """
    text = text.removeprefix("\ufeff").replace("\0", "").strip("\r\n")
    try:
        names = [clean(name) for name in next(csv.reader(io.StringIO(text, newline="")), [])]
    except csv.Error as error:
        raise refusal("$.csv", f"The CSV cannot be read: {error}") from None
    _check_size(spec, max(text.count("\n"), text.count("\r")), names)
    if again := [name for index, name in enumerate(names) if name in names[:index]]:
        raise refusal("$.csv", f"Expected one column named `{again[0]}`, got another")
    try:
        with warnings.catch_warnings(action="error", category=pd.errors.ParserWarning):
            frame = pd.read_csv(
                io.BytesIO(text.encode(errors="ignore")),
                header=0,
                names=names,
                index_col=False,
                dtype="str",
                keep_default_na=False,
            )
    except pd.errors.ParserWarning:
        detail = f"Expected a value for each of {len(names)} names, got more in the first row"
        raise refusal("$.csv", detail) from None
    except ValueError as error:  # what pandas raises of its own derives from it
        detail = str(error).strip().removeprefix("Error tokenizing data. C error: ")
        raise refusal("$.csv", f"The CSV cannot be read: {clean(detail)}") from None
    _check_size(spec, len(frame), names)
    return {name: frame[name] for name in names}


def _check_size(spec: ChartSpec, rows: int, names: Iterable[str]) -> None:
    names = list(names)
    path = f"$.{spec.source}"
    if not names or not rows:
        raise refusal(path, "Expected at least one row of data, got none")
    cells = rows * len(names)
    for count, limit, unit in (
        (rows, budgets.ROWS, "rows"),
        (len(names), budgets.COLUMNS, "columns"),
        (cells, budgets.CELLS, "cells"),
    ):
        if count > limit:
            raise too_large(path, f"Expected at most {limit:,} {unit}, got {count:,}")
    for name in names:
        if len(name) > budgets.TEXT:
            detail = f"Expected column names of up to {budgets.TEXT} characters, got {len(name):,}"
            raise refusal(path, f"{detail}: `{clean(shorten(name, 40))}`")


def _check_magnitude(spec: ChartSpec, name: str, numbers: pd.Series) -> None:
    excess = np.flatnonzero(numbers.abs() > budgets.MAGNITUDE)
    if excess.size:
        row = int(excess[0])
        detail = f"Expected numbers up to {budgets.MAGNITUDE:g}, either sign, got {numbers[row]:g}"
        where = f" in row {row + 1} of `{clean(name)}`" if spec.csv is not None else ""
        raise refusal(spec.path(name, row), detail + where)
