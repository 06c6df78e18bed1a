"""SAM's own local services, which keep their containers from one request to the next."""

import contextlib
import http.client
import signal
import socket
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import NamedTuple

from shorts.system import process

_PATIENCE = 120  # seconds for the containers to be there, and to be gone


class Response(NamedTuple):
    """What a service answered."""

    status: int
    headers: http.client.HTTPMessage
    body: bytes


class Service(NamedTuple):
    """A service of SAM's that answers on this machine."""

    port: int
    log: Path

    def ask(
        self, method: str, path: str, body: bytes, headers: Mapping[str, str] | None = None
    ) -> Response:
        """Send one request and wait for the answer."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=_PATIENCE)
        with contextlib.closing(connection):
            connection.request(method, path, body, headers or {})
            answer = connection.getresponse()
            return Response(answer.status, answer.headers, answer.read())


@contextlib.contextmanager
def serving(folder: Path, log: Path, *command: str) -> Iterator[Service]:
    """`sam local` with a command such as ``start-api``, run in a built application's folder."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    asked = [process.tool("sam"), "local", *command, "--port", str(port), "--skip-pull-image"]
    with log.open("wb") as writing:
        environment = process.environment()
        running = process.start(asked, env=environment, cwd=folder, stdout=writing, stderr=writing)
    try:
        deadline = time.monotonic() + _PATIENCE
        while not _listens(port):
            assert running.poll() is None, log.read_text()
            assert time.monotonic() < deadline, log.read_text()
            time.sleep(0.1)
        yield Service(port, log)
    finally:
        running.send_signal(signal.SIGTERM)  # SAM removes its containers
        running.wait(_PATIENCE)


def _listens(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0
