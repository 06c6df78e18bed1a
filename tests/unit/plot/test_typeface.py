"""Letters of Plot's charts."""

import shutil
import sys
from collections.abc import Iterator
from pathlib import Path

import matplotlib as mpl
import pytest
from hypothesis import given
from hypothesis import strategies as st

sys.path.insert(0, str(Path(__file__).parents[3] / "plot"))

import captions
import typeface

PRINTABLE = st.text(max_size=120).map(captions.clean)


@pytest.mark.parametrize("text", ["Hello world", "2024-01-01", "αβγ", "47,632 ms", "Größe"])
@pytest.mark.parametrize("bold", [False, True])
def test_measures_what_it_draws(text: str, bold: bool) -> None:
    """A text is as wide as its letters are when it is drawn."""
    drawn = typeface.run(text, 14, bold, 0)

    assert typeface.width(text, 14, bold) == pytest.approx(drawn.width, abs=1)
    assert drawn.coverage.max() > 200


@given(PRINTABLE, st.floats(1, 400), st.integers(1, 4))
def test_lines_stay_within_their_room(text: str, room: float, most: int) -> None:
    """Wrapped lines are no more than allowed, and none is wider than its room, a letter aside."""
    lines = typeface.wrap(text, room, 12, False, most)

    assert len(lines) <= most
    assert all(len(line) == 1 or typeface.width(line, 12) <= room * 1.5 for line in lines)


@given(PRINTABLE, st.floats(0, 200))
def test_a_fitted_text_fits(text: str, room: float) -> None:
    """A text that is shortened takes no more than its room."""
    fitted = typeface.fit(text, room, 12)

    assert typeface.width(fitted, 12) <= room or not fitted


def test_a_text_that_fits_stays_as_it_is() -> None:
    """Nothing is shortened for nothing."""
    assert typeface.fit("short", 200, 12) == "short"
    assert typeface.wrap("two words", 200, 12, False, 3) == ["two words"]


def test_what_no_font_has_is_seen() -> None:
    """A replacement stands where no font has a character, nothing where it only joins others."""
    assert typeface.visible("a漢b\u200dc\U0001f1e9") == "a\ufffdb\u200dc\ufffd"
    assert typeface.missing(["a漢b", "漢字"]) == ("漢", "字")


@pytest.fixture
def more_fonts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A folder of fonts to be asked behind the charts' own."""
    monkeypatch.setattr(typeface, "OWN", tmp_path)
    for cached in (typeface.extra, typeface._paths, typeface._known):
        cached.cache_clear()
    yield tmp_path
    for cached in (typeface.extra, typeface._paths, typeface._known):
        cached.cache_clear()


def test_fonts_beside_the_module_stand_in(more_fonts: Path) -> None:
    """A character that DejaVu Sans lacks comes from a font in `fonts/`, where one has it."""
    letter = "\N{MATHEMATICAL BOLD FRAKTUR CAPITAL A}"  # of STIX
    assert typeface.missing([letter]) == (letter,)
    stix = Path(mpl.get_data_path(), "fonts", "ttf", "STIXGeneral.ttf")
    shutil.copy(stix, more_fonts)
    for cached in (typeface.extra, typeface._paths, typeface._known):
        cached.cache_clear()

    assert typeface.missing([letter]) == ()
    assert typeface.visible(letter) == letter
