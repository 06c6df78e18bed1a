"""A Docker engine that dies while it is in use."""

import contextlib
import re
import socket
import threading
from collections.abc import Iterator
from pathlib import Path

from tests.e2e.images.engine import docker

_START = re.compile(rb"POST /[\w.]+/containers/(\w+)/start ")


@contextlib.contextmanager
def dying(folder: Path) -> Iterator[tuple[str, list[str]]]:
    """The engine until a container is to start; from then on none.

    What its clients see is that their connections end and that no other is taken. The engine
    behind it lives on, and never hears of that start.

    Yields:
        What ``DOCKER_HOST`` is to be, and the ids of the containers that did not start: one, once
        the engine has died. They are gone in the end.
    """
    host = docker("context", "inspect", "--format", "{{.Endpoints.docker.Host}}").strip()
    place, open_now = folder / "docker.sock", list[socket.socket]()
    unstarted: list[str] = []

    def die() -> None:
        place.unlink(missing_ok=True)
        for one in open_now:
            with contextlib.suppress(OSError):  # it has ended
                one.shutdown(socket.SHUT_RDWR)

    def pass_on(source: socket.socket, to: socket.socket) -> None:
        with contextlib.suppress(OSError):  # the other half has ended
            while data := source.recv(65536):
                if start := _START.match(data):
                    unstarted.append(start[1].decode())
                    return die()
                to.sendall(data)
            to.shutdown(socket.SHUT_WR)
        return None

    def accept() -> None:
        with contextlib.suppress(OSError):  # we have died
            while True:
                client, _ = listener.accept()
                engine = socket.socket(socket.AF_UNIX)
                engine.connect(host.removeprefix("unix://"))
                open_now.extend((client, engine))
                for pair in ((client, engine), (engine, client)):
                    threading.Thread(target=pass_on, args=pair, daemon=True).start()

    listener = socket.socket(socket.AF_UNIX)
    open_now.append(listener)
    listener.bind(str(place))
    listener.listen()
    threading.Thread(target=accept, daemon=True).start()
    try:
        yield f"unix://{place}", unstarted
    finally:
        die()
        for one in open_now:
            one.close()
        for container in unstarted:
            docker("rm", container)
