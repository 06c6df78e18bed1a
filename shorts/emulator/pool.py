"""The sandboxes of one function: each takes one request at a time, and is kept for the next."""

import threading
from collections.abc import Callable
from typing import Protocol

from shorts.emulator.reply import Reply

# The runtime's own failures: after one, the runtime has ended or cannot continue.
_ENDED = "Runtime."
_TIMED_OUT = "Task timed out"


class Sandbox(Protocol):
    """A place where a function runs, such as `shorts.emulator.emulator.Emulator`."""

    def ask(self, event: bytes, patience: float, *, tail: bool = False) -> Reply:
        """Send one event and wait for the answer."""

    def stop(self) -> None:
        """End it and all processes that it started."""


class Pool:
    """Sandboxes of a function, started on demand.

    Args:
        start: makes one that runs.
        size: how many may run at once; further requests wait.
    """

    def __init__(self, start: Callable[[], Sandbox], size: int) -> None:
        self._start = start
        self._size = size
        self._free = threading.Condition()
        self._idle: list[Sandbox] = []
        self._all: set[Sandbox] = set()
        self._starting = 0
        self._waiting = 0
        self._retired = False

    def invoke(self, event: bytes, patience: float, *, tail: bool = False) -> Reply:
        """Send an event to an idle sandbox.

        A sandbox is replaced if its function timed out or its runtime ended.

        Args:
            event: a JSON document.
            patience: how many seconds the function has for it.
            tail: whether the answer has the end of the log.

        Raises:
            FunctionTimeout: it did not answer in that time.
            ShortsError: no sandbox can be started, or it gave no answer.
        """
        sandbox = self._take()
        whole = False
        try:
            reply = sandbox.ask(event, patience, tail=tail)
            whole = not reply.failure.startswith((_ENDED, _TIMED_OUT))
            return reply
        finally:
            self._give(sandbox, whole)

    def warm(self) -> None:
        """Start one sandbox, if there is none.

        Raises:
            ShortsError: it cannot be started.
        """
        self._give(self._take(), True)

    def retire(self) -> None:
        """End idle sandboxes now, and busy ones as soon as they are idle."""
        with self._free:
            self._retired = True
            idle, self._idle = self._idle, []
            self._all.difference_update(idle)
        for sandbox in idle:
            sandbox.stop()

    def close(self) -> None:
        """End all sandboxes, busy or not."""
        self.retire()
        with self._free:
            left = list(self._all)
        for sandbox in left:
            sandbox.stop()

    def _take(self) -> Sandbox:
        with self._free:
            self._waiting += 1
            try:
                while not self._idle and len(self._all) + self._starting >= self._size:
                    self._free.wait()
            finally:
                self._waiting -= 1
            if self._idle:
                return self._idle.pop()
            self._starting += 1
        started: Sandbox | None = None
        try:
            started = self._start()
        finally:
            with self._free:
                self._starting -= 1
                if started is None:
                    self._free.notify()
                else:
                    self._all.add(started)
        return started

    def _give(self, sandbox: Sandbox, whole: bool) -> None:
        with self._free:
            kept = whole and (not self._retired or self._waiting > len(self._idle))
            if kept:
                self._idle.append(sandbox)
        if not kept:
            sandbox.stop()  # before another takes its place, so there are never more than `size`
        with self._free:
            if not kept:
                self._all.discard(sandbox)
            self._free.notify()
