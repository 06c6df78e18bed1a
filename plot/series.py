"""What a chart shows, ready to be drawn."""

from dataclasses import dataclass
from typing import Literal, TypeAlias

import numpy as np
import numpy.typing as npt
from captions import clean, number, quoted
from chartspec import Bound
from problems import refusal
from tables import read_date

Floats: TypeAlias = npt.NDArray[np.float64]


@dataclass(frozen=True, kw_only=True)
class Series:
    """Values that belong together, in one colour.

    Attributes:
        name: The column's name, or the group's.
        x: Positions on the x axis, as many as `y`.
        y: NaN for a gap.
        second: Whether it is of the second axis of values.
        error: How far the values may be off, either way.
        size: Of a scatter chart's points.
        color: Of a scatter chart's points: numbers, or numbers of `color_labels`.
    """

    name: str
    x: Floats
    y: Floats
    second: bool = False
    error: Floats | None = None
    size: Floats | None = None
    color: Floats | None = None


@dataclass(frozen=True, kw_only=True)
class ChartData:
    """What a chart shows.

    Attributes:
        series: Those of the second axis stand behind the others.
        x_type: What a position on the x axis is: a number, days since 1970-01-01 UTC, or a
            category's number from 0.
        x_name: The x column. Empty where there is none, and x is the row's number from 1.
        labels: The categories' names, in the order of their positions.
        ordered: Whether the order of the categories has a meaning: they are numbers or dates.
        rows: The names of a heatmap's rows: series i is row i, and its x are the columns from 0.
        color_labels: What the numbers of the colours stand for, where that column is text.
        sent: How many rows the request has.
        left_out: Of each column of numbers that is not drawn for a text in it, what that is.
    """

    series: tuple[Series, ...]
    x_type: Literal["number", "date", "category"]
    x_name: str = ""
    labels: tuple[str, ...] = ()
    ordered: bool = False
    rows: tuple[str, ...] = ()
    color_labels: tuple[str, ...] | None = None
    sent: int = 0
    left_out: tuple[str, ...] = ()

    def position(self, bound: Bound, path: str) -> float:
        """Return where along the x axis a number, a date or a category stands.

        Raises:
            Refusal: It is of another type than the axis, or there is no such category; at the path.
        """
        text = quoted(bound) if isinstance(bound, str) else number(bound)
        if self.x_type == "category":
            name = clean(bound) if isinstance(bound, str) else number(bound)
            if name in self.labels:
                return float(self.labels.index(name))
            expected = f"Expected one of the categories {first_names(self.labels)}"
            raise refusal(path, f"{expected}, got {quoted(name)}")
        if self.x_type == "date":
            days = read_date(bound) if isinstance(bound, str) else None
            if days is None:
                raise refusal(path, f"Expected an ISO 8601 date, as x has, got {text}")
            return days
        if isinstance(bound, str):
            raise refusal(path, f"Expected a number, as x has, got {text}")
        return bound


def first_names(names: tuple[str, ...]) -> str:
    """Quote the first of some names for a message."""
    return ", ".join(map(quoted, names[:10])) + (", …" if len(names) > 10 else "")
