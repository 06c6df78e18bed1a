"""Ends what a process has left behind, however it ended: run as a module, beside that process.

Whoever is killed outright cannot end what it has started, and what it has started has started more,
in sessions of their own. So a process that starts sandboxes has this one beside it, at the other
end of a pipe that the system closes with its last breath. (Linux can send a signal at a parent's
death, but does so when the thread ends that has started the child.)
"""

import functools
import sys
import time
import uuid

from shorts import process, sandbox

# Seconds in which a child that was just being started shows its mark.
_BIRTH = 0.2


class Watchdog:
    """Has all processes with a mark in their environment ended as soon as this one has.

    Args:
        mark: ``NAME=value``.
    """

    def __init__(self, mark: str) -> None:
        self._dog = process.start(
            [sys.executable, "-m", __name__, mark],
            env=process.environment({"PYTHONPATH": ":".join(filter(None, sys.path))}),
            stdin=process.PIPE,
            stdout=process.DEVNULL,
            stderr=process.DEVNULL,
        )

    def release(self) -> None:
        """Have it end what is left now, and wait for that."""
        assert self._dog.stdin
        self._dog.stdin.close()
        self._dog.wait()


@functools.cache
def beside() -> Watchdog:
    """The one beside this process, started when it is first asked for.

    It has all functions ended that are run from then on.
    """
    return Watchdog(sandbox.belong(uuid.uuid4().hex))


def _watch(mark: str) -> None:
    sys.stdin.buffer.read()
    sandbox.end(mark)
    time.sleep(_BIRTH)
    sandbox.end(mark)


if __name__ == "__main__":
    _watch(sys.argv[1])
