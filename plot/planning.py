"""What a chart would be, and what it would cost, before it is drawn."""

import budgets
import msgspec
import numpy as np
from chartdata import ChartData
from chartspec import ChartSpec
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
        decimated: Whether lines are reduced to what their pixels can show.
        seconds: About how long drawing takes, once the function is warm.
        bytes: The size of the image at most, about.
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


def plan(spec: ChartSpec, data: ChartData) -> Plan:
    """Tell what would be drawn, without drawing it.

    Args:
        spec: The request.
        data: What its chart shows.
    """
    width, height = spec.pixels
    most = POINTS_A_COLUMN * width
    lengths = [len(one.y) for one in data.series]
    decimated = spec.kind in LINES and max(lengths) > most
    marks = _marks(spec, data, most)
    rasterised = spec.is_vector and (
        marks > budgets.RASTER_POINTS
        if spec.kind == "scatter"
        else marks * budgets.VECTOR_MARK[spec.format] > budgets.RASTER_BYTES
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
        seconds=round(_seconds(spec, data, marks), 3),
        bytes=_bytes(spec, data, marks, rasterised),
    )


POINTS_A_COLUMN = 4
"""Points of a line that one column of pixels can show: the first, lowest, highest and last."""


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

START, PIXEL, TEXT = 0.006, 1.2e-8, 4e-5
MARK = 1.5e-6


def _seconds(spec: ChartSpec, data: ChartData, marks: int) -> float:
    values = sum(len(one.y) for one in data.series)
    return START + PIXEL * spec.pixels[0] * spec.pixels[1] + MARK * marks + 5e-8 * values


def _bytes(spec: ChartSpec, data: ChartData, marks: int, rasterised: bool) -> int:
    width, height = spec.pixels
    pixels = 4 * width * height
    if spec.is_vector:
        shapes = budgets.VECTOR_MARK[spec.format] * marks
        return 100_000 + (pixels if rasterised else shapes)
    return pixels
