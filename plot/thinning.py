"""Long lines, reduced to what their pixels can show."""

import numpy as np
from marks import Floats, Ints
from panel import View
from planning import A_COLUMN, LINE_POINTS


def columns(view: View, x: Floats, scale: float, lines: int) -> Ints:
    """Return the column of pixels that each value stands in.

    What lies beyond the axis is in one column on either side of it. Columns are wider than a pixel
    where `lines` of them would have more than `LINE_POINTS` points.

    Args:
        view: Where the chart is.
        x: Ascending.
        scale: Pixels of the image for each of the view's.
        lines: How many lines share the points.
    """
    if view.along is None:
        raise TypeError("a chart without an axis has no columns")
    scale *= min(1.0, LINE_POINTS / (A_COLUMN * lines * max(1.0, view.box.width * scale)))
    places = view.x(view.along.fractions(x)) * scale
    low, high = view.box.left * scale - 2, view.box.right * scale + 2
    column: Ints = np.floor(np.clip(places, low, high)).astype(np.int64)
    return column


def kept(column: Ints, y: Floats) -> Ints:
    """Choose the points of a line that show what all of them show.

    Each column of pixels keeps the first, lowest, highest and last of its values, so that the line
    enters and leaves it where it did, and covers in between what it covered (M4,
    https://www.vldb.org/pvldb/vol7/p797-jugel.pdf). Where a column has gaps, it keeps the last of
    them, and those four on either side.

    Args:
        column: Of each value, ascending.
        y: The values; NaN is a gap.

    Returns:
        Places in `y`, ascending; all where no column has more than `A_COLUMN` values on average.
    """
    if len(y) == 0 or len(y) <= A_COLUMN * (column[-1] - column[0] + 1):
        return np.arange(len(y))
    places, gaps = np.arange(len(y)), np.isnan(y)
    starts = np.flatnonzero(np.diff(column, prepend=column[0] - 1))
    last_gap = np.maximum.reduceat(np.where(gaps, places, -1), starts)
    beyond = last_gap + 1
    starts = np.union1d(starts, beyond[(last_gap >= 0) & (beyond < len(y))])
    ends = np.append(starts[1:], len(y)) - 1
    lowest = _first(np.where(gaps, np.inf, y), starts, np.minimum)
    highest = _first(np.where(gaps, -np.inf, y), starts, np.maximum)
    chosen: Ints = np.unique(np.concatenate((starts, lowest, highest, ends)))
    return chosen


def _first(y: Floats, starts: Ints, extreme: np.ufunc) -> Ints:
    """Return where each column first has its lowest or highest value."""
    best = extreme.reduceat(y, starts)
    lengths = np.diff(np.append(starts, len(y)))
    index = np.repeat(np.arange(len(starts)), lengths)
    hits = np.flatnonzero(y == best[index])
    _, at = np.unique(index[hits], return_index=True)
    first: Ints = hits[at]
    return first
