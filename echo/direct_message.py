"""A direct message: a request of Echo's own, and so a strict one."""

import json
from typing import cast

import msgspec
from refusal import LARGEST_ANSWER, Fault, Problem, Refusal, checked, member, too_large


class Message(msgspec.Struct, frozen=True):
    """The request: any Unicode text, which may be empty."""

    message: str


class Echo(msgspec.Struct, frozen=True, rename="camel"):
    """The answer: the message, unchanged, and Lambda's id of the invocation."""

    message: str
    request_id: str


def reply(event: object, request_id: str) -> dict[str, object]:
    """Return a message with the id of the invocation, or the problem that it has."""
    document: Echo | Problem
    try:
        document = Echo(_read(event).message, request_id)
    except Refusal as refusal:
        document = refusal.problem
    # Up to python3.11 the runtime writes ASCII; later ones write UTF-8, which is never longer.
    size = len(json.dumps(answer := msgspec.to_builtins(document)))
    if size > LARGEST_ANSWER:
        answer = msgspec.to_builtins(too_large(size, LARGEST_ANSWER))
    return cast(dict[str, object], answer)


def _read(event: object) -> Message:
    """Check a message. An unknown field is refused: it is more often a typing error than a wish."""
    names = event if isinstance(event, dict) else ()
    if unknown := [name for name in names if name != "message"]:
        detail = "Unknown field, expected only `message`"
        raise Refusal(Fault(path=f"${member(name)}", detail=detail) for name in unknown)
    return checked(event, Message)
