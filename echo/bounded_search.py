r"""Searches by regular expressions that others wrote, bounded in time.

A search of `(a+)+$` in thirty letters tries each of a thousand million ways to split them, and
`(?i)[\0-\uffff]` takes its time to be compiled. Such an expression cannot be told by its looks, and
neither can be told to stop, but by a signal, which Python's `re` looks for while it works. Only the
main thread gets signals; Lambda calls handlers there.
"""

import re
import signal
import threading
import warnings
from collections.abc import Callable
from functools import lru_cache
from types import FrameType
from typing import TypeVar

PATIENCE = 0.1
"""Seconds of the processor's time for all patterns together."""

LONGEST_PATTERN = 500
"""Characters."""

Done = TypeVar("Done")

# What is escaped, and what stands in brackets, is a character, not the end of a text.
_END = re.compile(r"\\.|\[\^?\]?(?:\\.|[^\]\\])*\]|\$", re.DOTALL)


class OutOfTime(Exception):
    """A pattern has taken too long, or could not be ended if it did."""


class BoundedSearch:
    """A number of patterns that share the time to compile them and to search for them."""

    def __init__(self) -> None:
        self._left = PATIENCE

    def compiled(self, pattern: str) -> re.Pattern[str]:
        r"""Compile a pattern: Python's syntax, in which `\d` and `\w` are ASCII, as in ECMA-262.

        Raises:
            ValueError: It is too long, or none.
            OutOfTime: See `found`.
        """
        return self._timed(lambda: _compiled(pattern))

    def found(self, pattern: str, text: str) -> bool:
        """Tell whether a text has a match of a pattern anywhere in it.

        Raises:
            OutOfTime: All patterns together take more than 0.1 s, or this is not the main thread.
        """
        return self._timed(lambda: _compiled(pattern).search(text)) is not None

    def _timed(self, work: Callable[[], Done]) -> Done:
        if threading.current_thread() is not threading.main_thread():
            raise OutOfTime("Expected no pattern: only the main thread can bound its time")
        if not self._left:  # a timer set to 0 would never end
            raise OutOfTime(_TOO_LONG)
        former = signal.signal(signal.SIGVTALRM, _stop)
        try:
            signal.setitimer(signal.ITIMER_VIRTUAL, self._left)
            return work()
        finally:
            self._left = signal.setitimer(signal.ITIMER_VIRTUAL, 0)[0]
            signal.signal(signal.SIGVTALRM, former)


_TOO_LONG = f"Expected patterns that need at most {PATIENCE} seconds"


def _stop(number: int, frame: FrameType | None) -> None:
    raise OutOfTime(_TOO_LONG)


@lru_cache(256)
def _compiled(pattern: str) -> re.Pattern[str]:
    if len(pattern) > LONGEST_PATTERN:
        raise ValueError(f"Expected at most {LONGEST_PATTERN} characters, got {len(pattern)}")
    try:
        with warnings.catch_warnings(action="ignore"):  # of what may mean another thing one day
            re.compile(pattern, re.ASCII)  # whose error has the place in what was written
            return re.compile(_END.sub(_end, pattern), re.ASCII)
    except (re.error, RecursionError, OverflowError) as error:
        raise ValueError(f"Expected a regular expression: {error}") from None


def _end(found: re.Match[str]) -> str:
    r"""Write `$` as ECMA-262 means it: Python's matches before a line feed at the end as well."""
    return r"\Z" if found[0] == "$" else found[0]
