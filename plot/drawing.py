"""From a request to the image of its chart."""

import io
import math
import re
import warnings
from dataclasses import dataclass
from typing import Any, get_args
from xml.sax.saxutils import quoteattr

import alttext
import axes
import budgets
import matplotlib as mpl
import numpy as np
from captions import clean, shorten, wrap
from chartdata import prepare
from charts import KINDS
from charts.chart import ChartData, Keys, Panel
from chartspec import ChartSpec, Format
from matplotlib.figure import Figure
from problems import check_count
from themes import check_looks, is_transparent, looks_of, style_of
from ticks import letter

TYPES: dict[Format, str] = {
    "png": "image/png",
    "svg": "image/svg+xml",
    "webp": "image/webp",
    "pdf": "application/pdf",
}
DPI = 96  # pixels asked for in an inch, of which a point is the 72nd part, as CSS has it
SHARP = 2.0  # pixels of marks that are no shapes in an SVG or PDF, for each of the image's
TINY = 64  # pixels of a side below which there is room for marks alone
GLYPHS = 40  # missing characters that an answer names
SENTENCES = 5  # columns left out that an answer names

_MISSING = re.compile(r"Glyph (\d+)")

mpl.use("agg")  # said before a chart asks which one there is, which would import pyplot


@dataclass(frozen=True, kw_only=True)
class Image:
    """A chart, drawn."""

    content: bytes
    content_type: str
    width: int
    height: int
    alt: str  # what it shows, in words
    missing: tuple[str, ...]  # characters that no font has; an SVG has its viewer's fonts
    left_out: tuple[str, ...]  # of columns that look like numbers: why they are not drawn


def draw(spec: ChartSpec) -> Image:
    """Draw a chart, or refuse it. The same request gives the same bytes, in any process."""
    data = prepare(spec)
    check_looks(spec)
    alt = alttext.describe(spec, data)
    with (
        mpl.rc_context(style_of(spec)),
        np.errstate(all="ignore"),
        warnings.catch_warnings(record=True) as caught,
    ):
        warnings.simplefilter("always")
        content = _saved(compose(spec, data), spec, alt)
    unit = "bytes of an image (ask for fewer points, fewer pixels, or a PNG)"
    check_count("$", len(content), budgets.ANSWER, unit)
    glyphs = (_MISSING.match(str(warning.message)) for warning in caught)
    missing = dict.fromkeys(chr(int(glyph[1])) for glyph in glyphs if glyph)
    width, height = spec.pixels
    more = len(data.left_out) - SENTENCES
    return Image(
        content=content,
        content_type=TYPES[spec.format],
        width=width,
        height=height,
        alt=alt,
        missing=() if spec.format == "svg" else tuple(missing)[:GLYPHS],
        left_out=data.left_out[:SENTENCES] + ((f"and {more} more",) if more > 0 else ()),
    )


def compose(spec: ChartSpec, data: ChartData) -> Figure:
    """Draw a chart on a figure. To be called, and the figure saved, with the theme's rcParams.

    The title is the figure's; the axes and their legend are in a part of it, below.
    """
    chart = KINDS[spec.kind]
    is_bare = chart.is_bare or min(spec.width, spec.height) < TINY
    dpi = DPI * (1.0 if spec.is_vector else spec.scale)
    # A division must not make a whole number of pixels less.
    extra = 0.0 if spec.is_vector else 0.25
    width, height = ((pixels + extra) / dpi for pixels in spec.pixels)
    figure = Figure(figsize=(width, height), dpi=dpi, layout="constrained")
    if (title := clean(spec.title)) and not is_bare:
        big = 14.25 * spec.shrinking**1.4
        lines = wrap(title, int(spec.width * 1.1 / big), 2 if spec.height > 150 else 1)
        left = 12 * spec.shrinking / spec.width
        figure.suptitle("\n".join(lines), x=left, ha="left", fontsize=big, fontweight="bold")
    body: Any = figure.subfigures()
    first = body.add_axes((0.01, 0.08, 0.98, 0.84)) if is_bare else body.subplots()
    lying = chart.lies(spec, data)
    second = None
    if any(one.second for one in data.series):
        second = first.twiny() if lying else first.twinx()
        second.grid(visible=False)
    looks = looks_of(spec, [one.name for one in data.series])
    panel = Panel(spec, data, looks, body, first, second, lying)
    if not chart.is_round:
        axes.prepare(panel)
    keys = chart.draw(panel)
    if is_bare or chart.is_round:
        first.set_axis_off()
    else:
        axes.finish(panel, chart)
        axes.annotate(panel)
    is_wanted = spec.legend != "none" and (len(keys) > 1 or spec.legend != "auto")
    if is_wanted and keys and not is_bare:
        _add_legend(panel, keys)
    return figure


def _add_legend(panel: Panel, keys: Keys) -> None:
    """Write the legend: on top or below in as many columns as fit, or on the right."""
    spec, is_right = panel.spec, panel.spec.legend == "right"
    most = int((0.3 if is_right else 0.85) * spec.width / letter())
    names = [shorten(name, max(6, most)) for _, name in keys]
    fits = int(0.95 * spec.width / (letter() * (max(map(len, names)) + 5)))
    lines = len(keys) if is_right else math.ceil(len(keys) / max(1, min(fits, len(keys))))
    columns = math.ceil(len(keys) / lines)
    # matplotlib fills columns, and people read lines.
    order = [at for column in range(columns) for at in range(column, len(keys), columns)]
    places = {"right": "outside right upper", "bottom": "outside lower left"}
    handles, labels = [keys[at][0] for at in order], [names[at] for at in order]
    place = places.get(spec.legend, "outside upper left")
    panel.figure.legend(handles, labels, loc=place, ncols=columns)


def _saved(figure: Figure, spec: ChartSpec, alt: str) -> bytes:
    """Write a figure as a file of the format asked for, without a clock or a version in it."""
    title = {"Title": clean(spec.title)} if clean(spec.title) else {}
    options: dict[str, Any] = {"dpi": SHARP * DPI}
    if spec.format == "png":
        options = {"metadata": {"Software": None}, "pil_kwargs": {"compress_level": 4}}
    elif spec.format == "webp":
        options = {"pil_kwargs": {"lossless": True, "quality": 20, "method": 1}}
    elif spec.format == "svg":
        options["metadata"] = dict.fromkeys(("Date", "Creator", "Format", "Type")) | title
    else:
        unsaid = dict.fromkeys(("CreationDate", "Creator", "Producer"))
        options["metadata"] = unsaid | title | {"Subject": alt}
    file = io.BytesIO()
    figure.savefig(file, format=spec.format, transparent=is_transparent(spec), **options)
    content = file.getvalue()
    if spec.format == "svg":
        label = f'<svg role="img" aria-label={quoteattr(alt)} '.encode()
        content = label + content[content.index(b"<svg ") + 5 :]
    return content


def warm_up() -> None:
    """Draw a small chart in each format, so that the first one asked for is as fast as the next."""
    for name in get_args(Format):
        draw(ChartSpec(kind="line", csv="y\n0\n1", title="Plot", format=name))
