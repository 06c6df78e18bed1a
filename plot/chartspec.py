"""The request: what to draw, of which data, and how it is to look."""

from typing import Annotated, Literal, TypeAlias

import budgets
import msgspec
from msgspec import Meta

Cell: TypeAlias = float | str | bool | None
Format: TypeAlias = Literal["png", "svg", "pdf", "webp"]
Aggregate: TypeAlias = Literal[
    "sum", "mean", "median", "min", "max", "count", "std", "first", "last"
]
Period: TypeAlias = Literal["minute", "hour", "day", "week", "month", "quarter", "year"]
TickFormat: TypeAlias = Literal[
    "auto", "grouped", "percent", "si", "bytes", "scientific", "year", "month", "day", "hour"
]
Text: TypeAlias = Annotated[str, Meta(max_length=budgets.TEXT)]
Affix: TypeAlias = Annotated[str, Meta(max_length=12)]
Color: TypeAlias = Annotated[str, Meta(max_length=32)]
Side: TypeAlias = Annotated[int, Meta(ge=20, le=budgets.SIDE)]
Bound: TypeAlias = float | Annotated[str, Meta(max_length=40)]

SOURCES = ("columns", "records", "series", "csv")  # the fields that may have the data


class Record(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A part of a request."""


class Axis(Record, frozen=True, kw_only=True):
    """One axis.

    Attributes:
        label: Its title, by default the column's name. Empty for none.
        type: What x is read as; `auto` tells by its values. Only the x axis has another.
        log: Whether it is logarithmic. Only an axis of numbers can be.
        min: Its lower end, a number or an ISO 8601 date.
        max: Its upper end.
        format: How ticks are written: `grouped` (47,632), `percent` (0.5 is 50%), `si` (1.5k),
            `bytes` (1.5 MB), `scientific`, or of a date the part that counts.
        decimals: Digits behind the point, by default as many as the ticks need.
        prefix: Text before each tick, such as `$`.
        suffix: Text behind each tick, such as ` ms`.
        rotation: Degrees that the labels of x are turned by, by default as far as they must be.
    """

    label: Text | None = None
    type: Literal["auto", "number", "time", "category"] = "auto"
    log: bool = False
    min: Bound | None = None
    max: Bound | None = None
    format: TickFormat = "auto"
    decimals: Annotated[int, Meta(ge=0, le=9)] | None = None
    prefix: Affix = ""
    suffix: Affix = ""
    rotation: Annotated[int, Meta(ge=-90, le=90)] | None = None


class Trace(Record, frozen=True, kw_only=True):
    """One series with its own x values.

    Attributes:
        name: As the legend has it.
        y: Values.
        x: Where they stand, equally many and of one type in all series; by default 1, 2, 3 …
    """

    name: Text
    y: list[Cell]
    x: list[Cell] | None = None


class Rolling(Record, frozen=True, kw_only=True):
    """A moving window over each series.

    Attributes:
        window: Rows in it. The first rows, which have fewer before them, are gaps.
        aggregate: What is made of them.
    """

    window: Annotated[int, Meta(ge=2, le=100_000)]
    aggregate: Literal["mean", "sum", "median", "min", "max", "std"] = "mean"


class Sort(Record, frozen=True, kw_only=True):
    """The order of the categories, or of rows that have no x column.

    Attributes:
        by: A column. Text is ordered by its characters.
        descending: Whether the largest comes first.
    """

    by: str
    descending: bool = False


class Line(Record, frozen=True, kw_only=True):
    """A reference line across the chart, at exactly one of `x` and `y`.

    Attributes:
        x: A number, a date or a category of the x axis.
        y: A number of the values' axis.
        axis: Which axis of values `y` is of.
        label: Stands at its end.
        color: By name or as `#rrggbb`.
    """

    x: Bound | None = None
    y: float | None = None
    axis: Literal["y", "y2"] = "y"
    label: Text = ""
    color: Color | None = None


class Note(Record, frozen=True, kw_only=True):
    """An annotation: a text that points to a place.

    Attributes:
        x: A number, a date or a category of the x axis.
        y: A number of the values' axis.
        text: What it says.
        axis: Which axis of values `y` is of.
    """

    x: Bound
    y: float
    text: Text
    axis: Literal["y", "y2"] = "y"


class ChartSpec(Record, frozen=True, kw_only=True):
    """A chart. Data comes in exactly one of `columns`, `records`, `series` and `csv`.

    A column is numbers where all of its values read as numbers, dates where all are ISO 8601 dates
    of the years 1700 to 2199 (drawn in UTC), and text otherwise. Null, NaN, an infinity and a text
    that says `NaN` or `null` or nothing are gaps.

    The data goes through these steps, in this order, where the request asks for them: `resample`
    and `group_by` (both with `aggregate`), `rolling`, `sort`, `top`.

    Attributes:
        kind: What is drawn. A `sparkline` is a line with nothing around it.
        columns: Values by column name, all columns equally long.
        records: Rows by column name; a name that a row lacks is a gap there.
        series: Series with x values of their own.
        csv: Comma-separated text (RFC 4180), its first line the column names.
        x: The column along the x axis, or of the names of a heatmap's rows. By default the first
            one where that is not numeric (or the chart is a scatter chart of two numeric columns
            or more), else the row's number; boxes and violins then stand at their columns.
        y: The columns drawn, by default each numeric one that nothing else names. With `value`,
            the column of a heatmap's rows.
        y2: Columns drawn against a second axis of values, on the right.
        size: The column that sizes a scatter chart's points.
        color: The column that colours a scatter chart's points, of numbers or of text.
        error: The columns of an errorbar chart's errors, one for each column drawn, either way.
            With `group_by` or `resample` they are standard deviations of means, and not named.
        value: The column of a heatmap's values; without it each row is one of the heatmap's.
        group_by: One column or two: rows that are alike in them become one. The first becomes x,
            the second splits `y` into series. A `count` of groups needs no column of numbers.
        aggregate: What becomes of several rows, and of the rows of one category. Gaps do not
            count; of nothing but gaps comes a gap, or a count of 0.
        resample: The period that the dates along x are put together by; a week begins on Monday. A
            period without a row is a gap, or a count of 0. `first` and `last` are so by date.
        rolling: A moving window over all rows in the order of x, without `sort` and `top`.
        sort: The order of the categories, by what `aggregate` makes of any column (boxes and
            violins: by its median); of rows where there is no x column. Gaps come last.
        top: So many of the categories with the largest values keep their place, all others become
            one, `other`. Beyond 200 categories 199 do, without being asked to.
        stacked: Whether bars or areas stand on each other; areas do by default. `percent` makes
            each stack 100 %.
        over: The series of a bar chart that are drawn as lines over its bars, by name.
        horizontal: Whether bars lie; by default where their names are long.
        bins: Bins of a histogram, of equal width; by default a number that suits the data.
        labels: Whether marks say their value; by default where there are few.
        legend: Where the legend stands; by default on top, where there are several series.
        title: Stands above the chart.
        alt: What the chart shows, in words, for who does not see it; by default made of the rest.
        x_axis: The axis of the x column, or of what a histogram counts.
        y_axis: The axis of the values.
        y2_axis: The second axis of the values.
        lines: Reference lines.
        notes: Annotations.
        theme: `light`, `dark`, or one of matplotlib's styles by name.
        colors: Of the series in their order, or by name of the series.
        background: Of the image; `transparent` for none.
        width: Pixels, before `scale`.
        height: Pixels, before `scale`.
        scale: Pixels of a PNG or WebP for each pixel asked for: 2 for a dense display. An SVG or
            PDF stays as it is.
        format: `png`, `svg`, `pdf` or `webp`.
    """

    kind: str
    columns: dict[str, list[Cell]] | None = None
    records: list[dict[str, Cell]] | None = None
    series: list[Trace] | None = None
    csv: str | None = None
    x: str | None = None
    y: str | list[str] | None = None
    y2: str | list[str] | None = None
    size: str | None = None
    color: str | None = None
    error: str | list[str] | None = None
    value: str | None = None
    group_by: str | Annotated[list[str], Meta(min_length=1, max_length=2)] | None = None
    aggregate: Aggregate = "sum"
    resample: Period | None = None
    rolling: Rolling | None = None
    sort: Sort | None = None
    top: Annotated[int, Meta(ge=1, le=budgets.CATEGORIES - 1)] | None = None
    stacked: bool | Literal["percent"] | None = None
    over: str | list[str] | None = None
    horizontal: bool | None = None
    bins: Annotated[int, Meta(ge=1, le=budgets.BINS)] | None = None
    labels: bool | None = None
    legend: Literal["auto", "none", "top", "bottom", "right"] = "auto"
    title: Text = ""
    alt: Annotated[str, Meta(max_length=1000)] | None = None
    x_axis: Axis = Axis()
    y_axis: Axis = Axis()
    y2_axis: Axis = Axis()
    lines: Annotated[list[Line], Meta(max_length=budgets.LINES)] = []
    notes: Annotated[list[Note], Meta(max_length=budgets.NOTES)] = []
    theme: Annotated[str, Meta(max_length=40)] = "light"
    colors: Annotated[list[Color], Meta(max_length=budgets.SERIES)] | dict[str, Color] = []
    background: Color | None = None
    width: Side = 800
    height: Side = 500
    scale: Annotated[float, Meta(ge=0.5, le=4)] = 1.0
    format: Format = "png"

    @property
    def is_vector(self) -> bool:
        """Whether the image is made of shapes, not of pixels."""
        return self.format in ("svg", "pdf")

    @property
    def pixels(self) -> tuple[int, int]:
        """Width and height of the image, in pixels."""
        scale = 1.0 if self.is_vector else self.scale
        return round(self.width * scale), round(self.height * scale)

    @property
    def shrinking(self) -> float:
        """How much smaller than usual text is, where the image is small."""
        return max(0.62, min(1.0, self.width / 440, self.height / 290))
