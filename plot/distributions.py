"""Box plots and violin plots."""

from collections.abc import Iterator

import numpy as np
from chartdata import ChartData
from chartspec import ChartSpec
from framing import along_scale, names_of, value_scales
from marks import Dots, Fill, Floats, Layer, Mark, Stroke, rectangles, segments
from panel import Key, Panel, View
from themes import Look, Theme, looks, mix

GROUP = 0.72
"""Width of the boxes of one category, of which each has 1."""

WHISKERS = 1.5
"""Widths of a box that its whiskers reach at most (Tukey)."""

GRID = 96
"""Places at which a violin's width is known."""

BINS = 512
"""Bins that samples are counted in before their density is smoothed."""


def panel(spec: ChartSpec, data: ChartData, theme: Theme, dense: bool) -> Panel:
    """Describe a chart of how values are spread.

    Args:
        spec: Of a box plot or a violin plot.
        data: Samples by category.
        theme: Of colours.
        dense: Whether an SVG or PDF has the marks as pixels.
    """
    values, second = value_scales(spec, data, [one.y for one in data.series])
    names = names_of(data)
    styles = looks(spec, theme, names)
    # Where each column is a category of its own the axis already names it.
    spread = len(data.series) > 1 and any(len(set(one.x.tolist())) > 1 for one in data.series)
    keys = [
        Key(name=name, look=look, form="fill") for name, look in zip(names, styles, strict=True)
    ]
    slots = len(data.series) if spread else 1
    tell = spread or bool(spec.colors)

    def paint(view: View) -> list[Layer]:
        marks: list[Mark] = []
        for at, (one, look) in enumerate(zip(data.series, styles, strict=True)):
            for category, sample in _samples(one.x, one.y):
                middle = category + ((at + 0.5) / slots - 0.5) * GROUP if spread else category
                half = 0.42 * GROUP / slots
                shown = look if tell else styles[0]
                draw = _box if spec.kind == "box" else _violin
                marks += draw(view, middle, half, sample, shown, theme)
        return [Layer(marks=marks, clip=view.box, dense=dense)]

    return Panel(
        paint=paint,
        along=along_scale(spec, data),
        values=values,
        second=second,
        keys=keys if spread else (),
    )


def _samples(x: Floats, y: Floats) -> Iterator[tuple[float, Floats]]:
    known = ~np.isnan(y)
    x, y = x[known], y[known]
    for category in np.unique(x).tolist():
        yield category, np.sort(y[x == category])


def _box(
    view: View, middle: float, half: float, sample: Floats, look: Look, theme: Theme
) -> Iterator[Mark]:
    """Draw quartiles, the median, whiskers within 1.5 times the box, and what lies beyond."""
    low, median, high = np.quantile(sample, (0.25, 0.5, 0.75)).tolist()
    reach = WHISKERS * (high - low)
    inside = sample[(sample >= low - reach) & (sample <= high + reach)]
    first, last = float(inside[0]), float(inside[-1])
    beyond = sample[(sample < low - reach) | (sample > high + reach)]
    places = np.array([middle, middle, middle - half / 2, middle + half / 2])
    stems = view.points(
        np.array([middle, middle, middle, middle]), np.array([first, low, high, last])
    )
    caps = view.points(
        np.concatenate((places[2:], places[2:])), np.array([first, first, last, last])
    )
    lines = segments(
        np.concatenate((stems[0::2], caps[0::2])), np.concatenate((stems[1::2], caps[1::2]))
    )
    yield Stroke(points=lines, color=look.color, width=1.5)
    corners = view.points(np.array([middle - half, middle + half]), np.array([high, low]))
    (left, top), (right, bottom) = corners
    shape = rectangles(np.array([left]), np.array([top]), np.array([right]), np.array([bottom]))
    inner = mix(look.color, theme.panel, 0.65)
    yield Fill(shapes=list(shape), color=inner, edge=look.color, width=1.6)
    ends = view.points(np.array([middle - half, middle + half]), np.array([median, median]))
    yield Stroke(points=ends, color=look.color, width=2.6)
    if len(beyond):
        points = view.points(np.full(len(beyond), middle), beyond)
        yield Dots(points=points, shape="o", size=5, color=look.color, opacity=0.6)


def _violin(
    view: View, middle: float, half: float, sample: Floats, look: Look, theme: Theme
) -> Iterator[Mark]:
    """Draw the density, mirrored, with the quartiles and the median."""
    axis = view.values
    along = np.log10(sample) if axis is not None and axis.log else sample
    places, width = density(along)
    values = 10.0**places if axis is not None and axis.log else places
    right = view.points(middle + half * width, values)
    left = view.points(middle - half * width, values)
    shape = np.concatenate((right, left[::-1]))
    inner = mix(look.color, theme.panel, 0.55)
    yield Fill(shapes=[shape], color=inner, edge=look.color, width=1.4)
    low, median, high = np.quantile(sample, (0.25, 0.5, 0.75)).tolist()
    bar = view.points(np.array([middle, middle]), np.array([low, high]))
    yield Stroke(points=bar, color=look.color, width=5)
    (place,) = view.points(np.array([middle]), np.array([median]))
    yield Dots(points=place[None], shape="o", size=6, color=theme.panel, edge=look.color)


def density(sample: Floats) -> tuple[Floats, Floats]:
    """Estimate how densely values lie: a Gaussian kernel, as wide as Silverman's rule has it.

    The values are counted in fine bins first, so that a million costs no more than a thousand.

    Args:
        sample: Ascending values, one at least.

    Returns:
        Places from the lowest value to the highest, and the density there, 1 at its largest.
    """
    low, high = float(sample[0]), float(sample[-1])
    if not high - low > 1e-9 * max(abs(low), abs(high), 1e-290):
        return np.array([low, high]), np.array([1.0, 1.0])
    shares = (sample - low) / (high - low)
    spread = min(float(shares.std()), float(np.subtract(*np.quantile(shares, (0.75, 0.25)))) / 1.34)
    kernel = max(0.9 * (spread or float(shares.std())) * len(sample) ** -0.2, 1 / BINS)
    counts, edges = np.histogram(shares, BINS, (0.0, 1.0))
    middles = (edges[:-1] + edges[1:]) / 2
    grid: Floats = np.linspace(0, 1, GRID, dtype=np.float64)
    weights = np.exp(-0.5 * ((grid[:, None] - middles) / kernel) ** 2)
    dense = weights @ counts
    return low + grid * (high - low), dense / dense.max()
