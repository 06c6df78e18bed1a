"""What a kind of chart is."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias

import numpy as np
from chartspec import ChartSpec
from panel import Panel
from series import ChartData

Keys: TypeAlias = Sequence[tuple[Any, str]]
"""What the legend shows: artists and their names."""


def count_values(spec: ChartSpec, data: ChartData) -> int:
    """Count the marks of a chart that has one for each value."""
    return sum(int(np.isfinite(one.y).sum()) for one in data.series)


@dataclass(frozen=True, kw_only=True)
class Chart:
    """A kind of chart.

    Attributes:
        name: As messages have it, such as `a bar chart`.
        draw: Draws the series on the panel's axes, and returns the legend's entries.
        takes: The fields of a request that mean something to it, besides those of every kind.
        x: What x is: numbers, dates or categories; always categories; nothing; or the columns of
            a table's cells.
        merges: Whether rows of one category become one value.
        ascends: Whether it leads from one x to the next.
        whole: Whether each series has a value, or a gap, at every x that another has.
        is_round: Whether it has no axes and one series, of shares.
        is_bare: Whether nothing stands around it.
        stands: Whether its marks stand on zero, so that the axis of values begins there.
        grids: Whether lines go across at the ticks of x, and at those of the values.
        lies: Tells whether x goes up instead of across.
        marks: Counts what is drawn.
        most: Marks at most, by the time that matplotlib takes for them.
    """

    name: str
    draw: Callable[[Panel], Keys]
    takes: frozenset[str] = frozenset()
    x: Literal["any", "category", "none", "cells"] = "any"
    merges: bool = True
    ascends: bool = False
    whole: bool = False
    is_round: bool = False
    is_bare: bool = False
    stands: bool = False
    grids: tuple[bool, bool] = (False, True)
    lies: Callable[[ChartSpec, ChartData], bool] = lambda spec, data: False
    marks: Callable[[ChartSpec, ChartData], int] = count_values
    most: int = 1_000_000


FRAME = frozenset({"legend", "x_axis", "y_axis", "lines", "notes", "labels"})
"""Fields of kinds that have axes."""

ROWS = frozenset({"x", "y2", "group_by", "aggregate", "resample", "sort", "top", "y2_axis"})
"""Fields of kinds whose rows have a place along x."""
