"""What is written on a chart: reference lines, notes, and values at their marks."""

from typing import Any

from captions import clean, wrap
from charts.chart import Panel
from chartspec import Bound
from colors import mix, read_color


def annotate(panel: Panel) -> None:
    """Draw a request's reference lines and notes."""
    upright = 0
    for index, line in enumerate(panel.spec.lines):
        color = panel.theme.ink
        if line.color is not None:
            color = read_color(line.color, f"$.lines[{index}].color")
        axes = panel.axes_of(line.axis == "y2")
        at = line.y or 0.0 if line.x is None else _place(panel, line.x)
        across = (line.x is None) != panel.lying
        draw = axes.axhline if across else axes.axvline
        draw(at, color=color, linestyle=(0, (4, 3)), linewidth=1.05, zorder=2.5)
        if text := clean(line.label):
            upright += not across  # names of neighbours stand below each other
            place = axes.get_yaxis_transform() if across else axes.get_xaxis_transform()
            axes.annotate(
                text,
                (1, at) if across else (at, 1),
                xycoords=place,
                xytext=(-3, 3) if across else (4, 1.3 * panel.size * (-upright % 3 - 2)),
                textcoords="offset points",
                ha="right" if across else "left",
                va="bottom" if across else "top",
                color=color,
                fontsize=panel.size,
                annotation_clip=True,
            ).set_in_layout(False)
    for index, note in enumerate(panel.spec.notes):
        if text := "\n".join(wrap(clean(note.text), 28, 3)):
            _note(panel, (_place(panel, note.x), note.y), text, note.axis == "y2", index)


def _place(panel: Panel, bound: Bound) -> float:
    return panel.data.position(bound, "$")


def _note(panel: Panel, at: tuple[float, float], text: str, is_second: bool, index: int) -> None:
    """Write a note on the side of its place where there is more room, in turns above and below."""
    axes, theme = panel.axes_of(is_second), panel.theme
    place = at[::-1] if panel.lying else at
    x, y = axes.transAxes.inverted().transform(axes.transData.transform(place))
    right, above = x < 0.6, y < (0.8 if index % 2 == 0 else 0.3)
    axes.annotate(
        text,
        place,
        xytext=(14 if right else -14, 16 if above else -16),
        textcoords="offset points",
        ha="left" if right else "right",
        va="bottom" if above else "top",
        color=theme.ink,
        fontsize=panel.size,
        annotation_clip=True,
        zorder=5,
        bbox={
            "boxstyle": "square,pad=0.3",
            "facecolor": theme.panel,
            "edgecolor": mix(theme.panel, theme.soft, 0.35),
            "linewidth": 0.75,
        },
        arrowprops={"arrowstyle": "-", "color": theme.soft, "linewidth": 0.75, "shrinkB": 3},
    ).set_in_layout(False)
    dot: dict[str, Any] = {
        "color": theme.panel,
        "markeredgecolor": theme.ink,
        "markersize": 4.5,
        "zorder": 4,
    }
    axes.plot([place[0]], [place[1]], "o", **dot)
