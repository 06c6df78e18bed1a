"""Where a chart is drawn: matplotlib's axes, and how series and numbers look on them."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import budgets
from captions import clean
from chartspec import Axis, ChartSpec
from matplotlib.axes import Axes
from matplotlib.figure import SubFigure
from series import ChartData, Series
from themes import Look, Theme
from ticks import mark


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
