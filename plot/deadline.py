"""The time that an invocation has: what takes longer is stopped before Lambda ends it."""

import signal
import threading
import time
from collections.abc import Callable
from http import HTTPStatus
from types import FrameType
from typing import TypeVar

from problems import Refusal, refusal

MARGIN = 2.0  # seconds kept back for the answer, and for C code: signals wait for its end
AGAIN = 0.01  # seconds after which the alarm rings again where a module was being imported

T = TypeVar("T")


class TimeIsUp(BaseException):
    """Raised where the work stands. No `except Exception` on its way takes it for its own."""


def end(context: object) -> float | None:
    """Return when work has to end, by `time.monotonic`; None where the context tells no time."""
    remaining = getattr(context, "get_remaining_time_in_millis", None)
    return None if remaining is None else time.monotonic() + remaining() / 1000 - MARGIN


def within(end: float | None, work: Callable[[], T]) -> T:
    """Do some work, and refuse it (503) when its time is up.

    Only a process's main thread, where Lambda's runtime calls handlers, can be interrupted;
    elsewhere, and where `end` is None, the work takes the time it takes.
    """
    if end is None or threading.current_thread() is not threading.main_thread():
        return work()
    seconds = end - time.monotonic()
    if seconds <= 0:
        raise _late()
    before = signal.signal(signal.SIGALRM, _ring)
    try:
        try:
            signal.setitimer(signal.ITIMER_REAL, seconds)
            return work()
        finally:
            signal.setitimer(signal.ITIMER_REAL, 0)
    except TimeIsUp:
        raise _late() from None
    finally:
        signal.signal(signal.SIGALRM, before or signal.SIG_DFL)


def _ring(_number: int, frame: FrameType | None) -> None:
    """Stop the work, but no import: half of a module cannot be imported again."""
    while frame is not None and frame.f_code is not within.__code__:
        if frame.f_code.co_filename == "<frozen importlib._bootstrap>":
            signal.setitimer(signal.ITIMER_REAL, AGAIN)
            return
        frame = frame.f_back
    raise TimeIsUp


def _late() -> Refusal:
    detail = "The chart was not drawn in time: ask for fewer points, or fewer pixels"
    return refusal("$", detail, HTTPStatus.SERVICE_UNAVAILABLE)
