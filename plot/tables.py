"""From a request's columns, records, series or CSV text to columns that have types."""

import csv
import io
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import chain, zip_longest
from operator import itemgetter

import budgets
from captions import clean, quoted, shorten
from chartspec import Cell, ChartSpec, Trace
from frames import Column, Floats, beyond, first_text, typed
from problems import Refusal, member, refusal, too_large
from transforms import Codes


class Table:
    """Columns of one length, each of which gets its type when it is first asked for.

    Attributes:
        names: The columns' names, in their order.
        rows: How many rows each has.
    """

    def __init__(
        self,
        spec: ChartSpec,
        cells: Mapping[str, Sequence[Cell]],
        rows: int,
        order: Codes | None = None,
    ) -> None:
        self.names = tuple(cells)
        self.rows = rows
        self._spec = spec
        self._cells = cells
        self._order = order
        self._typed: dict[str, Column] = {}

    def __getitem__(self, name: str) -> Column:
        if name not in self._typed:
            column = typed(self._cells[name])
            if column.type == "number":
                self._check_magnitude(name, column.values)
            self._typed[name] = column if self._order is None else column.take(self._order)
        return self._typed[name]

    def ordered(self, order: Codes) -> "Table":
        """Return the table with its rows in another order. Messages name them as they were sent."""
        return Table(self._spec, self._cells, self.rows, order)

    def numeric(self) -> list[str]:
        """Return the names of the columns of numbers."""
        return [name for name in self.names if self[name].type == "number"]

    def numbers(self, name: str) -> Floats:
        """Return a column's numbers.

        Raises:
            Refusal: It holds text, which is named by its path, or dates.
        """
        column = self[name]
        if column.type == "number":
            return column.values
        found = f"Expected numbers in {quoted(name)}, got"
        if column.type == "date":
            raise refusal(self.path(name), f"{found} dates")
        row, text = self.first_text(name)
        raise refusal(self.path(name, row), f"{found} the text `{text}` in row {row + 1}")

    def first_text(self, name: str) -> tuple[int, str]:
        """Return the row of a text column's first cell that is no number, and what it says."""
        return first_text(self._cells[name])

    def path(self, name: str, row: int | None = None) -> str:
        """Return the JSON path of a column, or of its value in a row counted from 0."""
        if self._spec.columns is not None:
            return f"$.columns{member(name)}" + ("" if row is None else f"[{row}]")
        if self._spec.records is not None and row is not None:
            return f"$.records[{row}]{member(name)}"
        return f"$.{self._spec.source}"

    def _check_magnitude(self, name: str, numbers: Floats) -> None:
        if (found := beyond(numbers)) is not None:
            row, detail = found
            where = f" in row {row + 1} of {quoted(name)}" if self._spec.csv is not None else ""
            raise refusal(self.path(name, row), detail + where)


def read(spec: ChartSpec) -> Table:
    """Read the columns, records or CSV text of a request.

    Raises:
        Refusal: There is no row, columns differ in length, CSV cannot be read, two columns share a
            name, or there is more than the budgets allow. A table refuses the column that is asked
            for where a number in it is beyond `budgets.MAGNITUDE`.
    """
    if spec.columns is not None:
        return _from_columns(spec, spec.columns)
    if spec.records is not None:
        return _from_records(spec, spec.records)
    return _from_csv(spec, spec.csv or "")


def read_series(traces: Sequence[Trace]) -> tuple[Column, list[Floats]]:
    """Read the series of a request.

    Returns:
        One column of all their x values, one series behind the other, and each one's y values.

    Raises:
        Refusal: There is no series or no value, one has not as many x as y values, or y values
            that are no numbers, or there is more than the budgets allow.
    """
    rows = sum(len(trace.y) for trace in traces)
    if not rows:
        raise refusal("$.series", "Expected at least one row of data, got none")
    if len(traces) > budgets.SERIES:
        detail = f"Expected at most {budgets.SERIES} series, got {len(traces):,}"
        raise too_large("$.series", detail)
    budgets.check_table("$.series", rows)
    faults = []
    values = []
    for index, trace in enumerate(traces):
        path = f"$.series[{index}]"
        if trace.x is not None and len(trace.x) != len(trace.y):
            detail = f"Expected {len(trace.y):,} values, as `y` has, got {len(trace.x):,}"
            faults.append(refusal(f"{path}.x", detail))
        column = typed(trace.y)
        values.append(column.values)
        if column.type == "date":
            faults.append(refusal(f"{path}.y", "Expected numbers, got dates"))
        elif column.type == "text":
            row, text = first_text(trace.y)
            faults.append(refusal(f"{path}.y[{row}]", f"Expected numbers, got the text `{text}`"))
        elif (found := beyond(column.values)) is not None:
            faults.append(refusal(f"{path}.y[{found[0]}]", found[1]))
    if faults:
        raise Refusal(chain.from_iterable(fault.problem.errors[:1] for fault in faults))
    x = typed(list(chain.from_iterable(_x_cells(trace) for trace in traces)))
    if x.type == "number" and (found := beyond(x.values)) is not None:
        row = found[0]
        for index, trace in enumerate(traces):
            if row < len(trace.y):
                raise refusal(f"$.series[{index}].x[{row}]", found[1])
            row -= len(trace.y)
    return x, values


def _x_cells(trace: Trace) -> Sequence[Cell]:
    return trace.x if trace.x is not None else [float(n) for n in range(1, len(trace.y) + 1)]


def _from_columns(spec: ChartSpec, columns: dict[str, list[Cell]]) -> Table:
    lengths = {name: len(values) for name, values in columns.items()}
    rows = max(lengths.values(), default=0)
    _check_size(spec, rows, columns)
    table = Table(spec, columns, rows)
    longest = next(name for name in lengths if lengths[name] == rows)
    expected = f"Expected {rows:,} values, as {quoted(longest)} has"
    faults = [
        refusal(table.path(name), f"{expected}, got {length:,}").problem.errors[0]
        for name, length in lengths.items()
        if length != rows
    ]
    if faults:
        raise Refusal(faults[: budgets.FAULTS])
    return table


def _from_records(spec: ChartSpec, records: list[dict[str, Cell]]) -> Table:
    names = dict.fromkeys(chain.from_iterable(records))
    _check_size(spec, len(records), names)
    return Table(spec, _RecordCells(records, names), len(records))


class _RecordCells(Mapping[str, Sequence[Cell]]):
    """Records seen as columns: only the columns that are asked for are made."""

    def __init__(self, records: list[dict[str, Cell]], names: Iterable[str]) -> None:
        self._records = records
        self._names = dict.fromkeys(names)

    def __getitem__(self, name: str) -> Sequence[Cell]:
        try:
            return list(map(itemgetter(name), self._records))
        except KeyError:
            return [record.get(name) for record in self._records]

    def __iter__(self) -> Iterator[str]:
        return iter(self._names)

    def __len__(self) -> int:
        return len(self._names)


def _from_csv(spec: ChartSpec, text: str) -> Table:
    """Read CSV from memory alone.

    The first line is read apart, to count columns before there is room made for them.
    """
    text = text.removeprefix("\ufeff").replace("\0", "").strip("\r\n")
    lines = csv.reader(io.StringIO(text, newline=""), strict=True)
    try:
        first = next(lines, [])
        _check_size(spec, max(text.count("\n"), text.count("\r")), first)
        rows = [row for row in lines if row]
    except csv.Error as error:
        detail = f"The CSV cannot be read: {error} in line {lines.line_num:,}"
        raise refusal("$.csv", detail) from None
    _check_size(spec, len(rows), first)
    _check_separator(first, rows[0])
    names = list(map(clean, first))
    longest = max(map(len, rows))
    if longest > len(names):
        row = next(index for index, row in enumerate(rows, 1) if len(row) > len(names))
        detail = f"Expected a value for each of {len(names):,} names, got {len(rows[row - 1]):,}"
        raise refusal("$.csv", f"{detail} in row {row:,}")
    cells = list(zip_longest(*rows, fillvalue=""))
    cells += [("",) * len(rows)] * (len(names) - longest)
    # A line that ends in a comma has one more column, which is none.
    columns = [
        (name, column)
        for name, column in zip(names, cells, strict=True)
        if name or any(map(str.strip, column))
    ]
    names = [name for name, _ in columns]
    if again := [name for index, name in enumerate(names) if name in names[:index]]:
        raise refusal("$.csv", f"Expected one column named {quoted(again[0])}, got another")
    _check_size(spec, len(rows), names)
    return Table(spec, dict(columns), len(rows))


def _check_separator(names: Sequence[str], row: Sequence[str]) -> None:
    """Refuse what spreadsheets write where the comma is the decimal point, and what they copy."""
    for separator, written in ((";", "`;`"), ("\t", "tabs")):
        if len(names) == 1 and separator in names[0] and separator in row[0]:
            raise refusal("$.csv", f"Expected commas between values, got {written}")


def _check_size(spec: ChartSpec, rows: int, names: Iterable[str]) -> None:
    names = list(names)
    path = f"$.{spec.source}"
    if not names or not rows:
        raise refusal(path, "Expected at least one row of data, got none")
    budgets.check_table(path, rows, len(names))
    for name in names:
        if len(name) > budgets.TEXT:
            detail = f"Expected column names of up to {budgets.TEXT} characters, got {len(name):,}"
            raise refusal(path, f"{detail}: `{clean(shorten(name, 40))}`")
