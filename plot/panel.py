"""What a kind of chart says of itself, and the place that it gets to draw in."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias

import numpy as np
from chartspec import Axis, ChartSpec
from marks import Box, Floats, Layer
from scales import Scale
from themes import Look, Theme


@dataclass(frozen=True, kw_only=True)
class Sizes:
    """Sizes of type and of what goes with it, in pixels.

    Attributes:
        title: Of the title.
        text: Of the axes' titles and of the legend.
        small: Of ticks and values.
        margin: Between what is drawn and the edge of the image.
    """

    title: float
    text: float
    small: float
    margin: float


def sizes_of(spec: ChartSpec) -> Sizes:
    """Return the sizes for an image: smaller ones where it is as small as a phone's, or smaller."""
    share = max(0.62, min(1.0, spec.width / 440, spec.height / 290))
    margin = min(18.0 * share, 0.04 * min(spec.width, spec.height) + 4)
    return Sizes(title=19 * share**1.4, text=13 * share, small=12 * share, margin=margin)


@dataclass(frozen=True, kw_only=True)
class View:
    """Where values are in the image.

    Attributes:
        box: What the axes enclose.
        along: The axis of the x column, if there is one.
        values: The axis of the values, if there is one.
        second: The second axis of the values, if there is one.
        lying: Whether `along` goes down instead of across.
        sizes: Of type.
        theme: Of colours.
    """

    box: Box
    along: Scale | None
    values: Scale | None
    second: Scale | None
    lying: bool
    sizes: Sizes
    theme: Theme

    def x(self, shares: Floats) -> Floats:
        """Return the pixels of shares of the box's width."""
        return self.box.left + shares * self.box.width

    def y(self, shares: Floats) -> Floats:
        """Return the pixels of shares of the box's height, counted upwards."""
        return self.box.bottom - shares * self.box.height

    def points(self, along: Floats, values: Floats, second: bool = False) -> Floats:
        """Place pairs of values.

        Args:
            along: On the axis of the x column.
            values: On an axis of values, as many.
            second: Whether on the second one.

        Returns:
            (pairs, 2), in pixels.
        """
        axis = self.second if second and self.second is not None else self.values
        if self.along is None or axis is None:
            raise TypeError("a chart without axes has no place for values")
        one, other = self.along.fractions(along), axis.fractions(values)
        if self.lying:
            one, other = other, one
        return np.stack(np.broadcast_arrays(self.x(one), self.y(other)), axis=-1)


Form: TypeAlias = Literal["line", "fill", "dot", "line and dot"]


@dataclass(frozen=True, kw_only=True)
class Key:
    """An entry of the legend.

    Attributes:
        name: Of the series.
        look: Of its marks.
        form: What they are like.
    """

    name: str
    look: Look
    form: Form


@dataclass(frozen=True, kw_only=True)
class Ramp:
    """A colour bar.

    Attributes:
        low: What the first colour stands for.
        high: What the last colour stands for.
        colors: From low to high.
        title: What the numbers are.
        axis: How they are written.
    """

    low: float
    high: float
    colors: Sequence[str]
    title: str
    axis: Axis


@dataclass(frozen=True, kw_only=True)
class Panel:
    """A chart, before it has its place.

    Attributes:
        paint: Draws the marks.
        along: The axis of the x column, if there is one.
        values: The axis of the values, if there is one.
        second: The second axis of the values, if there is one.
        lying: Whether `along` goes down instead of across.
        grids: Whether `along` and `values` each have lines across.
        keys: The legend, where there is more than one series.
        ramp: The colour bar, if there is one.
        bare: Whether there is nothing around the marks, no axes and no title.
    """

    paint: Callable[[View], Sequence[Layer]]
    along: Scale | None = None
    values: Scale | None = None
    second: Scale | None = None
    lying: bool = False
    grids: tuple[bool, bool] = (False, True)
    keys: Sequence[Key] = ()
    ramp: Ramp | None = None
    bare: bool = False
