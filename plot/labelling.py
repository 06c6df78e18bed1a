"""Values written beside their marks."""

import numpy as np
import ticks
import typeface
from chartdata import Series
from chartspec import ChartSpec
from marks import Floats, Mark, Words
from panel import View

MOST = 200
"""Values of a series that are written at most: more cannot be told apart."""


def texts_beside(view: View, one: Series, spec: ChartSpec, points: Floats) -> list[Mark]:
    """Write a series' values above its points, where they do not touch the one before.

    Args:
        view: Where the chart is.
        one: The series.
        spec: The request, for how numbers are written.
        points: Of the values, (values, 2).
    """
    axis = spec.y2_axis if one.second else spec.y_axis
    size = view.sizes.small
    words: list[Mark] = []
    end = -np.inf
    for (x, y), value in zip(points.tolist(), one.y.tolist(), strict=True):
        if not (np.isfinite(value) and view.box.left - 1 <= x <= view.box.right + 1):
            continue
        if not view.box.top - 1 <= y <= view.box.bottom + 1 or len(words) == MOST:
            continue
        text = ticks.text_of(value, axis, 4)
        half = typeface.width(text, size) / 2
        if x - half < end + 2:
            continue
        end = x + half
        top = y - 0.7 * size if y - 1.7 * size > view.box.top else y + 1.4 * size
        words.append(
            Words(x=x, y=top, text=text, size=size, color=view.theme.ink, align="middle")
        )
    return words
