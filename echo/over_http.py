"""Requests over HTTP: which form an event has, and an answer in the same."""

import json
from typing import Any, Protocol

import http_answer
import payload_v2
from answering import answer
from http_answer import Answer
from http_request import Request
from invocation import Invocation
from refusal import Refusal, too_large


class Form(Protocol):
    """One form of event: how to tell it, to read it, and to answer its sender."""

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


def form_of(event: object) -> Form | None:
    """Tell an event's form; None for no HTTP event. A function has one front, so each is apart."""
    if payload_v2.recognises(event):
        return payload_v2
    import load_balancer
    import load_balancer_multi
    import rest_api

    forms: tuple[Form, ...] = (rest_api, load_balancer, load_balancer_multi)
    return next((form for form in forms if form.recognises(event)), None)


def answered(form: Form, event: object, invocation: Invocation) -> dict[str, object]:
    """Answer an event in its own form; what cannot be answered with a problem that says why."""
    method, accept_encoding = _method(event), ""
    try:
        request = form.read(event)
        accept_encoding = request.header("accept-encoding")
        plain = answer(request, invocation)
    except Refusal as refusal:
        plain = http_answer.of_document(refusal.problem)
    response = form.reply(http_answer.shaped(plain, method, accept_encoding, form.COMPRESSES))
    # Up to python3.11 the runtime writes ASCII, later ones UTF-8, which is never longer.
    size = len(json.dumps(response))
    if size <= form.MAX_ANSWER:
        return response
    plain = http_answer.of_document(too_large(size, form.MAX_ANSWER))
    return form.reply(http_answer.shaped(plain, method, "", form.COMPRESSES))


def _method(event: Any) -> str | None:
    """Return the method even of an event that cannot be read, since no HEAD has a body."""
    context = event.get("requestContext")
    http = context.get("http") if isinstance(context, dict) else None
    method = http.get("method") if isinstance(http, dict) else event.get("httpMethod")
    return method if isinstance(method, str) else None
