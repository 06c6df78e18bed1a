"""What Echo answers to an HTTP request: its description, unless the request asks for another."""

import msgspec
from description import Parsed, Signature, describe
from http_answer import Answer, of_content, of_document
from http_request import Request
from invocation import Context, Invocation

MARGIN = 0.5
"""Seconds of an invocation that no delay takes: the answer has to get out."""

SANDBOX = "default-src 'none'; sandbox"
"""What a browser lets bytes do that a client has chosen: nothing."""

MODIFIERS = frozenset(("status", "delay", "header", "body", "raw", "verify"))
"""Names of the query by which a client asks something of its answer."""


def answer(request: Request, invocation: Invocation) -> Answer:
    """Answer a request as it asks for.

    `POST /echo/validate` is answered with what its schema finds, all else with its description.

    Raises:
        Refusal: A modifier is not what it is to be, or a schema is none.
    """
    if not any(name in MODIFIERS for name, _ in request.query):
        return _plain(request, invocation, msgspec.UNSET)
    return _modified(request, invocation)


def _plain(
    request: Request, invocation: Invocation, signature: Signature | msgspec.UnsetType
) -> Answer:
    if request.method == "POST" and (request.path or "").endswith("/echo/validate"):
        from validation import validated

        return of_document(validated(request.content))
    parts, content_type = Parsed(), request.header("content-type")
    if request.content and content_type:
        from body_parts import parsed

        parts = parsed(request.content, content_type)
    request_id, cold_start = invocation.context.aws_request_id, invocation.cold_start
    return of_document(describe(request, parts, signature, request_id, cold_start))


def _modified(request: Request, invocation: Invocation) -> Answer:
    """Answer as modifiers ask, with status 401 where a signature is to be valid and is not."""
    import header_rules  # what only this needs
    import modifiers
    import webhooks

    asked = modifiers.read(request)
    signature: Signature | msgspec.UnsetType = msgspec.UNSET
    status = 200
    if asked.verify:
        signature = webhooks.check(asked.verify, request)
        status = 200 if signature.valid else 401
    if asked.raw:
        kind = header_rules.made_inert(request.header("content-type"))
        plain = of_content(request.content or b"", kind)
    elif asked.body is not None:
        plain = of_content(asked.body.encode(), "text/plain; charset=utf-8")
    else:
        plain = _plain(request, invocation, signature)
    chosen = {name for name, _ in asked.headers}
    headers = [
        pair
        for pair in plain.headers
        if pair[0] not in chosen.intersection(("content-type", "cache-control"))
    ]
    headers += asked.headers
    if asked.raw or asked.body is not None:
        headers.append(("content-security-policy", SANDBOX))
    if asked.delay:
        headers.append(("x-echo-delay", f"{_waited(asked.delay, invocation.context):.3f}"))
    return Answer(status=asked.status or status, headers=headers, content=plain.content)


def _waited(asked: float, context: Context) -> float:
    """Wait, but not into the last half second of the invocation, and return for how long."""
    import time

    seconds = max(0.0, min(asked, context.get_remaining_time_in_millis() / 1000 - MARGIN))
    time.sleep(seconds)
    return seconds
