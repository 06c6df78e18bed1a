"""Searches by regular expressions that others wrote, bounded in time.

A search of `(a+)+$` in thirty letters tries each of a thousand million ways to split them. Such an
expression cannot be told by its looks, and a search cannot be told to stop, but by a signal, which
Python's `re` looks for while it tries. Only the main thread gets signals; Lambda calls handlers
there.
"""

import signal
import threading
from functools import lru_cache
from types import FrameType

from json_schema import compiled

PATIENCE = 0.1
"""Seconds of the processor's time for all searches together."""

_compiled = lru_cache(256)(compiled)


class OutOfTime(Exception):
    """A search has taken too long, or could not be ended if it did."""


class BoundedSearch:
    """A number of searches that share their time."""

    def __init__(self) -> None:
        self._left = PATIENCE

    def found(self, pattern: str, text: str) -> bool:
        """Tell whether a text has a match of a pattern anywhere in it.

        Raises:
            OutOfTime: All searches together take more than 0.1 s, or this is not the main thread.
        """
        if threading.current_thread() is not threading.main_thread():
            raise OutOfTime("Expected no pattern: only the main thread can bound its time")
        former = signal.signal(signal.SIGVTALRM, _stop)
        try:
            signal.setitimer(signal.ITIMER_VIRTUAL, self._left)
            match = _compiled(pattern).search(text)
            self._left = signal.setitimer(signal.ITIMER_VIRTUAL, 0)[0] or _SOON
        finally:
            signal.setitimer(signal.ITIMER_VIRTUAL, 0)
            signal.signal(signal.SIGVTALRM, former)
        return match is not None


_SOON = 0.000_001  # a timer set to 0 would never end


def _stop(number: int, frame: FrameType | None) -> None:
    raise OutOfTime(f"Expected patterns that need at most {PATIENCE} seconds")
