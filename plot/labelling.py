"""Values written beside their marks."""

from collections.abc import Iterable

import numpy as np
import numpy.typing as npt
import ticks
import typeface
from chartdata import Series
from chartspec import ChartSpec
from marks import Box, Floats, Mark, Words
from panel import View

MOST, TRIED = 200, 600
"""Values that are written at most, and that a place is looked for: more cannot be told apart."""


def texts_beside(view: View, spec: ChartSpec, series: Iterable[tuple[Series, str]]) -> list[Mark]:
    """Write values above their points, below them, or not at all where others stand already.

    Args:
        view: Where the chart is.
        spec: The request, for how numbers are written.
        series: Each with its colour.
    """
    size, box = view.sizes.small, view.box
    taken: list[Box] = []
    words: list[Mark] = []
    values = [
        (place, value, valley, spec.y2_axis if one.second else spec.y_axis, color)
        for one, color in series
        for place, value, valley in zip(
            view.points(one.x, one.y, one.second).tolist(),
            one.y.tolist(),
            _valleys(one.y).tolist(),
            strict=True,
        )
    ]
    for (x, y), value, valley, axis, color in values[:: 1 + len(values) // TRIED]:
        inside = box.left - 1 <= x <= box.right + 1 and box.top - 1 <= y <= box.bottom + 1
        if value != value or not inside:
            continue
        text = ticks.text_of(value, axis, 4)
        half = typeface.width(text, size) / 2
        above, below = y - 0.7 * size, y + 1.45 * size
        for baseline in (below, above) if valley else (above, below):
            place = Box(x - half - 2, baseline - size, x + half + 2, baseline + 0.2 * size)
            inside = place.top >= box.top - size and place.bottom <= box.bottom
            if inside and not any(map(place.touches, taken)):
                taken.append(place)
                words.append(
                    Words(x=x, y=baseline, text=text, size=size, color=color, align="middle")
                )
                break
        if len(words) == MOST:
            break
    return words


def _valleys(y: Floats) -> npt.NDArray[np.bool_]:
    """Tell which values are below those before and behind them: a line rises on both sides."""
    around = np.concatenate(([np.nan], y, [np.nan]))
    return (y < around[:-2]) & (y < around[2:])
