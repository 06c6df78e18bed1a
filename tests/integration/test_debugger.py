"""A debugger in functions: breakpoints in the sources hit, from a client of the protocol."""

from __future__ import annotations

import json
import os
import re
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.request
import zipfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest

from shorts.system import uv
from tests.conftest import ROOT, Shorts
from tests.dap import Client

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="the emulator runs on Linux")

MINOR = f"{sys.version_info[0]}.{sys.version_info[1]}"
PATIENCE = 60
TEMPLATE = f"""
Transform: AWS::Serverless-2016-10-31
Globals: {{Function: {{Runtime: python{MINOR}, Handler: app.handler, Timeout: 1}}}}
Resources:
  F:
    Type: AWS::Serverless::Function
    Metadata: {{Shorts: {{SourceRoots: [roots]}}}}
    Properties:
      CodeUri: fn
      Events: {{Any: {{Type: HttpApi, Properties: {{Path: /f, Method: GET}}}}}}
  G:
    Type: AWS::Serverless::Function
    Properties:
      CodeUri: gn
      Events: {{Any: {{Type: HttpApi, Properties: {{Path: /g, Method: GET}}}}}}
"""
APP = """\
import os

import shared


def handler(event, context):
    answer = shared.twice(21)
    left = context.get_remaining_time_in_millis()
    return {"answer": answer, "stage": os.environ.get("STAGE"), "left": left}
"""


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """An application of two functions, one with a module of a source root."""
    for name, text in {
        "template.yaml": TEMPLATE,
        "fn/app.py": APP,
        "gn/app.py": "def handler(event, context):\n    return 'g'\n",
        "roots/shared.py": "def twice(number):\n    return 2 * number\n",
    }.items():
        (tmp_path / "app" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "app" / name).write_text(text)
    return tmp_path / "app"


def free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        port: int = one.getsockname()[1]
        return port


class Running:
    """A command, and what it says."""

    def __init__(self, folder: Path, arguments: Sequence[str]) -> None:
        self.log = folder.with_name("log")
        with self.log.open("wb") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "shorts", "local", *arguments],
                cwd=folder,
                env={**os.environ, "PYTHONPATH": str(ROOT)},
                stdout=subprocess.PIPE,
                stderr=log,
                start_new_session=True,
            )

    def until(self, pattern: str) -> re.Match[str]:
        deadline = time.monotonic() + PATIENCE
        while time.monotonic() < deadline:
            if found := re.search(pattern, self.log.read_text(), re.MULTILINE):
                return found
            time.sleep(0.02)
        raise AssertionError(f"{pattern} was not said:\n{self.log.read_text()}")

    def entry(self, name: str) -> dict[str, Any]:
        """The entry for ``launch.json`` of a function."""
        said = self.until(rf'^\{{\n  "name": "{name} \(shorts\)"(?:.|\n)*?^\}}$')
        entry: dict[str, Any] = json.loads(said[0])
        return entry


@pytest.fixture
def running() -> Iterator[list[Running]]:
    """Commands, which are ended."""
    every: list[Running] = []
    yield every
    for one in every:
        if one.process.poll() is None:
            one.process.send_signal(signal.SIGTERM)
        one.process.communicate(timeout=PATIENCE)


def test_a_breakpoint_in_one_function(
    project: Path, shorts: Shorts, running: list[Running]
) -> None:
    """`local invoke -d` waits for a client, stops at lines of the sources, and has no timeout."""
    assert shorts(["build"], project).returncode == 0
    (project / "vars.json").write_text('{"STAGE": "debugged"}')
    port = free_port()
    words = ["invoke", "F", "-d", str(port), "--container-env-vars", "vars.json"]
    running.append(Running(project, words))
    entry = running[0].entry("F")
    assert entry["connect"] == {"host": "127.0.0.1", "port": port}
    assert running[0].until(f"^F waits for a debugger at 127.0.0.1:{port}$")
    app, shared = project / "fn" / "app.py", project / "roots" / "shared.py"
    with Client(entry) as client:
        client.attach({str(app): [7], str(shared): [2]})
        path, line, variables = client.stopped()
        assert (path, line, variables["event"]) == (str(app), 7, "{}")
        time.sleep(1.5)  # longer than the function's timeout
        client.go_on()
        path, line, variables = client.stopped()
        assert (path, line, variables["number"]) == (str(shared), 2, "21")
        client.go_on()
        out, _ = running[0].process.communicate(timeout=PATIENCE)
    answer = json.loads(out)
    assert (answer["answer"], answer["stage"]) == (42, "debugged")
    assert answer["left"] > 3_600_000
    with zipfile.ZipFile(project / ".aws-sam" / "build" / "F.zip") as archive:
        assert not [name for name in archive.namelist() if "debugpy" in name or "pydevd" in name]


def test_breakpoints_in_an_api(project: Path, running: list[Running]) -> None:
    """`start-api -d` has a port for each function; after an edit, the same entry still fits."""
    port = free_port()
    running.append(Running(project, ["start-api", "-p", "0", "-d", str(port)]))
    service = running[0]
    first, second = service.entry("F"), service.entry("G")
    assert (first["connect"]["port"], second["connect"]["port"]) == (port, port + 1)
    address = service.until(r"^(http://[\d.:]+)/f")[1]
    app = project / "fn" / "app.py"
    for turn, edited in enumerate((APP, APP.replace("21", "4")), 1):
        if turn == 2:
            app.write_text(edited)
            service.until("changed: built and served again")
        answers: list[bytes] = []

        def call(answers: list[bytes] = answers) -> None:
            with urllib.request.urlopen(f"{address}/f", timeout=PATIENCE) as response:
                answers.append(response.read())

        thread = threading.Thread(target=call)
        thread.start()
        with Client(first) as client:
            client.attach({str(app): [8]})
            path, line, variables = client.stopped()
            assert (path, line) == (str(app), 8)
            assert variables["answer"] == ("42", "8")[turn - 1]
            client.go_on()
            thread.join(PATIENCE)
        assert json.loads(answers[0])["answer"] == int(variables["answer"])


def test_one_function_of_several(project: Path, running: list[Running]) -> None:
    """`--debug-function` debugs that one; the others run as usual."""
    words = ["start-lambda", "-p", "0", "-d", str(free_port()), "--debug-function", "F"]
    running.append(Running(project, words))
    address = running[0].until(r"^Call them with the endpoint (\S+);")[1]
    said = running[0].log.read_text()
    assert '"name": "F (shorts)"' in said
    assert '"name": "G (shorts)"' not in said
    url = f"{address}/2015-03-31/functions/G/invocations"
    with urllib.request.urlopen(url, b"{}", timeout=PATIENCE) as response:
        assert response.read() == b'"g"'


def test_a_debugger_elsewhere(project: Path, running: list[Running]) -> None:
    """`--debugger-path` names a folder with debugpy, and `--debug-args` what SAM needs there."""
    folder = project / "debugger"
    target = ["--target", str(folder), "--python-version", MINOR, "--only-binary", ":all:"]
    uv.run(["pip", "install", *target, "debugpy"])
    port = free_port()
    words = ["start-lambda", "-p", "0", "-d", str(port), "--debugger-path", "debugger", "F"]
    arguments = f"-m debugpy --listen 0.0.0.0:{port} --wait-for-client --log-to logs"
    running.append(Running(project, [*words, "--debug-args", arguments]))
    address = running[0].until(r"^Call them with the endpoint (\S+);")[1]
    url = f"{address}/2015-03-31/functions/F/invocations"
    answers: list[bytes] = []

    def call() -> None:
        with urllib.request.urlopen(url, b'{"a": 1}', timeout=PATIENCE) as response:
            answers.append(response.read())

    thread = threading.Thread(target=call)
    thread.start()
    app = project / "fn" / "app.py"
    with Client(running[0].entry("F")) as client:
        client.attach({str(app): [7]})
        path, line, variables = client.stopped()
        assert (path, line, variables["event"]) == (str(app), 7, "{'a': 1}")
        client.go_on()
        thread.join(PATIENCE)
    assert json.loads(answers[0])["answer"] == 42


def test_a_folder_without_a_debugger(project: Path, shorts: Shorts) -> None:
    """A folder without debugpy is refused, with the command that installs it there."""
    done = shorts(["local", "invoke", "F", "-d", "5678", "--debugger-path", "fn"], project)
    assert done.returncode == 1
    assert done.stderr.endswith(
        "shorts: --debugger-path fn: there is no debugpy.\n"
        "Install it there: uv pip install --target fn debugpy\n"
    )
