"""However a command ends, all that it has started ends within two seconds."""

from __future__ import annotations

import contextlib
import http.client
import os
import re
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from shorts.system import process, watchdog
from tests.conftest import ROOT, Shorts

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="processes are found in /proc")

MINOR = f"{sys.version_info[0]}.{sys.version_info[1]}"
PATIENCE = 60
# A daemon of two forks, with a session, a folder and an environment of its own; then no return.
SOURCE = """
import os, subprocess, sys, time

def daemon():
    if os.fork():
        os.wait()
        return
    os.setsid()
    if os.fork():
        os._exit(0)
    os.chdir("/")
    null = os.open("/dev/null", os.O_RDWR)
    for number in (0, 1, 2):
        os.dup2(null, number)
    os.execve("/bin/sh", ["sh", "-c", "exec sleep {mark}"], {{}})

def never():
    daemon()
    subprocess.Popen(["sleep", "{mark}"], start_new_session=True)
    with open("{ready}", "w"):
        pass
    while True:
        time.sleep(1)

{at_import}

def handler(event, context):
    never()
"""
TEMPLATE = """
Transform: AWS::Serverless-2016-10-31
Resources:
  F:
    Type: AWS::Serverless::Function
    Properties:
      {{CodeUri: fn, Handler: app.handler, Runtime: python{minor}, Timeout: 600, FunctionUrlConfig:
      {{AuthType: NONE}}}}
    {metadata}
"""
COMMANDS = {
    "build": ["build"],
    "local invoke": ["local", "invoke"],
    "local start-api": ["local", "start-api", "--port", "0"],
    "local start-lambda": ["local", "start-lambda", "--port", "0"],
    "size --imports": ["size", "--imports", "F"],
}
SIGNALS = [signal.SIGHUP, signal.SIGTERM, signal.SIGKILL, signal.SIGINT]


class Ground:
    """An application of one function that never returns, and leaves a daemon."""

    def __init__(self, folder: Path, name: str) -> None:
        self.folder = folder
        self.ready = folder / "ready"
        self.mark = f"{600 + os.getpid() % 100}.{time.time_ns() % 10**9}"
        metadata = "Metadata: {Shorts: {Events: [event.json]}}" if name == "build" else ""
        at_import = "never()" if name == "size --imports" else ""
        (folder / "fn").mkdir(parents=True)
        (folder / "event.json").write_text("{}")
        source = SOURCE.format(mark=self.mark, ready=self.ready, at_import=at_import)
        (folder / "fn" / "app.py").write_text(source)
        (folder / "template.yaml").write_text(TEMPLATE.format(minor=MINOR, metadata=metadata))

    def survivors(self) -> list[str]:
        """The processes that are about this folder, and those with the mark as an argument."""
        found = []
        for entry in Path("/proc").glob("[0-9]*"):
            with contextlib.suppress(OSError):
                state = (entry / "stat").read_text().rpartition(")")[2].split()[0]
                command = (entry / "cmdline").read_bytes()
                about = command + (entry / "environ").read_bytes()
                about += os.fsencode((entry / "cwd").readlink())
                if state not in "ZX" and (
                    self.mark.encode() in command or os.fsencode(self.folder) in about
                ):
                    found.append(command.replace(b"\0", b" ").decode())
        return found


@pytest.fixture
def ground(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Ground]:
    made = Ground(tmp_path / "app", request.getfixturevalue("name"))
    yield made
    for entry in Path("/proc").glob("[0-9]*"):  # what a failed test has left
        with contextlib.suppress(OSError):
            if made.mark.encode() in (entry / "cmdline").read_bytes():
                os.kill(int(entry.name), signal.SIGKILL)


@pytest.mark.parametrize("number", SIGNALS, ids=lambda number: number.name)
@pytest.mark.parametrize("name", COMMANDS)
def test_a_handler_that_never_returns(
    ground: Ground, name: str, number: signal.Signals, shorts: Shorts
) -> None:
    """Each of four signals ends each of five commands, its function, and that one's daemon."""
    if name == "size --imports":
        assert shorts(["build"], ground.folder).returncode == 0
    log = ground.folder / "log"
    with log.open("wb") as writing:
        child = subprocess.Popen(
            [sys.executable, "-m", "shorts", *COMMANDS[name]],
            cwd=ground.folder,
            env={**os.environ, "PYTHONPATH": str(ROOT)},
            stdin=subprocess.DEVNULL,
            stdout=writing,
            stderr=writing,
            start_new_session=True,
        )
    try:
        if name == "local start-api":
            url = await_line(log, r"^http://127\.0\.0\.1:(\d+)/  its URL", child)
            threading.Thread(target=ask, args=(int(url[1]),), daemon=True).start()
        if name == "local start-lambda":
            url = await_line(log, r"endpoint http://127\.0\.0\.1:(\d+);", child)
            path = "/2015-03-31/functions/F/invocations"
            threading.Thread(target=ask, args=(int(url[1]), "POST", path), daemon=True).start()
        deadline = time.monotonic() + PATIENCE
        while not ground.ready.exists():
            assert child.poll() is None and time.monotonic() < deadline, log.read_text()
            time.sleep(0.02)
        time.sleep(0.2)  # until the daemon is one
        assert sum(ground.mark in one for one in ground.survivors()) >= 2
        sent = time.monotonic()
        child.send_signal(number)
        child.wait(PATIENCE)
        while left := ground.survivors():
            assert time.monotonic() - sent < 10, left
            time.sleep(0.02)
        took = time.monotonic() - sent
    finally:
        child.kill()
        child.wait()
    assert took < 2, log.read_text()
    said = log.read_text()
    if number == signal.SIGKILL:
        assert child.returncode == -signal.SIGKILL
    elif name.startswith("local start-"):
        assert (child.returncode, said.splitlines()[-1]) == (0, "Ended."), said
    else:
        assert (child.returncode, said.splitlines()[-1]) == (130, "shorts: interrupted"), said
    assert "Traceback" not in said
    if name == "build" and number != signal.SIGKILL:
        assert [path.name for path in (ground.folder / ".aws-sam").iterdir()] == ["shorts"]


def ask(port: int, method: str = "GET", path: str = "/") -> None:
    with contextlib.suppress(OSError, http.client.HTTPException):
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=PATIENCE)
        connection.request(method, path)
        connection.getresponse()


def await_line(log: Path, pattern: str, child: subprocess.Popen[bytes]) -> re.Match[str]:
    deadline = time.monotonic() + PATIENCE
    while not (found := re.search(pattern, log.read_text(), re.MULTILINE)):
        assert child.poll() is None and time.monotonic() < deadline, log.read_text()
        time.sleep(0.02)
    return found


@pytest.mark.parametrize("number", SIGNALS, ids=lambda number: number.name)
def test_tools_end_as_well(tmp_path: Path, number: signal.Signals) -> None:
    """A tool that is run to its end, and what it has started, ends with the command."""
    mark = f"{700 + os.getpid() % 100}.{time.time_ns() % 10**9}"
    script = (
        "import sys\n"
        "from shorts import __main__\nfrom shorts.system import process\n"
        f"tool = ['sh', '-c', 'sleep {mark} & sleep {mark}']\n"
        "__main__.main = lambda: process.run(tool)\n"
        "sys.exit(__main__.run())\n"
    )
    child = subprocess.Popen(
        [sys.executable, "-c", script],
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stderr=subprocess.PIPE,
    )
    deadline = time.monotonic() + PATIENCE
    while len(with_argument(mark)) < 3:
        assert time.monotonic() < deadline and child.poll() is None
        time.sleep(0.01)
    child.send_signal(number)
    child.communicate(timeout=PATIENCE)
    deadline = time.monotonic() + 2
    while left := with_argument(mark):
        assert time.monotonic() < deadline, left
        time.sleep(0.01)


def test_a_tools_daemon_is_the_users(tmp_path: Path) -> None:
    """What a tool leaves running after a command that ends in order goes on, as under SAM."""
    mark = f"{800 + os.getpid() % 100}.{time.time_ns() % 10**9}"
    tool = ["sh", "-c", f"sleep {mark} >/dev/null 2>&1 &"]
    script = f"from shorts.system import process\nprocess.run({tool})\n"
    env = {**os.environ, "PYTHONPATH": str(ROOT)}
    subprocess.run([sys.executable, "-c", script], env=env, check=True)
    time.sleep(1)
    left = [pid for pid, command in with_argument(mark).items() if b"sleep" in command]
    for pid in left:
        os.kill(pid, signal.SIGKILL)
    assert len(left) == 1


def with_argument(mark: str) -> dict[int, bytes]:
    """The processes with a word in their command, but for Python's."""
    found = {}
    for entry in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            command = (entry / "cmdline").read_bytes()
            state = (entry / "stat").read_text().rpartition(")")[2].split()[0]
            if mark.encode() in command and b"python" not in command and state not in "ZX":
                found[int(entry.name)] = command
    return found


def test_nohup_is_heeded(tmp_path: Path) -> None:
    """A command that is to outlive its terminal does."""
    script = (
        "import os, signal, sys\n"
        "from shorts import __main__\n"
        "__main__.main = lambda: os.kill(os.getpid(), signal.SIGHUP) or 7\n"
        "sys.exit(__main__.run())\n"
    )
    env = {**os.environ, "PYTHONPATH": str(ROOT)}
    nohup = [shutil.which("nohup") or "nohup", sys.executable, "-c", script]
    done = subprocess.run(nohup, env=env, capture_output=True, check=False, cwd=tmp_path)
    assert done.returncode == 7, done.stderr
    done = subprocess.run(nohup[1:], env=env, capture_output=True, check=False, cwd=tmp_path)
    assert done.returncode == -signal.SIGINT, done.stderr


def test_never_ends_its_own_session() -> None:
    """A mark in the environment of the caller, or of its session, stands for no session of it."""
    name = f"{watchdog.FUNCTION}=test{os.getpid()}"
    child = subprocess.Popen(["sleep", "60"], env=dict([name.split("=")]))
    try:
        deadline = time.monotonic() + 10
        while b"sleep" not in Path(f"/proc/{child.pid}/cmdline").read_bytes():
            assert time.monotonic() < deadline
        assert watchdog.alive((), frozenset({name.encode()})) <= {child.pid}
        assert os.getpid() not in watchdog.alive({os.getsid(0)}, frozenset())
    finally:
        child.kill()
        child.wait()
    assert not process.ended.is_set()
