"""`POST /echo/validate`: every way in which a value is not what a schema says."""

from itertools import islice
from typing import Any

import msgspec
from bounded_search import BoundedSearch
from json_schema import schema_faults
from refusal import MOST_FAULTS, Fault, Refusal, member
from violations import Check, TooMuch, Violation

MOST_VIOLATIONS = 1_000


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
        if faults := list(islice(schema_faults(schema, search), MOST_FAULTS)):
            raise Refusal(faults)
        found = list(islice(Check(schema, search).violations(value), MOST_VIOLATIONS + 1))
    except TooMuch as error:
        raise Refusal([Fault(path=error.path, detail=str(error))]) from None
    except RecursionError:
        raise Refusal([Fault(path="$", detail="Expected JSON of fewer levels")]) from None
    kept = found[:MOST_VIOLATIONS]
    return Verdict(valid=not found, violations=kept, more=len(found) > len(kept))


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
