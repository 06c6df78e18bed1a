"""Functions that fill, flood and never end, under local invoke and start-api, in a sandbox."""

from __future__ import annotations

import contextlib
import http.client
import os
import re
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

from tests.attacks.destructive.conftest import bwrap
from tests.conftest import ROOT

MINOR = f"{sys.version_info[0]}.{sys.version_info[1]}"
PATIENCE = 120
SOURCE = """
import os, subprocess, sys, time

def fill():
    kept = []
    while True:
        kept.append(bytes([1]) * 4_000_000)
        time.sleep(0.002)

def take():
    return len(bytes([1]) * 300_000_000)

def fill_in_a_child():
    subprocess.run([sys.executable, "-c", "import app; app.fill()"], cwd=os.path.dirname(__file__))
    return "the child has ended"

def flood():
    for _ in range(100):
        sys.stdout.write("x" * 99 + "\\n" + "y" * 999_899 + "\\n")
    sys.stdout.write("z" * 10_000_000 + "\\n")
    return "flooded"

def disk():
    name = f"/tmp/{os.getpid()}"
    with open(name, "wb") as file:
        for _ in range(1000):
            file.write(bytes(1_000_000))
    size = os.path.getsize(name)
    os.unlink(name)
    return size

def never():
    while True:
        time.sleep(1)

def spin():
    while True:
        pass

def close():
    os.close(0), os.close(1), os.close(2)
    return "closed"

def daemons():
    for _ in range(20):
        if not os.fork():
            os.setsid()
            if os.fork():
                os._exit(0)
            for number in range(3):
                os.close(number)
            os.execve("/bin/sleep", ["sleep", "{mark}"], {{}})
    return "forked"

def fine():
    return "fine"

def handler(event, context):
    name = event.get("rawPath", "/fine").strip("/") if "rawPath" in event else event["do"]
    return globals()[name]()
"""
TEMPLATE = """
Transform: AWS::Serverless-2016-10-31
Resources:
  F:
    Type: AWS::Serverless::Function
    Properties: {{CodeUri: fn, Handler: app.handler, Runtime: python{minor}, Timeout: 60,
      FunctionUrlConfig: {{AuthType: NONE}}}}
  Late:
    Type: AWS::Serverless::Function
    Properties: {{CodeUri: fn, Handler: app.handler, Runtime: python{minor}, Timeout: 2,
      FunctionUrlConfig: {{AuthType: NONE}}}}
"""


class Ground(NamedTuple):
    """An application in the one folder that can be written."""

    folder: Path
    mark: str
    command: list[str]
    environment: dict[str, str]

    def start(self, *arguments: str) -> subprocess.Popen[bytes]:
        """A command with its output in files."""
        with self.out.open("wb") as out, self.log.open("wb") as log:
            return subprocess.Popen(
                [*self.command, *arguments],
                env=self.environment,
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=log,
            )

    @property
    def out(self) -> Path:
        return self.folder.with_name("out")

    @property
    def log(self) -> Path:
        return self.folder.with_name("log")


@pytest.fixture(scope="module")
def ground(tmp_path_factory: pytest.TempPathFactory) -> Ground:
    root = tmp_path_factory.mktemp("functions")
    folder, mark = root / "app", f"{900 + os.getpid() % 100}.{time.time_ns() % 10**9}"
    (folder / "fn").mkdir(parents=True)
    (folder / "fn" / "app.py").write_text(SOURCE.replace("{mark}", mark).replace("{{}}", "{}"))
    (folder / "template.yaml").write_text(TEMPLATE.format(minor=MINOR))
    command = [*bwrap(root), "--chdir", str(folder), sys.executable, "-m", "shorts"]
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "HOME": str(root)}
    environment |= {"SHORTS_CACHE_DIR": str(root / "store"), "UV_CACHE_DIR": str(root / "uv")}
    return Ground(folder, mark, command, environment)


def memory(pid: int) -> int:
    """The most bytes that the command below a process has had in memory."""
    total = 0
    for entry in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError, IndexError):
            command = (entry / "cmdline").read_bytes().split(b"\0")
            if command[1:3] == [b"-m", b"shorts"] and parent(int(entry.name), pid):
                text = (entry / "status").read_text()
                peak = re.search(r"VmHWM:\s+(\d+)", text)
                total = max(total, int(peak[1]) * 1024 if peak else 0)
    return total


def parent(pid: int, of: int) -> bool:
    while pid > 1:
        if pid == of:
            return True
        pid = int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[1])
    return False


def invoke(ground: Ground, what: str, function: str = "F", *more: str) -> tuple[int, str, int]:
    """The status and answer of an invocation, and the most memory that the command has had."""
    (ground.folder / "event.json").write_text(f'{{"do": "{what}"}}')
    child = ground.start("local", "invoke", function, "-e", "event.json", *more)
    most, deadline = 0, time.monotonic() + PATIENCE
    while child.poll() is None:
        assert time.monotonic() < deadline, ground.log.read_text()[-2000:]
        most = max(most, memory(child.pid))
        time.sleep(0.05)
    return child.returncode, ground.out.read_text(), most


def test_invoke_fills_memory(ground: Ground) -> None:
    """A function that takes more than its MemorySize is killed as in Lambda, and it is said."""
    status, answered, _ = invoke(ground, "fill")
    said = ground.log.read_text()
    assert status == 1
    assert '"errorType":"Runtime.ExitError"' in answered
    line = r"^Runtime\.OutOfMemory: F took (\d+) MB, and its MemorySize is 128 MB\. It is killed"
    found = re.search(line, said, re.MULTILINE)
    assert found and 128 < int(found[1]) < 2000
    assert "shorts: F failed: Runtime.OutOfMemory: F took " in said


def test_invoke_fills_memory_in_a_child(ground: Ground) -> None:
    """What a function's children take counts as well."""
    assert invoke(ground, "fill_in_a_child")[0] == 1
    assert "shorts: F failed: Runtime.OutOfMemory: F took " in ground.log.read_text()


def test_invoke_without_a_limit(ground: Ground) -> None:
    """With SAM's --no-memory-limit a function takes what it wants."""
    assert invoke(ground, "take", "F", "--no-memory-limit")[:2] == (0, "300000000\n")


def test_invoke_prints_100_mb(ground: Ground) -> None:
    """Everything that is printed is passed on as it is, and kept nowhere."""
    status, answered, most = invoke(ground, "flood")
    said = ground.log.read_bytes()
    assert (status, answered.strip()) == (0, '"flooded"')
    assert said.count(b"x" * 99 + b"\n") == 100
    assert said.count(b"y") >= 100 * 999_899 and said.count(b"z") >= 10_000_000
    assert most < 150_000_000


def test_invoke_writes_a_gigabyte(ground: Ground) -> None:
    """What is written to /tmp is not limited here; in Lambda it is, to EphemeralStorage."""
    assert invoke(ground, "disk")[:2] == (0, "1000000000\n")


@pytest.mark.parametrize("what", ["never", "spin"])
def test_invoke_never_returns(ground: Ground, what: str) -> None:
    """The function's timeout ends it."""
    began = time.monotonic()
    status, answered, _ = invoke(ground, what, "Late")
    assert status == 1
    assert "Task timed out after 2.00 seconds" in ground.log.read_text() + answered
    assert time.monotonic() - began < 40


def test_invoke_closes_its_streams(ground: Ground) -> None:
    """A function without standard streams has its answer passed on."""
    assert invoke(ground, "close")[:2] == (0, '"closed"\n')


def test_invoke_forks_daemons(ground: Ground) -> None:
    """Daemons with a session and an environment of their own end with the invocation."""
    (ground.folder / "event.json").write_text('{"do": "daemons"}')
    # The pattern is not its own match, or it would find itself among the processes.
    inner = (
        f"{sys.executable} -m shorts local invoke F -e event.json; "
        "cat /proc/[0-9]*/cmdline 2>/dev/null | tr '\\0' '\\n' | "
        f"grep -c -x '[9]{ground.mark[1:]}' >&2"
    )
    done = subprocess.run(
        [*ground.command[:-3], "sh", "-c", inner],
        env=ground.environment,
        capture_output=True,
        timeout=PATIENCE,
        check=False,
    )
    assert done.stdout == b'"forked"\n', done.stderr
    assert done.stderr.split()[-1] == b"0"


@pytest.fixture
def api(ground: Ground) -> Iterator[dict[str, int]]:
    """The ports of the functions' URLs."""
    child = ground.start("local", "start-api", "--port", "0", "--concurrency", "1")
    try:
        ports: dict[str, int] = {}
        deadline = time.monotonic() + PATIENCE
        while len(ports) < 2:
            assert child.poll() is None and time.monotonic() < deadline, ground.log.read_text()
            text = ground.log.read_text(errors="replace")
            found = re.findall(r"http://127\.0\.0\.1:(\d+)/  its URL  (\w+)$", text, re.MULTILINE)
            ports = {name: int(port) for port, name in found}
            time.sleep(0.05)
        ports["pid"] = child.pid
        yield ports
        text = ground.log.read_text(errors="replace")
        assert "Traceback" not in text
        assert ask(ports["F"], "fine") == (200, b'"fine"')
    finally:
        child.send_signal(signal.SIGKILL)  # bubblewrap's own: all in it ends
        child.wait()


def ask(port: int, path: str) -> tuple[int, bytes]:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=PATIENCE)
    with contextlib.closing(connection):
        connection.request("GET", f"/{path}")
        answered = connection.getresponse()
        return answered.status, answered.read()


def test_serves_while_a_function_fills_memory(ground: Ground, api: dict[str, int]) -> None:
    """A function above its MemorySize is a 502 with a line in the log, and is replaced."""
    assert ask(api["F"], "fill")[0] == 502
    assert ask(api["F"], "fine") == (200, b'"fine"')
    assert "F failed: Runtime.OutOfMemory: F took " in ground.log.read_text()


def test_serves_while_a_function_floods(ground: Ground, api: dict[str, int]) -> None:
    """100 MB of output are in the log, and none of it in memory."""
    assert ask(api["F"], "flood") == (200, b'"flooded"')
    assert memory(api["pid"]) < 200_000_000


def test_serves_while_a_function_writes(api: dict[str, int]) -> None:
    """A gigabyte in /tmp is passed on."""
    assert ask(api["F"], "disk") == (200, b"1000000000")


def test_serves_while_functions_never_return(api: dict[str, int]) -> None:
    """Functions that never return end at their timeout, and others are answered meanwhile."""
    answers: list[int] = []
    threads = [
        threading.Thread(target=lambda path=path: answers.append(ask(api["Late"], path)[0]))
        for path in ("never", "spin")
    ]
    for thread in threads:
        thread.start()
    assert ask(api["F"], "fine") == (200, b'"fine"')
    for thread in threads:
        thread.join(PATIENCE)
    assert answers == [502, 502]


def test_serves_while_a_function_closes_its_streams(api: dict[str, int]) -> None:
    """A function without standard streams is answered for, again and again."""
    assert ask(api["F"], "close") == (200, b'"closed"')
    assert ask(api["F"], "fine") == (200, b'"fine"')


def test_serves_while_a_function_forks_daemons(api: dict[str, int]) -> None:
    """The function answers on while twenty daemons run."""
    assert ask(api["F"], "daemons") == (200, b'"forked"')
