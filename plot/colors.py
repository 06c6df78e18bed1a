"""Colours by name, between others, and how light they are."""

import difflib
from collections.abc import Sequence
from typing import Any

import matplotlib as mpl
from matplotlib.colors import is_color_like, to_hex, to_rgb
from problems import Refusal, refusal


def read_color(text: str, path: str) -> str:
    """Read a colour: a CSS name, a name of matplotlib's (`tab:blue`), `#rgb` or `#rrggbb`.

    Raises:
        Refusal: It is none.
    """
    known = [*mpl.colors.CSS4_COLORS, *mpl.colors.TABLEAU_COLORS]
    name = text.strip().lower()
    if name in known or (name.startswith("#") and len(name) in (4, 7) and is_color_like(name)):
        return to_hex(name)
    raise unknown("Expected a colour by its CSS name or as `#rrggbb`", text, known, path)


def mix(one: str, other: str, share: float) -> str:
    """Return a colour between two: `one` where `share` is 0, `other` where it is 1."""
    pairs = zip(to_rgb(one), to_rgb(other), strict=True)
    red, green, blue = (a + (b - a) * share for a, b in pairs)
    return to_hex((red, green, blue))


def contrast(background: Any, *colors: str) -> str:
    """Return which of some colours is read best on another."""
    light = luminance(background)
    return max(colors, key=lambda text: abs(luminance(text) - light))


def luminance(color: Any) -> float:
    """Return how light a colour looks, from 0 to 1."""
    red, green, blue = to_rgb(color)
    return 0.299 * red + 0.587 * green + 0.114 * blue


def unknown(expected: str, text: str, known: Sequence[str], path: str) -> Refusal:
    """Return the refusal of a name that is none, with those that are like it."""
    close = difflib.get_close_matches(text.strip().lower(), known, 3, 0.5)
    meant = f"; did you mean {' or '.join(f'`{name}`' for name in close)}?" if close else ""
    return refusal(path, f"{expected}, got `{text[:40]}`{meant}")
