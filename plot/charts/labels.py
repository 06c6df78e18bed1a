"""Values written at their marks."""

import numpy as np
from panel import Panel
from ticks import LETTER, text_of

FEW = 12
"""Values that a line chart would write where the request does not ask for them: it does not."""

MOST = 200
"""Values that are written at most: more cannot be told apart."""


def write_values(panel: Panel) -> None:
    """Write values above their points, or below where a line rises on both sides."""
    if not panel.spec.labels:
        return
    count = 0
    for one, look, axes, _ in panel.series():
        around = np.concatenate(([np.nan], one.y, [np.nan]))
        valleys = (one.y < around[:-2]) & (one.y < around[2:])
        for x, y, is_valley in zip(one.x, one.y, valleys, strict=True):
            if np.isfinite(y) and count < MOST:
                count += 1
                axes.annotate(
                    text_of(y, panel.axis_of(one.second), 4),
                    (x, y),
                    xytext=(0, -4 if is_valley else 4),
                    textcoords="offset points",
                    ha="center",
                    va="top" if is_valley else "bottom",
                    color=look.color,
                    fontsize=panel.size,
                    annotation_clip=True,
                )


def room_for(panel: Panel, texts: list[str], across: float) -> bool:
    """Tell whether texts fit side by side into so many pixels each."""
    return max(map(len, texts), default=0) * LETTER * panel.size / 0.75 <= across
