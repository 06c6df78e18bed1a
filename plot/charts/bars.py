"""Bars: side by side or on each other, upright or lying, and lines over them."""

from typing import Any

import numpy as np
from captions import clean, listed
from chartspec import ChartSpec
from colors import contrast
from series import ChartData, Series
from ticks import LETTER, text_of

from charts.chart import FRAME, ROWS, Chart, Keys, Panel, room_for, stacked

WIDTH = 0.76
"""Of the place of a category, how much its bars take."""

FEW = 40
"""Bars that say their value without being asked to."""

MOST = 500
"""Bars that say their value where it is asked for."""


def draw(panel: Panel) -> Keys:
    """Draw a bar for each value, and the series of `over` as lines."""
    lines = set(map(clean, listed(panel.spec.over)))
    drawn = list(panel.series())
    bars = [one for one, _, _, name in drawn if name not in lines]
    spans = stacked(panel, bars) if panel.spec.stacked else []
    width = WIDTH if spans else WIDTH / max(1, len(bars))
    keys: list[tuple[Any, str]] = []
    place = 0
    for one, look, axes, name in drawn:
        if name in lines:
            x, y = (one.y, one.x) if panel.lying else (one.x, one.y)
            (line,) = axes.plot(x, y, color=look.color, marker="o", markersize=4, zorder=3)
            keys.append((line, name))
            continue
        start, height = spans[place] if spans else (np.zeros_like(one.y), one.y)
        offset = 0.0 if spans else width * (place - (len(bars) - 1) / 2)
        place += 1
        if panel.axis_of(one.second).log:
            start = np.full_like(height, _floor(bars))
            height = height - start
        bar = axes.barh if panel.lying else axes.bar
        edge = panel.theme.panel if width * panel.spec.width / len(one.x) > 4 else "none"
        group = bar(
            one.x + offset,
            np.nan_to_num(height),
            width,
            start,
            color=look.color,
            edgecolor=edge,
            linewidth=0.6,
        )
        _write(panel, one, look.color, axes, group, width, len(bars))
        keys.append((group, name))
    return keys


def _floor(bars: list[Series]) -> float:
    """Return the power of ten below all values, where bars of a logarithmic axis stand."""
    low = min(float(np.nanmin(one.y)) for one in bars if np.isfinite(one.y).any())
    return float(10.0 ** (np.ceil(np.log10(low)) - 1))


def _write(
    panel: Panel, one: Series, color: str, axes: Any, group: Any, width: float, several: int
) -> None:
    """Write the values of bars beyond their ends, or inside where bars stand on each other."""
    spec = panel.spec
    axis = panel.axis_of(one.second)
    most = MOST if spec.labels else 0 if spec.labels is False or spec.stacked else FEW
    if several * len(one.x) > most:
        return
    texts = [text_of(value, axis, 4) if np.isfinite(value) else "" for value in one.y]
    across = 0.85 * (spec.height if panel.lying else spec.width) / len(one.x) * width
    if panel.lying and across < 1.1 * panel.size / 0.75:
        return
    if not panel.lying and not room_for(panel, texts, across + 6) and not spec.labels:
        return
    if spec.stacked:
        total = np.sum([np.nan_to_num(abs(one.y)) for one in panel.data.series], axis=0).max()
        length = 0.7 * (spec.width if panel.lying else spec.height)
        texts = [
            text if abs(value) / (total or 1.0) * length > 1.4 * panel.size / 0.75 else ""
            for text, value in zip(texts, one.y, strict=True)
        ]
        color = contrast(color, panel.theme.ink, panel.theme.panel)
        axes.bar_label(group, texts, label_type="center", color=color, fontsize=panel.size)
    else:
        axes.bar_label(group, texts, padding=2, color=panel.theme.ink, fontsize=panel.size)


def lies(spec: ChartSpec, data: ChartData) -> bool:
    """Tell whether bars lie: where it is asked for, or the names are too long to stand level."""
    if spec.horizontal is not None:
        return spec.horizontal
    if data.ordered or any(one.second for one in data.series):  # time runs from left to right
        return False
    letters = 0.86 * spec.width / len(data.labels) / (12 * LETTER)
    longest = max(map(len, data.labels))
    words = max((len(word) for label in data.labels for word in label.split()), default=0)
    fits = longest < letters or (longest < 2.5 * letters and words < letters)
    return not fits and 0.75 * spec.height / len(data.labels) >= 16


BAR = Chart(
    name="a bar chart",
    draw=draw,
    takes=FRAME | ROWS | {"rolling", "stacked", "horizontal", "over"},
    x="category",
    stands=True,
    lies=lies,
    most=2_000,
)
