"""A function behind HTTP, as behind a Function URL: `python -m tests.http_service FOLDER`."""

import base64
import contextlib
import importlib
import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from tests.conftest import ROOT

Handler = Callable[[object, object], dict[str, Any]]


@contextlib.contextmanager
def serving(folder: Path, **environment: str) -> Iterator[str]:
    """Serve the function in a folder from a process of its own.

    Args:
        folder: Has `app.py` with `handler`.
        environment: Variables that the function sees in addition to this process's.

    Yields:
        The address, which ends in a slash.
    """
    command = [sys.executable, "-m", "tests.http_service", str(folder)]
    variables = os.environ | environment
    with subprocess.Popen(
        command, cwd=ROOT, env=variables, stdout=subprocess.PIPE, text=True
    ) as process:
        try:
            assert process.stdout is not None
            address = process.stdout.readline().strip()
            assert address, "the service ended before it could be asked"
            yield address
        finally:
            process.terminate()


def event(method: str, target: str, headers: dict[str, str], body: bytes) -> dict[str, object]:
    """Return a request as an event of payload 2.0."""
    parts = urlsplit(target)
    return {
        "version": "2.0",
        "routeKey": "$default",
        "rawPath": parts.path,
        "rawQueryString": parts.query,
        "headers": {name.lower(): value for name, value in headers.items()},
        "requestContext": {
            "http": {"method": method, "path": parts.path, "sourceIp": "127.0.0.1"},
            "stage": "$default",
            "requestId": str(time.monotonic_ns()),
        },
        "body": base64.b64encode(body).decode() if body else None,
        "isBase64Encoded": bool(body),
    }


def web(handler: Handler) -> type[BaseHTTPRequestHandler]:
    """Make the class that answers requests: one at a time, as one sandbox does."""
    turn = threading.Lock()

    class Web(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            body = self.rfile.read(int(self.headers.get("content-length") or 0))
            asked = event(self.command, self.path, dict(self.headers.items()), body)
            with turn:
                answer = handler(asked, None)
            content = str(answer.get("body") or "").encode()
            if answer.get("isBase64Encoded"):
                content = base64.b64decode(content)
            self.send_response(answer["statusCode"])
            for name, value in answer["headers"].items():
                self.send_header(name, value)
            self.send_header("content-length", str(len(content)))
            self.end_headers()
            with contextlib.suppress(ConnectionError):  # the client did not wait
                self.wfile.write(content)

        do_HEAD = do_POST = do_GET

        def log_message(self, format: str, *args: object) -> None:
            """Say nothing: what tests look at is the answer."""

    return Web


def main(folder: str) -> None:
    """Serve until the process is ended; the address is the first line printed."""
    sys.path.insert(0, folder)
    handler: Handler = importlib.import_module("app").handler
    with ThreadingHTTPServer(("127.0.0.1", 0), web(handler)) as server:
        print(f"http://127.0.0.1:{server.server_address[1]}/", flush=True)
        server.serve_forever()


if __name__ == "__main__":
    main(sys.argv[1])
