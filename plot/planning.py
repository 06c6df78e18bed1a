"""What a chart would be, and what it would cost, before it is drawn."""

from typing import NamedTuple

import budgets
import msgspec
import numpy as np
from chartdata import ChartData
from chartspec import ChartSpec, Format, Kind
from kinds import LINES, SAMPLES


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
        rasterised: Whether the marks are pixels in an SVG or PDF.
        decimated: Whether lines are reduced to what their pixels can show. Those that have almost
            as many points are, too.
        seconds: About how long drawing takes, once the function is warm.
        bytes: The size of the image at most, about.
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
    rasterised: bool
    decimated: bool
    seconds: float
    bytes: int
    left_out: list[str]


class Cost(NamedTuple):
    """What one mark costs.

    Attributes:
        raster: Seconds as pixels.
        svg: Seconds as a shape of an SVG.
        pdf: Seconds as a shape of a PDF.
        bytes: At most, as a shape.
    """

    raster: float
    svg: float
    pdf: float
    bytes: int


COSTS: dict[Kind, Cost] = {
    "line": Cost(4e-6, 1e-6, 2e-6, 16),
    "area": Cost(2e-6, 4e-6, 7e-6, 32),
    "step": Cost(4e-6, 2e-6, 4e-6, 32),
    "sparkline": Cost(5e-6, 1e-6, 2e-6, 16),
    "scatter": Cost(2e-6, 1e-6, 2e-5, 60),
    "errorbar": Cost(2e-5, 4e-5, 2e-5, 250),
    "bar": Cost(2e-5, 1e-5, 3e-5, 100),
    "histogram": Cost(2e-6, 2e-6, 2e-6, 100),
    "heatmap": Cost(5e-7, 5e-7, 3e-6, 250),
    "pie": Cost(1.2e-4, 5e-5, 3e-4, 500),
    "donut": Cost(1.2e-4, 5e-5, 3e-4, 500),
    "box": Cost(3e-4, 3e-4, 6e-4, 1_500),
    "violin": Cost(6e-4, 7e-4, 1.2e-3, 4_000),
}
"""Processor's time, warm, with matplotlib 3.10, best of 3 charts: each kind with the most series,
categories and points it can have of random numbers (lines of 50 times 3,000, 20,000 points, 50
times 200 bars, 100 by 200 cells, 10 times 200 boxes), less what a chart of two points takes; an
order of magnitude, not a promise."""

STARTS: dict[Format, float] = {"png": 0.002, "webp": 0.003, "svg": 0.001, "pdf": 0.04}
"""Seconds that an image takes whatever it shows."""

PIXEL = 3e-8
"""Seconds for each pixel: 0.2 s of a chart of two points and eight million pixels."""

VALUE = 2e-7
"""Seconds for each value, drawn or not."""


def plan(spec: ChartSpec, data: ChartData) -> Plan:
    """Tell what would be drawn, without drawing it.

    Args:
        spec: The request.
        data: What its chart shows.
    """
    width, height = spec.pixels
    most = _most(spec, len(data.series))
    lengths = [len(one.y) for one in data.series]
    decimated = spec.kind in LINES and max(lengths) > most
    marks = _marks(spec, data, most)
    rasterised = spec.is_vector and (
        (spec.kind in ("scatter", "heatmap") and marks > budgets.RASTER_POINTS)
        or marks * COSTS[spec.kind].bytes > budgets.RASTER_BYTES
    )
    return Plan(
        kind=spec.kind,
        format=spec.format,
        width=width,
        height=height,
        series=[one.name for one in data.series],
        rows=data.sent,
        marks=marks,
        x_type=data.x_type,
        categories=len(data.labels),
        rasterised=rasterised,
        decimated=decimated,
        seconds=round(_seconds(spec, data, marks, rasterised), 3),
        bytes=_bytes(spec, marks, rasterised),
        left_out=list(data.left_out),
    )


A_COLUMN = 4
"""Points of a line that a column of pixels keeps: the first, lowest, highest and last, and twice as
many where it has a gap."""

LINE_POINTS = 200_000
"""Points that all lines together are drawn with: a second's work where they are noise."""


def _most(spec: ChartSpec, lines: int) -> int:
    """Return how many points a line has at most; a few less where axes take some of the width."""
    edges = 2 * lines if spec.kind == "area" else lines
    return min(A_COLUMN * spec.pixels[0], LINE_POINTS // edges)


def _marks(spec: ChartSpec, data: ChartData, most: int) -> int:
    """Count what is drawn."""
    if spec.kind == "histogram":
        return len(data.series) * (spec.bins or BINS)
    if spec.kind in SAMPLES:
        places = (one.x[~np.isnan(one.y)] for one in data.series)
        return sum(len(np.unique(x)) for x in places)
    counts = (int(np.count_nonzero(~np.isnan(one.y))) for one in data.series)
    return sum(min(count, most) if spec.kind in LINES else count for count in counts)


BINS = 60
"""Bins of a histogram at most where the request names no number."""


def _seconds(spec: ChartSpec, data: ChartData, marks: int, rasterised: bool) -> float:
    cost = COSTS[spec.kind]
    values = sum(len(one.y) for one in data.series)
    seconds = STARTS[spec.format] + VALUE * values
    if spec.is_vector and not rasterised:
        return seconds + marks * (cost.svg if spec.format == "svg" else cost.pdf)
    return seconds + marks * cost.raster + PIXEL * _pixels(spec, rasterised)


def _pixels(spec: ChartSpec, rasterised: bool) -> float:
    width, height = spec.pixels
    return width * height * (budgets.sharpness(width, height) ** 2 if rasterised else 1.0)


def _bytes(spec: ChartSpec, marks: int, rasterised: bool) -> int:
    """Estimate from above: paper compresses, and no image is larger than its pixels are."""
    if spec.is_vector and not rasterised:
        return 100_000 + COSTS[spec.kind].bytes * marks
    pixels = _pixels(spec, rasterised)
    scale = budgets.SHARP if rasterised else spec.scale
    image = min(3.1 * pixels, 60_000 + 0.25 * pixels + 120 * scale**2 * marks)
    return int(100_000 + 4 / 3 * image if rasterised else image)
