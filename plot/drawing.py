"""From a request to the image of its chart."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

import alttext
import barchart
import budgets
import distributions
import heatmap
import histogram
import layout
import pies
import scatter
import stylecheck
import typeface
import xychart
from chartdata import ChartData, prepare
from chartspec import ChartSpec, Format, Kind
from marks import Scene, Words
from panel import Panel
from planning import plan
from problems import too_large
from themes import Theme, theme_of

PANELS: dict[Kind, "Describe"] = {
    "line": xychart.panel,
    "area": xychart.panel,
    "step": xychart.panel,
    "errorbar": xychart.panel,
    "sparkline": xychart.panel,
    "bar": barchart.panel,
    "scatter": scatter.panel,
    "histogram": histogram.panel,
    "box": distributions.panel,
    "violin": distributions.panel,
    "pie": pies.panel,
    "donut": pies.panel,
    "heatmap": heatmap.panel,
}


class Describe(Protocol):
    """Says what a chart of some kind is made of; `dense` is whether its marks become pixels."""

    def __call__(self, spec: ChartSpec, data: ChartData, theme: Theme, dense: bool) -> Panel:
        """Describe a chart."""


@dataclass(frozen=True, kw_only=True)
class Image:
    """A chart, drawn.

    Attributes:
        content: The file.
        content_type: Its media type.
        width: Pixels.
        height: Pixels.
        alt: What it shows, in words; an SVG and a PDF say so themselves.
        missing: Characters that no font has, in order of appearance. An SVG names none: its text
            is drawn in the viewer's fonts.
        left_out: Columns that are not drawn though they look like numbers, each with the reason.
    """

    content: bytes
    content_type: str
    width: int
    height: int
    alt: str
    missing: tuple[str, ...] = ()
    left_out: tuple[str, ...] = ()


def draw(spec: ChartSpec) -> Image:
    """Draw a chart. The same request gives the same bytes, in any process.

    Raises:
        Refusal: The data cannot be drawn, or there is too much of it, a theme or a colour is
            unknown, or the image would be larger than `budgets.ANSWER`.
    """
    data = prepare(spec)
    planned = plan(spec, data)
    stylecheck.check(spec)
    theme = theme_of(spec)
    alt = alttext.describe(spec, data)
    panel = PANELS[spec.kind](spec, data, theme, planned.rasterised)
    scene = layout.compose(spec, data, theme, panel, alt)
    write, content_type = WRITERS[spec.format]
    content = write(scene, spec)
    if len(content) > budgets.ANSWER:
        found = f"The image has {len(content):,} bytes, expected at most {budgets.ANSWER:,}"
        raise too_large("$", f"{found}: ask for fewer points, fewer pixels, or a PNG")
    wide, high = spec.pixels
    return Image(
        content=content,
        content_type=content_type,
        width=wide,
        height=high,
        alt=alt,
        missing=() if spec.format == "svg" else typeface.missing(_texts(scene)),
        left_out=data.left_out,
    )


def _texts(scene: Scene) -> list[str]:
    return [mark.text for layer in scene.layers for mark in layer.marks if isinstance(mark, Words)]


def _png(scene: Scene, spec: ChartSpec) -> bytes:
    import encoding
    import raster

    return encoding.png(raster.paint(scene, spec.scale))


def _webp(scene: Scene, spec: ChartSpec) -> bytes:
    import encoding
    import raster

    return encoding.webp(raster.paint(scene, spec.scale))


def _svg(scene: Scene, spec: ChartSpec) -> bytes:
    import svg

    return svg.write(scene)


def _pdf(scene: Scene, spec: ChartSpec) -> bytes:
    import pdf

    return pdf.write(scene)


WRITERS: dict[Format, tuple[Callable[[Scene, ChartSpec], bytes], str]] = {
    "png": (_png, "image/png"),
    "svg": (_svg, "image/svg+xml"),
    "pdf": (_pdf, "application/pdf"),
    "webp": (_webp, "image/webp"),
}
"""How each format is written, and its media type. What one needs is imported when first used."""
