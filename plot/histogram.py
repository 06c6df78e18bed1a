"""Histograms."""

import math

import numpy as np
import scales
import ticks
from chartdata import ChartData, position
from chartspec import ChartSpec
from framing import names_of, title_of, value_scale
from labelling import texts_beside
from marks import Fill, Floats, Layer, Mark, Stroke, rectangles
from panel import Key, Panel, View
from scales import Scale
from series import Series
from themes import Theme, looks

MOST = 60
"""Bins at most where the request names no number."""

FEW = 20
"""The range of whole numbers up to which each has its bin."""


def panel(spec: ChartSpec, data: ChartData, theme: Theme, dense: bool) -> Panel:
    """Describe a histogram: each series' values counted in bins that all series share.

    Args:
        spec: The request.
        data: Samples.
        theme: Of colours.
        dense: Whether an SVG or PDF has the bins as pixels.
    """
    samples = [one.y[~np.isnan(one.y)] for one in data.series]
    edges = bin_edges(samples, spec.bins, spec.x_axis.log)
    counts = [np.histogram(sample, edges)[0].astype(np.float64) for sample in samples]
    names = names_of(data)
    styles = looks(spec, theme, names)
    sole = names[0] if len(names) == 1 else ""
    title = title_of(spec.y_axis, "count")
    values = value_scale(spec.y_axis, title, counts, floor=0.0, whole=True)
    fixed = tuple(
        None if bound is None else position(spec, data, bound, f"$.x_axis.{name}")
        for name, bound in (("min", spec.x_axis.min), ("max", spec.x_axis.max))
    )
    first, last = float(edges[0]), float(edges[-1])
    low, high = scales.ends(spec.x_axis, first, last, fixed=(fixed[0], fixed[1]), margin=0.02)
    along = Scale(
        axis=spec.x_axis,
        title=title_of(spec.x_axis, sole),
        low=low,
        high=high,
        log=spec.x_axis.log,
    )
    several = len(samples) > 1
    keys = [
        Key(name=name, look=look, form="fill") for name, look in zip(names, styles, strict=True)
    ]

    def paint(view: View) -> list[Layer]:
        marks: list[Mark] = []
        base = values.low if values.log else 0.0
        for count, look in zip(counts, styles, strict=True):
            height = np.maximum(count, base)
            low_left = view.points(edges[:-1], np.full(len(count), base))
            high_right = view.points(edges[1:], height)
            left, right = low_left[:, 0], high_right[:, 0]
            if float(np.diff(left).min(initial=9.0)) > 4 and not several:
                left, right = np.round(left) + 0.5, np.round(right) - 0.5
            shapes = rectangles(left, high_right[:, 1], right, low_left[:, 1])[count > 0]
            if not several:
                marks.append(Fill(shapes=list(shapes), color=look.color))
                continue
            outline = np.stack((low_left, high_right), axis=1)
            outline[:, 0, 1] = high_right[:, 1]
            path = np.concatenate((low_left[:1], outline.reshape(-1, 2)))
            path = np.concatenate((path, [(high_right[-1, 0], low_left[-1, 1])]))
            marks.append(Fill(shapes=[path], color=look.color, opacity=0.3))
            marks.append(Stroke(points=path, color=look.color, width=1.8, dash=look.dash))
        layers = [Layer(marks=marks, clip=view.box, dense=dense)]
        if spec.labels and not several:
            middles = (edges[:-1] + edges[1:]) / 2
            kept = counts[0] > 0
            bars = Series(name="", x=middles[kept], y=counts[0][kept])
            words = texts_beside(view, spec, [(bars, theme.ink)])
            layers.append(Layer(marks=words))
        return layers

    return Panel(paint=paint, along=along, values=values, keys=keys)


def bin_edges(samples: list[Floats], bins: int | None, log: bool = False) -> Floats:
    """Divide the range of all values into bins.

    Args:
        samples: The values of each series, at least one number, no gaps.
        bins: So many, of equal width, from the lowest value to the highest. Without, about as
            many as the Rice rule has (twice the cube root of the number of values, at most
            `MOST`), with edges at round numbers; one for each, where there are few whole numbers.
        log: Whether widths are equal on a logarithmic axis.

    Returns:
        The edges, ascending. A bin has its lower edge, and the last one its upper edge too.
    """
    values = np.concatenate(samples)
    low, high = float(values.min()), float(values.max())
    size = max(abs(low), abs(high))
    rice = min(MOST, max(4, math.ceil(2 * max(len(sample) for sample in samples) ** (1 / 3))))
    if log:
        ends = (math.log10(low), math.log10(high))
        if ends[1] - ends[0] < 1e-6:
            ends = (ends[0] - 0.1, ends[1] + 0.1)
        edges: Floats = np.logspace(*ends, (bins or rice) + 1, dtype=np.float64)
        edges[0], edges[-1] = min(edges[0], low), max(edges[-1], high)
        return edges
    if high - low <= 1e-9 * size:  # too narrow to divide
        margin = 0.1 * size or 0.5
        low, high = low - margin, high + margin
    if bins is not None:
        return np.linspace(low, high, bins + 1, dtype=np.float64)
    if high - low <= FEW and bool((values == np.round(values)).all()):
        return np.arange(math.ceil(low), math.floor(high) + 2, dtype=np.float64) - 0.5
    step = ticks.round_step((high - low) / rice)
    first, last = math.floor(low / step), math.floor(high / step) + 1
    first -= first * step > low  # a quotient that is nearly nothing is none
    return np.arange(first, last + 1, dtype=np.float64) * step
