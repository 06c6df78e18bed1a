"""The look of every chart: light, calm, and safe from what its text says."""

from dataclasses import dataclass
from typing import Any

DPI = 96
"""Dots per inch at scale 1, so that an SVG of 600 points is 800 pixels wide, as in CSS."""

TITLE, TEXT, SMALL = 14.0, 10.0, 9.0
"""Sizes of type, in points."""

INK, GREY, PALE, PAPER = "#1f2933", "#52606d", "#e4e7eb", "#ffffff"
"""Title and values; labels and axes; grid; background."""

COLORS = (
    "#2f6da8",
    "#e07a2f",
    "#2a9183",
    "#c0476a",
    "#7b5ea7",
    "#a98a1c",
    "#4aa6cf",
    "#7a6a5d",
)
"""Neighbours differ in lightness too, for readers who do not tell the hues apart."""

DASHES = ("-", "--", ":", "-.", (0, (6, 1, 1, 1, 1, 1)), (0, (1, 3)), (0, (8, 3)))
MARKERS = ("o", "s", "^", "D", "v", "P", "X")
HATCHES = (None, "////", "....", "\\\\\\\\", "xxxx", "----", "||||")

STYLE: dict[Any, object] = {
    "axes.axisbelow": True,
    "axes.edgecolor": GREY,
    "axes.facecolor": PAPER,
    "axes.labelcolor": GREY,
    "axes.labelpad": 8,
    "axes.labelsize": TEXT,
    "axes.linewidth": 0.9,
    "axes.spines.left": False,
    "axes.spines.right": False,
    "axes.spines.top": False,
    "figure.facecolor": PAPER,
    "font.family": "sans-serif",
    "font.sans-serif": ["DejaVu Sans", "Verdana", "Arial", "sans-serif"],
    "font.size": TEXT,
    "grid.color": PALE,
    "grid.linewidth": 0.9,
    "hatch.color": PAPER,
    "hatch.linewidth": 1.2,
    "legend.fontsize": TEXT,
    "legend.frameon": False,
    "legend.labelcolor": GREY,
    "lines.linewidth": 1.8,
    "lines.solid_capstyle": "round",
    "lines.solid_joinstyle": "round",
    "text.color": INK,
    "xtick.color": GREY,
    "xtick.labelsize": SMALL,
    "xtick.major.size": 0,
    "xtick.minor.size": 0,
    "xtick.major.pad": 6,
    "ytick.color": GREY,
    "ytick.labelsize": SMALL,
    "ytick.major.size": 0,
    "ytick.minor.size": 0,
    "ytick.major.pad": 6,
    # A very long path overflows Agg's buffers unless it is drawn in pieces.
    "agg.path.chunksize": 20_000,
    # The same request is the same SVG in every process: no random identifiers.
    "svg.hashsalt": "plot",
    # Text stays text: it can be read aloud, searched, and shown in any script the viewer has.
    "svg.fonttype": "none",
    # `$` is a dollar sign, never a formula.
    "text.parse_math": False,
    "timezone": "UTC",
}
"""Settings of matplotlib, on top of its own defaults."""


@dataclass(frozen=True, kw_only=True)
class Look:
    """What tells one series from the others: colour first, then dash, marker or hatch."""

    color: str
    dash: str | tuple[int, tuple[int, ...]]
    marker: str
    hatch: str | None


def look(index: int) -> Look:
    """Return the look of a series, of which there are more than `budgets.SERIES`."""
    turn, color = divmod(index, len(COLORS))
    return Look(color=COLORS[color], dash=DASHES[turn], marker=MARKERS[turn], hatch=HATCHES[turn])


def width(text: str, size: float) -> float:
    """Estimate the pixels that a text takes, from the mean width of DejaVu Sans.

    Args:
        text: One line.
        size: Of the type, in points.
    """
    return 0.6 * len(text) * size * DPI / 72
