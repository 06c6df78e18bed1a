"""The memory that functions run in: as in Lambda, one that takes more than its own is killed."""

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

_TICK, _IDLE = 0.05, 1.0  # seconds between two looks, where a function runs and where none does
_SHARE = 50  # a look takes no more than one part in so many of a core's time
_MEGABYTE = 1024 * 1024  # MemorySize counts in such
# What a process has to itself: neither what it reads of files nor what others map as well.
# https://man7.org/linux/man-pages/man5/proc_pid_status.5.html
_OWN = (b"RssAnon:", b"RssShmem:", b"VmSwap:")
# Of all processes, the system is to choose those of functions where memory runs out.
# https://man7.org/linux/man-pages/man5/proc_pid_oom_score_adj.5.html
_FIRST = "1000"


class _Watched(NamedTuple):
    """A sandbox: the MB that it may take, and what to tell of the MB that it took."""

    limit: int
    exceeded: Callable[[int], None]


class Meter:
    """Looks at the memory of sandboxes, and kills what is above its limit.

    One thread for all, which is there as long as any is watched: a control group would do the same
    exactly, and takes rights that a developer's account does not have.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._watched: dict[int, _Watched] = {}
        self._thread: threading.Thread | None = None
        self._running = 0
        self._runs = threading.Event()

    def watch(self, leader: int, limit: int, exceeded: Callable[[int], None]) -> None:
        """Look at the descendants of a process from now on.

        Args:
            leader: its number; its own memory does not count.
            limit: in MB.
            exceeded: told the MB that they have, before they are killed.
        """
        with contextlib.suppress(OSError):  # it has ended
            Path(f"/proc/{leader}/oom_score_adj").write_text(_FIRST)
        with self._lock:
            self._watched[leader] = _Watched(limit, exceeded)
            if self._thread is None:
                self._thread = threading.Thread(target=self._look, daemon=True)
                self._thread.start()

    def forget(self, leader: int) -> None:
        """Look at a sandbox no longer."""
        with self._lock:
            self._watched.pop(leader, None)

    @contextlib.contextmanager
    def attention(self) -> Iterator[None]:
        """Look often: a function runs."""
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
            for leader, one in watched.items():
                _check(one, watchdog.descendants(list(children.get(leader, [])), children))
            took = time.perf_counter() - began
            self._runs.wait(_IDLE)
            time.sleep(max(_TICK, _SHARE * took))


@functools.cache
def meter() -> Meter:
    """Return the one of this process."""
    return Meter()


def _check(sandbox: _Watched, pids: Iterable[int]) -> None:
    """Kill the processes of a sandbox where they take more than it may."""
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
    """Return the bytes that processes have to themselves together.

    Args:
        pids: of the processes.
        exactly: count what several share once, which takes the system longer.
    """
    names = (b"Pss_Anon:", b"Pss_Shmem:", b"SwapPss:") if exactly else _OWN
    size = 0
    for pid in pids:
        with contextlib.suppress(OSError):  # it has ended
            text = Path(f"/proc/{pid}/{'smaps_rollup' if exactly else 'status'}").read_bytes()
            lines = (line.split() for line in text.splitlines())
            size += sum(int(line[1]) * 1024 for line in lines if line[0] in names)
    return size
