"""A watchdog that ends what a process has left running, however it ended; standard library only.

Run as a script, it waits at the other end of a pipe that the system closes when the process that
holds it ends. (Linux can send a signal at a parent's death, but sends it when the thread that
started the child ends.)
"""

import contextlib
import os
import signal
import sys
import time
from collections.abc import Iterable, Iterator, Mapping

# The variables that mark the processes of functions, which end with the run, and those of tools
# such as uv, which may leave a daemon of the user: they end only if the run ends abnormally.
FUNCTION, TOOL = "SHORTS_RUN", "SHORTS_TOOL"
_PATIENCE = 5  # seconds to wait for killed processes to end
# Seconds after which a child that was just being started has its mark.
_BIRTH = 0.2


def end(marks: Iterable[str], leader: int | None = None) -> None:
    """Kill the processes with a mark in their environment, and all that they have started.

    All are stopped before the first is killed, so that none starts another meanwhile, and no
    orphan leaves the tree that it is found in.

    Args:
        marks: each ``NAME=value``.
        leader: the number of a session to end, which is that of its first process.
    """
    known = frozenset(map(os.fsencode, marks))
    sessions = frozenset(() if leader is None else (leader,))
    deadline = time.monotonic() + _PATIENCE
    stopped: set[int] = set()
    while new := alive(sessions, known) - stopped:
        _send(signal.SIGSTOP, new)
        stopped |= new
        if time.monotonic() > deadline:
            break
    while (left := alive(sessions, known)) and time.monotonic() < deadline:
        _send(signal.SIGKILL, left)
        time.sleep(0.001)


def alive(sessions: Iterable[int], marks: frozenset[bytes]) -> set[int]:
    """Return the processes of some sessions, those with a mark, and all descendants.

    A function's mark counts for its whole session, which is never the caller's.
    """
    sessions = set(sessions)
    functions = {mark for mark in marks if not mark.startswith(os.fsencode(TOOL))}
    children: dict[int, list[int]] = {}
    mates: dict[int, list[int]] = {}
    pids: list[int] = []
    for pid, parent, session in processes():
        children.setdefault(parent, []).append(pid)
        mates.setdefault(session, []).append(pid)
        if marks and session not in sessions:
            with contextlib.suppress(OSError):  # it has ended, or is another user's
                variables = _read(pid, "environ").split(b"\0")
                if not functions.isdisjoint(variables):
                    sessions.add(session)
                elif not marks.isdisjoint(variables):
                    pids.append(pid)
    sessions.discard(os.getsid(0))
    for session in sessions:
        pids += mates.get(session, [])
    return descendants(pids, children)


def processes() -> Iterator[tuple[int, int, int]]:
    """Yield the number of each live process, of its parent and of its session."""
    for pid in map(int, filter(str.isdecimal, os.listdir("/proc"))):
        with contextlib.suppress(OSError):  # it has ended
            # https://man7.org/linux/man-pages/man5/proc_pid_stat.5.html
            state, parent, _, session = _read(pid, "stat").rpartition(b")")[2].split()[:4]
            if state not in (b"Z", b"X"):
                yield pid, int(parent), int(session)


def descendants(pids: list[int], children: Mapping[int, list[int]]) -> set[int]:
    """Return processes and all their descendants, without the calling process."""
    reached: set[int] = set()
    while pids:
        pid = pids.pop()
        if pid not in reached and pid != os.getpid():
            reached.add(pid)
            pids += children.get(pid, [])
    return reached


def _send(number: signal.Signals, pids: Iterable[int]) -> None:
    for pid in pids:
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.kill(pid, number)


def _read(pid: int, name: str) -> bytes:
    with open(f"/proc/{pid}/{name}", "rb") as file:
        return file.read()


def _watch(run: str) -> None:
    """Wait for a process to end, then end its processes; it writes to the pipe on a normal end."""
    names = (FUNCTION,) if sys.stdin.buffer.read() else (FUNCTION, TOOL)
    marks = [f"{name}={run}" for name in names]
    end(marks)
    time.sleep(_BIRTH)
    end(marks)


if __name__ == "__main__":
    _watch(sys.argv[1])
