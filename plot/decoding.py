"""From a JSON value to a request, with every fault named by its path."""

import re
from collections.abc import Iterator, Sequence
from typing import Any, Literal, get_args, get_origin, get_type_hints

import budgets
import msgspec
from charts import KINDS
from chartspec import Cell, ChartSpec, Color
from conflicts import conflicts
from problems import Fault, Refusal, check_count, check_table, member, refusal


def decode(document: object) -> ChartSpec:
    """Read a request, given as any parsed JSON value, or refuse it for each field that is wrong."""
    _check_counts(document)
    try:
        spec = msgspec.convert(document, ChartSpec)
    except (msgspec.ValidationError, UnicodeEncodeError):
        raise Refusal(_misfits(document)) from None
    if spec.kind not in KINDS:
        raise refusal("$.kind", _unknown_kind(spec.kind))
    if faults := list(conflicts(spec)):
        raise Refusal(faults)
    width, height = spec.pixels
    check_count("$", width * height, budgets.PIXELS, "pixels after scale")
    return spec


def _check_counts(document: object) -> None:
    """Refuse too much data before time is spent on each of its values."""
    if not isinstance(document, dict):
        return
    columns, records = document.get("columns"), document.get("records")
    if isinstance(columns, dict):
        rows = max((len(cells) for cells in columns.values() if isinstance(cells, list)), default=0)
        check_table("$.columns", rows, len(columns))
    if isinstance(records, list):
        most = max((len(record) for record in records if isinstance(record, dict)), default=0)
        check_table("$.records", len(records), most)


def _misfits(document: object) -> Iterator[Fault]:
    """Find what does not fit: each unknown field, and the first fault in each other one."""
    if not isinstance(document, dict):
        yield from _faults(document, ChartSpec, "$")
        return
    for name, value in document.items():
        path = f"${member(name)}" if isinstance(name, str) else "$"
        if name not in _FIELDS:
            yield Fault(path, f"Unknown field, expected only {_any_of(list(_FIELDS))}")
            continue
        yield from _faults(value, _FIELDS[name], path)
        if name == "kind" and isinstance(value, str) and value not in KINDS:
            yield Fault("$.kind", _unknown_kind(value))
    if "kind" not in document:
        yield Fault("$", "Object missing required field `kind`")


def _unknown_kind(kind: str) -> str:
    return f"Invalid enum value '{kind}', expected {_any_of(list(KINDS))}"


def _faults(value: Any, form: Any, field: str) -> Iterator[Fault]:
    """Find the first fault in a value, as msgspec says it, and complete that.

    Of a map msgspec says `$[...][3]`: the member is the first one that fails alone.
    """
    try:
        msgspec.convert(value, form)
        return
    except UnicodeEncodeError:  # msgspec looks at a text where one of a few words belongs
        yield Fault(field, "Expected Unicode text, got half of a surrogate pair")
        return
    except msgspec.ValidationError as error:
        detail, _, inner = str(error).partition(" - at `$")
    inner = inner.removesuffix("`")
    if detail.startswith("Invalid enum value"):
        detail = f"{detail}, expected {_any_of(_words(field + inner))}"
    before, is_map, after = inner.partition("[...]")
    if is_map:
        row = re.fullmatch(r"\[(\d+)\]", before)
        members = value[int(row[1])] if row else value
        form = Cell if row else (Color if field == "$.colors" else list[Cell])
        name = next(name for name in members if any(_faults(members[name], form, "")))
        inner = f"{before}{member(name)}{after}"
    yield Fault(field + inner, detail)


def _words(path: str) -> Sequence[str]:
    """Return the words that a value may be one of, by the types along its path."""
    form: Any = ChartSpec
    for name in re.findall(r"\.(\w+)", path):
        struct = next(part for part in _parts(form) if hasattr(part, "__struct_fields__"))
        form = get_type_hints(struct, include_extras=True)[name]
    return next(get_args(part) for part in _parts(form) if get_origin(part) is Literal)


def _parts(form: Any) -> Iterator[Any]:
    """Take a type apart: a union, a list, what `Annotated` is of."""
    yield form
    for part in get_args(form) if get_origin(form) is not Literal else ():
        yield from _parts(part)


def _any_of(names: Sequence[str]) -> str:
    *most, last = (f"`{name}`" for name in names)
    return f"{', '.join(most)} or {last}" if most else last


_FIELDS = {field.name: field.type for field in msgspec.structs.fields(ChartSpec)}
