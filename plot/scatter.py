"""Scatter charts: points of one size and colour, or of sizes and colours that say something."""

import math
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
from captions import clean
from chartdata import ChartData, Series
from chartspec import Axis, ChartSpec
from framing import along_scale, names_of, value_scales
from labelling import texts_beside
from marks import Dots, Floats, Ints, Layer, Mark
from panel import Key, Panel, Ramp, View
from themes import Look, Theme, looks, shades

SHADES = 48
"""Colours that numbers are told apart by."""

SIZES = (5.0, 30.0)
"""Pixels across the smallest and the largest of sized points."""

STEPS = 40
"""Sizes that are told apart."""


def panel(spec: ChartSpec, data: ChartData, theme: Theme, dense: bool) -> Panel:
    """Describe a scatter chart.

    Args:
        spec: The request.
        data: What it shows.
        theme: Of colours.
        dense: Whether an SVG or PDF has the points as pixels.
    """
    sized = any(one.size is not None for one in data.series)
    margin = 0.07 if sized else 0.04
    values, second = value_scales(spec, data, [one.y for one in data.series], margin=margin)
    names = names_of(data)
    styles = looks(spec, theme, names)
    keys = [Key(name=n, look=look, form="dot") for n, look in zip(names, styles, strict=True)]
    ramp = None
    palette = [look.color for look in styles]
    by_color = any(one.color is not None for one in data.series)
    if by_color and data.color_labels is not None:
        groups = [clean(label) or "(no name)" for label in data.color_labels]
        group_looks = looks(spec, theme, groups)
        palette = [look.color for look in group_looks]
        keys = [
            Key(name=n, look=look, form="dot") for n, look in zip(groups, group_looks, strict=True)
        ]
    elif by_color:
        ramp = _ramp(data, theme)
        palette = list(ramp.colors)
    crowd = math.log10(max(10, sum(len(one.y) for one in data.series))) - 1
    size, opacity = max(1.8, 9.0 - 1.75 * crowd), max(0.35, 0.85 - 0.12 * crowd)

    def paint(view: View) -> list[Layer]:
        marks = [
            mark
            for one, look in zip(data.series, styles, strict=True)
            for mark in _dots(view, data, one, look, palette, ramp, size, opacity)
        ]
        layers = [Layer(marks=marks, clip=view.box, dense=dense)]
        if spec.labels:
            inks = [look.color if len(styles) > 1 else theme.ink for look in styles]
            words = texts_beside(view, spec, zip(data.series, inks, strict=True))
            layers.append(Layer(marks=words))
        return layers

    return Panel(
        paint=paint,
        along=along_scale(spec, data, margin=margin),
        values=values,
        second=second,
        grids=(data.x_type != "category", True),
        keys=keys,
        ramp=ramp,
    )


def _ramp(data: ChartData, theme: Theme) -> Ramp:
    colors = np.concatenate([one.color for one in data.series if one.color is not None])
    known = colors[np.isfinite(colors)]
    low, high = (float(known.min()), float(known.max())) if len(known) else (0.0, 0.0)
    # What is nearly the background's colour would not be seen.
    stops = shades(theme.ramp, SHADES + 8)
    return Ramp(low=low, high=high, colors=stops[8:], title=clean(data.color_name), axis=Axis())


def _dots(
    view: View,
    data: ChartData,
    one: Series,
    look: Look,
    palette: Sequence[str],
    ramp: Ramp | None,
    size: float,
    opacity: float,
) -> list[Mark]:
    points = view.points(one.x, one.y, one.second)
    if one.size is None and one.color is None:
        return [Dots(points=points, shape=look.shape, size=size, color=look.color, opacity=opacity)]
    # Few sizes and colours, and so few passes; the large ones first, which would hide the others.
    steps: Ints = np.zeros(len(points), dtype=np.int64)
    sizes: Floats = np.full(len(points), size)
    if one.size is not None:
        steps, sizes = _sizes(data, one.size, view)
        opacity = min(opacity, 0.7)
    colors: Ints = np.zeros(len(points), dtype=np.int64)
    known: npt.NDArray[np.bool_] = np.ones(len(points), dtype=np.bool_)
    if one.color is not None:
        known = np.isfinite(one.color)
        filled = np.where(known, one.color, 0)
        colors = _shade(filled, ramp) if ramp is not None else filled.astype(np.int64)
    kept = known & (sizes > 0) & np.isfinite(points).all(axis=1)
    group = (STEPS - steps) * len(palette) + colors
    marks: list[Mark] = []
    order = np.argsort(group[kept], kind="stable")
    sorted_group, indices = group[kept][order], np.flatnonzero(kept)[order]
    for part in np.split(indices, np.flatnonzero(np.diff(sorted_group)) + 1):
        if len(part):
            first = int(part[0])
            marks.append(
                Dots(
                    points=points[part],
                    shape=look.shape,
                    size=float(sizes[first]),
                    color=palette[int(colors[first])] if one.color is not None else look.color,
                    opacity=opacity,
                    edge=view.theme.panel if one.size is not None else None,
                )
            )
    return marks


def _shade(values: Floats, ramp: Ramp) -> Ints:
    span = ramp.high - ramp.low
    share = (values - ramp.low) / span if span > 0 else np.full_like(values, 0.5)
    return np.clip(share * len(ramp.colors), 0, len(ramp.colors) - 1).astype(np.int64)


def _sizes(data: ChartData, size: Floats, view: View) -> tuple[Ints, Floats]:
    """Return each point's step and pixels: its area, not its width, grows with the number."""
    everything = np.concatenate([one.size for one in data.series if one.size is not None])
    most = float(np.nanmax(np.abs(everything))) if np.isfinite(everything).any() else 0.0
    smallest, largest = SIZES
    largest = max(smallest + 1, min(largest, 0.09 * min(view.box.width, view.box.height)))
    share = np.abs(np.nan_to_num(size)) / most if most > 0 else np.zeros_like(size)
    steps = np.round(np.sqrt(share) * STEPS).astype(np.int64)
    pixels = smallest + (largest - smallest) * steps / STEPS
    return steps, np.where(np.isnan(size), 0.0, pixels)
