"""Read the data of a request into a table of typed columns, with pandas."""

from collections.abc import Callable
from functools import partial
from typing import Any, TypeAlias

import budgets
import numpy as np
import pandas as pd
from captions import clean, quoted, shorten
from chartspec import Cell, ChartSpec
from csvtext import check_size, read_csv
from problems import Fault, Refusal, member, refusal, too_large

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

ZONE = r"^.{13,}?(?: ?(?:Z|([+-])([0-9]{2}):?([0-9]{2})?))$"


def names_in(table: pd.DataFrame) -> list[str]:
    """Return the names of a table's columns."""
    return [str(name) for name in table.columns]


def is_number(column: Column) -> bool:
    """Tell whether a typed column has numbers."""
    return pd.api.types.is_numeric_dtype(column.dtype)


def is_date(column: Column) -> bool:
    """Tell whether a typed column has dates."""
    return pd.api.types.is_datetime64_dtype(column.dtype)


def type_of(column: Column) -> str:
    """Return what a typed column has: `number`, `date` or `text`."""
    return "number" if is_number(column) else "date" if is_date(column) else "text"


def read(spec: ChartSpec) -> pd.DataFrame:
    """Read the columns, records or CSV text of a request into typed columns.

    Raises:
        Refusal: There is no row, columns differ in length, CSV cannot be read, two columns share a
            name, a number is beyond `budgets.MAGNITUDE`, or there is more than budgets allow.
    """
    if spec.columns is not None:
        cells = _from_columns(spec.columns)
    elif spec.records is not None:
        names = list(dict.fromkeys(name for record in spec.records for name in record))
        check_size("$.records", len(spec.records), names)
        cells = pd.DataFrame(spec.records, columns=names)
    else:
        cells = read_csv(spec.csv or "")
    floats = cells.select_dtypes("float64")
    table = cells.copy()
    table[floats.columns] = _finite(floats)
    for name in names_in(cells):
        if name not in floats:
            table[name] = typed(cells[name])
            _check_magnitude(table[name], partial(path_of, spec, name))
    if (floats.abs() > budgets.MAGNITUDE).any(axis=None):
        for name in names_in(floats):
            _check_magnitude(table[name], partial(path_of, spec, name))
    return table


def read_series(spec: ChartSpec) -> pd.DataFrame:
    """Read the series of a request into rows of `series` (its number), `x` and `y`.

    Raises:
        Refusal: There is no value, a series has not as many x as y values or y values that are no
            numbers, or there is more than budgets allow.
    """
    traces = spec.series or []
    if not any(trace.y for trace in traces):
        raise refusal("$.series", "Expected at least one row of data, got none")
    if len(traces) > budgets.SERIES:
        detail = f"Expected at most {budgets.SERIES} series, got {len(traces):,}"
        raise too_large("$.series", detail)
    budgets.check_table("$.series", sum(len(trace.y) for trace in traces))
    x: list[Cell] = []
    y: list[Column] = []
    faults: list[Fault] = []
    for index, trace in enumerate(traces):
        path = f"$.series[{index}]"
        if trace.x is not None and len(trace.x) != len(trace.y):
            detail = f"Expected {len(trace.y):,} values, as `y` has, got {len(trace.x):,}"
            faults.append(Fault(path=f"{path}.x", detail=detail))
        x += [float(n) for n in range(1, len(trace.y) + 1)] if trace.x is None else trace.x
        y.append(typed(pd.Series(trace.y, dtype=object)))
        faults += _not_numbers(y[-1], "Expected numbers", partial(_cell, f"{path}.y"))
    if faults:
        raise Refusal(faults[: budgets.FAULTS])
    lengths = [len(trace.y) for trace in traces]
    owners = np.repeat(np.arange(len(traces)), lengths)
    places = np.concatenate([np.arange(length) for length in lengths])
    values = pd.concat(y).to_numpy()
    rows = pd.DataFrame({"series": owners, "x": typed(pd.Series(x, dtype=object)), "y": values})
    for field in ("x", "y"):
        _check_magnitude(rows[field], partial(_cell_of_series, owners, places, field))
    return rows


def _cell(path: str, row: int | None) -> str:
    return path if row is None else f"{path}[{row}]"


def _cell_of_series(owners: Any, places: Any, field: str, row: int | None) -> str:
    return f"$.series[{owners[row]}].{field}[{places[row]}]"


def typed(cells: Column) -> Column:
    """Give a column the narrowest type that holds its values: numbers, dates in UTC, or text.

    `[1, "2"]` are numbers, and `[true, 1]` are texts. An infinity is a gap.
    """
    if pd.api.types.is_float_dtype(cells.dtype):
        numbers: Column = _finite(cells)
        return numbers
    texts = pd.Series([_text(cell) for cell in cells], dtype=object)
    texts = texts.where(~texts.isin(GAPS), None)
    known = texts.dropna()
    if known.str.fullmatch(NUMBER).all():
        return typed(texts.astype(np.float64))
    if known.str.fullmatch(DATE).all():
        dates = _dates(texts)
        if dates[known.index].notna().all():
            return dates
    return texts.map(lambda text: shorten(text, budgets.TEXT), na_action="ignore")


def _dates(texts: Column) -> Column:
    """Read ISO 8601 dates, in UTC; what is no day or hour becomes a gap."""
    zone = texts.str.extract(ZONE)
    local = texts.str.replace(r"(?<=.{13})(?: ?Z| ?[+-][0-9]{2}:?(?:[0-9]{2})?)$", "", regex=True)
    dates = pd.to_datetime(local, format="ISO8601", errors="coerce")
    minutes = 60 * zone[1].astype(float).fillna(0) + zone[2].astype(float).fillna(0)
    ahead = pd.to_timedelta(minutes.where(zone[0] != "-", -minutes), unit="m")
    return (dates - ahead).dt.as_unit("us")


def read_date(text: str) -> float | None:
    """Return a date's days since 1970-01-01 UTC, or None where the text is no ISO 8601 date."""
    column = typed(pd.Series([text], dtype=object))
    return float(days(column)[0]) if is_date(column) else None


def days(dates: Column) -> Column:
    """Return dates as days since 1970-01-01, as matplotlib counts them; a gap is NaN."""
    return (dates - pd.Timestamp(0)) / pd.Timedelta(days=1)


def numbers_of(spec: ChartSpec, table: pd.DataFrame, name: str) -> Column:
    """Return a column's numbers, or refuse a column that has something else."""
    expected = f"Expected numbers in {quoted(name)}"
    found = _not_numbers(table[name], expected, partial(path_of, spec, name), " in row ")
    if found:
        raise Refusal(found)
    return table[name]


def path_of(spec: ChartSpec, name: str, row: int | None = None) -> str:
    """Return the JSON path of a column, or of its value in a row counted from 0."""
    if spec.columns is not None:
        return f"$.columns{member(name)}" + ("" if row is None else f"[{row}]")
    if spec.records is not None and row is not None:
        return f"$.records[{row}]{member(name)}"
    return f"$.{spec.source}"


def first_text(column: Column, form: str = NUMBER) -> tuple[int, str]:
    """Return the row and the beginning of a text column's first text that has not a form."""
    known = column.dropna()
    others = known[~known.str.fullmatch(form)]
    row = (others if len(others) else known).index[0]
    return int(row), str(column[row])[:40]


def _not_numbers(
    column: Column, expected: str, path: Callable[[int | None], str], where: str = ""
) -> list[Fault]:
    if is_number(column):
        return []
    if is_date(column):
        return [Fault(path=path(None), detail=f"{expected}, got dates")]
    row, text = first_text(column)
    place = f"{where}{row + 1}" if where else ""
    return [Fault(path=path(row), detail=f"{expected}, got the text `{text}`{place}")]


def _text(cell: Cell) -> str | None:
    if isinstance(cell, str):
        return clean(cell)
    if isinstance(cell, bool):
        return str(cell).lower()
    return None if cell is None or not np.isfinite(cell) else repr(float(cell)).removesuffix(".0")


def _finite(numbers: Any) -> Any:
    """Make gaps of infinities, and zeros of what is too small to have a reciprocal."""
    size = numbers.abs()
    return numbers.mask(size == np.inf).mask(size < 1 / budgets.MAGNITUDE, 0.0)


def _check_magnitude(column: Column, path: Callable[[int | None], str]) -> None:
    if is_number(column) and (column.abs() > budgets.MAGNITUDE).any():
        row = int(np.flatnonzero(column.abs() > budgets.MAGNITUDE)[0])
        limit = f"Expected numbers up to {budgets.MAGNITUDE:g}, either sign"
        where = f" in row {row + 1}" if path(row) == "$.csv" else ""
        raise refusal(path(row), f"{limit}, got {column.iloc[row]:g}{where}")


def _from_columns(columns: dict[str, list[Cell]]) -> pd.DataFrame:
    rows = max(map(len, columns.values()), default=0)
    check_size("$.columns", rows, columns)
    longest = next(name for name in columns if len(columns[name]) == rows)
    expected = f"Expected {rows:,} values, as {quoted(longest)} has"
    faults = [
        Fault(path=f"$.columns{member(name)}", detail=f"{expected}, got {len(cells):,}")
        for name, cells in columns.items()
        if len(cells) != rows
    ]
    if faults:
        raise Refusal(faults[: budgets.FAULTS])
    return pd.DataFrame(columns)
