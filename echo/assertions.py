"""Keywords of a JSON Schema that look at one value alone.

https://json-schema.org/draft/2020-12/json-schema-validation
"""

import datetime
import re
import uuid
from collections.abc import Callable, Sized
from decimal import Context, Decimal
from typing import Any

import msgspec

_EXACT = Context(prec=10_000)  # digits of a quotient; a number in JSON has 4,300 at most
_NAMES = {dict: "object", list: "array", str: "string", bool: "boolean", type(None): "null"}

_TIMES: dict[str, type[datetime.datetime | datetime.time]] = {
    "date-time": datetime.datetime,
    "time": datetime.time,
}
# The grammar of RFC 3339, section 5.6, which leaves less open than what msgspec reads: every time
# has an offset from UTC. The seconds stand apart.
_TIME = re.compile(
    r"((?:[0-9-]{10}T)?[0-9:]{6})([0-9]{2})(?:\.[0-9]+)?(Z|[+-][0-9]{2}:[0-9]{2})", re.IGNORECASE
)


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


def _is_time(kind: type[datetime.datetime | datetime.time], text: str) -> bool:
    """Tell whether a text is a time of RFC 3339; raise ValueError for some that are none."""
    found = _TIME.fullmatch(text)
    if not found:
        return False
    leaps = found[2] == "60"
    read = msgspec.convert(f"{found[1]}{59 if leaps else found[2]}{found[3]}", kind)
    # A second is put in before midnight in UTC, at most (section 5.7).
    offset = (read.utcoffset() or datetime.timedelta()) // datetime.timedelta(minutes=1)
    return not leaps or (60 * read.hour + read.minute - offset) % 1440 == 1439


def _format(said: str, value: Any) -> str:
    if not isinstance(value, str):
        return ""
    try:
        if said in _TIMES:
            fits = _is_time(_TIMES[said], value)
        elif said == "date":
            fits = bool(msgspec.convert(value, datetime.date))
        elif said == "uuid":
            fits = len(value) == 36 and bool(msgspec.convert(value, uuid.UUID))
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
