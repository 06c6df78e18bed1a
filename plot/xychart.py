"""Charts that lead from one x to the next: lines, areas, steps, error bars and sparklines."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import thinning
from chartdata import ChartData, Series
from chartspec import ChartSpec
from framing import along_scale, names_of, value_scales
from labelling import texts_beside
from marks import Dots, Fill, Floats, Ints, Layer, Mark, Stroke, segments
from panel import Form, Key, Panel, View
from themes import Look, Theme, looks

FEW = 40
"""Points up to which a line shows each."""

SIZE = 6.5
"""Pixels across a line's points."""


def panel(spec: ChartSpec, data: ChartData, theme: Theme, dense: bool) -> Panel:
    """Describe a chart of lines.

    Args:
        spec: Of a line, area, step, errorbar or sparkline chart.
        data: What it shows.
        theme: Of colours.
        dense: Whether an SVG or PDF has the marks as pixels.
    """
    stacked = spec.kind == "area" and spec.stacked is not False and not spec.y_axis.log
    bands = _bands(data.series, stacked) if spec.kind == "area" else []
    ends = [edge for band in bands for edge in (band.low, band.high)] or [
        _reach(one) for one in data.series
    ]
    floor = 0.0 if spec.kind == "area" else None
    values, second = value_scales(spec, data, ends, floor=floor, doubled=bool(bands))
    styles = looks(spec, theme, names_of(data))
    form: Form = "fill" if spec.kind == "area" and stacked else "line"
    if spec.kind == "errorbar":
        form = "line and dot"
    keys = [
        Key(name=name, look=style, form=form)
        for name, style in zip(names_of(data), styles, strict=True)
    ]

    def paint(view: View) -> list[Layer]:
        if spec.kind == "area":
            marks = _areas(view, data, bands, styles, stacked, _scale(spec))
        else:
            marks = [
                mark
                for one, style in zip(data.series, styles, strict=True)
                for mark in _line(spec, view, one, style, len(data.series))
            ]
        # A line along the edge is not cut in half.
        box = view.box._replace(top=view.box.top - 3, bottom=view.box.bottom + 3)
        if spec.kind == "sparkline":
            box = box._replace(right=box.right + 6)
        layers = [Layer(marks=marks, clip=box, dense=dense)]
        if spec.labels:
            inks = [look.color if len(styles) > 1 else theme.ink for look in styles]
            words = texts_beside(view, spec, zip(data.series, inks, strict=True))
            layers.append(Layer(marks=words))
        return layers

    along = along_scale(spec, data, margin=0.0 if spec.kind in ("area", "sparkline") else 0.02)
    return Panel(
        paint=paint,
        along=along,
        values=values,
        second=second,
        keys=keys,
        bare=spec.kind == "sparkline",
    )


def _line(spec: ChartSpec, view: View, one: Series, style: Look, several: int) -> Sequence[Mark]:
    kept = thinning.kept(thinning.columns(view, one.x, _scale(spec), several), one.y)
    y = one.y[kept]
    points = view.points(one.x[kept], y, one.second)
    marks: list[Mark] = []
    width = view.theme.line_width
    if spec.kind == "sparkline":
        width = min(width, max(1.2, view.box.height / 16))
    path = _stairs(points, kept) if spec.kind == "step" else points
    marks.append(Stroke(points=path, color=style.color, width=width, dash=style.dash))
    if spec.kind == "errorbar" and one.error is not None:
        marks.append(_whiskers(view, one, style))
    if spec.kind == "sparkline":
        known = points[np.isfinite(points).all(axis=1)]
        size = min(2.6 * width, view.box.height / 4)
        marks.append(Dots(points=known[-1:], shape="o", size=size, color=style.color))
    elif shown := _shown(spec, y):
        marks.append(Dots(points=points[shown], shape=style.shape, size=SIZE, color=style.color))
    return marks


def _shown(spec: ChartSpec, y: Floats) -> list[int]:
    """Choose the points that are marked: each of few, and those that stand between gaps."""
    known = np.concatenate(([False], ~np.isnan(y), [False]))
    lonely = known[1:-1] & ~known[:-2] & ~known[2:]
    each = spec.kind == "errorbar" or (spec.kind == "line" and len(y) <= FEW)
    shown: list[int] = np.flatnonzero(known[1:-1] if each else lonely).tolist()
    return shown


def _scale(spec: ChartSpec) -> float:
    """Return the pixels that lines are reduced for, in each of a chart's own."""
    return 1.0 if spec.is_vector else spec.scale


def _stairs(points: Floats, places: Ints) -> Floats:
    """Hold each value until the next one; where some are left out between two, lead there straight.

    What is left out stands in one column of pixels, where its stairs would be too small to see and
    one stair instead of them would not.
    """
    held = np.diff(places) == 1
    between = np.column_stack((np.where(held, points[1:, 0], points[:-1, 0]), points[:-1, 1]))
    path = np.empty((2 * len(points) - 1, 2))
    path[0::2], path[1::2] = points, between
    return path


def _whiskers(view: View, one: Series, style: Look) -> Stroke:
    """Draw how far values may be off, with a bar across each end."""
    error = np.nan_to_num(one.error if one.error is not None else 0.0)
    low, high = one.y - error, one.y + error
    axis = view.second if one.second else view.values
    if axis is not None and axis.log:
        low = np.maximum(low, axis.low)
    bottom, top = view.points(one.x, low, one.second), view.points(one.x, high, one.second)
    cap = np.array([4.0, 0.0])
    starts = np.concatenate((bottom, bottom - cap, top - cap))
    ends = np.concatenate((top, bottom + cap, top + cap))
    return Stroke(points=segments(starts, ends), color=style.color, width=1.4)


@dataclass(frozen=True, kw_only=True)
class Band:
    """What an area lies between.

    Attributes:
        x: Where its edges are known, ascending.
        low: The lower edge, as many values.
        high: The upper edge, as many; NaN is a gap.
    """

    x: Floats
    low: Floats
    high: Floats


def _bands(series: Sequence[Series], stacked: bool) -> list[Band]:
    """Put each area on zero, or on top of those before it that share its axis."""
    if not stacked:
        return [Band(x=one.x, low=np.zeros_like(one.y), high=one.y) for one in series]
    bands: list[Band] = []
    for second in (False, True):
        group = [one for one in series if one.second == second]
        x = np.unique(np.concatenate([one.x for one in group])) if group else np.zeros(0)
        low = np.zeros(len(x))
        for one in group:
            known = ~np.isnan(one.y)
            high = low
            if known.any():
                inside = (x >= one.x[known][0]) & (x <= one.x[known][-1])
                high = low + np.where(inside, np.interp(x, one.x[known], one.y[known]), 0.0)
            bands.append(Band(x=x, low=low, high=high))
            low = high
    return bands


def _reach(one: Series) -> Floats:
    if one.error is None:
        return one.y
    error = np.nan_to_num(one.error)
    return np.concatenate((one.y - error, one.y + error))


def _areas(
    view: View,
    data: ChartData,
    bands: Sequence[Band],
    styles: Sequence[Look],
    stacked: bool,
    scale: float,
) -> list[Mark]:
    fills: list[Mark] = []
    lines: list[Mark] = []
    for one, band, style in zip(data.series, bands, styles, strict=True):
        column = thinning.columns(view, band.x, scale, 2 * len(bands))
        top, foot = (
            view.points(band.x[kept], edge[kept], one.second)
            for edge in (band.high, band.low)
            for kept in [thinning.kept(column, edge)]
        )
        if stacked:
            shapes = [np.concatenate((top, foot[::-1]))]
        else:
            shapes = [np.concatenate((piece, _floor(piece, view, one))) for piece in _pieces(top)]
        opacity = 1.0 if stacked else max(0.16, 0.4 - 0.06 * len(data.series))
        fills.append(Fill(shapes=shapes, color=style.color, opacity=opacity))
        width = 1.0 if stacked else view.theme.line_width
        color = view.theme.panel if stacked else style.color
        lines.append(Stroke(points=top, color=color, width=width))
    return [*fills, *lines]


def _floor(piece: Floats, view: View, one: Series) -> Floats:
    axis = view.second if one.second else view.values
    zero = axis.low if axis is not None and axis.log else 0.0
    foot = view.points(np.zeros(1), np.array([zero]), one.second)[0, 1]
    return np.array([(piece[-1, 0], foot), (piece[0, 0], foot)])


def _pieces(points: Floats) -> list[Floats]:
    known = np.isfinite(points).all(axis=1)
    starts = np.flatnonzero(np.diff(known, prepend=False, append=False))
    return [points[start:end] for start, end in zip(starts[0::2], starts[1::2], strict=True)]
