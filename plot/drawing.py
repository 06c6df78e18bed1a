"""From a request to the image of its chart."""

import io
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
from annotations import annotate
from captions import clean, shorten, wrap
from chartdata import prepare
from charts.chart import Keys, Panel
from chartspec import ChartSpec, Format
from kinds import KINDS
from matplotlib.figure import Figure
from problems import too_large
from series import ChartData
from themes import BASE, check_looks, looks_of, theme_of
from ticks import LETTER

TYPES = {"png": "image/png", "svg": "image/svg+xml", "pdf": "application/pdf", "webp": "image/webp"}

DPI = 96
"""Pixels asked for in an inch, of which a point is the 72nd part, as CSS has it."""

SHARP = 2.0
"""Pixels of marks that are no shapes in an SVG or PDF, for each of the image's, a side."""

mpl.use("agg")  # said before a chart asks which one there is, which would import pyplot

TINY = 64
"""Pixels of a side below which there is room for marks alone."""

_MISSING = re.compile(r"Glyph (\d+)")


@dataclass(frozen=True, kw_only=True)
class Image:
    """A chart, drawn.

    Attributes:
        content: The file.
        content_type: Its media type.
        width: Pixels.
        height: Pixels.
        alt: What it shows, in words; an SVG says so itself.
        missing: Characters that no font has. An SVG names none: its text is drawn in the viewer's
            fonts.
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
    check_looks(spec)
    alt = alttext.describe(spec, data)
    style = BASE | theme_of(spec).style
    with (
        mpl.rc_context(style),
        np.errstate(all="ignore"),
        warnings.catch_warnings(record=True) as caught,
    ):
        warnings.simplefilter("always")
        content = _saved(compose(spec, data), spec, alt)
    glyphs = (_MISSING.match(str(warning.message)) for warning in caught)
    missing = dict.fromkeys(chr(int(glyph[1])) for glyph in glyphs if glyph)
    if len(content) > budgets.ANSWER:
        found = f"The image has {len(content):,} bytes, expected at most {budgets.ANSWER:,}"
        raise too_large("$", f"{found}: ask for fewer points, fewer pixels, or a PNG")
    width, height = spec.pixels
    return Image(
        content=content,
        content_type=TYPES[spec.format],
        width=width,
        height=height,
        alt=alt,
        missing=() if spec.format == "svg" else tuple(missing),
        left_out=data.left_out,
    )


def compose(spec: ChartSpec, data: ChartData) -> Figure:
    """Draw a chart on a figure. To be called, and the figure saved, with the theme's rcParams.

    The title is the figure's; the axes and their legend are in a part of it, below.
    """
    chart, theme = KINDS[spec.kind], theme_of(spec)
    is_bare = chart.is_bare or min(spec.width, spec.height) < TINY
    dpi = DPI * (1.0 if spec.is_vector else spec.scale)
    # A division must not make a whole number of pixels less.
    extra = 0.0 if spec.is_vector else 0.25
    wide, high = ((pixels + extra) / dpi for pixels in spec.pixels)
    figure = Figure(figsize=(wide, high), dpi=dpi, layout="constrained")
    share = max(0.62, min(1.0, spec.width / 440, spec.height / 290))
    text, small = 9.75 * share, 9 * share
    if (title := clean(spec.title)) and not is_bare:
        big = 14.25 * share**1.4
        lines = wrap(title, int(spec.width * 0.75 / big / 0.68), 2 if spec.height > 150 else 1)
        left = 12 * share / spec.width
        figure.suptitle("\n".join(lines), x=left, ha="left", fontsize=big, fontweight="bold")
    body: Any = figure.subfigures()
    first = body.add_axes((0.01, 0.08, 0.98, 0.84)) if is_bare else body.subplots()
    lying = chart.lies(spec, data)
    second = None
    if any(one.second for one in data.series):
        second = first.twiny() if lying else first.twinx()
        second.grid(visible=False)
    panel = Panel(
        spec=spec,
        data=data,
        theme=theme,
        looks=looks_of(spec, theme, [one.name for one in data.series]),
        figure=body,
        axes=first,
        second=second,
        lying=lying,
        size=small,
    )
    if not chart.is_round:
        axes.prepare(panel)
    if is_bare or chart.is_round:
        first.set_axis_off()
    keys = chart.draw(panel)
    if not (is_bare or chart.is_round):
        axes.finish(panel, chart)
        annotate(panel)
    if (
        spec.legend != "none"
        and not is_bare
        and (len(keys) > 1 or (spec.legend != "auto" and keys))
    ):
        _add_legend(panel, keys, text)
    return figure


def _add_legend(panel: Panel, keys: Keys, size: float) -> None:
    """Write the legend: on top or below in as many columns as fit, or on the right."""
    spec = panel.spec
    names = [name for _, name in keys]
    letter = size / 0.75 * LETTER
    if spec.legend == "right":
        place, columns = "outside right upper", 1
        names = [shorten(name, max(6, int(0.3 * spec.width / letter))) for name in names]
    else:
        place = "outside lower left" if spec.legend == "bottom" else "outside upper left"
        names = [shorten(name, max(6, int(0.85 * spec.width / letter))) for name in names]
        columns = int(0.95 * spec.width / (letter * (max(map(len, names)) + 5)))
    columns = max(1, min(columns, len(keys)))
    lines = -(-len(keys) // columns)
    columns = -(-len(keys) // lines)
    order = [at for column in range(columns) for at in range(column, len(keys), columns)]
    panel.figure.legend(
        [keys[at][0] for at in order],
        [names[at] for at in order],
        loc=place,
        ncols=columns,
        fontsize=size,
    )


def _saved(figure: Figure, spec: ChartSpec, alt: str) -> bytes:
    """Write a figure as a file of the format asked for."""
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
    figure.savefig(file, format=spec.format, **options)
    content = file.getvalue()
    if spec.format == "svg":
        said = f'<svg role="img" aria-label={quoteattr(alt)} '.encode()
        content = said + content[content.index(b"<svg ") + 5 :]
    return content


def warm_up() -> None:
    """Draw a small chart in each format, so that the first one asked for is as fast as the next."""
    for name in get_args(Format):
        draw(ChartSpec(kind="line", csv="y\n0\n1", title="Plot", format=name))
