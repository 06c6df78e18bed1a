"""Echo: answers a request with a typed description of it."""

import json
from typing import Protocol

import direct_message
import payload_v2
from description import Description
from direct_message import Echo
from refusal import Problem, Refusal, too_large

MAX_ANSWER = 6 * 1024 * 1024
"""Bytes of a buffered answer. https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html"""


class Context(Protocol):
    """What Echo uses of the context that Lambda passes."""

    @property
    def aws_request_id(self) -> str:
        """The id of this invocation, as the function's log shows it."""


class Source(Protocol):
    """One kind of sender: how to read its events, and the form in which it wants the answer."""

    def read(self, event: object, request_id: str) -> Description | Echo:
        """Turn the event into the document to answer with, or raise `Refusal`."""

    def reply(self, document: Description | Echo | Problem) -> dict[str, object]:
        """Put a document into the form that the sender expects."""


def handler(event: object, context: Context) -> dict[str, object]:
    """Answer an HTTP request with its description and a direct message with itself.

    The same event and request id always give the same answer. No event raises: what cannot be
    answered is refused with an RFC 9457 problem, in the form in which its sender reads answers.

    Args:
        event: Any JSON value, parsed. An HTTP API or Function URL event (payload 2.0) is
            described; everything else is read as a direct invocation, `{"message": "…"}`.
        context: The invocation's context.

    Returns:
        For HTTP, a payload 2.0 response with status 200, 400 or 413. For a direct invocation, the
        document itself: an `Echo`, or a `Problem`, told apart by the problem's `status`.
    """
    source = source_of(event)
    try:
        answer = source.reply(source.read(event, context.aws_request_id))
    except Refusal as refusal:
        answer = source.reply(refusal.problem)
    # Up to python3.11 the runtime writes ASCII, later ones UTF-8, which is never longer.
    size = len(json.dumps(answer))
    return answer if size <= MAX_ANSWER else source.reply(too_large(size, MAX_ANSWER))


def source_of(event: object) -> Source:
    """Tell who sent an event."""
    if payload_v2.recognises(event):
        return payload_v2
    return direct_message
