"""Why an event is refused: RFC 9457 problems that name each bad value by its JSON path."""

import json
from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Any, TypeVar

import msgspec

LARGEST_ANSWER = 6 * 1024 * 1024
"""Bytes of a buffered answer. https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html"""

MOST_FAULTS = 20  # that a problem lists; a hostile event has a million
LONGEST_LIST = 64 * 1024  # characters of them; one alone may be longer
DEEPEST = 5  # levels of an event that are searched for surrogates
ROOM = 32  # levels that an answer may put around what it repeats of an event

Record = TypeVar("Record", bound=msgspec.Struct)


class Fault(msgspec.Struct, frozen=True, kw_only=True):
    """One thing that is wrong with an event.

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
        status: The HTTP status, for a direct message too.
        detail: The faults, for people.
        errors: The faults, for programs; the first 20 of them.
    """

    type: str = "about:blank"
    title: str
    status: int
    detail: str
    errors: list[Fault]


class Refusal(Exception):
    """The event cannot be answered, and its sender can correct it; `problem` says how."""

    def __init__(self, faults: Iterable[Fault]) -> None:
        """Refuse an event for all of its faults at once, as far as they are listed."""
        self.problem = _problem(400, "Bad Request", list(_listed(faults)))
        super().__init__(self.problem.detail)


def too_large(size: int, limit: int) -> Problem:
    """Return the problem of an answer of `size` bytes where at most `limit` are carried."""
    detail = f"Expected a request whose answer has at most {limit} bytes, got one of {size} bytes"
    return _problem(413, "Content Too Large", [Fault(path="$", detail=detail)])


def checked(event: object, kind: type[Record]) -> Record:
    r"""Convert an event to a record that can be written as UTF-8 JSON.

    JSON may hold half of a surrogate pair (`"\ud800"`), which no UTF-8 answer can carry.

    Raises:
        Refusal: The event has another shape (msgspec names the first such fault), or the record
            has surrogates or values that no JSON encoder writes.
    """
    try:
        record = msgspec.convert(event, kind)
        answer: object = record
        for _ in range(ROOM):
            answer = [answer]
        msgspec.json.encode(answer)  # convert does not look for surrogates
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


def _listed(faults: Iterable[Fault]) -> Iterator[Fault]:
    """Yield the faults that a problem lists, and look for no more than those."""
    size = 0
    for index, fault in enumerate(islice(faults, MOST_FAULTS)):
        size += len(fault.path) + len(fault.detail)
        if index and size > LONGEST_LIST:
            return
        yield fault


def _fault(error: msgspec.ValidationError, event: Any, kind: type[msgspec.Struct]) -> Fault:
    detail, _, path = str(error).partition(" - at `")
    path = path.removesuffix("`")
    field, unnamed, rest = path.removeprefix("$.").partition("[...]")
    if unnamed:  # msgspec does not name a map's member: find the first that fails alone likewise
        for name, value in event[field].items():
            try:
                msgspec.convert({field: {name: value}}, kind)
            except msgspec.ValidationError as same:
                if str(same) == str(error):
                    return Fault(path=f"$.{field}{member(name)}{rest}", detail=detail)
    return Fault(path=path or "$", detail=detail)


def _surrogates(value: object, levels: int) -> Iterator[tuple[str, str]]:
    """Yield the path and the description of each text in a value that is not valid Unicode."""
    if isinstance(value, str):
        try:
            value.encode()
        except UnicodeEncodeError as error:
            found = f"U+{ord(value[error.start]):04X} at index {error.start}"
            yield "", f"Expected Unicode text, got the lone surrogate {found}"
    elif levels and isinstance(value, dict | list):
        for key, item in value.items() if isinstance(value, dict) else enumerate(value):
            step = member(key) if isinstance(key, str) else f"[{key}]"
            for part in (key, item):
                for path, detail in _surrogates(part, levels - 1):
                    yield step + path, detail
