"""From a JSON value to a request, with every fault named by its path."""

import re
from collections.abc import Iterator, Sequence
from typing import Any, Literal, get_args, get_origin, get_type_hints

import budgets
import msgspec
from chartspec import Axis, Cell, ChartSpec, Color, Line, Note, Rolling, Sort, Trace
from conflicts import conflicts, listed_words
from kinds import KINDS
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
    if spec.kind not in KINDS:
        raise Refusal([_unknown_kind(spec.kind)])
    if faults := _first(conflicts(spec)):
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
            yield Fault(
                path=path, detail=f"Unknown field, expected only {listed_words(list(fields))}"
            )
            continue
        try:
            _convert(value, fields[name].type)
        except msgspec.ValidationError as error:
            yield _fault(str(error), path, value)
        if name == "kind" and isinstance(value, str) and value not in KINDS:
            yield _unknown_kind(value)
    if "kind" not in document:
        yield Fault(path="$", detail="Object missing required field `kind`")


def _unknown_kind(kind: str) -> Fault:
    detail = f"Invalid enum value '{_encodable(kind)}', expected {listed_words(list(KINDS))}"
    return Fault(path="$.kind", detail=detail)


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
        return Fault(path=path, detail=f"{detail}, expected {listed_words(_choices(path))}")
    if unknown := re.fullmatch(r"Object contains unknown field `(.*)`", detail, re.DOTALL):
        names = _STRUCTS[_general(path)].__struct_encode_fields__
        detail = f"Unknown field, expected only {listed_words(names)}"
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
