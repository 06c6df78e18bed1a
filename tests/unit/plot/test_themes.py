"""Colours of Plot's charts."""

import sys
from pathlib import Path
from typing import Any

import matplotlib as mpl
import pytest
from matplotlib.colors import to_hex

sys.path.insert(0, str(Path(__file__).parents[3] / "plot"))

import decoding
import drawing
import themes

STYLES = sorted(
    path.stem
    for path in Path(mpl.get_data_path(), "stylelib").glob("*.mplstyle")
    if path.stem[0] != "_"
)
SPEC = {"kind": "line", "columns": {"a": [1, 3], "b": [2, 1]}, "width": 200, "height": 120}


def style(**fields: Any) -> dict[str, Any]:
    return themes.style_of(decoding.decode(SPEC | fields))


def colors(name: str) -> list[str]:
    return [to_hex(color) for color in style(theme=name)["axes.prop_cycle"].by_key()["color"]]


@pytest.mark.parametrize("name", [*themes.OWN, *STYLES])
def test_every_theme_draws(name: str) -> None:
    """The two themes and each of matplotlib's styles draw a chart in their colours."""
    spec = decoding.decode(SPEC | {"theme": name, "format": "svg"})

    image = drawing.draw(spec).content.decode()

    with mpl.rc_context(themes.style_of(spec)):
        paper, ink = (mpl.rcParams[key] for key in ("axes.facecolor", "text.color"))
        first = themes.looks_of(spec, ["a"])[0].color
    assert to_hex(paper) in image or to_hex(paper) == "#000000"  # which SVG fills with unsaid
    assert f"stroke: {first}" in image
    assert themes.luminance(paper) != themes.luminance(ink)


@pytest.mark.parametrize("name", themes.OWN)
def test_texts_and_series_stand_out(name: str) -> None:
    """Text and every series' colour are told from the paper by their lightness."""
    theme = style(theme=name)
    paper = _relative(to_hex(theme["axes.facecolor"]))
    least = [(to_hex(theme["text.color"]), 7.0), (to_hex(theme["axes.labelcolor"]), 4.5)]
    for color, ratio in (*least, *((color, 2.3) for color in colors(name))):
        light, dark = sorted((_relative(color), paper), reverse=True)
        assert (light + 0.05) / (dark + 0.05) >= ratio, color


def _relative(color: str) -> float:
    """Relative luminance (https://www.w3.org/TR/WCAG22/#dfn-relative-luminance)."""
    parts = [part / 255 for part in bytes.fromhex(color[1:])]
    linear = [p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


@pytest.mark.parametrize("name", themes.OWN)
def test_looks_differ(name: str) -> None:
    """No two of 50 series look the same."""
    with mpl.rc_context(style(theme=name)):
        found = themes.looks_of(decoding.decode(SPEC), [str(at) for at in range(50)])

    assert len(set(map(repr, found))) == 50
    assert len({look.color for look in found}) >= 40


@pytest.mark.parametrize(
    ("text", "color"),
    [
        ("Red", "#ff0000"),
        (" #0AF ", "#00aaff"),
        ("#2f6fb0", "#2f6fb0"),
        ("tab:blue", "#1f77b4"),
        ("rebeccapurple", "#663399"),
    ],
)
def test_reads_colours(text: str, color: str) -> None:
    """A colour is a CSS name, one of matplotlib's, or hexadecimal."""
    spec = decoding.decode(SPEC | {"colors": [text]})
    themes.check_looks(spec)

    assert themes.looks_of(spec, ["a"])[0].color == color


def test_colours_are_those_of_the_request() -> None:
    """A request colours series by their order or their names, and the others keep theirs."""
    by_order = decoding.decode(SPEC | {"colors": ["red"]})
    by_name = decoding.decode(SPEC | {"colors": {"b": "red"}})
    first, second = colors("light")[:2]

    with mpl.rc_context(style()):
        looks = [
            [look.color for look in themes.looks_of(spec, ["a", "b"])]
            for spec in (by_order, by_name)
        ]

    assert looks == [["#ff0000", second], [first, "#ff0000"]]
