"""A direct invocation: a request of Echo's own, and so a strict one."""

from typing import cast

import msgspec
from refusal import Fault, Refusal, checked, member

MAX_ANSWER = 6 * 1024 * 1024
"""Bytes of a buffered answer. https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html"""


class Message(msgspec.Struct, frozen=True, kw_only=True):
    """The request.

    Attributes:
        message: Any Unicode text; the empty string is text too.
    """

    message: str


class Echo(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """The answer.

    Attributes:
        message: The message, unchanged.
        request_id: Lambda's id of the invocation (`requestId` in JSON).
    """

    message: str
    request_id: str


def read(event: object, request_id: str) -> Echo:
    """Check a message and answer with it.

    Args:
        event: `{"message": "…"}` and nothing else: an unknown field is more often a typing error
            than a wish to have it ignored.
        request_id: Lambda's id of the invocation.

    Raises:
        Refusal: The event is no such object; every unknown field is named.
    """
    if isinstance(event, dict):
        unknown = [name for name in event if name not in Message.__struct_encode_fields__]
        if unknown:
            detail = "Unknown field, expected only `message`"
            raise Refusal(Fault(path=f"${member(name)}", detail=detail) for name in unknown)
    return Echo(message=checked(event, Message).message, request_id=request_id)


def reply(document: msgspec.Struct) -> dict[str, object]:
    """Return the document as the function's result; a `Problem` is returned, not raised."""
    return cast(dict[str, object], msgspec.to_builtins(document))
