"""Echo: answers a request with a typed description of it."""

import json
from typing import Any, cast

import body_parts
import http_answer
import http_events
import msgspec
from description import describe
from refusal import LARGEST_ANSWER, Fault, Problem, Refusal, checked, member, too_large

cold = True  # until the first invocation


def handler(event: object, context: Any) -> dict[str, object]:
    """Answer an HTTP request with its description and a direct message with itself.

    An event of an HTTP API, a Function URL, a REST API or an Application Load Balancer gets a
    response in its form; everything else is read as `{"message": "…"}`, and gets an `Echo` or an
    RFC 9457 `Problem`. The same event and request id always give the same answer, except for the
    first invocation of a sandbox, which says that it is. No event raises.
    """
    global cold
    is_first, cold = cold, False
    form = http_events.form_of(event)
    if form is None:
        return _direct_reply(event, context.aws_request_id)
    try:
        answer = _answer(http_events.read(event, form), context, is_first)
    except Refusal as refusal:
        answer = http_answer.of_document(refusal.problem)
    return http_answer.reply(answer, form, is_head=http_events.method_of(event) == "HEAD")


def _answer(request: http_events.Request, context: Any, is_first: bool) -> http_answer.Answer:
    """Answer with the description, or as the query asks for."""
    parts = body_parts.parsed(request.content or b"", request.header("content-type"))
    description = describe(request, parts, context.aws_request_id, is_first)
    if not request.query:
        return http_answer.of_document(description)
    import modifiers  # compiles patterns, and many requests have no query

    return modifiers.answer(request, description, context)


class Message(msgspec.Struct, frozen=True):
    """The request: any Unicode text, which may be empty."""

    message: str


class Echo(msgspec.Struct, frozen=True, rename="camel"):
    """The answer: the message, unchanged, and Lambda's id of the invocation."""

    message: str
    request_id: str


def _direct_reply(event: object, request_id: str) -> dict[str, object]:
    """Return a message with the id of the invocation, or the problem that it has."""
    document: Echo | Problem
    try:
        document = Echo(_message(event).message, request_id)
    except Refusal as refusal:
        document = refusal.problem
    # Up to python3.11 the runtime writes ASCII; later ones write UTF-8, which is never longer.
    size = len(json.dumps(answer := msgspec.to_builtins(document)))
    if size > LARGEST_ANSWER:
        answer = msgspec.to_builtins(too_large(size, LARGEST_ANSWER))
    return cast(dict[str, object], answer)


def _message(event: object) -> Message:
    """Check a message. An unknown field is refused: it is more often a typing error than a wish."""
    names = event if isinstance(event, dict) else ()
    if unknown := [name for name in names if name != "message"]:
        detail = "Unknown field, expected only `message`"
        raise Refusal(Fault(path=f"${member(name)}", detail=detail) for name in unknown)
    return checked(event, Message)
