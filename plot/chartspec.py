"""The request: what to draw, of which data, and how large."""

import re
from collections.abc import Sequence
from typing import Annotated, Any, Literal, TypeAlias, get_args

import budgets
import msgspec
from msgspec import Meta
from problems import Fault, Refusal, member, refusal, too_large

Cell: TypeAlias = float | str | bool | None
Kind: TypeAlias = Literal["line", "bar", "scatter", "histogram"]
Format: TypeAlias = Literal["png", "svg"]
Text: TypeAlias = Annotated[str, Meta(max_length=budgets.TEXT)]
Side: TypeAlias = Annotated[int, Meta(ge=100, le=budgets.SIDE)]

SOURCES = ("columns", "records", "csv")
"""The fields that may have the data."""


class ChartSpec(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A chart. Data comes in exactly one of `columns`, `records` and `csv`.

    A column is numbers where all of its values read as numbers, dates where all are ISO 8601 dates
    of the years 1000 to 2999 (drawn in UTC), and text otherwise. Null, NaN, an infinity and a text
    that says `NaN` or `null` or nothing are gaps.

    Attributes:
        kind: `line`, `bar`, `scatter` or `histogram`.
        columns: Values by column name, all columns equally long.
        records: Rows by column name; a name that a row lacks is a gap there.
        csv: Comma-separated text (RFC 4180), its first line the column names.
        x: The column along the x axis. By default the first column where that is not numeric (or
            the chart is a scatter chart of two numeric columns or more), else the row's number.
            A bar or line chart sums the rows of one category. A histogram takes no `x`.
        y: The columns drawn, by default each numeric one but `x`; those a histogram counts.
        title: Stands above the chart.
        x_label: Label of the x column's axis, by default the column's name. Empty for none.
        y_label: Label of the values' axis, by default the column's name where there is but one.
        log: Whether the axis of the values (of the counts, in a histogram) is logarithmic.
        bins: Bins of a histogram, of equal width; by default a number that suits the data.
        width: Pixels, before `scale`.
        height: Pixels, before `scale`.
        scale: Pixels of the PNG for each pixel asked for: 2 for a dense display. Text and lines
            grow with it. An SVG scales by itself and stays as it is.
        format: `png` or `svg`.
    """

    kind: Kind
    columns: dict[str, list[Cell]] | None = None
    records: list[dict[str, Cell]] | None = None
    csv: str | None = None
    x: str | None = None
    y: str | list[str] | None = None
    title: Text = ""
    x_label: Text | None = None
    y_label: Text | None = None
    log: bool = False
    bins: Annotated[int, Meta(ge=1, le=budgets.BINS)] | None = None
    width: Side = 800
    height: Side = 500
    scale: Annotated[float, Meta(ge=0.5, le=4)] = 1.0
    format: Format = "png"

    @property
    def source(self) -> str:
        """The name of the field that has the data."""
        return next(name for name in SOURCES if getattr(self, name) is not None)

    @property
    def pixels(self) -> tuple[int, int]:
        """Width and height of the image, in pixels."""
        scale = self.scale if self.format == "png" else 1.0
        return round(self.width * scale), round(self.height * scale)

    def path(self, column: str, row: int | None = None) -> str:
        """Return the JSON path of a column, or of its value in a row counted from 0."""
        if self.columns is not None:
            return f"$.columns{member(column)}" + ("" if row is None else f"[{row}]")
        if self.records is not None and row is not None:
            return f"$.records[{row}]{member(column)}"
        return f"$.{self.source}"


def decode(document: object) -> ChartSpec:
    """Read a request.

    Args:
        document: Any JSON value, parsed.

    Raises:
        Refusal: The document is no request, or asks for too large an image. The first ten unknown
            fields are named; of other faults the first.
    """
    if isinstance(document, dict):
        fields = ChartSpec.__struct_encode_fields__
        detail = f"Unknown field, expected only {_listed(fields)}"
        unknown = [name for name in document if name not in fields]
        if unknown:
            raise Refusal(Fault(path=f"${member(name)}", detail=detail) for name in unknown[:10])
    try:
        spec = msgspec.convert(document, ChartSpec)
    except (msgspec.ValidationError, UnicodeEncodeError) as error:
        raise Refusal([_fault(error, document)]) from None
    _check(spec)
    return spec


def _check(spec: ChartSpec) -> None:
    sources = [name for name in SOURCES if getattr(spec, name) is not None]
    if len(sources) != 1:
        found = _listed(sources, "and") if sources else "none"
        raise refusal("$", f"Expected exactly one of `columns`, `records` and `csv`, got {found}")
    if spec.kind == "histogram" and spec.x is not None:
        raise refusal("$.x", "A histogram has no x column: name the columns to count in `y`")
    if spec.kind != "histogram" and spec.bins is not None:
        raise refusal("$.bins", f"Only a histogram has bins, and this is a {spec.kind} chart")
    width, height = spec.pixels
    if width * height > budgets.PIXELS:
        found = f"{width:,} by {height:,}"
        detail = f"Expected at most {budgets.PIXELS:,} pixels after scale, got {found}"
        raise too_large("$", detail)


_CHOICES = {"$.kind": get_args(Kind), "$.format": get_args(Format)}


def _fault(error: Exception, document: Any) -> Fault:
    """Turn the first fault that msgspec finds into one that names its value.

    msgspec names no member of a map (`$.columns[...][3]`): it is the first one that fails alone.
    """
    if isinstance(error, UnicodeEncodeError):  # only `kind` and `format` are compared as UTF-8
        path = next(p for p in _CHOICES if _is_surrogate(document.get(p.removeprefix("$."))))
        return Fault(path=path, detail=f"Expected {_listed(_CHOICES[path])}")
    found = re.fullmatch(r"(.*?)(?: - at `(\$[^`]*)`)?", str(error), re.DOTALL)
    detail, path = found.groups(default="$") if found else (str(error), "$")
    if path in _CHOICES and detail.startswith("Invalid enum value"):
        detail = f"{detail}, expected {_listed(_CHOICES[path])}"
    before, unnamed, after = path.partition("[...]")
    if unnamed:
        row = re.fullmatch(r"\$\.records\[(\d+)\]", before)
        members = document["records"][int(row[1])] if row else document["columns"]
        form: Any = Cell if row else list[Cell]
        name = next(name for name, value in members.items() if not _converts(value, form))
        path = f"{before}{member(name)}{after}"
    return Fault(path=path, detail=detail)


def _converts(value: object, form: Any) -> bool:
    try:
        msgspec.convert(value, form)
    except msgspec.ValidationError:
        return False
    return True


def _is_surrogate(value: object) -> bool:
    return isinstance(value, str) and any("\ud800" <= letter <= "\udfff" for letter in value)


def _listed(names: Sequence[str], last: str = "or") -> str:
    *most, final = (f"`{name}`" for name in names)
    return f"{', '.join(most)} {last} {final}" if most else final
