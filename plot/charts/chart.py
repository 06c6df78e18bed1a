"""What a kind of chart is, the panel it is drawn on, and what several kinds draw alike."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias

import budgets
import numpy as np
from captions import clean
from chartspec import Axis, ChartSpec
from matplotlib.axes import Axes
from matplotlib.figure import SubFigure
from series import ChartData, Floats, Series
from themes import Look, Theme
from ticks import LETTER, mark, text_of


@dataclass(frozen=True, kw_only=True)
class Panel:
    """A chart's place.

    Attributes:
        spec: The request.
        data: What the chart shows.
        theme: Of colours.
        looks: Of the series, in their order.
        figure: What has all of it but the title.
        axes: Of the values.
        second: The second axis of values, which has the same x.
        lying: Whether x goes up instead of across.
        size: Of small text, in points.
    """

    spec: ChartSpec
    data: ChartData
    theme: Theme
    looks: list[Look]
    figure: SubFigure
    axes: Axes
    second: Axes | None
    lying: bool
    size: float

    def series(self) -> Iterator[tuple[Series, Look, Axes, str]]:
        """Return each series with its look, its axes and its name."""
        for one, look in zip(self.data.series, self.looks, strict=True):
            yield one, look, self.axes_of(one.second), clean(one.name)

    def axes_of(self, is_second: bool) -> Axes:
        """Return the first axes, or the second."""
        return self.second if is_second and self.second is not None else self.axes

    def axis_of(self, is_second: bool) -> Axis:
        """Return what the request says of an axis of values."""
        return self.spec.y2_axis if is_second else self.spec.y_axis

    @property
    def room(self) -> tuple[int, int]:
        """The pixels of the image, as they were asked for."""
        return self.spec.width, self.spec.height

    def is_dense(self, points: int) -> bool:
        """Tell whether so many points become pixels inside of an SVG or PDF."""
        return points > budgets.SHAPES

    def add_ramp(self, colored: Any, title: str) -> None:
        """Draw the bar that tells which colour is which number."""
        bar = self.figure.colorbar(colored, ax=self.axes, aspect=35, pad=0.015, fraction=0.05)
        bar.ax.spines[:].set_visible(False)
        bar.ax.grid(visible=False)
        axis = self.spec.y_axis if self.data.rows else Axis()
        mark(bar.ax.yaxis, axis, self.room, self.size)
        bar.ax.set_title(clean(title), fontsize=self.size, color=self.theme.soft, loc="left")


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


def stacked(panel: Panel, series: list[Series]) -> list[tuple[Floats, Floats]]:
    """Return where each series' values begin and how high they are.

    Values below zero hang below it. With `percent` all values of a place are 100 together. Series
    of the second axis have a stack of their own.
    """
    found = []
    ends: dict[bool, list[Floats]] = {}
    heights = [np.nan_to_num(one.y) for one in series]
    for one, height in zip(series, heights, strict=True):
        if panel.spec.stacked == "percent":
            all_ = [abs(h) for o, h in zip(series, heights, strict=True) if o.second == one.second]
            total = np.sum(all_, axis=0)
            height = 100 * np.divide(height, total, out=np.zeros_like(height), where=total > 0)
        above, below = ends.setdefault(one.second, [np.zeros_like(height), np.zeros_like(height)])
        found.append((np.where(height < 0, below, above), height))
        ends[one.second] = [above + np.maximum(height, 0), below + np.minimum(height, 0)]
    return found


MOST = 200
"""Values that are written at most: more cannot be told apart."""


def write_values(panel: Panel) -> None:
    """Write values above their points, or below where a line rises on both sides."""
    if not panel.spec.labels:
        return
    count = 0
    for one, look, axes, _ in panel.series():
        around = np.concatenate(([np.nan], one.y, [np.nan]))
        valleys = (one.y < around[:-2]) & (one.y < around[2:])
        for x, y, is_valley in zip(one.x, one.y, valleys, strict=True):
            if np.isfinite(y) and count < MOST:
                count += 1
                axes.annotate(
                    text_of(y, panel.axis_of(one.second), 4),
                    (x, y),
                    xytext=(0, -4 if is_valley else 4),
                    textcoords="offset points",
                    ha="center",
                    va="top" if is_valley else "bottom",
                    color=look.color,
                    fontsize=panel.size,
                    annotation_clip=True,
                )


def room_for(panel: Panel, texts: list[str], across: float) -> bool:
    """Tell whether texts fit side by side into so many pixels each."""
    return max(map(len, texts), default=0) * LETTER * panel.size / 0.75 <= across
