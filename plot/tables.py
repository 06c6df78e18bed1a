"""Read the data of a request into a table of typed columns, with pandas."""

import io
from collections.abc import Callable, Iterable, Sequence
from typing import Any, TypeAlias

import budgets
import numpy as np
import pandas as pd
from captions import clean, quoted, shorten
from chartspec import Cell, ChartSpec
from problems import Fault, Refusal, member, refusal, too_large

Column: TypeAlias = "pd.Series[Any]"

GAPS = ("", "NaN", "nan", "null", "NULL")
"""Texts that say that there is no value. `NA` is not one of them: it is Namibia's country code."""

NUMBER = r"\s*[+-]?(?:(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?|inf|Infinity)\s*"

DATE = (
    r"(?:1[7-9]|2[01])[0-9]{2}-[0-9]{2}(?:-[0-9]{2}"
    r"(?:[T ][0-9]{2}(?::[0-9]{2}(?::[0-9]{2}(?:\.[0-9]{1,9})?)?)?"
    r"(?: ?(?:Z|[+-][0-9]{2}(?::?[0-9]{2})?))?)?)?"
)
"""An ISO 8601 month, day or time. pandas tells its years apart to the microsecond and less."""


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
        _check_size("$.records", len(spec.records), names)
        cells = pd.DataFrame(spec.records, columns=names)
    else:
        cells = _from_csv(spec.csv or "")
    table = pd.DataFrame({name: typed(cells[name]) for name in cells})
    for name in table:
        _check_magnitude(table[name], lambda row, name=name: path_of(spec, name, row))
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
        y.append(typed(pd.Series(trace.y)))
        faults += _not_numbers(y[-1], "Expected numbers", lambda row, p=path: f"{p}.y[{row}]")
    if faults:
        raise Refusal(faults[: budgets.FAULTS])
    owners = np.repeat(np.arange(len(traces)), [len(trace.y) for trace in traces])
    rows = pd.DataFrame({"series": owners, "x": typed(pd.Series(x)), "y": pd.concat(y).to_numpy()})
    starts = np.cumsum([0, *(len(trace.y) for trace in traces)])
    for field in ("x", "y"):
        _check_magnitude(
            rows[field],
            lambda row, f=field: f"$.series[{owners[row]}].{f}[{row - starts[owners[row]]}]",
        )
    return rows


def typed(cells: Column) -> Column:
    """Give a column the narrowest type that holds its values: numbers, dates in UTC, or text.

    `[1, "2"]` are numbers, and `[true, 1]` are texts. An infinity is a gap.
    """
    if pd.api.types.is_float_dtype(cells.dtype):
        return _finite(cells)
    texts = pd.Series([_text(cell) for cell in cells], dtype=object)
    texts = texts.where(~texts.isin(GAPS), None)
    known = texts.dropna()
    numbers = pd.to_numeric(texts, errors="coerce")
    if len(known) == 0 or known[numbers[known.index].isna()].str.fullmatch(NUMBER).all():
        return _finite(numbers.astype(np.float64))
    if known.iloc[:100].str.fullmatch(DATE).all() and known.str.fullmatch(DATE).all():
        dates = pd.to_datetime(texts, format="ISO8601", utc=True, errors="coerce")
        if dates[known.index].notna().all():
            return dates.dt.tz_localize(None).dt.as_unit("us")
    return texts.str.slice(0, budgets.TEXT)


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
    found = _not_numbers(table[name], expected, lambda row: path_of(spec, name, row), " in row ")
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
        whole = path(None).removesuffix("[None]")
        return [Fault(path=whole, detail=f"{expected}, got dates")]
    row, text = first_text(column)
    place = f"{where}{row + 1}" if where else ""
    return [Fault(path=path(row), detail=f"{expected}, got the text `{text}`{place}")]


def _text(cell: Cell) -> str | None:
    if isinstance(cell, str):
        return clean(cell)
    if isinstance(cell, bool):
        return str(cell).lower()
    return None if cell is None or not np.isfinite(cell) else repr(float(cell)).removesuffix(".0")


def _finite(numbers: Column) -> Column:
    """Make gaps of infinities, and zeros of what is too small to have a reciprocal."""
    size = numbers.abs()
    return numbers.mask(size == np.inf).mask(size < 1 / budgets.MAGNITUDE, 0.0)


def _check_magnitude(column: Column, path: Callable[[int], str]) -> None:
    if is_number(column) and (column.abs() > budgets.MAGNITUDE).any():
        row = int(np.flatnonzero(column.abs() > budgets.MAGNITUDE)[0])
        limit = f"Expected numbers up to {budgets.MAGNITUDE:g}, either sign"
        where = f" in row {row + 1}" if path(row) == "$.csv" else ""
        raise refusal(path(row), f"{limit}, got {column.iloc[row]:g}{where}")


def _from_columns(columns: dict[str, list[Cell]]) -> pd.DataFrame:
    rows = max(map(len, columns.values()), default=0)
    _check_size("$.columns", rows, columns)
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


def _from_csv(text: str) -> pd.DataFrame:
    """Read CSV from memory alone: its first row has the names."""
    content = text.removeprefix("\ufeff").replace("\0", "").encode(errors="replace")
    first = content.lstrip(b"\r\n").partition(b"\n")[0]
    budgets.check_table("$.csv", content.strip().count(b"\n"), first.count(b",") + 1)
    try:
        cells = pd.read_csv(io.BytesIO(content), header=None, dtype=str, keep_default_na=False)
    except pd.errors.EmptyDataError:
        raise refusal("$.csv", "Expected at least one row of data, got none") from None
    except pd.errors.ParserError as error:
        found = str(error).partition("C error: ")[2].strip() or str(error)
        raise refusal("$.csv", f"The CSV cannot be read: {found}") from None
    names = [clean(str(name)) for name in cells.iloc[0]]
    cells = cells.iloc[1:].reset_index(drop=True)
    for separator, written in ((";", "`;`"), ("\t", "tabs")):
        if len(names) == 1 and separator in names[0] and separator in "".join(cells[0][:1]):
            raise refusal("$.csv", f"Expected commas between values, got {written}")
    # A line that ends in a comma has one more column, which is none.
    kept = [at for at, name in enumerate(names) if name or cells[at].str.strip().any()]
    names = [names[at] for at in kept]
    if again := [name for index, name in enumerate(names) if name in names[:index]]:
        raise refusal("$.csv", f"Expected one column named {quoted(again[0])}, got another")
    _check_size("$.csv", len(cells), names)
    return cells[kept].set_axis(names, axis="columns")


def _check_size(path: str, rows: int, names: Iterable[str]) -> None:
    names: Sequence[str] = list(names)
    if not names or not rows:
        raise refusal(path, "Expected at least one row of data, got none")
    budgets.check_table(path, rows, len(names))
    for name in names:
        if len(name) > budgets.TEXT:
            detail = f"Expected column names of up to {budgets.TEXT} characters, got {len(name):,}"
            raise refusal(path, f"{detail}: `{clean(shorten(name, 40))}`")
