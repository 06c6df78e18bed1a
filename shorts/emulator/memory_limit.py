"""The memory limit of functions: as in Lambda, a function that exceeds it is killed."""

import contextlib
import functools
import os
import signal
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

from shorts.system import watchdog

_TICK, _IDLE = 0.05, 1.0  # seconds between two checks, while a function runs and while none does
_SHARE = 50  # checks take no more than one part in so many of a core's time
_MEGABYTE = 1024 * 1024  # MemorySize counts in such
# A process's own memory: neither what it reads from files nor what others map as well.
# https://man7.org/linux/man-pages/man5/proc_pid_status.5.html
_OWN = (b"RssAnon:", b"RssShmem:", b"VmSwap:")
# Where memory runs out, the system should choose the processes of functions first.
# https://man7.org/linux/man-pages/man5/proc_pid_oom_score_adj.5.html
_FIRST = "1000"


class _Watched(NamedTuple):
    """A sandbox: its limit in MB, and what receives the MB that it took."""

    limit: int
    exceeded: Callable[[int], None]


class Meter:
    """A watch on the memory of sandboxes, which kills those above their limits.

    One thread serves all sandboxes, and runs while any is watched. A control group would do the
    same exactly, but it needs rights that a developer's account does not have.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._watched: dict[int, _Watched] = {}
        self._thread: threading.Thread | None = None
        self._running = 0
        self._runs = threading.Event()

    def watch(self, leader: int, limit: int, exceeded: Callable[[int], None]) -> None:
        """Watch the descendants of a process from now on.

        Args:
            leader: its number; its own memory does not count.
            limit: in MB.
            exceeded: receives the MB that they have, before they are killed.
        """
        with contextlib.suppress(OSError):  # it has ended
            Path(f"/proc/{leader}/oom_score_adj").write_text(_FIRST)
        with self._lock:
            self._watched[leader] = _Watched(limit, exceeded)
            if self._thread is None:
                self._thread = threading.Thread(target=self._look, daemon=True)
                self._thread.start()

    def forget(self, leader: int) -> None:
        """Stop watching a sandbox."""
        with self._lock:
            self._watched.pop(leader, None)

    @contextlib.contextmanager
    def attention(self) -> Iterator[None]:
        """Check often while a function runs."""
        with self._lock:
            self._running += 1
            self._runs.set()
        try:
            yield
        finally:
            with self._lock:
                self._running -= 1
                if not self._running:
                    self._runs.clear()

    def _look(self) -> None:
        while True:
            with self._lock:
                watched = dict(self._watched)
                if not watched:
                    self._thread = None
                    return
            began = time.perf_counter()
            children: dict[int, list[int]] = {}
            for pid, parent, _ in watchdog.processes():
                children.setdefault(parent, []).append(pid)
            for leader, limit in watched.items():
                _check(limit, watchdog.descendants(list(children.get(leader, [])), children))
            took = time.perf_counter() - began
            self._runs.wait(_IDLE)
            time.sleep(max(_TICK, _SHARE * took))


@functools.cache
def meter() -> Meter:
    """Return the meter of this process."""
    return Meter()


def _check(sandbox: _Watched, pids: Iterable[int]) -> None:
    """Kill the processes of a sandbox if they take more than its limit."""
    limit = sandbox.limit * _MEGABYTE
    used = _own(pids, exactly=False)
    if used > limit:
        used = _own(pids, exactly=True) or used
    if used <= limit:
        return
    sandbox.exceeded(-(-used // _MEGABYTE))
    for pid in pids:
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.kill(pid, signal.SIGKILL)


def _own(pids: Iterable[int], *, exactly: bool) -> int:
    """Return the bytes of memory that processes together have of their own.

    Args:
        pids: of the processes.
        exactly: count shared memory once, which takes the system longer.
    """
    names = (b"Pss_Anon:", b"Pss_Shmem:", b"SwapPss:") if exactly else _OWN
    size = 0
    for pid in pids:
        with contextlib.suppress(OSError):  # it has ended
            text = Path(f"/proc/{pid}/{'smaps_rollup' if exactly else 'status'}").read_bytes()
            lines = (line.split() for line in text.splitlines())
            size += sum(int(line[1]) * 1024 for line in lines if line[0] in names)
    return size
