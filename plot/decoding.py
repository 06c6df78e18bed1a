"""From a JSON value to a request, with every fault named by its path."""

import re
from collections.abc import Iterator, Sequence
from typing import Any, Literal, get_args, get_origin, get_type_hints

import budgets
import msgspec
from captions import number, quoted
from chartspec import (
    SOURCES,
    Axis,
    Cell,
    ChartSpec,
    Color,
    Line,
    Note,
    Rolling,
    Sort,
    Trace,
    listed,
)
from kinds import NAMES, ROUND, misplaced
from problems import Fault, Refusal, member, too_large


def decode(document: object) -> ChartSpec:
    """Read a request.

    Args:
        document: Any JSON value, parsed.

    Raises:
        Refusal: The document is no request, its fields do not go together, or it asks for too
            large an image. Each field that is wrong is named, up to `budgets.FAULTS`.
    """
    _check_counts(document)
    try:
        spec = msgspec.convert(document, ChartSpec)
    except (msgspec.ValidationError, UnicodeEncodeError):
        raise Refusal(_first(_misfits(document))) from None
    if faults := _first(_conflicts(spec)):
        raise Refusal(faults)
    width, height = spec.pixels
    if width * height > budgets.PIXELS:
        found = f"{width:,} by {height:,}"
        detail = f"Expected at most {budgets.PIXELS:,} pixels after scale, got {found}"
        raise too_large("$", detail)
    return spec


def _check_counts(document: object) -> None:
    """Refuse too much data before time is spent on each of its values."""
    if not isinstance(document, dict):
        return
    columns, records = document.get("columns"), document.get("records")
    if isinstance(columns, dict):
        rows = max((len(cells) for cells in columns.values() if isinstance(cells, list)), default=0)
        budgets.check_table("$.columns", rows, len(columns))
    if isinstance(records, list):
        budgets.check_table("$.records", len(records), _most_names(records))


def _most_names(records: list[Any]) -> int:
    try:
        most = max(map(len, records), default=0)
    except TypeError:
        return 0  # a fault, which is found where each is read
    if most <= budgets.COLUMNS and most * len(records) <= budgets.CELLS:
        return most  # whatever else stands among a million of them
    return max((len(record) for record in records if isinstance(record, dict)), default=0)


def _first(faults: Iterator[Fault]) -> list[Fault]:
    return [fault for fault, _ in zip(faults, range(budgets.FAULTS), strict=False)]


def _misfits(document: object) -> Iterator[Fault]:
    """Find what does not fit: each unknown field, and the first fault in each other one."""
    if not isinstance(document, dict):
        try:
            _convert(document, ChartSpec)
        except msgspec.ValidationError as error:
            yield Fault(path="$", detail=str(error))
        return
    fields = {field.name: field for field in msgspec.structs.fields(ChartSpec)}
    for name, value in document.items():
        path = f"${member(name)}" if isinstance(name, str) else "$"
        if name not in fields:
            yield Fault(path=path, detail=f"Unknown field, expected only {_listed(list(fields))}")
            continue
        try:
            _convert(value, fields[name].type)
        except msgspec.ValidationError as error:
            yield _fault(str(error), path, value)
    if "kind" not in document:
        yield Fault(path="$", detail="Object missing required field `kind`")


def _convert(value: Any, form: Any) -> None:
    try:
        msgspec.convert(value, form)
    except UnicodeEncodeError:  # what is one of a few words is compared as UTF-8
        msgspec.convert(_encodable(value), form)


def _encodable(value: Any) -> Any:
    """Replace lone surrogates, wherever they are."""
    if isinstance(value, str):
        return value.encode(errors="replace").decode()
    if isinstance(value, list):
        return [_encodable(item) for item in value]
    if isinstance(value, dict):
        return {_encodable(key): _encodable(item) for key, item in value.items()}
    return value


def _fault(message: str, field: str, value: Any) -> Fault:
    """Turn what msgspec says of a field's value into a fault that names the bad value.

    msgspec names no member of a map (`$.columns[...][3]`): it is the first one that fails alone.
    """
    found = re.fullmatch(r"(.*?)(?: - at `\$([^`]*)`)?", message, re.DOTALL)
    detail, inner = found.groups(default="") if found else (message, "")
    path = field + inner
    if detail.startswith("Invalid enum value"):
        return Fault(path=path, detail=f"{detail}, expected {_listed(_choices(path))}")
    if unknown := re.fullmatch(r"Object contains unknown field `(.*)`", detail, re.DOTALL):
        names = _STRUCTS[_general(path)].__struct_encode_fields__
        detail = f"Unknown field, expected only {_listed(names)}"
        return Fault(path=path + member(unknown[1]), detail=detail)
    before, unnamed, after = inner.partition("[...]")
    if unnamed:
        row = re.fullmatch(r"\[(\d+)\]", before)
        members = value[int(row[1])] if row else value
        form: Any = Cell if row else (Color if field == "$.colors" else list[Cell])
        name = next(name for name, value in members.items() if not _converts(value, form))
        path = f"{field}{before}{member(name)}{after}"
    return Fault(path=path, detail=detail)


def _converts(value: object, form: Any) -> bool:
    try:
        _convert(value, form)
    except msgspec.ValidationError:
        return False
    return True


_STRUCTS: dict[str, type[msgspec.Struct]] = {
    "$": ChartSpec,
    "$.x_axis": Axis,
    "$.y_axis": Axis,
    "$.y2_axis": Axis,
    "$.series[]": Trace,
    "$.rolling": Rolling,
    "$.sort": Sort,
    "$.lines[]": Line,
    "$.notes[]": Note,
}
"""The records of a request, by their paths without indices."""


def _general(path: str) -> str:
    return re.sub(r"\[\d+\]", "[]", path)


def _choices(path: str) -> Sequence[str]:
    """Return the words that a value may be one of."""
    parent, _, name = _general(path).rpartition(".")
    return _words(get_type_hints(_STRUCTS[parent], include_extras=True)[name])


def _words(form: Any) -> Sequence[str]:
    if get_origin(form) is Literal:
        return get_args(form)
    return next((words for arg in get_args(form) if (words := _words(arg))), ())


def _conflicts(spec: ChartSpec) -> Iterator[Fault]:
    """Find what does not go together."""
    sources = [name for name in SOURCES if getattr(spec, name) is not None]
    if len(sources) != 1:
        found = _listed(sources, "and") if sources else "none"
        yield Fault(
            path="$", detail=f"Expected exactly one of {_listed(SOURCES, 'and')}, got {found}"
        )
    yield from misplaced(spec)
    if spec.series is not None:
        yield from _of_series(spec)
    yield from _of_columns(spec)
    for name in ("x_axis", "y_axis", "y2_axis"):
        yield from _of_axis(f"$.{name}", getattr(spec, name))
    yield from _of_marks(spec)


_NAMED = ("x", "y", "y2", "size", "color", "error", "value", "group_by", "sort")
"""Fields that name columns."""


def _of_series(spec: ChartSpec) -> Iterator[Fault]:
    for name in _NAMED:
        if getattr(spec, name) is not None:
            yield Fault(path=f"$.{name}", detail="Names a column, and `series` has none")
    if spec.kind == "heatmap":
        yield Fault(path="$.series", detail="A heatmap is drawn of columns, records or CSV")


def _of_columns(spec: ChartSpec) -> Iterator[Fault]:
    groups = listed(spec.group_by)
    if len(groups) != len(set(groups)):
        yield Fault(path="$.group_by[1]", detail="Expected two different columns, got one twice")
    if groups and spec.x is not None and spec.x != groups[0]:
        detail = "The first column of `group_by` becomes x: leave this out, or name the same one"
        yield Fault(path="$.x", detail=detail)
    seen: set[str] = set()
    for name in ("y", "y2"):
        for index, column in enumerate(listed(getattr(spec, name))):
            path = f"$.{name}" if isinstance(getattr(spec, name), str) else f"$.{name}[{index}]"
            if column in seen:
                found = f"Expected each column once, got {quoted(column)} again"
                yield Fault(path=path, detail=found)
            seen.add(column)
    if spec.kind in ROUND and len(listed(spec.y)) > 1:
        found = (
            f"{NAMES[spec.kind].capitalize()} has one column of values, got {len(spec.y or ()):,}"
        )
        yield Fault(path="$.y", detail=found)
    if spec.kind in ROUND and len(groups) > 1:
        name = NAMES[spec.kind].capitalize()
        detail = f"{name} has one series, and a second column makes several"
        yield Fault(path="$.group_by", detail=detail)
    if spec.kind == "heatmap" and spec.value is not None and len(listed(spec.y)) != 1:
        detail = "Expected the column of the rows, since `value` names that of the values"
        yield Fault(path="$.y", detail=detail)
    if spec.kind == "errorbar":
        yield from _of_errors(spec)
    for name in ("sort", "top") if spec.rolling is not None else ():
        if getattr(spec, name) is not None:
            detail = "A window moves over all rows in their own order: leave this or `rolling` out"
            yield Fault(path=f"$.{name}", detail=detail)
    for name in ("size", "color") if groups else ():
        if getattr(spec, name) is not None:
            detail = "Points that are several rows have none: leave this or `group_by` out"
            yield Fault(path=f"$.{name}", detail=detail)


def _of_errors(spec: ChartSpec) -> Iterator[Fault]:
    merged = "group_by" if spec.group_by is not None else "resample" if spec.resample else ""
    errors, values = len(listed(spec.error)), len(listed(spec.y)) + len(listed(spec.y2))
    if merged and spec.error is not None:
        detail = f"Errors of rows that `{merged}` makes one are those of their `mean`, and computed"
        yield Fault(path="$.error", detail=detail)
    elif merged and spec.aggregate != "mean":
        detail = f"Expected `mean`, whose errors are known, got `{spec.aggregate}`"
        yield Fault(path="$.aggregate", detail=detail)
    elif not merged and spec.error is None and spec.series is None:
        detail = "Expected the columns of the errors, one for each column of `y`"
        yield Fault(path="$.error", detail=detail)
    elif not merged and spec.series is not None:
        detail = "Series have no errors: send columns, or let `resample` make them"
        yield Fault(path="$.series", detail=detail)
    elif errors and spec.y is not None and errors != values:
        detail = f"Expected one column for each of the {values:,} of `y`, got {errors:,}"
        yield Fault(path="$.error", detail=detail)


def _of_axis(path: str, axis: Axis) -> Iterator[Fault]:
    if path != "$.x_axis" and axis.type != "auto":
        yield Fault(
            path=f"{path}.type", detail="Only the x axis has a type: the others are numbers"
        )
    if axis.log and axis.type in ("time", "category"):
        yield Fault(path=f"{path}.log", detail="Only an axis of numbers can be logarithmic")
    for name in ("min", "max"):
        bound = getattr(axis, name)
        if isinstance(bound, str):
            if path != "$.x_axis":
                yield Fault(path=f"{path}.{name}", detail=f"Expected a number, got {quoted(bound)}")
            elif not _is_date(bound):
                detail = f"Expected a number or an ISO 8601 date, got {quoted(bound)}"
                yield Fault(path=f"{path}.{name}", detail=detail)
        elif bound is not None and not abs(bound) <= budgets.MAGNITUDE:
            yield Fault(path=f"{path}.{name}", detail=_beyond(bound))
        elif bound is not None and bound <= 0 and axis.log:
            detail = f"Expected a number above 0 on a log axis, got {number(bound)}"
            yield Fault(path=f"{path}.{name}", detail=detail)
    low, high = axis.min, axis.max
    if isinstance(low, float) and isinstance(high, float) and low >= high:
        detail = f"Expected more than `min`, which is {number(low)}, got {number(high)}"
        yield Fault(path=f"{path}.max", detail=detail)


def _is_date(text: str) -> bool:
    from frames import read_date  # needs numpy, which a refusal does without

    return read_date(text) is not None


def _of_marks(spec: ChartSpec) -> Iterator[Fault]:
    for index, line in enumerate(spec.lines):
        if (line.x is None) == (line.y is None):
            found = "neither" if line.x is None else "both"
            detail = f"Expected exactly one of `x` and `y`, got {found}"
            yield Fault(path=f"$.lines[{index}]", detail=detail)
    for name in ("lines", "notes"):
        for index, mark in enumerate(getattr(spec, name)):
            path = f"$.{name}[{index}]"
            if mark.axis == "y2" and spec.y2 is None:
                yield Fault(path=f"{path}.axis", detail="There is no second axis without `y2`")
            for end in ("x", "y"):
                value = getattr(mark, end)
                if isinstance(value, float) and not abs(value) <= budgets.MAGNITUDE:
                    yield Fault(path=f"{path}.{end}", detail=_beyond(value))
    if spec.y2 is None and spec.y2_axis != Axis():
        yield Fault(path="$.y2_axis", detail="There is no second axis without `y2`")


def _beyond(value: float) -> str:
    return f"Expected numbers up to {budgets.MAGNITUDE:g}, either sign, got {value:g}"


def _listed(names: Sequence[str], last: str = "or") -> str:
    *most, final = (f"`{name}`" for name in names)
    return f"{', '.join(most)} {last} {final}" if most else final
