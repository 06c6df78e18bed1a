"""A client of the Debug Adapter Protocol, as editors have one.

https://microsoft.github.io/debug-adapter-protocol/specification
"""

import json
import socket
import time
from collections.abc import Mapping
from typing import Any

PATIENCE = 60


class Client:
    """A client that attaches to a debugger.

    Args:
        entry: of ``launch.json``.
    """

    def __init__(self, entry: Mapping[str, Any]) -> None:
        self._entry = entry
        self._number = 0
        self._waiting: list[dict[str, Any]] = []
        address = entry["connect"]["host"], entry["connect"]["port"]
        deadline = time.monotonic() + PATIENCE
        while True:
            try:
                self._socket = socket.create_connection(address, PATIENCE)
                break
            except OSError:
                if time.monotonic() > deadline:
                    raise
                time.sleep(0.05)
        self._stream = self._socket.makefile("rb")

    def __enter__(self) -> "Client":
        return self

    def __exit__(self, *_: object) -> None:
        self._stream.close()
        self._socket.close()

    def attach(self, breakpoints: Mapping[str, list[int]]) -> None:
        """Attach, set breakpoints by the path of their source file, and let the function run."""
        self.send("initialize", clientID="tests", adapterID="debugpy", pathFormat="path")
        self.response("initialize")
        self.send("attach", **self._entry)
        self.event("initialized")
        for path, lines in breakpoints.items():
            points = [{"line": line} for line in lines]
            self.send("setBreakpoints", source={"path": path}, breakpoints=points)
            self.response("setBreakpoints")
        self.send("configurationDone")
        self.response("configurationDone")
        self.response("attach")

    def stopped(self) -> tuple[str, int, dict[str, str]]:
        """Wait for a breakpoint; return its file, its line and the local variables there."""
        thread = self.event("stopped")["threadId"]
        self.send("stackTrace", threadId=thread)
        frame = self.response("stackTrace")["stackFrames"][0]
        self.send("scopes", frameId=frame["id"])
        scope = self.response("scopes")["scopes"][0]
        self.send("variables", variablesReference=scope["variablesReference"])
        found = self.response("variables")["variables"]
        return frame["source"]["path"], frame["line"], {one["name"]: one["value"] for one in found}

    def go_on(self) -> None:
        """Run to the next breakpoint."""
        self.send("continue", threadId=0, singleThread=False)  # the function may end at once

    def send(self, command: str, **arguments: Any) -> None:
        self._number += 1
        asked = {"seq": self._number, "type": "request", "command": command}
        body = json.dumps({**asked, "arguments": arguments}).encode()
        self._socket.sendall(b"Content-Length: %d\r\n\r\n%b" % (len(body), body))

    def response(self, command: str) -> dict[str, Any]:
        found = self._next("response", "command", command)
        assert found["success"], found
        body: dict[str, Any] = found.get("body") or {}
        return body

    def event(self, name: str) -> dict[str, Any]:
        body: dict[str, Any] = self._next("event", "event", name).get("body") or {}
        return body

    def _next(self, kind: str, key: str, name: str) -> dict[str, Any]:
        """Return the next message of that name; others stay for later."""
        for message in self._waiting:
            if message["type"] == kind and message[key] == name:
                self._waiting.remove(message)
                return message
        while True:
            message = self._read()
            if message["type"] == kind and message[key] == name:
                return message
            self._waiting.append(message)

    def _read(self) -> dict[str, Any]:
        length = 0
        while line := self._stream.readline().strip():
            length = int(line.rpartition(b":")[2])
        assert length, "the debugger has gone"
        message: dict[str, Any] = json.loads(self._stream.read(length))
        return message
