"""Where words can stand without hiding what a chart shows."""

from collections.abc import Sequence

import numpy as np
import thinning
from chartdata import ChartData
from chartspec import ChartSpec
from kinds import LINES
from marks import Box, Floats
from panel import View

STEP = 2.0
"""Pixels from one place of a line to the next that is looked at."""

DOTS = 20_000
"""Points of a scatter chart that are looked at."""

TAKEN = 1_000
"""What it costs to hide other words, in places of a line."""


class Vacancy:
    """What stands in a chart: lines and points, and words as they are added.

    Args:
        view: Where the chart is.
        spec: The request.
        data: What it shows. Bars and other areas are no hindrance: words on them can be read.
    """

    def __init__(self, view: View, spec: ChartSpec, data: ChartData) -> None:
        self._box = view.box
        self._added: list[Floats] = []
        self._shown: Floats = np.empty((0, 2))  # what was added before, in the order of x
        self._taken: list[Box] = []
        if spec.kind == "scatter":
            dots = np.concatenate([view.points(one.x, one.y, one.second) for one in data.series])
            self._added.append(dots[:: 1 + len(dots) // DOTS])
        elif (spec.kind in LINES and not spec.stacked) or spec.kind == "errorbar":
            for one in data.series:
                kept = thinning.kept(thinning.columns(view, one.x, 1.0, 1), one.y)
                self.cross(view.points(one.x[kept], one.y[kept], one.second))

    def cross(self, path: Floats) -> None:
        """Add a line.

        Args:
            path: Its points, (points, 2), from left to right or straight up; NaN is a gap.
        """
        if len(path) == 2 and path[0, 0] == path[1, 0]:
            up = np.arange(self._box.top, self._box.bottom, STEP)
            self._added.append(np.column_stack((np.full_like(up, path[0, 0]), up)))
        elif len(path):
            along = np.arange(self._box.left, self._box.right, STEP)
            values = np.interp(along, path[:, 0], path[:, 1], left=np.nan, right=np.nan)
            self._added.append(np.column_stack((along, values)))

    def take(self, frame: Box) -> None:
        """Add words, or what else nothing is to cover."""
        self._taken.append(frame)

    def freest(self, frames: Sequence[Box]) -> Box:
        """Choose the place that hides least, the earlier one where two are nearly alike."""
        if self._added:
            shown = np.concatenate([self._shown, *self._added])
            self._shown, self._added = shown[np.argsort(shown[:, 0])], []
        costs = [at + self._hidden(frame) for at, frame in enumerate(frames)]
        return frames[int(np.argmin(costs))]

    def _hidden(self, frame: Box) -> int:
        left, top, right, bottom = frame
        y = self._shown[slice(*np.searchsorted(self._shown[:, 0], (left, right))), 1]
        return int(((y > top) & (y < bottom)).sum()) + TAKEN * sum(map(frame.touches, self._taken))
