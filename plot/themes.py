"""How charts look: a light theme and a dark one, and matplotlib's styles by name."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path
from typing import Any

import matplotlib as mpl
from chartspec import ChartSpec
from colors import luminance, mix, read_color, unknown
from matplotlib.colors import Colormap, LinearSegmentedColormap, to_hex
from problems import Refusal, member


@dataclass(frozen=True, kw_only=True)
class Theme:
    """Colours, and the rcParams that have them.

    Attributes:
        panel: Behind the marks.
        ink: Of the title and of values.
        soft: Of labels and names.
        edge: Of the axes' lines.
        colors: Of the series, one after the other.
        ramp: From low numbers to high ones.
        split: From low to high with a middle, for numbers of both signs.
        style: rcParams besides `BASE`.
    """

    panel: str
    ink: str
    soft: str
    edge: str
    colors: tuple[str, ...]
    ramp: Colormap
    split: Colormap
    style: dict[str, Any]


@dataclass(frozen=True, kw_only=True)
class Look:
    """What tells one series from the others: colour first, then dash or marker."""

    color: str
    dash: Any
    shape: str


BASE: dict[str, Any] = {
    "font.family": ["DejaVu Sans"],
    "text.parse_math": False,
    "axes.axisbelow": True,
    "axes.formatter.useoffset": False,
    "axes.unicode_minus": True,
    "figure.constrained_layout.h_pad": 0.1,
    "figure.constrained_layout.w_pad": 0.12,
    "legend.frameon": False,
    "legend.handlelength": 1.3,
    "legend.handletextpad": 0.5,
    "legend.columnspacing": 1.4,
    "legend.borderpad": 0,
    "legend.borderaxespad": 0.9,
    "legend.handleheight": 0.8,
    "lines.solid_capstyle": "round",
    "lines.solid_joinstyle": "round",
    "path.simplify": True,
    "svg.fonttype": "none",
    "svg.hashsalt": "plot",
    "pdf.fonttype": 42,
    "xtick.major.size": 0,
    "ytick.major.size": 0,
    "xtick.minor.size": 0,
    "ytick.minor.size": 0,
    "xtick.major.pad": 5,
    "ytick.major.pad": 5,
}
"""rcParams of all themes. matplotlib's own defaults stand behind them."""


def _theme(
    *, paper: str, ink: str, soft: str, grid: str, edge: str, colors: str, ramp: str, split: str
) -> Theme:
    style = {
        "figure.facecolor": paper,
        "axes.facecolor": paper,
        "text.color": ink,
        "axes.labelcolor": soft,
        "axes.edgecolor": edge,
        "axes.linewidth": 0.75,
        "xtick.labelcolor": soft,
        "ytick.labelcolor": soft,
        "legend.labelcolor": soft,
        "grid.color": grid,
        "grid.linewidth": 0.75,
        "lines.linewidth": 1.65,
        **{f"axes.spines.{side}": False for side in ("left", "right", "top")},
    }
    return Theme(
        panel=paper,
        ink=ink,
        soft=soft,
        edge=edge,
        colors=tuple(colors.split()),
        ramp=LinearSegmentedColormap.from_list("ramp", ramp.split()),
        split=LinearSegmentedColormap.from_list("split", split.split()),
        style=style,
    )


OWN = {
    "light": _theme(
        paper="#ffffff",
        ink="#1b2733",
        soft="#566472",
        grid="#e6eaee",
        edge="#8b97a3",
        # Neighbours differ in lightness too, for readers who do not tell the hues apart.
        colors="#2f6fb0 #ea7c2b #22937f #c9406e #7d5fb2 #c49a12 #4fb0d8 #84705f",
        ramp="#f4ecc6 #b5dba6 #56b1a6 #2b7a9b #234f83 #1c2f57",
        split="#1f5a96 #7fb0d6 #f3f2ee #eea480 #b33a2b",
    ),
    "dark": _theme(
        paper="#14191f",
        ink="#f2f5f7",
        soft="#a3afba",
        grid="#2a323a",
        edge="#63707c",
        colors="#5da9f0 #ff9d52 #43c6a8 #f2739c #b194ee #e8c34a #7fdcf5 #b7a392",
        ramp="#1d2f4f #235a85 #25879a #46b594 #a4d86e #fbea7e",
        split="#63aef2 #2f5f88 #252c34 #8f4a3a #ff8f6b",
    ),
}

DASHES: tuple[Any, ...] = ("-", (0, (4, 2)), (0, (1, 1.6)), (0, (5, 1.6, 1, 1.6)), (0, (9, 3)))
SHAPES = "os^DvPX"

KEPT = ("axes.", "figure.", "grid.", "image.cmap", "lines.", "patch.", "text.", "xtick.", "ytick.")
SIZES = ("size", "font", "weight", "pad", "margin", "limit", "dpi", "latex", "usetex", "layout")
"""A style keeps its colours and lines, and neither its sizes nor its type."""


def theme_of(spec: ChartSpec) -> Theme:
    """Return a request's theme, with its background.

    Raises:
        Refusal: There is no such theme, or a colour is none; each is named.
    """
    theme = OWN.get(spec.theme) or _style(spec.theme)
    if spec.background is None:
        return theme
    if spec.background.strip().lower() in ("transparent", "none"):
        paper = {"figure.facecolor": "none"}
        paper |= {"axes.facecolor": "none"} if spec.theme in OWN else {}
        return replace(theme, style=theme.style | paper)
    color = read_color(spec.background, "$.background")
    if spec.theme not in OWN:
        return replace(theme, style=theme.style | {"figure.facecolor": color})
    style = theme.style | {"figure.facecolor": color, "axes.facecolor": color}
    return replace(theme, panel=color, style=style)


def check_looks(spec: ChartSpec) -> None:
    """Look up the theme and every colour that a request names.

    Raises:
        Refusal: Some are unknown; each is named.
    """
    colors: list[tuple[str, str]]
    if isinstance(spec.colors, dict):
        colors = [(f"$.colors{member(name)}", text) for name, text in spec.colors.items()]
    else:
        colors = [(f"$.colors[{at}]", text) for at, text in enumerate(spec.colors)]
    colors += [("$.background", spec.background or "none")]
    colors += [(f"$.lines[{at}].color", line.color or "none") for at, line in enumerate(spec.lines)]
    faults = []
    try:
        OWN.get(spec.theme) or _style(spec.theme)
    except Refusal as fault:
        faults += fault.problem.errors
    for path, text in colors:
        if text.strip().lower() not in ("none", "transparent"):
            try:
                read_color(text, path)
            except Refusal as fault:
                faults += fault.problem.errors
    if faults:
        raise Refusal(faults)


def looks_of(spec: ChartSpec, theme: Theme, names: Sequence[str]) -> list[Look]:
    """Return the looks of series: beyond a theme's colours they come again, in other shades."""
    found = []
    for index, name in enumerate(names):
        turn, place = divmod(index, len(theme.colors))
        shade = mix(
            theme.colors[place], theme.ink if turn % 2 else theme.panel, min(0.6, 0.2 * turn)
        )
        if isinstance(spec.colors, dict):
            shade = to_hex(spec.colors.get(name, shade))
        elif index < len(spec.colors):
            shade = to_hex(spec.colors[index])
        found.append(
            Look(color=shade, dash=DASHES[turn % len(DASHES)], shape=SHAPES[turn % len(SHAPES)])
        )
    return found


@lru_cache
def _style(name: str) -> Theme:
    """Read one of matplotlib's styles: its colours and lines, not its sizes of type."""
    folder = Path(mpl.get_data_path(), "stylelib")
    known = sorted(file.stem for file in folder.glob("*.mplstyle") if file.stem[0] != "_")
    if name not in known:
        expected = "Expected `light`, `dark` or one of matplotlib's styles"
        raise unknown(expected, name, [*OWN, *known], "$.theme")
    file = mpl.rc_params_from_file(folder / f"{name}.mplstyle", use_default_template=False)
    style = {
        key: value
        for key, value in file.items()
        if key.startswith(KEPT) and not any(part in key for part in SIZES)
    }
    every = dict(mpl.rcParamsDefault) | style
    panel = to_hex(every["axes.facecolor"])
    base = OWN["dark" if luminance(panel) < 0.45 else "light"]
    return Theme(
        panel=panel,
        ink=to_hex(every["text.color"]),
        soft=to_hex(every["axes.labelcolor"]),
        edge=to_hex(every["axes.edgecolor"]),
        colors=tuple(map(to_hex, every["axes.prop_cycle"].by_key().get("color", base.colors))),
        ramp=mpl.colormaps[every["image.cmap"]],
        split=base.split,
        style={"axes.grid": False, "figure.facecolor": every["figure.facecolor"]} | style,
    )
