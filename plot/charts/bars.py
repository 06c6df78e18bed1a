"""Bars: side by side or on each other, upright or lying, and lines over them."""

from typing import Any

import numpy as np
from captions import clean, listed
from chartspec import ChartSpec
from themes import contrast
from ticks import letter, text_of

from charts.chart import FRAME, ROWS, Chart, ChartData, Keys, Panel, Series, fits, stacked

WIDTH = 0.76
"""Of the place of a category, how much its bars take."""

FEW = 40
"""Bars that say their value without being asked to."""

MOST = 500
"""Bars that say their value where it is asked for."""


def draw(panel: Panel) -> Keys:
    """Draw a bar for each value, and the series of `over` as lines."""
    over = set(map(clean, listed(panel.spec.over)))
    bars = [one for one, _, _, name in panel.series() if name not in over]
    spans = [(np.zeros_like(one.y), np.nan_to_num(one.y)) for one in bars]
    width, offsets = WIDTH / max(1, len(bars)), np.arange(len(bars)) - (len(bars) - 1) / 2
    if panel.spec.stacked:
        spans, width, offsets = stacked(panel, bars), WIDTH, np.zeros(len(bars))
    keys: list[tuple[Any, str]] = []
    place = 0
    for one, look, axes, name in panel.series():
        if name in over:
            x, y = (one.y, one.x) if panel.lying else (one.x, one.y)
            (line,) = axes.plot(x, y, color=look.color, marker="o", markersize=4, zorder=3)
            keys.append((line, name))
            continue
        start, height = spans[place]
        if panel.axis_of(one).log:
            start = np.full_like(height, _floor(bars))
            height = height - start
        has_edge = width * panel.spec.width / len(one.x) > 4
        draw_bars = axes.barh if panel.lying else axes.bar
        group = draw_bars(
            one.x + width * offsets[place],
            height,
            width,
            start,
            color=look.color,
            edgecolor=panel.paper if has_edge else "none",
            linewidth=0.6,
        )
        _write(panel, one, look.color, axes, group, width * len(bars), len(bars))
        keys.append((group, name))
        place += 1
    return keys


def _floor(bars: list[Series]) -> float:
    """Return the power of ten below all values, where bars of a logarithmic axis stand."""
    low = min(float(np.nanmin(one.y)) for one in bars if np.isfinite(one.y).any())
    return float(10.0 ** (np.ceil(np.log10(low)) - 1))


def _write(
    panel: Panel, one: Series, color: str, axes: Any, group: Any, width: float, several: int
) -> None:
    """Write the values of bars beyond their ends, or inside where bars stand on each other."""
    spec, is_asked = panel.spec, panel.spec.labels
    most = MOST if is_asked else 0 if is_asked is False or spec.stacked else FEW
    texts = [text_of(value, panel.axis_of(one), 4) if value == value else "" for value in one.y]
    room = 0.85 * WIDTH * (spec.height if panel.lying else spec.width) / len(one.x)
    room /= 1 if spec.stacked else several
    has_room = room > 1.8 * letter() if panel.lying else is_asked or fits(texts, room + 6)
    if several * len(one.x) > most or not has_room:
        return
    if spec.stacked:
        lengths = abs(
            np.array([patch.get_width() if panel.lying else patch.get_height() for patch in group])
        )
        total = np.nansum([abs(other.y) for other in panel.data.series], axis=0).max()
        total = 100 if spec.stacked == "percent" else total or 1.0
        pixels = lengths / total * 0.7 * (spec.width if panel.lying else spec.height)
        texts = [
            text if size > 2.3 * letter() else "" for text, size in zip(texts, pixels, strict=True)
        ]
        axes.bar_label(group, texts, label_type="center", color=contrast(color))
    else:
        axes.bar_label(group, texts, padding=2, color=panel.ink)


def lies(spec: ChartSpec, data: ChartData) -> bool:
    """Tell whether bars lie: where it is asked for, or the names are too long to stand level."""
    if spec.horizontal is not None:
        return spec.horizontal
    if data.ordered or any(one.second for one in data.series):  # time runs from left to right
        return False
    letters = 0.86 * spec.width / len(data.labels) / letter()
    longest = max(map(len, data.labels))
    words = max((len(word) for label in data.labels for word in label.split()), default=0)
    is_level = longest < letters or (longest < 2.5 * letters and words < letters)
    return not is_level and 0.75 * spec.height / len(data.labels) >= 16


BAR = Chart(
    name="a bar chart",
    draw=draw,
    takes=FRAME | ROWS | {"rolling", "stacked", "horizontal", "over"},
    x="category",
    lies=lies,
    most=2_000,
)
