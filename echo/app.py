"""Echo: answers a request with a typed description of it."""

from typing import Any

import body_parts
import direct_message
import http_answer
import http_events
from description import describe
from refusal import Refusal

cold = True  # until the first invocation


def handler(event: object, context: Any) -> dict[str, object]:
    """Answer an HTTP request with its description and a direct message with itself.

    The same event and request id always give the same answer, except for the first invocation of a
    sandbox, which says that it is. No event raises: what cannot be answered is refused with an
    RFC 9457 problem, in the form in which its sender reads answers.

    Args:
        event: Any JSON value, parsed. An event of an HTTP API, a Function URL, a REST API or an
            Application Load Balancer is answered as a request. Everything else is read as a direct
            message, `{"message": "…"}`.
        context: The invocation's.
            https://docs.aws.amazon.com/lambda/latest/dg/python-context.html

    Returns:
        For HTTP, a response in the event's form. For a direct message, an `Echo` or a `Problem`.
    """
    global cold
    is_first, cold = cold, False
    form = http_events.form_of(event)
    if form is None:
        return direct_message.reply(event, context.aws_request_id)
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
