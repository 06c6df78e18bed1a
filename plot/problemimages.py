"""Problems as images, for who can show nothing else: an `<img>` says what is wrong with its URL."""

import importlib.util
import io
from collections.abc import Callable
from html import escape
from pathlib import Path

from captions import clean, shorten, wrap
from problems import Problem

WIDTH = 640
LINE = 20
MARGIN = 20
"""Pixels."""

COLUMNS = 80
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
    return _raster(problem, "PNG")


def webp(problem: Problem) -> bytes:
    """Write a problem as a WebP."""
    return _raster(problem, "WEBP")


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


def _raster(problem: Problem, kind: str) -> bytes:
    """Draw a problem with Pillow, which takes a tenth of matplotlib's time to be imported."""
    from PIL import Image, ImageDraw, ImageFont

    title, lines, height = _layout(problem)
    image = Image.new("RGB", (WIDTH, height), PAPER)
    pen = ImageDraw.Draw(image)
    # Raqm, the other engine, needs a library of the system, which Lambda has not.
    font = ImageFont.truetype(_font(), 14, layout_engine=ImageFont.Layout.BASIC)
    for number, line in enumerate([title, *lines]):
        place = (MARGIN, MARGIN + LINE * number)
        pen.text(place, line, fill=INK if number else RED, font=font)
    file = io.BytesIO()
    image.save(file, kind, lossless=True)  # which only a WebP can be otherwise
    return file.getvalue()


def _font() -> str:
    """Return the path of the charts' font, which matplotlib has, without importing matplotlib."""
    spec = importlib.util.find_spec("matplotlib")
    assert spec is not None and spec.origin is not None
    return str(Path(spec.origin).parent / "mpl-data" / "fonts" / "ttf" / "DejaVuSans.ttf")
