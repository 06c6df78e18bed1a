"""Letters: which fonts have them, how wide they run, and their pixels.

DejaVu Sans, which comes with matplotlib, is the charts' font. Fonts in `fonts/` beside this module
stand in, glyph by glyph, for what it lacks; docs/fonts.md says which are worth their size.
"""

import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import matplotlib as mpl
import numpy as np
import numpy.typing as npt
from captions import shorten
from matplotlib.font_manager import get_font
from matplotlib.ft2font import FT2Font, LoadFlags

OWN = Path(__file__).with_name("fonts")
"""Where fonts lie for what DejaVu Sans lacks."""

INSTEAD = "\N{REPLACEMENT CHARACTER}"
"""Stands where no font has a character."""

ASCENT, DESCENT, CAPITAL = 0.93, 0.24, 0.73
"""Heights above and below the baseline, and of a capital letter, for each pixel of type size."""

_REMEMBERED = 4096
"""Letters whose widths are kept."""

_SHORT, _SMALL, _KEPT = 16, 40.0, 512
"""Texts of so many letters at most, and of such a size, come again in the next chart, as digits and
months do: the pixels of so many are kept, some megabytes.
"""


@dataclass(frozen=True, kw_only=True)
class Run:
    """The pixels of a text.

    Attributes:
        coverage: How much of each pixel the letters cover, of 255.
        left: Pixels from the left edge to where the text starts.
        down: Pixels from the top edge to its baseline there.
        width: Pixels from its start to its end.
    """

    coverage: npt.NDArray[np.uint8]
    left: int
    down: int
    width: float


@lru_cache
def extra() -> tuple[Path, ...]:
    """Return the fonts that stand in for DejaVu Sans, in the order in which they are asked."""
    return tuple(sorted(path for path in OWN.iterdir() if path.suffix in (".ttf", ".otf")))


def width(text: str, size: float, bold: bool = False) -> float:
    """Measure a line of text, letter by letter: kerning takes a hair off that.

    Args:
        text: Of printable characters.
        size: Pixels of an em.
        bold: Whether the letters are.

    Returns:
        Pixels from its start to its end.
    """
    size = round(size, 1)
    return sum(_advance(letter, size, bold) for letter in visible(text))


@lru_cache(_REMEMBERED)
def _advance(letter: str, size: float, bold: bool) -> float:
    font = _font(size, bold)
    font.set_text(letter, 0, flags=LoadFlags.FORCE_AUTOHINT)
    return font.get_width_height()[0] / 64


def run(text: str, size: float, bold: bool, angle: float) -> Run:
    """Draw a line of text.

    Args:
        text: Of printable characters.
        size: Pixels of an em.
        bold: Whether the letters are.
        angle: Degrees that it is turned by, against the clock.
    """
    if len(text) <= _SHORT and size <= _SMALL:
        return _kept(text, size, bold, angle)
    return _drawn(text, size, bold, angle)


@lru_cache(_KEPT)
def _kept(text: str, size: float, bold: bool, angle: float) -> Run:
    return _drawn(text, size, bold, angle)


def _drawn(text: str, size: float, bold: bool, angle: float) -> Run:
    font = _font(size, bold)
    font.set_text(visible(text), angle, flags=LoadFlags.FORCE_AUTOHINT)
    font.draw_glyphs_to_bitmap(antialiased=True)
    wide, high = font.get_width_height()
    return Run(
        # A copy: the font draws its next text into the same memory.
        coverage=np.array(font.get_image(), dtype=np.uint8),
        left=-round(font.get_bitmap_offset()[0] / 64),
        down=round((high - font.get_descent()) / 64) + 1,
        width=wide / 64,
    )


def visible(text: str) -> str:
    """Put `INSTEAD` where no font has a character, and leave out what is never seen by itself."""
    if text.isascii():
        return text
    return "".join(letter if _known(letter) else _substitute(letter) for letter in text)


def missing(texts: Iterable[str]) -> tuple[str, ...]:
    """Return the characters that no font has, each once, in order of appearance."""
    letters = dict.fromkeys("".join(text for text in texts if not text.isascii()))
    return tuple(letter for letter in letters if not _known(letter) and _substitute(letter))


def fit(text: str, room: float, size: float, bold: bool = False) -> str:
    """Shorten a text until it takes no more than so many pixels; empty where none of it fits."""
    wide = width(text, size, bold)
    while text and wide > room:
        length = min(len(text) - 1, int(len(text) * room / wide))
        text = shorten(text, length) if length > 1 else ""
        wide = width(text, size, bold)
    return text


def wrap(text: str, room: float, size: float, bold: bool, most: int) -> list[str]:
    """Break a text into lines of at most so many pixels.

    Args:
        text: Of printable characters.
        room: Pixels.
        size: Pixels of an em.
        bold: Whether the letters are.
        most: Lines at most. The last one is shortened where there is more.

    Returns:
        As few lines as need be, broken at spaces; none where there is no text.
    """
    lines: list[str] = []
    rest = text.split() if room > 0 else []
    while rest and len(lines) < most - 1:
        count = 1
        while count < len(rest) and width(" ".join(rest[: count + 1]), size, bold) <= room:
            count += 1
        line, rest = " ".join(rest[:count]), rest[count:]
        if width(line, size, bold) > room:  # a word, or a script without spaces, that is too long
            length = max(1, int(len(line) * room / width(line, size, bold)))
            line, rest = line[:length], [line[length:], *rest]
        lines.append(line)
    if rest and (last := fit(" ".join(rest), room, size, bold)):
        lines.append(last)
    return lines


def _substitute(letter: str) -> str:
    """Return what stands for a character that no font has: nothing for one that only joins."""
    return "" if unicodedata.category(letter) in ("Cf", "Mn", "Me") else INSTEAD


@lru_cache(_REMEMBERED)
def _known(letter: str) -> bool:
    return any(get_font(path).get_char_index(ord(letter)) for path in _paths(bold=False))


@lru_cache
def _paths(bold: bool) -> tuple[str, ...]:
    own = Path(mpl.get_data_path(), "fonts", "ttf", f"DejaVuSans{'-Bold' if bold else ''}.ttf")
    return str(own), *map(str, extra())


def _font(size: float, bold: bool) -> FT2Font:
    font = get_font(_paths(bold))
    font.clear()
    font.set_size(size, 72)
    return font
