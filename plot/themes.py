"""How charts look: matplotlib's style sheets, ours (in `styles/`) and its own, and colours."""

import difflib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import matplotlib as mpl
from chartspec import ChartSpec
from fontcache import families
from matplotlib.colors import is_color_like, to_hex, to_rgb
from problems import Fault, Refusal, member

OWN = ("light", "dark")
KEPT = ("axes.", "figure.facecolor", "grid.", "image.cmap", "lines.", "patch.", "text.color")
SIZES = ("size", "font", "weight", "pad", "margin", "limit")
"""A style of matplotlib's keeps its colours and lines, and neither its sizes nor its type."""

DASHES: tuple[Any, ...] = ("-", (0, (4, 2)), (0, (1, 1.6)), (0, (5, 1.6, 1, 1.6)), (0, (9, 3)))
MARKERS = "os^DvPX"


def style_of(spec: ChartSpec) -> dict[str, Any]:
    """Return a request's rcParams. `check_looks` refuses a theme that there is not."""
    if spec.theme in OWN:
        theme = _sheet(spec.theme)
    else:
        from matplotlib import style  # reads all of its sheets

        pairs = style.library[spec.theme].items()
        kept = {key: value for key, value in pairs if key.startswith(KEPT)}
        kept = {key: kept[key] for key in kept if not any(part in key for part in SIZES)}
        theme = {"axes.grid": False} | kept
    paper = {}
    if spec.background is not None and not is_transparent(spec):
        paper = {"figure.facecolor": to_hex(_name(spec.background))}
        paper |= {"axes.facecolor": paper["figure.facecolor"]} if spec.theme in OWN else {}
    type_ = {"font.family": families(), "font.size": 9 * spec.shrinking}
    return _sheet("base") | theme | paper | type_


@cache
def _sheet(name: str) -> dict[str, Any]:
    path = Path(__file__).parent / "styles" / f"{name}.mplstyle"
    return dict(mpl.rc_params_from_file(path, use_default_template=False))


def is_transparent(spec: ChartSpec) -> bool:
    """Tell whether the image is to have no background."""
    return _name(spec.background or "") in ("transparent", "none")


def check_looks(spec: ChartSpec) -> None:
    """Refuse a theme and each colour of a request that there is not."""
    faults: list[Fault] = []
    if spec.theme not in OWN:
        from matplotlib import style

        known = [*OWN, *style.available]
        expected = "Expected `light`, `dark` or one of matplotlib's styles"
        faults += [] if spec.theme in known else [_unknown("$.theme", expected, spec.theme, known)]
    known = [*mpl.colors.CSS4_COLORS, *mpl.colors.TABLEAU_COLORS]
    expected = "Expected a colour by its CSS name or as `#rrggbb`"
    for path, text in _colors(spec):
        name = _name(text)
        is_hex = name.startswith("#") and len(name) in (4, 7) and is_color_like(name)
        if name not in known and not is_hex:
            faults.append(_unknown(path, expected, text, known))
    if faults:
        raise Refusal(faults)


def _colors(spec: ChartSpec) -> Iterator[tuple[str, str]]:
    if isinstance(spec.colors, dict):
        yield from ((f"$.colors{member(name)}", text) for name, text in spec.colors.items())
    else:
        yield from ((f"$.colors[{at}]", text) for at, text in enumerate(spec.colors))
    if spec.background is not None and not is_transparent(spec):
        yield "$.background", spec.background
    for at, line in enumerate(spec.lines):
        yield f"$.lines[{at}].color", line.color or "black"


def _name(text: str) -> str:
    return text.strip().lower()


def _unknown(path: str, expected: str, text: str, known: Sequence[str]) -> Fault:
    close = difflib.get_close_matches(_name(text), known, 3, 0.5)
    meant = f"; did you mean {' or '.join(f'`{name}`' for name in close)}?" if close else ""
    return Fault(path, f"{expected}, got `{text[:40]}`{meant}")


@dataclass(frozen=True)
class Look:
    """What tells one series from the others: colour first, then dash or marker."""

    color: str
    dash: Any
    marker: str


def looks_of(spec: ChartSpec, names: Sequence[str]) -> list[Look]:
    """Return the looks of series: beyond a theme's colours they come again, in other shades."""
    colors = mpl.rcParams["axes.prop_cycle"].by_key().get("color", ["C0"])
    looks = []
    for index, name in enumerate(names):
        turn, place = divmod(index, len(colors))
        other = mpl.rcParams["text.color" if turn % 2 else "axes.facecolor"]
        color = mix(colors[place], other, min(0.6, 0.2 * turn))
        if isinstance(spec.colors, dict):
            color = to_hex(_name(spec.colors.get(name, color)))
        elif index < len(spec.colors):
            color = to_hex(_name(spec.colors[index]))
        looks.append(Look(color, DASHES[turn % len(DASHES)], MARKERS[turn % len(MARKERS)]))
    return looks


def mix(one: str, other: str, share: float) -> str:
    """Return a colour between two: `one` where `share` is 0, `other` where it is 1."""
    pairs = zip(to_rgb(one), to_rgb(other), strict=True)
    red, green, blue = (a + (b - a) * share for a, b in pairs)
    return to_hex((red, green, blue))


def luminance(color: Any) -> float:
    """Return how light a colour looks, from 0 to 1."""
    red, green, blue = to_rgb(color)
    return 0.299 * red + 0.587 * green + 0.114 * blue


def contrast(background: Any) -> str:
    """Return the colour of text or of paper: which is read best on another."""
    colors: list[str] = [mpl.rcParams["text.color"], mpl.rcParams["axes.facecolor"]]
    light = luminance(background)
    return max(colors, key=lambda color: abs(luminance(color) - light))
