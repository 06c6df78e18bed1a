"""Why an event is refused: RFC 9457 problems that name each bad value by its JSON path."""

import json
from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Any, TypeVar

import msgspec

MOST_FAULTS = 20
"""Faults that a problem lists; a hostile event has a million."""

LONGEST_LIST = 64 * 1024
"""Characters of the faults that it lists, but for the first; each may have a name of millions."""

DEEPEST = 5
"""Levels of an event that Echo reads, down to `$.requestContext.authorizer.jwt.claims.sub`."""

ROOM = 32
"""Levels that an answer may put around what it says of an event."""

Record = TypeVar("Record", bound=msgspec.Struct)


class Fault(msgspec.Struct, frozen=True, kw_only=True):
    """One thing wrong with an event.

    Attributes:
        path: The bad value's JSONPath (RFC 9535), such as `$.headers["x-id"]`.
        detail: What was expected, and what was found.
    """

    path: str
    detail: str


class Problem(msgspec.Struct, frozen=True, kw_only=True):
    """A problem document (https://www.rfc-editor.org/rfc/rfc9457).

    Attributes:
        type: `about:blank`: the status says what kind of problem it is.
        title: The status in words.
        status: The HTTP status, for a direct invocation too.
        detail: The faults, for people.
        errors: The faults, for programs; the first 20 of them.
    """

    type: str = "about:blank"
    title: str
    status: int
    detail: str
    errors: list[Fault]


class Refusal(Exception):
    """The event cannot be answered, and its sender can mend it.

    Attributes:
        problem: The document that says so, with status 400.
    """

    def __init__(self, faults: Iterable[Fault]) -> None:
        """Refuse an event for all of its faults at once, as far as they are listed."""
        self.problem = _problem(400, "Bad Request", listed(faults))
        super().__init__(self.problem.detail)


def listed(faults: Iterable[Fault]) -> list[Fault]:
    """Return the faults that a problem lists, and look for no more than those."""
    kept: list[Fault] = []
    room = LONGEST_LIST
    for fault in islice(faults, MOST_FAULTS):
        room -= len(fault.path) + len(fault.detail)
        if kept and room < 0:
            break
        kept.append(fault)
    return kept


def too_large(size: int, limit: int) -> Problem:
    """Return the problem of an answer of `size` bytes where `limit` bytes are carried."""
    detail = f"Expected a request whose answer has at most {limit} bytes, got one of {size} bytes"
    return _problem(413, "Content Too Large", [Fault(path="$", detail=detail)])


def checked(event: object, kind: type[Record]) -> Record:
    r"""Convert an event to a record whose texts are all valid Unicode.

    JSON may hold half of a surrogate pair (`"\ud800"`), which no UTF-8 answer can carry.

    Raises:
        Refusal: The event has another shape (msgspec names the first such fault), or, in what Echo
            reads of it, surrogates, or a value that no JSON encoder writes.
    """
    try:
        record = msgspec.convert(event, kind)
        answer: object = record
        for _ in range(ROOM):
            answer = [answer]
        msgspec.json.encode(answer)  # convert lets surrogates pass where a text belongs
    except msgspec.ValidationError as error:
        raise Refusal([_fault(error, event, kind)]) from None
    except UnicodeEncodeError:
        found = _surrogates(event, DEEPEST)
        raise Refusal(Fault(path=f"${path}", detail=detail) for path, detail in found) from None
    except (RecursionError, ValueError):  # of a million levels, and of a million digits
        detail = "Expected values that are less deeply nested, and numbers of at most 4300 digits"
        raise Refusal([Fault(path="$", detail=detail)]) from None
    return record


def member(name: str) -> str:
    """Write the step of a JSON path that leads to a member: `.name` or `["any name"]`, in ASCII."""
    return f".{name}" if name.isascii() and name.isidentifier() else f"[{json.dumps(name)}]"


def _problem(status: int, title: str, faults: list[Fault]) -> Problem:
    detail = "; ".join(f"{fault.path}: {fault.detail}" for fault in faults)
    return Problem(title=title, status=status, detail=detail, errors=faults)


def _fault(error: msgspec.ValidationError, event: Any, kind: type[msgspec.Struct]) -> Fault:
    detail, _, path = str(error).partition(" - at `")
    path = path.removesuffix("`")
    field, unnamed, rest = path.removeprefix("$.").partition("[...]")
    if unnamed:  # msgspec names no member of a map: find the first that fails by itself likewise
        for name, value in event[field].items():
            try:
                msgspec.convert({field: {name: value}}, kind)
            except msgspec.ValidationError as same:
                if str(same) == str(error):
                    return Fault(path=f"$.{field}{member(name)}{rest}", detail=detail)
    return Fault(path=path or "$", detail=detail)


def _surrogates(value: object, levels: int) -> Iterator[tuple[str, str]]:
    """Say where in a value, and what; a path is put together for what is found alone."""
    if isinstance(value, str):
        try:
            value.encode()
        except UnicodeEncodeError as error:
            found = f"U+{ord(value[error.start]):04X} at index {error.start}"
            yield "", f"Expected Unicode text, got the lone surrogate {found}"
    elif isinstance(value, list) and levels:
        for index, item in enumerate(value):
            for path, detail in _surrogates(item, levels - 1):
                yield f"[{index}]{path}", detail
    elif isinstance(value, dict) and levels:
        for name, item in value.items():
            for part in (name, item):
                for path, detail in _surrogates(part, levels - 1):
                    yield member(name) + path, detail
