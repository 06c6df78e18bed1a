"""A built function under Lambda's own Runtime Interface Emulator, without Docker.

aws-sam-cli contains the emulator. awslambdaric is the client that Lambda itself runs Python
functions with. The client and boto3, which Lambda's runtimes have, lie in a separate folder, never
in the artifact.
"""

import http.client
import importlib.util
import platform
import socket
import sys
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from types import TracebackType

from shorts.emulator import debugger as debuggers
from shorts.emulator import layers, memory_limit, runtime, sandbox
from shorts.emulator.debugger import Debugger
from shorts.emulator.log import EmulatorLog
from shorts.emulator.reply import FunctionTimeout, Reply, failure_of
from shorts.errors import ShortsError
from shorts.model import Function
from shorts.system import interpreters, process, watchdog
from shorts.system.cache import Cache
from shorts.targets.target import MACHINES, RUNTIMES, Target

_INVOCATIONS = "/2015-03-31/functions/function/invocations"
_IN_USE = "address already in use"
# https://docs.python.org/3/using/cmdline.html#cmdoption-P
_WITHOUT_SAFE_PATH = ("3.8", "3.9", "3.10")


def task_of(function: Function) -> Path:
    """Return the folder with a function's code: its own, or that of its zip, unpacked once.

    Raises:
        ShortsError: there is neither, or it is not a zip.
    """
    place = Path(function.code_uri)
    if place.suffix != ".zip" and not place.is_dir():
        raise ShortsError(function.no_code)
    return unpacked(place)


def unpacked(artifact: Path) -> Path:
    """Return a folder with an artifact's content: a folder itself, or its zip, unpacked once.

    Raises:
        ShortsError: the artifact does not exist, or it is not a zip.
    """
    if artifact.is_dir():
        return artifact
    if not artifact.is_file():
        raise ShortsError(f"{artifact} does not exist.\nRun `shorts build` first.")
    return layers.unzipped(artifact, "tasks", "Run `shorts build` again.")


def check_platform(command: str, what: str) -> None:
    """Refuse to run functions where Lambda's runtime emulator does not run.

    Args:
        command: the command of SAM that runs them there.
        what: what does not run.

    Raises:
        ShortsError: this is not Linux.
    """
    if sys.platform != "linux":
        name = "macOS" if sys.platform == "darwin" else sys.platform
        raise ShortsError(
            f"{what} cannot run on {name}: Lambda's runtime emulator needs Linux.\n"
            f"Use `sam {command}`, which needs Docker, or run shorts in a Linux container or on a "
            "Linux machine."
        )


class Emulator:
    """One running sandbox of a function; a context manager.

    Where the system allows it, the function has its layers in /opt, and the emulator runs the
    extensions among them. Elsewhere only the search paths name the layers' folder.

    Args:
        function: what to run.
        task: the folder with its unpacked code.
        environment: variables for its process, in addition to those that Lambda always sets.
        log: receives each line that the function and Lambda write, and notes of missing layers.
        through: takes the interpreter that the function would run in, returns the one to use.
        limited: whether its memory is limited to its ``MemorySize``; one with a debugger is not.
        debugger: waits in the function for a client, if there is to be one.

    Raises:
        ShortsError: it is not Python in a zip, its layer does not exist, or an interpreter of its
            runtime or an emulator for this machine is missing.
    """

    def __init__(
        self,
        function: Function,
        task: Path,
        environment: Mapping[str, str],
        log: Callable[[str], None] = lambda line: None,
        through: Callable[[Path], Path] = lambda python: python,
        limited: bool = True,
        debugger: Debugger | None = None,
    ) -> None:
        if function.package_type != "Zip" or function.runtime not in RUNTIMES:
            raise ShortsError(
                f"{function.full_path} is not a Python function in a zip.\n"
                "Run it with `sam local invoke`, in Docker."
            )
        target = Target.of(function.runtime, function.architecture)
        check_platform("local invoke", function.full_path)
        if target.machine != platform.machine():
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
        installs = debugger is not None and debugger.folder is None
        within = runtime.interpreter(python, target.minor, Cache.default(), debugger=installs)
        chosen = through(within)
        # On Lambda the task's folder is in `sys.path` once; `-m` alone would put it there again.
        options = ["-P"] if target.minor not in _WITHOUT_SAFE_PATH else []
        options += debugger.options(target.minor) if debugger else []
        self._command = [str(chosen), *options, "-m", "awslambdaric", function.handler]
        used = [python, within, chosen, task, _emulator_binary()]
        opt, self._before, shown = _opt(function, used, log)
        self._folders = [task, *shown]
        search = sandbox.search(task, opt, target.minor)
        if debugger:
            environment = {**debuggers.VARIABLES, **environment}
            if debugger.folder:
                search["PYTHONPATH"] += f":{debugger.folder}"
        variables = sandbox.variables(function, task, search, environment)
        # The loader's variables are for the function, not for the tools that bind /opt before it.
        loader = {name for name in variables if self._before and name.startswith("LD_")}
        self._before += [f"{name}={variables[name]}" for name in sorted(loader)]
        self._environment = {name: value for name, value in variables.items() if name not in loader}
        self._log = log
        self._limited = limited and debugger is None
        self._heard = EmulatorLog()
        self._exceeded = ""

    def __enter__(self) -> "Emulator":
        for _ in range(5):
            self._port, self._api_port = _free_ports(2)
            self._start()
            try:
                if self._is_listening():
                    return self
            except BaseException:  # no caller has this object yet to call __exit__
                self.stop()
                raise
            self.stop()
            if not any(_IN_USE in line for line in self._heard.lines):
                break
        output = "\n".join([*self._heard.lines][-3:])
        raise ShortsError(
            f"Lambda's runtime emulator did not start: {output or 'it printed nothing'}."
        )

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.stop()

    def invoke(self, event: bytes) -> Reply:
        """Send one event, a JSON document, and wait for its answer and its log.

        Raises:
            ShortsError: the emulator gave no answer.
        """
        self._heard.begin()
        # Init has 10 s of its own, and the emulator may start it again within an invocation.
        body = self._answer(event, self._function.timeout + 30)
        self._heard.settle()
        init, duration = self._heard.reports.get("init"), self._heard.reports.get("duration")
        return Reply(
            request=self._heard.reports.get("request", ""),
            body=body,
            failure=self._exceeded or failure_of(body),
            init=float(init) if init else None,
            duration=float(duration) if duration else None,
        )

    def ask(self, event: bytes, patience: float, *, tail: bool = False) -> Reply:
        """Send one event and wait for its answer; after a failure, wait for its log too.

        Args:
            event: a JSON document.
            patience: in seconds.
            tail: whether the answer has the end of the log.

        Raises:
            FunctionTimeout: there was no answer in that time.
            ShortsError: the emulator gave no answer.
        """
        self._heard.begin()
        body = self._answer(event, patience)
        failure = self._exceeded or failure_of(body)
        if failure or tail:
            self._heard.settle()
        log = self._heard.tail() if tail else b""
        return Reply(request="", body=body, failure=failure, init=None, duration=None, tail=log)

    def mapped(self) -> set[str]:
        """Return the paths of the files that its processes have in memory at this moment."""
        return sandbox.mapped(self._process.pid)

    def resident(self) -> int:
        """Return the bytes that its processes have in memory together."""
        return sandbox.resident(self._process.pid)

    def _answer(self, event: bytes, patience: float) -> bytes:
        connection = http.client.HTTPConnection("127.0.0.1", self._port, timeout=patience)
        process.check_not_ended()
        self._exceeded = ""
        try:
            with memory_limit.meter().attention():
                connection.request("POST", _INVOCATIONS, body=event)
                return connection.getresponse().read()
        except TimeoutError as error:
            raise FunctionTimeout(
                f"{self._function.full_path} gave no answer in {patience:g} s."
            ) from error
        except (OSError, http.client.HTTPException) as error:
            process.check_not_ended()
            raise ShortsError(
                f"Lambda's runtime emulator gave no answer for {self._function.full_path}: {error}."
            ) from error
        finally:
            connection.close()

    def _start(self) -> None:
        self._heard.lines.clear()
        self._held = layers.hold(self._folders)
        self._process = process.start(
            [
                *self._before,
                str(_emulator_binary()),
                "--runtime-interface-emulator-address",
                f"127.0.0.1:{self._port}",
                "--runtime-api-address",
                f"127.0.0.1:{self._api_port}",
                *self._command,
            ],
            env=self._environment,
            cwd=self._task,
            stderr=process.STDOUT,
            adopts=True,
        )
        if self._limited:
            memory_limit.meter().watch(self._process.pid, self._function.memory, self._exceeds)
        self._reader = threading.Thread(
            target=self._read, args=(self._process.stdout,), daemon=True
        )
        self._reader.start()

    def _read(self, stream: "process.Stream") -> None:
        with stream:
            self._heard.read(stream, lambda text: self._log(text))

    def _exceeds(self, used: int) -> None:
        """Write why the function is killed into its log, and in place of its answer."""
        name, limit = self._function.full_path, self._function.memory
        self._exceeded = (
            f"Runtime.OutOfMemory: {name} took {used:,} MB, and its MemorySize is {limit:,} MB"
        )
        self._log(f"{self._exceeded}. It is killed, as on Lambda; raise its MemorySize.")

    def _is_listening(self) -> bool:
        """Wait for the emulator's own ports while it runs: another process may have taken them."""
        deadline = time.monotonic() + 10
        while self._process.poll() is None and time.monotonic() < deadline:
            if {self._port, self._api_port} <= sandbox.listening(self._process.pid):
                return True
            time.sleep(0.005)
        self._reader.join(timeout=1)
        return False

    def stop(self) -> None:
        """End the emulator, the runtime and all processes that they started."""
        self._log = lambda line: None
        memory_limit.meter().forget(self._process.pid)
        watchdog.end((), self._process.pid)
        self._process.wait()
        self._reader.join(timeout=1)
        self._held.close()


def _opt(
    function: Function, used: Sequence[Path], log: Callable[[str], None]
) -> tuple[Path | None, list[str], list[Path]]:
    """Return where a function finds its layers, the command prefix for that, and the folders."""
    folders = layers.folders(function, log)
    if not folders:
        return None, [], []
    folder = layers.merged(function.full_path, folders)
    before = sandbox.binding(folder, folders, used)
    return (Path(sandbox.OPT) if before else folder), before, [folder, *folders]


def _emulator_binary() -> Path:
    spec = importlib.util.find_spec("samcli")
    if spec is None or spec.origin is None:
        raise ShortsError("aws-sam-cli is not installed.\nInstall it with: pip install aws-sam-cli")
    names = {machine: name for name, machine in MACHINES.items()}
    rapid = Path(spec.origin).parent / "local" / "rapid"
    return rapid / f"aws-lambda-rie-{names[platform.machine()]}"


def _free_ports(count: int) -> list[int]:
    """Return ports that nothing listens on at this moment."""
    with_sockets = [socket.socket() for _ in range(count)]
    try:
        for listener in with_sockets:
            listener.bind(("127.0.0.1", 0))
        return [listener.getsockname()[1] for listener in with_sockets]
    finally:
        for listener in with_sockets:
            listener.close()
