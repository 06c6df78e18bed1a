"""From a request to the image of its chart."""

import io
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

import barchart
import budgets
import histogram
import matplotlib as mpl
import xychart
from captions import clean, shorten, wrap
from chartdata import ChartData, choose
from chartspec import ChartSpec, Format, Kind
from frames import read
from housestyle import DPI, INK, STYLE, TEXT, TITLE, width
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.backend_bases import FigureCanvasBase
from matplotlib.figure import Figure
from matplotlib.transforms import Bbox
from problems import too_large

Drawer: TypeAlias = Callable[[Axes, ChartSpec, ChartData], list[Artist]]

DRAWERS: dict[Kind, Drawer] = {
    "bar": barchart.draw,
    "histogram": histogram.draw,
    "line": xychart.draw_lines,
    "scatter": xychart.draw_scatter,
}

MARGIN = 16.0
"""Pixels between the chart and the edge of the image."""

NAME = 28
"""Characters of a series' name in the legend at most."""


@dataclass(frozen=True, kw_only=True)
class Image:
    """A chart, drawn.

    Attributes:
        content: The file.
        content_type: Its media type.
        width: Pixels.
        height: Pixels.
    """

    content: bytes
    content_type: str
    width: int
    height: int


def draw(spec: ChartSpec) -> Image:
    """Draw a chart. The same request gives the same bytes, in any process.

    Raises:
        Refusal: The data cannot be drawn, or there is too much of it, or the image would be larger
            than `budgets.ANSWER`.
    """
    data = choose(spec, read(spec))
    marks = int(data.frame.count().sum())
    if spec.kind == "scatter" and spec.format == "svg":
        _check_answer(marks * budgets.SVG_MARK, f"{marks:,} points make an SVG of")
    with mpl.rc_context(STYLE), warnings.catch_warnings():
        # A script that the font lacks, a tick beyond what a float holds: what a chart cannot show
        # the chart itself tells, and the function's log has no use for it.
        warnings.simplefilter("ignore", UserWarning)
        warnings.simplefilter("ignore", RuntimeWarning)
        content = _encode(_figure(spec, data), spec)
    _check_answer(len(content), "The image has")
    wide, high = spec.pixels
    return Image(content=content, content_type=MEDIA[spec.format], width=wide, height=high)


def _figure(spec: ChartSpec, data: ChartData) -> Figure:
    wide, high = spec.pixels
    dpi = DPI * wide / spec.width
    # A hair more, since matplotlib rounds down and a division may fall a hair short.
    figure = Figure(figsize=((wide + 1e-7) / dpi, (high + 1e-7) / dpi), dpi=dpi)
    CANVASES[spec.format](figure)
    axes = figure.subplots()
    handles = DRAWERS[spec.kind](axes, spec, data)
    header = _write_title(figure, spec)
    if len(handles) > 1:
        names = [clean(str(name)) or "(no name)" for name in data.frame.columns]
        header += _write_legend(figure, spec, handles, names, header)
    side, foot = MARGIN / spec.width, MARGIN / spec.height
    _fit(figure, axes, Bbox.from_extents(side, foot, 1 - side, 1 - foot - header / spec.height))
    return figure


def _fit(figure: Figure, axes: Axes, room: Bbox) -> None:
    """Give the axes what its labels leave of a part of the figure, and a sixth of it at least.

    Unlike matplotlib's layout engines this measures once, and never fails in too small an image.
    """
    axes.set_position(room)
    with_labels = axes.get_tightbbox()
    if with_labels is None:  # where the axes are visible there is one
        return
    with_labels = with_labels.transformed(figure.transFigure.inverted())
    left = min(room.x0 - with_labels.x0, room.width / 2)
    foot = min(room.y0 - with_labels.y0, room.height / 2)
    right = min(with_labels.x1 - room.x1, room.width / 3)
    top = min(with_labels.y1 - room.y1, room.height / 3)
    axes.set_position(
        (room.x0 + left, room.y0 + foot, room.width - left - right, room.height - foot - top)
    )


def _write_title(figure: Figure, spec: ChartSpec) -> float:
    """Write the title at the top left and return its height in pixels.

    It takes three lines, or a quarter of the image, at most.
    """
    letters = (spec.width - 2 * MARGIN) / (1.1 * width("x", TITLE))
    line = 1.3 * TITLE * DPI / 72
    lines = wrap(clean(spec.title), int(letters), min(3, int(spec.height / 4 / line)))
    figure.text(
        MARGIN / spec.width,
        1 - MARGIN / spec.height,
        "\n".join(lines),
        va="top",
        fontsize=TITLE,
        fontweight="bold",
        color=INK,
    )
    return line * len(lines) + (10 if lines else 0)


def _write_legend(
    figure: Figure, spec: ChartSpec, handles: list[Artist], names: list[str], above: float
) -> float:
    """Write the legend below the title and return its height in pixels.

    A legend that would leave the chart less than half of the image is left out.
    """
    labels = [shorten(name, NAME) for name in names]
    entry = 44 + max(width(label, TEXT) for label in labels)
    columns = min(len(labels), max(1, int((spec.width - 2 * MARGIN) / entry)))
    height = 10 + 20.0 * -(-len(labels) // columns)
    if above + height > spec.height / 2:
        return 0.0
    figure.legend(
        handles=handles,
        labels=labels,
        loc="upper left",
        bbox_to_anchor=(MARGIN / spec.width, 1 - (MARGIN + above) / spec.height),
        ncols=columns,
        borderpad=0,
        borderaxespad=0,
        handlelength=1.6,
        handletextpad=0.6,
        columnspacing=1.6,
        labelspacing=0.45,
    )
    return height


def _agg(figure: Figure) -> FigureCanvasBase:
    from matplotlib.backends.backend_agg import FigureCanvasAgg

    return FigureCanvasAgg(figure)


def _svg(figure: Figure) -> FigureCanvasBase:
    from matplotlib.backends.backend_svg import FigureCanvasSVG

    return FigureCanvasSVG(figure)


CANVASES: dict[Format, Callable[[Figure], FigureCanvasBase]] = {"png": _agg, "svg": _svg}
"""Each backend is imported when first used: the other one would only slow a cold start."""

MEDIA: dict[Format, str] = {"png": "image/png", "svg": "image/svg+xml"}


def _encode(figure: Figure, spec: ChartSpec) -> bytes:
    """Write the file, without the time and the versions that a backend would put into it."""
    metadata: dict[str, str | None] = {"Software": None}
    if spec.format == "svg":
        metadata = {"Creator": None, "Date": None}
        if title := clean(spec.title):
            metadata["Title"] = title
    file = io.BytesIO()
    figure.canvas.print_figure(file, format=spec.format, metadata=metadata)
    return file.getvalue()


def _check_answer(size: int, start: str) -> None:
    if size > budgets.ANSWER:
        detail = f"{start} {size:,} bytes, expected at most {budgets.ANSWER:,}"
        raise too_large("$", f"{detail}: ask for fewer points, fewer pixels, or a PNG")
