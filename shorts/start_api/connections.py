"""Connections of clients: their greatest number, and how long a client may keep one waiting."""

import contextlib
import io
import resource
import socket
import threading
import time
from collections.abc import Iterator
from typing import Any

# The most connections: half of the files that a process may usually open.
_MOST = 512


class Connections:
    """The open connections of all servers.

    One too many replaces the one that has waited the longest for its client. So clients that send
    nothing, or one byte now and then, do not block others.
    """

    def __init__(self) -> None:
        soft, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
        self.most = _MOST if soft == resource.RLIM_INFINITY else min(_MOST, soft // 2)
        self._lock = threading.Lock()
        self._waiting: dict[socket.socket, None] = {}  # for their clients, the longest first
        self._busy: set[socket.socket] = set()

    def admit(self, connection: socket.socket) -> bool:
        """Admit a connection.

        Returns:
            Whether there is room; there is none if all are busy with a function.
        """
        with self._lock:
            if len(self._waiting) + len(self._busy) >= self.most and not self._drop():
                return False
            self._waiting[connection] = None
            return True

    def make_room(self) -> None:
        """Close the connection that has waited the longest."""
        with self._lock:
            self._drop()

    def leave(self, connection: socket.socket) -> None:
        """Stop counting a connection."""
        with self._lock:
            self._waiting.pop(connection, None)
            self._busy.discard(connection)

    @contextlib.contextmanager
    def busy(self, connection: socket.socket) -> Iterator[None]:
        """Keep a connection from being closed for another while its request is answered.

        Raises:
            ConnectionAbortedError: it has been closed.
        """
        with self._lock:
            if connection not in self._waiting:
                raise ConnectionAbortedError("closed for another")
            del self._waiting[connection]
            self._busy.add(connection)
        try:
            yield
        finally:
            with self._lock:
                self._busy.discard(connection)
                self._waiting[connection] = None

    def _drop(self) -> bool:
        for connection in self._waiting:
            del self._waiting[connection]
            with contextlib.suppress(OSError):  # its thread reads the end, and closes it
                socket.socket.shutdown(connection, socket.SHUT_RDWR)
            return True
        return False


class PacedReader(io.RawIOBase):
    """Reads what a client sends, each part within its time limit.

    Args:
        connection: to read from.
    """

    def __init__(self, connection: Any) -> None:
        self._connection = connection
        self._pause = 0.0
        self._deadline: float | None = None
        self._allowed = 0.0

    def expect(self, pause: float, allowed: float) -> None:
        """Begin a part: the client may pause before it; all of it then has ``allowed`` seconds."""
        self._pause, self._allowed, self._deadline = pause, allowed, None

    def readable(self) -> bool:
        """Return True."""
        return True

    def readinto(self, buffer: Any) -> int:
        """Read what has arrived.

        Raises:
            TimeoutError: the time is over.
        """
        if self._deadline is None:
            self._connection.settimeout(self._pause)
        elif (left := self._deadline - time.monotonic()) > 0:
            self._connection.settimeout(left)
        else:
            raise TimeoutError("the client takes too long")
        count: int = self._connection.recv_into(buffer)
        if self._deadline is None:
            self._deadline = time.monotonic() + self._allowed
        return count
