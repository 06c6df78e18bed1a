"""Read the data of a request into a table of typed columns, with pandas."""

import io
from collections.abc import Callable
from functools import partial

import budgets
import numpy as np
import pandas as pd
from captions import clean, quoted, shorten
from chartspec import Cell, ChartSpec
from columns import GAPS, Column, finite, first_text, type_of, typed
from problems import Fault, Refusal, check_count, check_table, member, refusal


def read(spec: ChartSpec) -> pd.DataFrame:
    """Read the columns, records or CSV text of a request into typed columns, or refuse them."""
    if spec.columns is not None:
        cells = _from_columns(spec.columns)
    elif spec.records is not None:
        names = list(dict.fromkeys(name for record in spec.records for name in record))
        _check_size("$.records", len(spec.records), names)
        cells = pd.DataFrame(spec.records, columns=names)
    else:
        cells = _from_csv(spec.csv or "")
    numbers = cells.select_dtypes("number").astype(float)
    others = {name: typed(cells[name]) for name in cells.columns.difference(numbers.columns)}
    typed_cells = pd.concat([finite(numbers), pd.DataFrame(others)], axis="columns")
    table: pd.DataFrame = typed_cells[cells.columns]
    numbers = table.select_dtypes("number").abs()
    for name in numbers.columns[numbers.max() > budgets.MAGNITUDE]:
        _check_magnitude(table[name], partial(path_of, spec, name))
    return table


def read_series(spec: ChartSpec) -> pd.DataFrame:
    """Read the series of a request into rows of `series` (its number), `x` and `y`."""
    traces = spec.series or []
    if not any(trace.y for trace in traces):
        raise refusal("$.series", "Expected at least one row of data, got none")
    check_count("$.series", len(traces), budgets.SERIES, "series")
    check_table("$.series", sum(len(trace.y) for trace in traces))
    faults: list[Fault] = []
    parts = []
    for index, trace in enumerate(traces):
        path = f"$.series[{index}]"
        x = [*map(float, range(1, len(trace.y) + 1))] if trace.x is None else trace.x
        if len(x) != len(trace.y):
            detail = f"Expected {len(trace.y):,} values, as `y` has, got {len(x):,}"
            faults.append(Fault(f"{path}.x", detail))
        y = typed(pd.Series(trace.y, dtype=object))
        faults += _not_numbers(y, "Expected numbers", partial(_cell, f"{path}.y"))
        if not faults:
            _check_magnitude(y, partial(_cell, f"{path}.y"))
            parts.append(pd.DataFrame({"series": index, "x": pd.Series(x, dtype=object), "y": y}))
    if faults:
        raise Refusal(faults)
    rows = pd.concat(parts)
    places, rows = rows.index, rows.reset_index(drop=True)
    rows["x"] = typed(rows["x"])
    _check_magnitude(rows["x"], lambda row: f"$.series[{rows['series'][row]}].x[{places[row]}]")
    return rows


def numbers_of(spec: ChartSpec, table: pd.DataFrame, name: str) -> Column:
    """Return a column's numbers, or refuse a column that has something else."""
    expected = f"Expected numbers in {quoted(name)}"
    if faults := _not_numbers(table[name], expected, partial(path_of, spec, name), " in row "):
        raise Refusal(faults)
    return table[name]


def path_of(spec: ChartSpec, name: str, row: int | None = None) -> str:
    """Return the JSON path of a column, or of its value in a row counted from 0."""
    if spec.columns is not None:
        return _cell(f"$.columns{member(name)}", row)
    if spec.records is not None and row is not None:
        return f"$.records[{row}]{member(name)}"
    return "$.records" if spec.records is not None else "$.csv"


def _cell(path: str, row: int | None) -> str:
    return path if row is None else f"{path}[{row}]"


def _not_numbers(
    column: Column, expected: str, path: Callable[[int | None], str], where: str = ""
) -> list[Fault]:
    if type_of(column) == "number":
        return []
    if type_of(column) == "date":
        return [Fault(path(None), f"{expected}, got dates")]
    row, text = first_text(column)
    place = f"{where}{row + 1}" if where else ""
    return [Fault(path(row), f"{expected}, got the text `{text}`{place}")]


def _check_magnitude(column: Column, path: Callable[[int], str]) -> None:
    if type_of(column) == "number" and (column.abs() > budgets.MAGNITUDE).any():
        row = int(np.flatnonzero(column.abs() > budgets.MAGNITUDE)[0])
        limit = f"Expected numbers up to {budgets.MAGNITUDE:g}, either sign"
        where = f" in row {row + 1}" if path(row) == "$.csv" else ""
        raise refusal(path(row), f"{limit}, got {column.iloc[row]:g}{where}")


def _from_columns(columns: dict[str, list[Cell]]) -> pd.DataFrame:
    rows = max(map(len, columns.values()), default=0)
    _check_size("$.columns", rows, list(columns))
    longest = next(name for name in columns if len(columns[name]) == rows)
    expected = f"Expected {rows:,} values, as {quoted(longest)} has"
    faults = [
        Fault(f"$.columns{member(name)}", f"{expected}, got {len(cells):,}")
        for name, cells in columns.items()
        if len(cells) != rows
    ]
    if faults:
        raise Refusal(faults)
    return pd.DataFrame(columns)


def _from_csv(text: str) -> pd.DataFrame:
    """Read CSV: its first row has the names."""
    content = text.removeprefix("\ufeff").replace("\0", "").strip("\r\n").encode(errors="ignore")
    first, _, row = content.partition(b"\n")
    for separator, written in ((b";", "`;`"), (b"\t", "tabs")):
        if b"," not in first and separator in first and separator in row.partition(b"\n")[0]:
            raise refusal("$.csv", f"Expected commas between values, got {written}")
    check_table("$.csv", content.count(b"\n"), first.count(b",") + 1)
    try:
        head = pd.read_csv(io.BytesIO(content), header=None, nrows=1, dtype=str, na_filter=False)
        cells = pd.read_csv(
            io.BytesIO(content),
            header=None,
            names=range(head.shape[1]),
            skiprows=1,
            keep_default_na=False,
            na_values=GAPS,
            float_precision="round_trip",
            low_memory=False,
        )
    except pd.errors.EmptyDataError:
        raise refusal("$.csv", "Expected at least one row of data, got none") from None
    except pd.errors.ParserError as error:
        found = str(error).partition("C error: ")[2].strip() or str(error)
        raise refusal("$.csv", f"The CSV cannot be read: {found}") from None
    if not isinstance(cells.index, pd.RangeIndex):  # pandas takes more values for names of rows
        found = (
            f"Expected {head.shape[1]} fields in line 2, saw {cells.index.nlevels + head.shape[1]}"
        )
        raise refusal("$.csv", f"The CSV cannot be read: {found}")
    names = [clean(name) for name in head.iloc[0]]
    # A line that ends in a comma has one more column, which is none.
    kept = [at for at, name in enumerate(names) if name or typed(cells[at]).notna().any()]
    names = [names[at] for at in kept]
    if again := [name for index, name in enumerate(names) if name in names[:index]]:
        raise refusal("$.csv", f"Expected one column named {quoted(again[0])}, got another")
    _check_size("$.csv", len(cells), names)
    return cells[kept].set_axis(names, axis="columns")


def _check_size(path: str, rows: int, names: list[str]) -> None:
    """Refuse a table of no rows, of too many, or of names that are too long."""
    if not names or not rows:
        raise refusal(path, "Expected at least one row of data, got none")
    check_table(path, rows, len(names))
    for name in names:
        if len(name) > budgets.TEXT:
            detail = f"Expected column names of up to {budgets.TEXT} characters, got {len(name):,}"
            raise refusal(path, f"{detail}: `{clean(shorten(name, 40))}`")
