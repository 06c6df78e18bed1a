"""Which columns are drawn, and where along the x axis each row stands."""

from dataclasses import dataclass, field
from typing import Literal, TypeAlias

import budgets
import numpy as np
import pandas as pd
from captions import clean, number
from chartspec import ChartSpec
from frames import NUMBER
from problems import Refusal, refusal, too_large

XType: TypeAlias = Literal["number", "date", "category"]


@dataclass(frozen=True, kw_only=True)
class ChartData:
    """What a chart shows.

    Attributes:
        frame: A float64 column for each series, NaN for a gap. The index is the position on the
            x axis: a number, days since 1970-01-01 UTC, or a category's number from 0.
        x_type: What that position is.
        x_name: The x column. Where there is none it is empty, and x is the row's number from 1.
        labels: The categories' names, in the order of their positions.
        ordered: Whether the order of the categories has a meaning: they are numbers or dates.
    """

    frame: pd.DataFrame
    x_type: XType
    x_name: str
    labels: list[str] = field(default_factory=list)
    ordered: bool = False

    @property
    def ends(self) -> tuple[float, float]:
        """The lowest value and the highest."""
        values = self.frame.to_numpy()
        return float(np.nanmin(values)), float(np.nanmax(values))


def choose(spec: ChartSpec, table: pd.DataFrame) -> ChartData:
    """Choose a request's columns and place its rows.

    A line is sorted by a numeric x or a date. Rows whose x is a gap are left out. Beyond
    `budgets.CATEGORIES`, the categories with the largest values keep their own place and the rest
    share the last.

    Args:
        spec: The request.
        table: Its data, as `frames.read` types them.

    Raises:
        Refusal: A column does not exist or holds no numbers, there is nothing but gaps, more
            series than `budgets.SERIES`, or a value that a log axis cannot show.
    """
    name = None if spec.kind == "histogram" else _x_column(spec, table)
    frame = table[_y_columns(spec, table, name)]
    x = pd.Series(np.arange(1.0, len(table) + 1), name="") if name is None else table[name]
    if spec.kind == "bar" or pd.api.types.is_string_dtype(x):
        data = _by_category(spec, frame, x)
    else:
        data = _by_number(frame, x)
    _check_values(spec, data.frame)
    return data


def _x_column(spec: ChartSpec, table: pd.DataFrame) -> str | None:
    if spec.x is not None:
        return _existing(table, spec.x, "$.x")
    first = str(table.columns[0])
    numeric = _numeric(table)
    if first not in numeric or (spec.kind == "scatter" and len(numeric) > 1):
        return first
    return None


def _y_columns(spec: ChartSpec, table: pd.DataFrame, x: str | None) -> list[str]:
    numeric = _numeric(table)
    if spec.y is None:
        names, path = [name for name in numeric if name != x], "$"
    elif isinstance(spec.y, str):
        names, path = [_existing(table, spec.y, "$.y")], "$.y"
    else:
        paths = [f"$.y[{index}]" for index in range(len(spec.y))]
        names, path = [_existing(table, *each) for each in zip(spec.y, paths, strict=True)], "$.y"
        for index, name in enumerate(names):
            if name in names[:index]:
                raise refusal(paths[index], f"Expected each column once, got {_quoted(name)} again")
    if not names:
        raise refusal(path, "Expected at least one column of numbers to draw, got none")
    if len(names) > budgets.SERIES:
        raise too_large(path, f"Expected at most {budgets.SERIES} series, got {len(names):,}")
    for name in names:
        if name not in numeric:
            raise _not_numbers(spec, table, name)
    return names


def _numeric(table: pd.DataFrame) -> list[str]:
    return [str(name) for name in table.select_dtypes("number").columns]


def _existing(table: pd.DataFrame, name: str, path: str) -> str:
    if name not in table.columns:
        known = ", ".join(_quoted(str(column)) for column in table.columns[:10])
        more = ", …" if len(table.columns) > 10 else ""
        raise refusal(path, f"Expected one of the columns {known}{more}, got {_quoted(name[:40])}")
    return name


def _not_numbers(spec: ChartSpec, table: pd.DataFrame, name: str) -> Refusal:
    column = table[name]
    if not pd.api.types.is_string_dtype(column):
        return refusal(spec.path(name), f"Expected numbers in {_quoted(name)}, got dates")
    text = column[~column.str.fullmatch(NUMBER, na=True).astype("bool")]
    row = int(text.index[0])
    found = f"Expected numbers in {_quoted(name)}, got the text `{text[row][:40]}`"
    return refusal(spec.path(name, row), f"{found} in row {row + 1}")


def _by_number(frame: pd.DataFrame, x: pd.Series) -> ChartData:
    x_type: XType = "number"
    if x.dtype.kind == "M":
        # In numpy: pandas 2 counts the days in nanoseconds, which overflow after 292 years.
        days = (x.to_numpy() - np.datetime64("1970-01-01")) / np.timedelta64(1, "D")
        x, x_type = pd.Series(days, name=x.name), "date"
    placed = frame.set_axis(x)[x.notna().to_numpy()]
    return ChartData(frame=placed.sort_index(kind="stable"), x_type=x_type, x_name=str(x.name))


def _by_category(spec: ChartSpec, frame: pd.DataFrame, x: pd.Series) -> ChartData:
    ordered = not pd.api.types.is_string_dtype(x)
    codes, names = pd.factorize(x, sort=ordered)
    labels = _labels(pd.Series(names))
    frame = frame.set_axis(codes)[codes >= 0]
    if len(labels) > budgets.CATEGORIES:
        weights = frame.abs().groupby(level=0).sum().sum(axis=1)
        kept = sorted(weights.nlargest(budgets.CATEGORIES - 1).index)
        place = {code: index for index, code in enumerate(kept)}
        frame = frame.set_axis(frame.index.map(lambda code: place.get(code, len(kept))))
        labels = [labels[code] for code in kept] + [f"other ({len(labels) - len(kept)})"]
    if spec.kind != "scatter":
        frame = frame.groupby(level=0).sum(min_count=1)
    return ChartData(
        frame=frame, x_type="category", x_name=str(x.name), labels=labels, ordered=ordered
    )


def _labels(names: pd.Series) -> list[str]:
    """Write categories: text as it is, numbers for people, dates as far as they say anything."""
    if names.dtype.kind == "f":
        return [number(value) for value in names]
    if names.dtype.kind == "M":
        whole_days = (names == names.dt.normalize()).all()
        months = whole_days and (names.dt.day == 1).all()
        form = "%Y-%m" if months else "%Y-%m-%d" if whole_days else "%Y-%m-%d %H:%M"
        return list(names.dt.strftime(form))
    return list(names)


def _check_values(spec: ChartSpec, frame: pd.DataFrame) -> None:
    if not frame.notna().any(axis=None):
        raise refusal("$.y" if spec.y else "$", "Expected at least one number, got only gaps")
    if not spec.log or spec.kind == "histogram":
        return
    lowest = frame.min()
    for name in frame.columns[lowest <= 0]:
        found = f"got {number(lowest[name], 4)} in {_quoted(name)}"
        raise refusal("$.log", f"Expected values above 0 only for a log axis, {found}")


def _quoted(name: str) -> str:
    return f"`{clean(name)}`"
