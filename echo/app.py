"""Echo: answers a request with a typed description of it."""

import json
from typing import Protocol

import direct_message
import http_answer
import load_balancer
import load_balancer_multi
import payload_v2
import rest_api
from answering import Context, answer
from http_answer import Answer
from http_request import Request
from refusal import Problem, Refusal, too_large


class Form(Protocol):
    """One form of HTTP event: how to tell it, to read it, and to answer its sender."""

    @property
    def MAX_ANSWER(self) -> int:
        """The bytes of an answer that its sender passes on."""

    @property
    def COMPRESSES(self) -> bool:
        """Whether its sender passes compressed bytes on."""

    def recognises(self, event: object) -> bool:
        """Tell whether an event is of this form, well-formed or not."""

    def read(self, event: object) -> Request:
        """Read the request that an event carries, or raise `Refusal`."""

    def reply(self, answer: Answer) -> dict[str, object]:
        """Put an answer into the form that the sender expects."""


FORMS: tuple[Form, ...] = (payload_v2, rest_api, load_balancer, load_balancer_multi)

cold = True  # until the first invocation


def handler(event: object, context: Context) -> dict[str, object]:
    """Answer an HTTP request with its description and a direct message with itself.

    The same event and request id always give the same answer, but for the first invocation of a
    sandbox, which says that it is. No event raises: what cannot be answered is refused with an
    RFC 9457 problem, in the form in which its sender reads answers.

    Args:
        event: Any JSON value, parsed. An event of an HTTP API, a Function URL, a REST API or an
            Application Load Balancer is answered as a request; everything else is read as a direct
            invocation, `{"message": "…"}`.
        context: The invocation's context.

    Returns:
        For HTTP, a response in the event's form. For a direct invocation, the document itself: an
        `Echo`, or a `Problem`, told apart by the problem's `status`.
    """
    global cold
    cold_start, cold = cold, False
    for form in FORMS:
        if form.recognises(event):
            return _over_http(form, event, context, cold_start)
    return _directly(event, context)


def _over_http(form: Form, event: object, context: Context, cold_start: bool) -> dict[str, object]:
    method, accept_encoding = None, ""
    try:
        request = form.read(event)
        method, accept_encoding = request.method, request.header("accept-encoding")
        plain = answer(request, context, cold_start)
    except Refusal as refusal:
        plain = http_answer.of_document(refusal.problem)
    response = form.reply(http_answer.shaped(plain, method, accept_encoding, form.COMPRESSES))
    size = _size(response)
    if size <= form.MAX_ANSWER:
        return response
    plain = http_answer.of_document(too_large(size, form.MAX_ANSWER))
    return form.reply(http_answer.shaped(plain, method, "", form.COMPRESSES))


def _directly(event: object, context: Context) -> dict[str, object]:
    document: direct_message.Echo | Problem
    try:
        document = direct_message.read(event, context.aws_request_id)
    except Refusal as refusal:
        document = refusal.problem
    message = direct_message.reply(document)
    size = _size(message)
    if size <= direct_message.MAX_ANSWER:
        return message
    return direct_message.reply(too_large(size, direct_message.MAX_ANSWER))


def _size(response: dict[str, object]) -> int:
    # Up to python3.11 the runtime writes ASCII, later ones UTF-8, which is never longer.
    return len(json.dumps(response))
