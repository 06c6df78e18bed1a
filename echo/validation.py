"""`POST /echo/validate`: every way in which a value is not what a schema says."""

from collections.abc import Iterator
from itertools import islice
from typing import Any

import msgspec
from bounded_search import BoundedSearch
from json_schema import schema_faults
from refusal import MOST_FAULTS, Fault, Refusal, listed, member
from violations import Check, TooMuch, Violation

MOST_VIOLATIONS = 1_000

LONGEST_LIST = 512 * 1024
"""Characters of the violations that are listed, but for the first."""


class Verdict(msgspec.Struct, frozen=True, kw_only=True):
    """What a schema says of a value.

    Attributes:
        valid: Whether it has no violation.
        violations: Where it is not as the schema says; the first 1,000.
        more: Whether there are more of them.
    """

    valid: bool
    violations: list[Violation]
    more: bool


def validated(content: bytes | None) -> Verdict:
    """Apply a schema to a value.

    Args:
        content: A JSON document, `{"schema": …, "value": …}` and nothing else. Paths begin there.

    Raises:
        Refusal: It is no such document, its schema has a keyword that Echo does not know or is
            otherwise none, or to apply it takes too much.
    """
    try:
        document = _document(content)
        schema, value = document["schema"], document["value"]
        search = BoundedSearch()
        if faults := listed(schema_faults(schema, search)):
            raise Refusal(faults)
        kept, more = _listed(Check(schema, search).violations(value))
    except TooMuch as error:
        raise Refusal([Fault(path=error.path, detail=str(error))]) from None
    except RecursionError:
        raise Refusal([Fault(path="$", detail="Expected JSON of fewer levels")]) from None
    return Verdict(valid=not kept, violations=kept, more=more)


def _listed(found: Iterator[Violation]) -> tuple[list[Violation], bool]:
    kept: list[Violation] = []
    room = LONGEST_LIST
    for one in found:
        room -= len(one.path) + len(one.schema) + len(one.detail)
        if len(kept) == MOST_VIOLATIONS or (kept and room < 0):
            return kept, True
        kept.append(one)
    return kept, False


def _document(content: bytes | None) -> dict[str, Any]:
    try:
        document = msgspec.json.decode(content or b"")
    except ValueError as error:
        raise Refusal([Fault(path="$", detail=f"Expected JSON: {error}")]) from None
    if not isinstance(document, dict):
        raise Refusal([Fault(path="$", detail="Expected an object with `schema` and `value`")])
    wanted = ("schema", "value")
    missing = [
        Fault(path=f"$.{name}", detail="Expected a value, got none")
        for name in wanted
        if name not in document
    ]
    detail = "Unknown field, expected only `schema` and `value`"
    unknown = (
        Fault(path=f"${member(name)}", detail=detail) for name in document if name not in wanted
    )
    if faults := [*missing, *islice(unknown, MOST_FAULTS)]:
        raise Refusal(faults)
    return document
