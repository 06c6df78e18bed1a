"""What would be drawn of a request, without drawing it."""

import msgspec
from chartdata import prepare
from chartspec import ChartSpec
from kinds import KINDS
from themes import check_looks


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
