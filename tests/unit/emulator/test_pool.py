"""Sandboxes of a function: one request at a time each, no more than may be, replaced."""

from __future__ import annotations

import threading
import time

import pytest

from shorts.emulator.pool import Pool
from shorts.emulator.reply import FunctionTimeout, Reply
from shorts.errors import ShortsError


def reply(failure: str = "") -> Reply:
    return Reply(request="", body=b"{}", failure=failure, init=None, duration=None)


class Sandbox:
    """One that answers by the event's words, when it is let."""

    def __init__(self, gate: threading.Event) -> None:
        self.gate = gate
        self.busy = threading.Lock()
        self.stopped = False

    def ask(self, event: bytes, patience: float, *, tail: bool = False) -> Reply:
        assert self.busy.acquire(blocking=False), "two requests at once"
        assert not self.stopped
        try:
            self.gate.wait(5)
            if event == b"late":
                raise FunctionTimeout("no answer")
            return reply(event.decode())
        finally:
            self.busy.release()

    def stop(self) -> None:
        self.stopped = True


class Made:
    """Starts sandboxes, and keeps them."""

    def __init__(self) -> None:
        self.gate = threading.Event()
        self.gate.set()
        self.all: list[Sandbox] = []
        self.refuses = False

    def __call__(self) -> Sandbox:
        if self.refuses:
            raise ShortsError("no sandbox")
        self.all.append(Sandbox(self.gate))
        return self.all[-1]

    def running(self) -> int:
        return sum(not one.stopped for one in self.all)


def at_once(pool: Pool, count: int) -> list[threading.Thread]:
    threads = [
        threading.Thread(target=pool.invoke, args=(b"", 5), daemon=True) for _ in range(count)
    ]
    for thread in threads:
        thread.start()
    return threads


def settled(pool: Pool, waiting: int) -> None:
    """Wait until that many requests wait."""
    deadline = time.monotonic() + 5
    while pool._waiting != waiting:
        assert time.monotonic() < deadline
        time.sleep(0.001)


def test_keeps_a_sandbox() -> None:
    """One request after the other takes one sandbox, also after a handler's exception."""
    made = Made()
    pool = Pool(made, 3)
    for failure in ("", "ValueError: no", ""):
        assert pool.invoke(failure.encode(), 5).failure == failure
    assert (len(made.all), made.running()) == (1, 1)


def test_starts_no_more_than_may_be() -> None:
    """Further requests wait until a sandbox is free."""
    made = Made()
    made.gate.clear()
    pool = Pool(made, 2)
    threads = at_once(pool, 5)
    settled(pool, 3)
    assert len(made.all) == 2
    made.gate.set()
    for thread in threads:
        thread.join(5)
    assert len(made.all) == 2


@pytest.mark.parametrize(
    "failure", ["Runtime.ExitError: gone", "Task timed out after 3.00 seconds"]
)
def test_replaces_what_ended(failure: str) -> None:
    """After the runtime's end or a timeout the next request has another sandbox."""
    made = Made()
    pool = Pool(made, 1)
    assert pool.invoke(failure.encode(), 5).failure == failure
    pool.invoke(b"", 5)
    assert [one.stopped for one in made.all] == [True, False]


def test_replaces_what_does_not_answer() -> None:
    """A sandbox that did not answer in time is ended, and makes room."""
    made = Made()
    pool = Pool(made, 1)
    with pytest.raises(FunctionTimeout):
        pool.invoke(b"late", 5)
    assert made.running() == 0
    pool.invoke(b"", 5)
    assert made.running() == 1


def test_makes_room_where_one_does_not_start() -> None:
    """A sandbox that cannot be started takes no place."""
    made = Made()
    made.refuses = True
    pool = Pool(made, 1)
    for _ in range(2):
        with pytest.raises(ShortsError):
            pool.invoke(b"", 5)
    made.refuses = False
    assert pool.invoke(b"", 5).failure == ""


def test_starts_one_before_it_is_asked() -> None:
    """A warm pool has one sandbox, which the first request takes."""
    made = Made()
    pool = Pool(made, 2)
    pool.warm()
    pool.invoke(b"", 5)
    assert len(made.all) == 1


def test_retires_when_all_is_done() -> None:
    """A retired pool ends what is idle at once, and what is busy or awaited when it is done."""
    made = Made()
    pool = Pool(made, 2)
    made.gate.clear()
    threads = at_once(pool, 4)
    settled(pool, 2)
    pool.retire()
    assert made.running() == 2
    made.gate.set()
    for thread in threads:
        thread.join(5)
    assert (len(made.all), made.running()) == (2, 0)
    pool.invoke(b"", 5)
    assert (len(made.all), made.running()) == (3, 0)


def test_ends_all_when_closed() -> None:
    """A closed pool has no sandbox left, busy or not."""
    made = Made()
    pool = Pool(made, 2)
    made.gate.clear()
    at_once(pool, 1)
    settled(pool, 0)
    while not made.all or not made.all[0].busy.locked():
        time.sleep(0.001)
    pool.close()
    assert made.running() == 0
