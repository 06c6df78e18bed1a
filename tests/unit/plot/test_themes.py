"""Colours of Plot's charts."""

import sys
from pathlib import Path

import matplotlib as mpl
import pytest

sys.path.insert(0, str(Path(__file__).parents[3] / "plot"))

import colors
import decoding
import drawing
import themes

STYLES = sorted(
    path.stem
    for path in Path(mpl.get_data_path(), "stylelib").glob("*.mplstyle")
    if path.stem[0] != "_"
)
SPEC = {"kind": "line", "columns": {"a": [1, 3], "b": [2, 1]}, "width": 200, "height": 120}


@pytest.mark.parametrize("name", [*themes.OWN, *STYLES])
def test_every_theme_draws(name: str) -> None:
    """The two themes and each of matplotlib's styles draw a chart in their colours."""
    spec = decoding.decode(SPEC | {"theme": name, "format": "svg"})
    theme = themes.theme_of(spec)

    image = drawing.draw(spec).content.decode()

    assert theme.panel in image or theme.panel == "#000000"  # which SVG fills with unsaid
    assert f"stroke: {theme.colors[0]}" in image
    assert colors.luminance(theme.panel) != colors.luminance(theme.ink)


@pytest.mark.parametrize("theme", themes.OWN.values(), ids=themes.OWN)
def test_texts_and_series_stand_out(theme: themes.Theme) -> None:
    """Text and every series' colour are told from the paper by their lightness."""
    paper = _relative(theme.panel)
    for color, least in ((theme.ink, 7), (theme.soft, 4.5), *((c, 2.3) for c in theme.colors)):
        light, dark = sorted((_relative(color), paper), reverse=True)
        assert (light + 0.05) / (dark + 0.05) >= least, color


def _relative(color: str) -> float:
    """Relative luminance (https://www.w3.org/TR/WCAG22/#dfn-relative-luminance)."""
    parts = [part / 255 for part in bytes.fromhex(color[1:])]
    linear = [p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


@pytest.mark.parametrize("theme", themes.OWN.values(), ids=themes.OWN)
def test_looks_differ(theme: themes.Theme) -> None:
    """No two of 50 series look the same."""
    names = [str(at) for at in range(50)]

    found = themes.looks_of(decoding.decode(SPEC), theme, names)

    assert len({repr(look) for look in found}) == 50
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
    assert colors.read_color(text, "$") == color


def test_colours_are_those_of_the_request() -> None:
    """A request colours series by their order or their names, and the others keep theirs."""
    by_order = decoding.decode(SPEC | {"colors": ["red"]})
    by_name = decoding.decode(SPEC | {"colors": {"b": "red"}})

    looks = [
        [look.color for look in themes.looks_of(spec, themes.OWN["light"], ["a", "b"])]
        for spec in (by_order, by_name)
    ]

    assert looks == [
        ["#ff0000", themes.OWN["light"].colors[1]],
        [themes.OWN["light"].colors[0], "#ff0000"],
    ]
