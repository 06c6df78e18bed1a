"""Problems as images, for who can show nothing else: an `<img>` says what is wrong with its URL."""

from collections.abc import Callable
from html import escape
from typing import TYPE_CHECKING

from captions import clean, shorten, wrap
from problems import Problem

if TYPE_CHECKING:
    from raster import Pixels

WIDTH = 640
LINE = 20
MARGIN = 20
"""Pixels."""

COLUMNS = 68
"""Characters of a line."""

LINES = 12
"""Lines of a problem at most; the JSON says all of it."""

PAPER, INK, RED = "#ffffff", "#333333", "#b3261e"


def svg(problem: Problem) -> bytes:
    """Write a problem as an SVG."""
    title, lines, height = _layout(problem)
    texts = [
        f'<text x="{MARGIN}" y="{MARGIN + 15 + LINE * number}" fill="{INK if number else RED}">'
        f"{escape(line)}</text>"
        for number, line in enumerate([title, *lines])
    ]
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}" height="{height}" '
        f'viewBox="0 0 {WIDTH} {height}" role="img" font-family="sans-serif" font-size="14">'
        f"<title>{escape(' '.join([title, *lines]))}</title>"
        f'<rect width="100%" height="100%" fill="{PAPER}"/>{"".join(texts)}</svg>\n'
    ).encode()


def png(problem: Problem) -> bytes:
    """Write a problem as a PNG."""
    pixels = _painted(problem)
    import encoding

    return encoding.png(pixels)


def webp(problem: Problem) -> bytes:
    """Write a problem as a WebP."""
    pixels = _painted(problem)
    import encoding

    return encoding.webp(pixels)


MEDIA: dict[str, Callable[[Problem], bytes]] = {
    "image/svg+xml": svg,
    "image/png": png,
    "image/webp": webp,
}
"""What a problem may be, the cheapest first."""


def _layout(problem: Problem) -> tuple[str, list[str], int]:
    """Return the title, the lines below it, and the height of all."""
    lines = [
        line
        for fault in problem.errors
        for line in wrap(clean(f"{fault.path}: {fault.detail}"), COLUMNS, LINES)
    ]
    if len(lines) > LINES:
        lines = [*lines[: LINES - 1], "…"]
    title = shorten(f"{problem.status} {problem.title}", COLUMNS)
    return title, lines, 2 * MARGIN + LINE * (1 + len(lines))


def _painted(problem: Problem) -> "Pixels":
    """Draw a problem as charts are drawn."""
    import fontcache

    fontcache.install()
    import raster
    from marks import Layer, Scene, Words

    title, lines, height = _layout(problem)
    words = [
        Words(
            x=MARGIN,
            y=MARGIN + 15 + LINE * number,
            text=line,
            size=14,
            color=INK if number else RED,
        )
        for number, line in enumerate([title, *lines])
    ]
    scene = Scene(
        width=WIDTH, height=height, paper=PAPER, layers=[Layer(marks=words)], title=title, alt=""
    )
    return raster.paint(scene, 1.0)
