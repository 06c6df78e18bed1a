"""A scene as PDF: shapes stay shapes, and text stays text in fonts that the file brings along."""

import io
from collections.abc import Sequence
from functools import lru_cache

import budgets
import matplotlib as mpl
import numpy as np
import raster
import typeface
from fontTools import subset  # type: ignore[import-untyped]
from marks import Bitmap, Box, Dots, Fill, Layer, Mark, Scene, Stroke, Words, outline
from matplotlib.backends.backend_pdf import PdfFile, RendererPdf
from matplotlib.font_manager import FontProperties, fontManager, get_font
from painter import Painter, rgb

POINTS = 0.75
"""Points for each CSS pixel."""

SETTINGS = {"pdf.fonttype": 42, "pdf.compression": 6, "text.parse_math": False}
"""Of matplotlib: fonts stay what they are, cut down to the letters that are used."""

# matplotlib has the tables of a font's layout cut down as well, which takes half of a chart's time;
# a PDF places each glyph, and nobody reads them there (ISO 32000-1, 9.9).
subset.Options._drop_tables_default += ["GDEF", "GPOS", "GSUB", "kern"]


def write(scene: Scene) -> bytes:
    """Write a scene as a PDF of one page, the same for the same scene.

    The document's title and subject are the scene's title and alternative text, and the whole
    drawing is one piece of marked content with that text as its `/Alt` (ISO 32000-1, 14.9.3). The
    file has no structure tree: it is not a tagged PDF.
    """
    file = io.BytesIO()
    about: dict[str, str | None] = {"Title": scene.title, "Subject": scene.alt}
    about |= {"Creator": None, "Producer": None, "CreationDate": None}
    with mpl.rc_context(SETTINGS):
        document = PdfFile(file, metadata=about)  # type: ignore[no-untyped-call]
        document.newPage(scene.width * POINTS / 72, scene.height * POINTS / 72)  # type: ignore[no-untyped-call]
        alt = f"\ufeff{scene.alt}".encode("utf-16-be").hex()
        document.write(f"/Span <</Alt <{alt}>>> BDC\n".encode())  # type: ignore[no-untyped-call]
        dense = budgets.sharpness(scene.width, scene.height)
        dpi = 72 * dense / POINTS
        renderer = RendererPdf(document, dpi, scene.height * POINTS, scene.width * POINTS)  # type: ignore[no-untyped-call]
        painter = Painter(renderer, scene.height, POINTS)
        if scene.paper is not None:
            whole = outline(Box(0, 0, scene.width, scene.height))
            painter.fill(Fill(shapes=[whole], color=scene.paper), None)
        for layer in scene.layers:
            _draw(painter, scene, layer, dense)
        renderer.finalize()  # type: ignore[no-untyped-call]
        document.write(b"EMC\n")  # type: ignore[no-untyped-call]
        document.finalize()  # type: ignore[no-untyped-call]
        document.close()  # type: ignore[no-untyped-call]
    return file.getvalue()


def _draw(painter: Painter, scene: Scene, layer: Layer, dense: float) -> None:
    """Draw a layer, with so many pixels of a bitmap for each of the scene's."""
    marks: Sequence[Mark] = layer.marks
    if layer.dense:
        whole = Box(0, 0, scene.width, scene.height)
        marks = [Bitmap(pixels=raster.paint_layer(scene, layer, dense), box=whole)]
    for mark in marks:
        match mark:
            case Stroke():
                painter.stroke(mark, layer.clip)
            case Fill():
                painter.fill(mark, layer.clip)
            case Dots():
                painter.dots(mark, layer.clip)
            case Words():
                _write(painter, mark)
            case Bitmap():
                _lay(painter, mark, dense)


def _write(painter: Painter, mark: Words) -> None:
    along = {"start": 0.0, "middle": 0.5, "end": 1.0}[mark.align]
    along *= typeface.width(mark.text, mark.size, mark.bold)
    turn = np.radians(mark.angle)
    start = (mark.x - along * np.cos(turn), mark.y + along * np.sin(turn))
    x, y = painter.place.transform(start)
    pen = painter.renderer.new_gc()
    pen.set_foreground((*rgb(mark.color), 1.0), isRGBA=True)
    weight = "bold" if mark.bold else "normal"
    font = FontProperties(family=_families(), weight=weight, size=mark.size * POINTS)
    painter.renderer.draw_text(pen, x, y, typeface.visible(mark.text), font, mark.angle)
    pen.restore()


@lru_cache
def _families() -> list[str]:
    for path in typeface.extra():
        fontManager.addfont(path)
    return ["DejaVu Sans", *(get_font(path).family_name for path in typeface.extra())]


def _lay(painter: Painter, mark: Bitmap, dense: float) -> None:
    rows, columns = round(mark.box.height * dense), round(mark.box.width * dense)
    x, y = painter.place.transform((mark.box.left, mark.box.bottom))
    pen = painter.renderer.new_gc()
    pixels = raster.enlarge(mark, rows, columns)
    painter.renderer.draw_image(pen, x, y, pixels[::-1])
    pen.restore()
