"""Keywords of a JSON Schema that look at one value alone.

https://json-schema.org/draft/2020-12/json-schema-validation
"""

import datetime
import uuid
from collections.abc import Callable, Sized
from decimal import Context, Decimal
from typing import Any

import msgspec

_EXACT = Context(prec=10_000)  # digits of a quotient; a number in JSON has 4,300 at most
_NAMES = {dict: "object", list: "array", str: "string", bool: "boolean", type(None): "null"}

# https://www.rfc-editor.org/rfc/rfc3339, https://www.rfc-editor.org/rfc/rfc4122
_FORMATS: dict[str, type] = {
    "date": datetime.date,
    "date-time": datetime.datetime,
    "time": datetime.time,
    "uuid": uuid.UUID,
}


def _kind(value: object) -> str:
    if name := _NAMES.get(type(value)):
        return name
    return "integer" if isinstance(value, int) or value == value // 1 else "number"  # type: ignore[operator]


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _type(said: str | list[str], value: object) -> str:
    names, kind = [said] if isinstance(said, str) else said, _kind(value)
    fits = kind in names or (kind == "integer" and "number" in names)
    return "" if fits else f"Expected {' or '.join(names)}, got {kind}"


def _minimum(said: float, value: Any) -> str:
    fits = not _is_number(value) or value >= said
    return "" if fits else f"Expected at least {said}, got {value}"


def _maximum(said: float, value: Any) -> str:
    fits = not _is_number(value) or value <= said
    return "" if fits else f"Expected at most {said}, got {value}"


def _exclusive_minimum(said: float, value: Any) -> str:
    fits = not _is_number(value) or value > said
    return "" if fits else f"Expected more than {said}, got {value}"


def _exclusive_maximum(said: float, value: Any) -> str:
    fits = not _is_number(value) or value < said
    return "" if fits else f"Expected less than {said}, got {value}"


def _multiple_of(said: float, value: Any) -> str:
    if not _is_number(value):
        return ""
    # As decimals, as they are written: by binary fractions, 0.3 is no multiple of 0.1.
    rest = _EXACT.remainder(Decimal(repr(value)), Decimal(repr(said)))
    return f"Expected a multiple of {said}, got {value}" if rest else ""


def _size(kind: type[Sized], unit: str, at_least: bool) -> Callable[[int, Any], str]:
    """Make the check of how much a value holds."""

    def check(said: int, value: Any) -> str:
        if not isinstance(value, kind):
            return ""
        size = len(value)
        fits = size >= said if at_least else size <= said
        limit = "at least" if at_least else "at most"
        return "" if fits else f"Expected {limit} {said} {unit}, got {size}"

    return check


def _format(said: str, value: Any) -> str:
    if not isinstance(value, str):
        return ""
    try:
        if said in _FORMATS:
            read: Any = msgspec.convert(value, _FORMATS[said])
            # RFC 3339 has an offset from UTC in every time.
            fits = said not in ("date-time", "time") or read.tzinfo is not None
        else:
            import ipaddress  # for two formats alone

            kind = ipaddress.IPv4Address if said == "ipv4" else ipaddress.IPv6Address
            fits = "%" not in str(kind(value))  # a scope is of one machine (RFC 4291 has none)
    except ValueError:
        fits = False
    return "" if fits else f"Expected the format {said}"


SIMPLE: dict[str, Callable[[Any, Any], str]] = {
    "exclusiveMaximum": _exclusive_maximum,
    "exclusiveMinimum": _exclusive_minimum,
    "format": _format,
    "maxItems": _size(list, "items", at_least=False),
    "maxLength": _size(str, "characters", at_least=False),
    "maxProperties": _size(dict, "members", at_least=False),
    "maximum": _maximum,
    "minItems": _size(list, "items", at_least=True),
    "minLength": _size(str, "characters", at_least=True),
    "minProperties": _size(dict, "members", at_least=True),
    "minimum": _minimum,
    "multipleOf": _multiple_of,
    "type": _type,
}
"""By keyword: says, of the keyword's value and of a value, what is wrong; empty for nothing."""
