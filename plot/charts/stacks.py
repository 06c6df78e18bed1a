"""Values that stand on each other."""

import numpy as np
from panel import Panel
from series import Floats, Series


def stacked(panel: Panel, series: list[Series]) -> list[tuple[Floats, Floats]]:
    """Return where each series' values begin and how high they are.

    Values below zero hang below it. With `percent` all values of a place are 100 together. Series
    of the second axis have a stack of their own.
    """
    found = []
    ends: dict[bool, list[Floats]] = {}
    heights = [np.nan_to_num(one.y) for one in series]
    for one, height in zip(series, heights, strict=True):
        if panel.spec.stacked == "percent":
            all_ = [abs(h) for o, h in zip(series, heights, strict=True) if o.second == one.second]
            total = np.sum(all_, axis=0)
            height = 100 * np.divide(height, total, out=np.zeros_like(height), where=total > 0)
        above, below = ends.setdefault(one.second, [np.zeros_like(height), np.zeros_like(height)])
        found.append((np.where(height < 0, below, above), height))
        ends[one.second] = [above + np.maximum(height, 0), below + np.minimum(height, 0)]
    return found
