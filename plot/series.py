"""What a chart shows, ready to be drawn."""

from dataclasses import dataclass
from typing import Literal, TypeAlias

from frames import Floats

XType: TypeAlias = Literal["number", "date", "category"]


@dataclass(frozen=True, kw_only=True)
class Series:
    """Values that belong together, in one colour.

    Attributes:
        name: The column's name, or the group's.
        x: Positions on the x axis, as many as `y`; ascending for what leads from one to the next.
        y: NaN for a gap.
        second: Whether it is of the second axis of values.
        error: How far the values may be off, either way.
        size: Of a scatter chart's points.
        color: Of a scatter chart's points: numbers, or the categories' numbers from 0.
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
        size_name: The column of the sizes.
        color_name: The column of the colours.
        color_labels: What the numbers of the colours stand for, where that column is text.
        rows: The names of a heatmap's rows: series i is row i, and its x are the columns from 0.
        sent: How many rows the request has.
        left_out: Of each column of numbers that is not drawn for a text in it, what that is.
    """

    series: tuple[Series, ...]
    x_type: XType
    x_name: str
    labels: tuple[str, ...] = ()
    ordered: bool = False
    size_name: str = ""
    color_name: str = ""
    color_labels: tuple[str, ...] | None = None
    rows: tuple[str, ...] = ()
    sent: int = 0
    left_out: tuple[str, ...] = ()
