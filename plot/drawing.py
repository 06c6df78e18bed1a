"""From a request to the image of its chart."""

import hashlib
import io
import re
import warnings
from dataclasses import dataclass
from xml.sax.saxutils import quoteattr

import alttext
import axes
import budgets
import matplotlib as mpl
import msgspec
import numpy as np
from annotations import annotate
from captions import clean, shorten, wrap
from chartdata import prepare
from charts.chart import Keys
from chartspec import ChartSpec
from kinds import KINDS
from matplotlib.figure import Figure
from panel import Panel
from problems import too_large
from series import ChartData
from themes import BASE, check_looks, looks_of, theme_of
from ticks import LETTER

TYPES = {
    "png": "image/png",
    "svg": "image/svg+xml",
    "pdf": "application/pdf",
    "webp": "image/webp",
}

SHARP = 2.0
"""Pixels of marks that are no shapes in an SVG or PDF, for each of the image's, a side."""

mpl.use("agg")  # said before a chart asks which one there is, which would import pyplot

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


class Plan(msgspec.Struct, frozen=True, kw_only=True):
    """What would be drawn of a request.

    Attributes:
        kind: As asked for.
        format: As asked for.
        width: Pixels of the image.
        height: Pixels of the image.
        series: Their names.
        rows: How many the request has.
        marks: Points, bars, slices, boxes, cells or bins that are drawn.
        x_type: `number`, `date` or `category`.
        categories: How many stand along the x axis.
        left_out: Columns that are not drawn though they look like numbers, each with the reason.
    """

    kind: str
    format: str
    width: int
    height: int
    series: list[str]
    rows: int
    marks: int
    x_type: str
    categories: int
    left_out: list[str]


def plan(spec: ChartSpec) -> Plan:
    """Say what would be drawn, and draw nothing.

    Raises:
        Refusal: The data cannot be drawn, or there is too much of it, or a theme or a colour is
            unknown.
    """
    data = prepare(spec)
    check_looks(spec)
    width, height = spec.pixels
    return Plan(
        kind=spec.kind,
        format=spec.format,
        width=width,
        height=height,
        series=[one.name for one in data.series],
        rows=data.sent,
        marks=KINDS[spec.kind].marks(spec, data),
        x_type=data.x_type,
        categories=len(data.labels),
        left_out=list(data.left_out),
    )


def draw(spec: ChartSpec) -> Image:
    """Draw a chart. The same request gives the same bytes, in any process.

    Raises:
        Refusal: As `plan` does, or the image would be larger than `budgets.ANSWER`.
    """
    data = prepare(spec)
    check_looks(spec)
    alt = alttext.describe(spec, data)
    salt = hashlib.sha256(msgspec.json.encode(spec)).hexdigest()
    style = BASE | theme_of(spec).style | {"svg.hashsalt": salt}
    with (
        mpl.rc_context(style),
        np.errstate(all="ignore"),
        warnings.catch_warnings(record=True) as caught,
    ):
        warnings.simplefilter("always")
        content = _saved(compose(spec, data), spec, alt)
    missing = [found[1] for one in caught if (found := _MISSING.match(str(one.message)))]
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
        missing=() if spec.format == "svg" else tuple(dict.fromkeys(map(chr, map(int, missing)))),
        left_out=data.left_out,
    )


def compose(spec: ChartSpec, data: ChartData) -> Figure:
    """Draw a chart on a figure. To be called, and the figure saved, with the theme's rcParams.

    The title is the figure's; the axes and their legend are in a part of it, below.
    """
    chart, theme = KINDS[spec.kind], theme_of(spec)
    dpi = BASE["figure.dpi"] * (1.0 if spec.is_vector else spec.scale)
    # A quarter of a pixel more: a division must not make a whole number of pixels less.
    size = [(pixels + 0.25) / dpi for pixels in spec.pixels]
    figure = Figure(figsize=size, dpi=dpi, layout="constrained")
    share = max(0.62, min(1.0, spec.width / 440, spec.height / 290))
    text, small = 9.75 * share, 9 * share
    if (title := clean(spec.title)) and not chart.is_bare:
        big = 14.25 * share**1.4
        lines = wrap(title, int(spec.width * 0.75 / big / 0.68), 2 if spec.height > 150 else 1)
        left = 12 * share / spec.width
        figure.suptitle("\n".join(lines), x=left, ha="left", fontsize=big, fontweight="bold")
    body = figure.subfigures()
    first = body.add_axes((0.01, 0.08, 0.98, 0.84)) if chart.is_bare else body.subplots()
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
    if chart.is_bare or chart.is_round:
        first.set_axis_off()
    else:
        axes.prepare(panel)
    keys = chart.draw(panel)
    if not (chart.is_bare or chart.is_round):
        axes.finish(panel, chart)
        annotate(panel)
    if spec.legend != "none" and (len(keys) > 1 or (spec.legend != "auto" and keys)):
        _add_legend(panel, keys, text)
    return figure


def _add_legend(panel: Panel, keys: Keys, size: float) -> None:
    """Write the legend: on top or below in as many columns as fit, or on the right."""
    spec = panel.spec
    handles, names = zip(*keys, strict=True)
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
        [handles[at] for at in order],
        [names[at] for at in order],
        loc=place,
        ncols=columns,
        fontsize=size,
    )


def _saved(figure: Figure, spec: ChartSpec, alt: str) -> bytes:
    """Write a figure as a file of the format asked for."""
    file = io.BytesIO()
    metadata: dict[str, str | None] = {}
    options: dict[str, object] = {}
    if spec.format == "png":
        metadata, options = {"Software": None}, {"pil_kwargs": {"compress_level": 4}}
    elif spec.format == "webp":
        metadata, options = None, {"pil_kwargs": {"lossless": True, "quality": 20, "method": 1}}
    else:
        known = {"Date": None, "Creator": None, "Format": None, "Type": None}
        if spec.format == "pdf":
            known = {"Creator": None, "Producer": None, "CreationDate": None, "Subject": alt}
        metadata = known | {"Title": clean(spec.title) or None}
        options = {"dpi": SHARP * BASE["figure.dpi"]}
    figure.savefig(file, format=spec.format, metadata=metadata, **options)
    content = file.getvalue()
    if spec.format == "svg":
        said = f'<svg role="img" aria-label={quoteattr(alt)} '.encode()
        content = content.replace(b"<svg ", said, 1)
    return content


def warm_up() -> None:
    """Draw a small chart in each format, so that the first one asked for is as fast as the next."""
    for name in TYPES:
        draw(ChartSpec(kind="line", csv="y\n0\n1", title="Plot", format=name))
