"""How charts look: a light theme and a dark one, and matplotlib's styles by name."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path
from typing import Any

import matplotlib as mpl
import numpy as np
from chartspec import ChartSpec
from marks import Dash, Shape
from matplotlib.colors import CSS4_COLORS, to_hex
from problems import Refusal, member, refusal


@dataclass(frozen=True, kw_only=True)
class Theme:
    """Colours and lines.

    Attributes:
        paper: Behind everything; none is transparent.
        panel: Behind the marks: a colour that others are told apart from, whether it is drawn
            or the paper's own.
        ink: Of the title and of values.
        soft: Of labels and names.
        grid: Of the lines that ticks draw across.
        edge: Of the axes' lines.
        colors: Of the series, one after the other.
        ramp: From low numbers to high ones.
        split: From low to high with a middle, for numbers of both signs.
        grid_width: Pixels; 0 for no grid.
        edge_width: Pixels; 0 for none.
        line_width: Pixels of a series' line.
        sides: Which sides of the panel have an axis' line.
        grids: Whether x and y each have a grid, or none for what the kind has.
        framed: Whether the panel is drawn.
    """

    paper: str | None
    panel: str
    ink: str
    soft: str
    grid: str
    edge: str
    colors: tuple[str, ...]
    ramp: tuple[str, ...]
    split: tuple[str, ...]
    grid_width: float = 1.0
    edge_width: float = 1.0
    line_width: float = 2.2
    sides: tuple[str, ...] = ("bottom",)
    grids: tuple[bool, bool] | None = None
    framed: bool = False


@dataclass(frozen=True, kw_only=True)
class Look:
    """What tells one series from the others: colour first, then dash or marker."""

    color: str
    dash: Dash
    shape: Shape


LIGHT = Theme(
    paper="#ffffff",
    panel="#ffffff",
    ink="#1b2733",
    soft="#566472",
    grid="#e6eaee",
    edge="#8b97a3",
    # Neighbours differ in lightness too, for readers who do not tell the hues apart.
    colors=(
        *("#2f6fb0", "#ea7c2b", "#22937f", "#c9406e", "#7d5fb2", "#c49a12", "#4fb0d8", "#84705f"),
    ),
    ramp=("#f4ecc6", "#b5dba6", "#56b1a6", "#2b7a9b", "#234f83", "#1c2f57"),
    split=("#1f5a96", "#7fb0d6", "#f3f2ee", "#eea480", "#b33a2b"),
)

DARK = Theme(
    paper="#14191f",
    panel="#14191f",
    ink="#f2f5f7",
    soft="#a3afba",
    grid="#2a323a",
    edge="#63707c",
    colors=(
        *("#5da9f0", "#ff9d52", "#43c6a8", "#f2739c", "#b194ee", "#e8c34a", "#7fdcf5", "#b7a392"),
    ),
    ramp=("#1d2f4f", "#235a85", "#25879a", "#46b594", "#a4d86e", "#fbea7e"),
    split=("#63aef2", "#2f5f88", "#252c34", "#8f4a3a", "#ff8f6b"),
)

OWN = {"light": LIGHT, "dark": DARK}

DASHES: tuple[Dash, ...] = (
    (),
    (4, 2),
    (1, 1.6),
    (5, 1.6, 1, 1.6),
    (7, 1.2, 1, 1.2, 1, 1.2),
    (1, 3.2),
    (9, 3),
)
SHAPES: tuple[Shape, ...] = ("o", "s", "^", "D", "v", "P", "X")

UNITS = 4 / 3
"""Pixels for each point, in which matplotlib's styles count."""


def theme_of(spec: ChartSpec) -> Theme:
    """Return a request's theme, with its background.

    Raises:
        Refusal: There is no such theme, or a colour is none.
    """
    theme = OWN.get(spec.theme) or _style(spec.theme)
    if spec.background is None:
        return theme
    if spec.background.strip().lower() in ("transparent", "none"):
        return replace(theme, paper=None)
    paper = color(spec.background, "$.background")
    return replace(theme, paper=paper, panel=paper if spec.theme in OWN else theme.panel)


def looks(spec: ChartSpec, theme: Theme, names: Sequence[str]) -> list[Look]:
    """Return the looks of series.

    Beyond a theme's colours they come again, each time in another shade.

    Args:
        spec: The request, which may have colours of its own.
        theme: Has the others.
        names: Of the series.

    Raises:
        Refusal: A colour is none.
    """
    own: Mapping[Any, str]
    if isinstance(spec.colors, dict):
        own = {name: color(text, f"$.colors{member(name)}") for name, text in spec.colors.items()}
    else:
        own = {at: color(text, f"$.colors[{at}]") for at, text in enumerate(spec.colors)}
    found = []
    for index, name in enumerate(names):
        turn, place = divmod(index, len(theme.colors))
        given = own.get(name) if isinstance(spec.colors, dict) else own.get(index)
        toward = theme.ink if turn % 2 else theme.panel
        found.append(
            Look(
                color=given
                or mix(theme.colors[place], toward, min(0.75, 0.17 * (turn + turn % 2))),
                dash=DASHES[turn % len(DASHES)],
                shape=SHAPES[turn % len(SHAPES)],
            )
        )
    return found


def color(text: str, path: str) -> str:
    """Read a colour.

    Args:
        text: A CSS name, a name of matplotlib's (`tab:blue`), `#rgb` or `#rrggbb`.
        path: Where the request has it.

    Returns:
        As `#rrggbb`.

    Raises:
        Refusal: It is none.
    """
    name = text.strip().lower()
    code = name.removeprefix("#")
    if name != code and len(code) in (3, 6) and all(digit in "0123456789abcdef" for digit in code):
        return name if len(code) == 6 else "#" + "".join(2 * digit for digit in code)
    if name in CSS4_COLORS or name in mpl.colors.TABLEAU_COLORS:
        return to_hex(name)
    known = [*CSS4_COLORS, *mpl.colors.TABLEAU_COLORS]
    expected = "Expected a colour by its CSS name or as `#rrggbb`"
    raise _unknown(expected, text, known, path)


def mix(one: str, other: str, share: float) -> str:
    """Return a colour between two: `one` where `share` is 0, `other` where it is 1."""
    pairs = zip(bytes.fromhex(one[1:]), bytes.fromhex(other[1:]), strict=True)
    return "#" + bytes(round(a + (b - a) * share) for a, b in pairs).hex()


def shades(stops: Sequence[str], count: int) -> list[str]:
    """Return so many colours along a ramp, from its first stop to its last."""
    places = np.linspace(0, len(stops) - 1, count)
    below = np.minimum(places.astype(int), len(stops) - 2)
    return [
        mix(stops[at], stops[at + 1], share)
        for at, share in zip(below.tolist(), (places - below).tolist(), strict=True)
    ]


def contrast(background: str, one: str, other: str) -> str:
    """Return which of two colours is read better on a background."""
    light = luminance(background)
    return max((one, other), key=lambda text: abs(luminance(text) - light))


def luminance(text: str) -> float:
    """Return how light a colour looks, from 0 to 1."""
    red, green, blue = bytes.fromhex(text[1:])
    return (0.299 * red + 0.587 * green + 0.114 * blue) / 255


def _folder() -> Path:
    return Path(mpl.get_data_path(), "stylelib")


@lru_cache
def _style(name: str) -> Theme:
    """Read one of matplotlib's styles: its colours and lines, not its sizes of type."""
    path = _folder() / f"{name}.mplstyle"
    known = sorted(file.stem for file in _folder().glob("*.mplstyle") if file.stem[0] != "_")
    if name not in known:
        expected = "Expected `light`, `dark` or one of matplotlib's styles"
        raise _unknown(expected, name, [*OWN, *known], "$.theme")
    settings = dict(mpl.rcParamsDefault)
    settings.update(mpl.rc_params_from_file(path, use_default_template=False))

    def shade(key: str) -> str:
        return _shade(settings, settings[key])

    panel = shade("axes.facecolor")
    cycle = settings["axes.prop_cycle"].by_key().get("color") or LIGHT.colors
    dark = luminance(panel) < 0.45
    base = DARK if dark else LIGHT
    sides = [side for side in ("left", "bottom", "right", "top") if settings[f"axes.spines.{side}"]]
    which = settings["axes.grid.axis"]
    grid = settings["axes.grid"]
    return Theme(
        paper=shade("figure.facecolor"),
        panel=panel,
        ink=shade("text.color"),
        soft=shade("axes.labelcolor"),
        grid=shade("grid.color"),
        edge=shade("axes.edgecolor"),
        colors=tuple(_shade(settings, text) for text in cycle),
        ramp=_ramp(settings["image.cmap"]),
        split=base.split,
        grid_width=settings["grid.linewidth"] * UNITS if grid else 0.0,
        edge_width=settings["axes.linewidth"] * UNITS,
        line_width=settings["lines.linewidth"] * UNITS,
        sides=tuple(sides),
        framed=True,
        grids=(grid and which in ("x", "both"), grid and which in ("y", "both")),
    )


def _shade(settings: Mapping[str, Any], text: str) -> str:
    """Read a colour of a style, which may name another of its settings."""
    if text in ("auto", "inherit"):
        text = settings["axes.facecolor"]
    return to_hex(text)


def _ramp(name: str) -> tuple[str, ...]:
    return tuple(to_hex(shade) for shade in mpl.colormaps[name](np.linspace(0, 1, 16)))


def _unknown(expected: str, text: str, known: Sequence[str], path: str) -> Refusal:
    import difflib

    close = difflib.get_close_matches(text.strip().lower(), known, 3, 0.5)
    meant = f"; did you mean {' or '.join(f'`{name}`' for name in close)}?" if close else ""
    return refusal(path, f"{expected}, got `{text[:40]}`{meant}")
