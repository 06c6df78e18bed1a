"""What a chart shows, the panel it is drawn on, what a kind of chart is, and what kinds share."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias

import budgets
import numpy as np
import numpy.typing as npt
from captions import clean, first_of, number, quoted
from chartspec import Axis, Bound, ChartSpec
from columns import read_date
from matplotlib import rcParams
from matplotlib.axes import Axes
from matplotlib.figure import SubFigure
from problems import refusal
from themes import Look
from ticks import letter, mark, text_of

Floats: TypeAlias = npt.NDArray[np.floating[Any]]


@dataclass(frozen=True, kw_only=True)
class Series:
    """Values that belong together, in one colour."""

    name: str  # the column's, or the group's
    x: Floats  # positions on the x axis, as many as y
    y: Floats  # NaN for a gap
    second: bool = False  # of the second axis of values
    error: Floats | None = None  # how far the values may be off, either way
    size: Floats | None = None  # of points
    color: Floats | None = None  # of points: numbers, or numbers of `color_labels`


@dataclass(frozen=True, kw_only=True)
class ChartData:
    """What a chart shows.

    A position on the x axis is a number, days since 1970-01-01 UTC, or a category's number from 0.
    """

    series: tuple[Series, ...]
    x_type: Literal["number", "date", "category"]
    x_name: str = ""  # empty where x is the row's number
    labels: tuple[str, ...] = ()  # of the categories
    ordered: bool = False  # the categories' order has a meaning: they are numbers or dates
    rows: tuple[str, ...] = ()  # of a heatmap: series i is row i
    color_labels: tuple[str, ...] | None = None  # what colours stand for, where they are text
    sent: int = 0  # rows of the request
    left_out: tuple[str, ...] = ()  # of columns that look like numbers: why they are not drawn

    def position(self, bound: Bound, path: str) -> float:
        """Return where along the x axis a number, a date or a category stands, or refuse it."""
        text = quoted(bound) if isinstance(bound, str) else number(bound)
        if self.x_type == "category":
            name = clean(bound) if isinstance(bound, str) else text
            if name in self.labels:
                return float(self.labels.index(name))
            known = first_of(list(self.labels))
            raise refusal(path, f"Expected one of the categories {known}, got {quoted(name)}")
        if self.x_type == "date":
            days = read_date(bound) if isinstance(bound, str) else None
            if days is None:
                raise refusal(path, f"Expected an ISO 8601 date, as x has, got {text}")
            return days
        if isinstance(bound, str):
            raise refusal(path, f"Expected a number, as x has, got {text}")
        return bound


Keys: TypeAlias = Sequence[tuple[Any, str]]
"""What the legend shows: artists and their names."""


@dataclass(frozen=True)
class Panel:
    """A chart's place. Its colours and sizes are matplotlib's rcParams."""

    spec: ChartSpec
    data: ChartData
    looks: list[Look]  # of the series
    figure: SubFigure  # all but the title
    axes: Axes
    second: Axes | None  # for values of another scale
    lying: bool  # x goes up instead of across

    def series(self) -> Iterator[tuple[Series, Look, Axes, str]]:
        """Return each series with its look, its axes and its name."""
        for one, look in zip(self.data.series, self.looks, strict=True):
            yield one, look, self.axes_of(one.second), clean(one.name)

    def axes_of(self, is_second: bool) -> Axes:
        """Return the first axes, or the second."""
        return self.second if is_second and self.second is not None else self.axes

    def axis_of(self, one: Series) -> Axis:
        """Return what the request says of the axis of a series' values."""
        return self.spec.y2_axis if one.second else self.spec.y_axis

    @property
    def paper(self) -> str:
        """The colour behind the marks."""
        return str(rcParams["axes.facecolor"])

    @property
    def ink(self) -> str:
        """The colour of text."""
        return str(rcParams["text.color"])

    def is_dense(self, points: int) -> bool:
        """Tell whether so many points become pixels inside of an SVG or PDF."""
        return points > budgets.SHAPES

    def add_ramp(self, colored: Any, title: str) -> None:
        """Draw the bar that tells which colour is which number."""
        bar = self.figure.colorbar(colored, ax=self.axes, aspect=35, pad=0.015, fraction=0.05)
        bar.ax.spines[:].set_visible(False)
        bar.ax.grid(visible=False)
        mark(bar.ax.yaxis, self.spec.y_axis if self.data.rows else Axis(), self.spec)
        color = rcParams["axes.labelcolor"]
        bar.ax.set_title(clean(title), fontsize="medium", color=color, loc="left")


def count_values(spec: ChartSpec, data: ChartData) -> int:
    """Count the marks of a chart that has one for each value."""
    return sum(int(np.isfinite(one.y).sum()) for one in data.series)


@dataclass(frozen=True, kw_only=True)
class Chart:
    """A kind of chart."""

    name: str  # as messages have it, such as "a bar chart"
    draw: Callable[[Panel], Keys]  # draws the series, and returns the legend's entries
    takes: frozenset[str] = frozenset()  # fields that mean something to it, not to every kind
    x: Literal["any", "category", "none", "cells"] = "any"
    merges: bool = True  # rows of one category become one value
    ascends: bool = False  # it leads from one x to the next
    whole: bool = False  # each series has a value, or a gap, at every x that another has
    is_round: bool = False  # no axes, and one series of shares
    is_bare: bool = False  # nothing stands around it
    grids: tuple[bool, bool] = (False, True)  # lines at the ticks of x, and at those of the values
    lies: Callable[[ChartSpec, ChartData], bool] = lambda spec, data: False  # x goes up
    marks: Callable[[ChartSpec, ChartData], int] = count_values
    most: int = 1_000_000  # marks, by the time that matplotlib takes for them


FRAME = frozenset({"legend", "x_axis", "y_axis", "lines", "notes", "labels"})
"""Fields of kinds that have axes."""

ROWS = frozenset({"x", "y2", "group_by", "aggregate", "resample", "sort", "top", "y2_axis"})
"""Fields of kinds whose rows have a place along x."""


def stacked(panel: Panel, series: list[Series]) -> list[tuple[Floats, Floats]]:
    """Return where each series' values begin and how high they are.

    Values below zero hang below it. With `percent` all values of a place are 100 together. Series
    of the second axis have a stack of their own.
    """
    spans: list[tuple[Floats, Floats]] = []
    values = np.nan_to_num([one.y for one in series])
    owners = np.array([one.second for one in series], dtype=bool)
    for at, height in enumerate(values):
        own, before = (part[owners[: len(part)] == owners[at]] for part in (values, values[:at]))
        start = np.where(height < 0, before.clip(max=0).sum(0), before.clip(min=0).sum(0))
        total = abs(own).sum(0)
        share = 1.0
        if panel.spec.stacked == "percent":
            share = np.divide(100.0, total, out=np.zeros_like(total), where=total > 0)
        spans.append((start * share, height * share))
    return spans


MOST = 200
"""Values that are written: more cannot be told apart."""


def write_values(panel: Panel) -> None:
    """Write values above their points, where it is asked for."""
    places = [
        (one, at, look.color, axes)
        for one, look, axes, _ in (panel.series() if panel.spec.labels else ())
        for at in np.flatnonzero(np.isfinite(one.y))[:MOST]
    ]
    for one, at, color, axes in places[:MOST]:
        axes.annotate(
            text_of(one.y[at], panel.axis_of(one), 4),
            (one.x[at], one.y[at]),
            (0, 4),
            textcoords="offset points",
            ha="center",
            color=color,
            annotation_clip=True,
        )


def fits(texts: list[str], across: float) -> bool:
    """Tell whether texts fit next to each other into so many pixels each."""
    return max(map(len, texts), default=0) * letter() <= across
