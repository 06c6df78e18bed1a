"""A built function under Lambda's own Runtime Interface Emulator, without Docker.

aws-sam-cli carries the emulator; awslambdaric is the client that Lambda itself runs Python
functions with. The client lies in a folder of its own, never in the artifact.
"""

import contextlib
import hashlib
import http.client
import importlib.util
import os
import platform
import re
import shutil
import signal
import socket
import sys
import threading
import time
import zipfile
from collections.abc import Callable, Mapping
from pathlib import Path
from types import TracebackType

import msgspec

from shorts import interpreters, process, uv
from shorts.application import MEMORY, Function
from shorts.errors import ShortsError
from shorts.store import Store
from shorts.target import MACHINES, Target

_CLIENT_LOCK = Path(__file__).with_name("awslambdaric.lock")
_INVOCATIONS = "/2015-03-31/functions/function/invocations"
_TIMED_OUT = re.compile(rb"Task timed out after [\d.]+ seconds")
_INIT = re.compile(r"INIT REPORT\(durationMs: ([\d.]+)")
_DURATION = re.compile(r"INVOKE RTDONE\(status: \w+, produced bytes: \d+, duration: ([\d.]+)ms")
_IN_USE = "address already in use"
# Set by Lambda for every function.
# https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html
_ALWAYS = {
    "LANG": "en_US.UTF-8",
    "TZ": ":UTC",
    "PATH": "/usr/local/bin:/usr/bin:/bin",
    "AWS_LAMBDA_FUNCTION_VERSION": "$LATEST",
    "AWS_LAMBDA_INITIALIZATION_TYPE": "on-demand",
    "AWS_LAMBDA_LOG_STREAM_NAME": "$LATEST",
    # As with `sam local invoke`; the function can tell by it that it runs locally.
    "AWS_SAM_LOCAL": "true",
    # In Lambda the code cannot be written to.
    "PYTHONDONTWRITEBYTECODE": "1",
}


class Reply(msgspec.Struct, frozen=True, kw_only=True):
    """A function's answer.

    Attributes:
        body: the JSON that it returned, or Lambda's description of its failure.
        failure: what went wrong, such as ``ValueError: no such key``; empty where it returned.
        init: duration of the init phase in ms, where this invocation began with one.
        duration: of the invocation in ms, as the emulator measured it.
    """

    body: bytes
    failure: str
    init: float | None
    duration: float | None


class _Failure(msgspec.Struct, forbid_unknown_fields=True):
    """What the runtime answers for a handler that failed."""

    errorType: str
    errorMessage: str
    stackTrace: list[str] = []
    requestId: str = ""
    cause: object = None


def unpacked(artifact: Path) -> Path:
    """A folder with an artifact's content: itself if it is one, else its zip unpacked, once.

    Raises:
        ShortsError: there is no artifact, or it is no zip.
    """
    if artifact.is_dir():
        return artifact
    if not artifact.is_file():
        raise ShortsError(f"{artifact} does not exist.\nRun `shorts build` first.")
    digest = hashlib.sha256(artifact.read_bytes()).hexdigest()
    tasks = (MEMORY / "tasks").absolute()
    task = tasks / f"{artifact.stem}-{digest[:16]}"
    if not task.is_dir():
        for former in tasks.glob(f"{artifact.stem}-*"):
            shutil.rmtree(former, ignore_errors=True)
        beside = tasks / f".{task.name}.{os.getpid()}"
        try:
            with zipfile.ZipFile(artifact) as archive:
                archive.extractall(beside)
            beside.rename(task)
        except zipfile.BadZipFile as error:
            raise ShortsError(
                f"{artifact} is no zip: {error}.\nRun `shorts build` again."
            ) from error
        finally:
            shutil.rmtree(beside, ignore_errors=True)
    return task


def runtime(python: Path, minor: str, store: Store) -> Path:
    """An interpreter that has awslambdaric and nothing else, made once in the store.

    Args:
        python: an interpreter of that version.
        minor: such as ``3.13``.
        store: where it is kept.

    Raises:
        ShortsError: it cannot be made.
    """
    depends = _CLIENT_LOCK.read_bytes() + os.fsencode(python)
    folder = store.root / "runtimes" / f"{minor}-{hashlib.sha256(depends).hexdigest()[:16]}"
    within = folder / "bin" / "python"
    if not within.exists():
        shutil.rmtree(folder, ignore_errors=True)
        folder.parent.mkdir(parents=True, exist_ok=True)
        with store.scratch() as work:
            uv.run(["venv", "--clear", "--no-project", "--python", str(python), str(work)])
            exactly = ["--require-hashes", "--only-binary", ":all:", "-r", str(_CLIENT_LOCK)]
            uv.run(["pip", "install", "--python", str(work), *exactly])
            try:
                work.rename(folder)
            except OSError:
                if not within.exists():  # else another process was faster
                    raise
    return within


class Emulator:
    """One running sandbox of a function; a context manager.

    Args:
        function: what to run.
        task: the folder with its unpacked code.
        environment: variables for its process, beside those that Lambda always sets.
        log: told each line that the function and Lambda write.

    Raises:
        ShortsError: no interpreter of its runtime, or no emulator for this machine.
    """

    def __init__(
        self,
        function: Function,
        task: Path,
        environment: Mapping[str, str],
        log: Callable[[str], None] = lambda line: None,
    ) -> None:
        target = Target.of(function.runtime, function.architecture)
        if target.machine != platform.machine() or sys.platform != "linux":
            raise ShortsError(
                f"{function.full_path} is for {target.machine}, and this is {platform.system()} on "
                f"{platform.machine()}.\nRun it with `sam local invoke`, in Docker."
            )
        python = interpreters.find(target.minor)
        if python is None:
            raise ShortsError(
                f"No Python {target.minor} was found to run {function.full_path} with.\n"
                f"{interpreters.how_to_get(target.minor)}\n"
                "Or run it with `sam local invoke`, in Docker."
            )
        self._function = function
        self._task = task
        within = runtime(python, target.minor, Store.default())
        self._command = [str(within), "-m", "awslambdaric", function.handler]
        self._environment = {
            **_ALWAYS,
            "AWS_LAMBDA_FUNCTION_NAME": function.name,
            "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": str(function.memory),
            "AWS_LAMBDA_FUNCTION_TIMEOUT": str(function.timeout),
            "AWS_LAMBDA_LOG_GROUP_NAME": f"/aws/lambda/{function.name}",
            "AWS_EXECUTION_ENV": f"AWS_Lambda_{function.runtime}",
            "_HANDLER": function.handler,
            **environment,
            "LAMBDA_TASK_ROOT": str(task),
            "PYTHONPATH": str(task),
        }
        self._log = log
        self._lines: list[str] = []

    def __enter__(self) -> "Emulator":
        for _ in range(5):
            self._port, api_port = _free_ports(2)
            self._start(api_port)
            if self._is_listening():
                return self
            self._stop()
            if not any(_IN_USE in line for line in self._lines):
                break
        said = "\n".join(self._lines[-3:])
        raise ShortsError(f"Lambda's runtime emulator did not start: {said or 'it said nothing'}.")

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._stop()

    def invoke(self, event: bytes) -> Reply:
        """Send one event, a JSON document, and wait for the answer.

        Raises:
            ShortsError: the emulator gave none.
        """
        said = len(self._lines)
        # Init has 10 s of its own, and the emulator may start it anew within an invocation.
        patience = self._function.timeout + 30
        connection = http.client.HTTPConnection("127.0.0.1", self._port, timeout=patience)
        try:
            connection.request("POST", _INVOCATIONS, body=event)
            body = connection.getresponse().read()
        except (OSError, http.client.HTTPException) as error:
            raise ShortsError(
                f"Lambda's runtime emulator gave no answer for {self._function.full_path}: {error}."
            ) from error
        finally:
            connection.close()
        self._settle(said)
        lines = "\n".join(self._lines[said:])
        init, duration = _INIT.search(lines), _DURATION.search(lines)
        return Reply(
            body=body,
            failure=_failure(body),
            init=float(init[1]) if init else None,
            duration=float(duration[1]) if duration else None,
        )

    def _start(self, api_port: int) -> None:
        self._lines.clear()
        self._process = process.start(
            [
                str(_emulator_binary()),
                "--runtime-interface-emulator-address",
                f"127.0.0.1:{self._port}",
                "--runtime-api-address",
                f"127.0.0.1:{api_port}",
                *self._command,
            ],
            env=self._environment,
            cwd=self._task,
            stderr=process.STDOUT,
        )
        self._reader = threading.Thread(
            target=self._read, args=(self._process.stdout,), daemon=True
        )
        self._reader.start()

    def _read(self, stream: "process.Stream") -> None:
        with stream:
            for line in stream:
                text = line.decode("utf-8", "replace").rstrip("\n")
                self._lines.append(text)
                self._log(text)

    def _is_listening(self) -> bool:
        """Wait for the emulator's port, as long as the emulator lives."""
        deadline = time.monotonic() + 10
        while self._process.poll() is None and time.monotonic() < deadline:
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", self._port)) == 0:
                    return self._process.poll() is None
            time.sleep(0.005)
        self._reader.join(timeout=1)
        return False

    def _settle(self, since: int) -> None:
        """Wait for the lines that end an invocation's log; they come after its answer."""
        deadline = time.monotonic() + 1
        while time.monotonic() < deadline:
            if any(line.startswith("REPORT RequestId") for line in self._lines[since:]):
                return
            time.sleep(0.002)

    def _stop(self) -> None:
        """End the emulator and the runtime, which it has put into a process group of its own."""
        self._log = lambda line: None
        for pid in (*_children(self._process.pid), self._process.pid):
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        self._process.wait()
        self._reader.join(timeout=1)


def _children(pid: int) -> list[int]:
    try:
        return [
            int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
        ]
    except OSError:
        return []


def _failure(body: bytes) -> str:
    """The failure that an answer describes, in words; empty where it describes none."""
    if _TIMED_OUT.fullmatch(body):
        return body.decode()
    try:
        failure = msgspec.json.decode(body, type=_Failure)
    except msgspec.MsgspecError:
        return ""
    return f"{failure.errorType}: {failure.errorMessage}"


def _emulator_binary() -> Path:
    found = importlib.util.find_spec("samcli")
    if found is None or found.origin is None:
        raise ShortsError("aws-sam-cli is not installed.\nInstall it with: pip install aws-sam-cli")
    names = {machine: name for name, machine in MACHINES.items()}
    rapid = Path(found.origin).parent / "local" / "rapid"
    return rapid / f"aws-lambda-rie-{names[platform.machine()]}"


def _free_ports(count: int) -> list[int]:
    """Ports that nothing listens on at this moment."""
    with_sockets = [socket.socket() for _ in range(count)]
    try:
        for one in with_sockets:
            one.bind(("127.0.0.1", 0))
        return [one.getsockname()[1] for one in with_sockets]
    finally:
        for one in with_sockets:
            one.close()
