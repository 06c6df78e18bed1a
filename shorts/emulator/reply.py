"""What a function answers, and how it may fail."""

import re

import msgspec

from shorts.errors import ShortsError

_TIMED_OUT = re.compile(rb"Task timed out after [\d.]+ seconds")


class Reply(msgspec.Struct, frozen=True, kw_only=True):
    """A function's answer.

    Attributes:
        request: the invocation's id; empty where the emulator logged none.
        body: the JSON that it returned, or Lambda's description of its failure.
        failure: what went wrong, such as ``ValueError: no such key``; empty where it returned.
        init: duration of the init phase in ms, where this invocation started with one.
        duration: of the invocation in ms, as the emulator measured it.
        tail: the end of the log, where that was requested.
    """

    request: str
    body: bytes
    failure: str
    init: float | None
    duration: float | None
    tail: bytes = b""


class FunctionTimeout(ShortsError):
    """A function gave no answer within its caller's time limit."""


class _Failure(msgspec.Struct, forbid_unknown_fields=True):
    """The runtime's answer for a handler that failed."""

    errorType: str
    errorMessage: str
    stackTrace: list[str] = []
    requestId: str = ""
    cause: object = None


def failure_of(body: bytes) -> str:
    """Return the failure that an answer describes, in words; empty where it describes none."""
    if _TIMED_OUT.fullmatch(body):
        return body.decode()
    if not body:
        return "Runtime.ExitError: the runtime ended, or did not start"
    try:
        failure = msgspec.json.decode(body, type=_Failure)
    except (ValueError, RecursionError):
        return ""
    return f"{failure.errorType}: {failure.errorMessage}"
