"""One call of the function by Lambda."""

from typing import Protocol

import msgspec


class Context(Protocol):
    """What Echo uses of the context that Lambda passes."""

    @property
    def aws_request_id(self) -> str:
        """The id of this invocation, as the function's log shows it."""

    def get_remaining_time_in_millis(self) -> int:
        """Return the milliseconds that are left of this invocation."""


class Invocation(msgspec.Struct, frozen=True, kw_only=True):
    """An invocation.

    Attributes:
        context: What Lambda says of it.
        cold_start: Whether it is the first of its sandbox.
    """

    context: Context
    cold_start: bool
