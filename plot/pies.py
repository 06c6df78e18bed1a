"""Pies and donuts."""

import math

import numpy as np
import ticks
import typeface
from captions import clean
from chartdata import ChartData
from chartspec import Axis, ChartSpec
from marks import Box, Fill, Floats, Layer, Mark, Words
from panel import Key, Panel, View
from themes import Theme, contrast, looks

HOLE = 0.6
"""Of a donut, in radii."""

LEAST = 0.035
"""Share from which a slice says how large it is."""


def panel(spec: ChartSpec, data: ChartData, theme: Theme, dense: bool) -> Panel:
    """Describe a pie or a donut: clockwise from the top, each slice a share of the sum.

    Args:
        spec: The request.
        data: One series, no value below 0.
        theme: Of colours.
        dense: Not used: slices are few.
    """
    (one,) = data.series
    values = np.nan_to_num(one.y)
    shares = values / values.max()  # first: a sum of large values need not overflow
    shares = shares / shares.sum()
    names = [clean(label) or "(no name)" for label in data.labels]
    styles = looks(spec, theme, names)
    keys = [
        Key(name=name, look=look, form="fill")
        for name, look, share in zip(names, styles, shares.tolist(), strict=True)
        if share > 0
    ]

    def paint(view: View) -> list[Layer]:
        box = _square(view.box)
        radius = box.width / 2
        middle = np.array([box.left + radius, box.top + radius])
        hole = HOLE * radius if spec.kind == "donut" else 0.0
        ends = np.concatenate(([0.0], np.cumsum(shares)))
        slices: list[Mark] = []
        words: list[Mark] = []
        edge = theme.paper or theme.panel
        several = np.count_nonzero(shares) > 1
        for at, share in enumerate(shares.tolist()):
            if share == 0:
                continue
            shape = middle + slice_of(float(ends[at]), float(ends[at + 1]), radius, hole)
            width = min(2.0, 0.02 * radius) if several else 0.0
            slices.append(
                Fill(
                    shapes=[shape],
                    color=styles[at].color,
                    edge=edge if several else None,
                    width=width,
                )
            )
            shows = share >= LEAST if spec.labels is None else spec.labels
            if shows:
                turn = math.pi * (ends[at] + ends[at + 1])
                away = (radius + hole) / 2 if hole else 0.66 * radius
                place = middle + away * np.array([math.sin(turn), -math.cos(turn)])
                ink = contrast(styles[at].color, "#ffffff", "#1b2733")
                words += _share(view, place, share, ink, 2 * math.pi * away * share, radius - hole)
        if hole and (total := _total(view, spec, values, hole)):
            size = 1.5 * view.sizes.text
            x, y = middle.tolist()
            words.append(
                Words(
                    x=x,
                    y=y + 0.36 * size,
                    text=total,
                    size=size,
                    color=theme.ink,
                    bold=True,
                    align="middle",
                )
            )
        return [Layer(marks=slices), Layer(marks=words)]

    return Panel(paint=paint, keys=keys)


def slice_of(start: float, end: float, radius: float, hole: float) -> Floats:
    """Return a slice's corners around the middle, a degree or less from each to the next.

    Args:
        start: Share of the circle before it, clockwise from the top.
        end: Share of the circle before the next one.
        radius: Pixels.
        hole: Radius of what is cut out, 0 for a pie.
    """
    turns = 2 * math.pi * np.linspace(start, end, 2 + math.ceil(360 * (end - start)))
    arc = np.column_stack((np.sin(turns), -np.cos(turns)))
    if end - start > 1 - 1e-9 and not hole:
        return radius * arc
    inner = hole * arc[::-1] if hole else np.zeros((1, 2))
    return np.concatenate((radius * arc, inner))


def _square(box: Box) -> Box:
    side = max(4.0, min(box.width, box.height) - 4)
    left, top = (box.left + box.right - side) / 2, (box.top + box.bottom - side) / 2
    return Box(left, top, left + side, top + side)


def _share(
    view: View, place: Floats, share: float, ink: str, along: float, across: float
) -> list[Mark]:
    size = view.sizes.small
    text = f"{100 * share:.0f}%" if share >= 0.01 else "<1%"
    room = typeface.width(text, size)
    if room > max(along, 0.0) or room > across:
        return []
    x, y = place.tolist()
    return [Words(x=x, y=y + 0.36 * size, text=text, size=size, color=ink, align="middle")]


def _total(view: View, spec: ChartSpec, values: Floats, hole: float) -> str:
    with np.errstate(over="ignore"):
        total = float(values.sum())
    if not math.isfinite(total):
        return ""
    text = ticks.text_of(total, Axis(), 6)
    return text if typeface.width(text, 1.5 * view.sizes.text, True) < 1.7 * hole else ""
