"""What Echo answers to an HTTP request: its description, unless the request asks for another."""

import time
from typing import Protocol

import header_rules
import modifiers
import msgspec
import webhooks
from description import describe
from http_answer import Answer, of_content, of_document
from http_request import Request
from modifiers import Modifiers

MARGIN = 0.5
"""Seconds of an invocation that no delay takes: the answer has to get out."""

SANDBOX = "default-src 'none'; sandbox"
"""What a browser lets bytes do that a client has chosen: nothing."""


class Context(Protocol):
    """What Echo uses of the context that Lambda passes."""

    @property
    def aws_request_id(self) -> str:
        """The id of this invocation, as the function's log shows it."""

    def get_remaining_time_in_millis(self) -> int:
        """Return the milliseconds that are left of this invocation."""


def answer(request: Request, context: Context, cold_start: bool) -> Answer:
    """Answer a request, after the delay that it asks for.

    `POST /echo/validate` is answered with what its schema finds. All else is described, with status
    401 where a signature was to be verified and is not valid.

    Args:
        request: What to answer.
        context: The invocation's.
        cold_start: Whether this is the first invocation of its sandbox.

    Raises:
        Refusal: A modifier is not what it is to be, or a schema is none.
    """
    asked = modifiers.read(request)
    signature = webhooks.check(asked.verify, request) if asked.verify else msgspec.UNSET
    is_invalid = isinstance(signature, webhooks.Signature) and not signature.valid
    status = asked.status or (401 if is_invalid else 200)
    if asked.raw:
        kind = header_rules.made_inert(request.header("content-type"))
        plain = of_content(request.content or b"", kind, status)
    elif asked.body is not None:
        plain = of_content(asked.body.encode(), "text/plain; charset=utf-8", status)
    elif request.method == "POST" and (request.path or "").endswith("/echo/validate"):
        from validation import validated  # what only this route needs

        plain = of_document(validated(request.content), status)
    else:
        document = describe(request, signature, context.aws_request_id, cold_start)
        plain = of_document(document, status)
    return _delayed(_with_headers(plain, asked), asked.delay, context)


def _with_headers(plain: Answer, asked: Modifiers) -> Answer:
    replaced = {name for name, _ in asked.headers if name in ("content-type", "cache-control")}
    headers = [pair for pair in plain.headers if pair[0] not in replaced]
    for name, value in asked.headers:
        headers.append((name, header_rules.inert(value) if name == "content-type" else value))
    if asked.raw or asked.body is not None:
        headers.append(("content-security-policy", SANDBOX))
    return msgspec.structs.replace(plain, headers=headers)


def _delayed(plain: Answer, asked: float, context: Context) -> Answer:
    """Wait, and say in a header for how long: less than asked for where less time is left."""
    if not asked:
        return plain
    left = context.get_remaining_time_in_millis() / 1000 - MARGIN
    seconds = max(0.0, min(asked, left))
    time.sleep(seconds)
    headers = [*plain.headers, ("x-echo-delay", f"{seconds:.3f}")]
    return msgspec.structs.replace(plain, headers=headers)
