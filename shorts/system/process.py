"""The only module that starts child processes.

uv, Python interpreters, SAM and the runtime emulator all run from here, so that a failure always
has the command and the tool's own output.
"""

import atexit
import contextlib
import functools
import os
import shlex
import shutil
import subprocess
import sys
import threading
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import IO, Any, NoReturn

from shorts.errors import ShortsError
from shorts.system import watchdog

Stream = IO[bytes]
DEVNULL, PIPE, STDOUT = subprocess.DEVNULL, subprocess.PIPE, subprocess.STDOUT
# Variables that no child gets: its own virtual environment, and the key that signs for the remote.
_OURS = frozenset(("VIRTUAL_ENV", "SHORTS_REMOTE_SIGNING_KEY"))
# How often a watched command is checked, in seconds.
_LOOKS = 0.5
# Set as soon as this process is to end: after that nothing is started.
ended = threading.Event()
# https://man7.org/linux/man-pages/man2/PR_SET_CHILD_SUBREAPER.2const.html
_PR_SET_CHILD_SUBREAPER = 36


class ProcessFailed(ShortsError):
    """A child process ended with a status other than 0, or could not be started.

    Attributes:
        output: what it wrote to standard output and standard error.
        status: its exit status; negative is the number of the signal that ended it.
    """

    def __init__(self, argv: Sequence[str], status: int, output: str) -> None:
        self.output = output.strip()
        self.status = status
        ending = f"was ended by signal {-status}" if status < 0 else f"ended with status {status}"
        super().__init__(f"{shlex.join(argv)}\n{ending}: {self.output or 'it printed nothing'}")


def environment(extra: Mapping[str, str | None] | None = None) -> dict[str, str]:
    """Return this process's environment without what is for this process alone.

    That is what would leak its Python into a child's, and the key that signs for the remote.

    Args:
        extra: variables to add or replace; one that is None is left out.
    """
    clean = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith("PYTHON") and name not in _OURS
    }
    given = {**clean, **(extra or {})}
    return {name: value for name, value in given.items() if value is not None}


@functools.cache
def run_name() -> str:
    """Return the name of this run, which marks its processes so that they end with it.

    The first call starts the watchdog, which ends them however this process ends.
    """
    name = os.urandom(16).hex()
    if sys.platform == "linux":
        dog = subprocess.Popen(
            [sys.executable, "-I", "-S", watchdog.__file__, name],
            env={},
            cwd="/",
            stdin=PIPE,
            stdout=DEVNULL,
            stderr=DEVNULL,
            start_new_session=True,
        )
        atexit.register(_dismiss, dog)
    return name


def _dismiss(dog: "subprocess.Popen[bytes]") -> None:
    """Tell the watchdog that this process ends normally."""
    assert dog.stdin
    with contextlib.suppress(OSError):
        dog.stdin.write(b".")
        dog.stdin.close()
    dog.returncode = 0  # it outlives this process by a moment, and nothing waits for it


def end(*, tools: bool = False) -> None:
    """End all functions that this process has started, and with ``tools`` all tools."""
    if sys.platform == "linux" and run_name.cache_info().currsize:
        names = (watchdog.FUNCTION, watchdog.TOOL) if tools else (watchdog.FUNCTION,)
        watchdog.end([f"{name}={run_name()}" for name in names])


def run(
    argv: Sequence[str],
    *,
    cwd: Path | None = None,
    env: Mapping[str, str | None] | None = None,
    stdin: str = "",
    timeout: float | None = None,
    watch: Callable[[int], None] | None = None,
) -> str:
    """Run a command to its end and return what it wrote to standard output.

    Args:
        argv: the command.
        cwd: where it runs.
        env: variables that it gets in addition to this process's.
        stdin: its standard input.
        timeout: seconds after which it is ended; not for a command that is watched.
        watch: called twice a second with the command's process id; what it raises ends the
            command and is raised.

    Raises:
        ProcessFailed: it could not be started, took longer than ``timeout`` seconds, or ended with
            a status other than 0.
    """
    check_not_ended()
    try:
        done: subprocess.CompletedProcess[str]
        options: Any = {
            "cwd": cwd,
            "env": {**environment(env), watchdog.TOOL: run_name()},
            "encoding": "utf-8",
            "errors": "replace",
        }
        if watch:
            done = _watched(argv, stdin, watch, options)
        else:
            done = subprocess.run(
                argv, input=stdin, capture_output=True, check=False, timeout=timeout, **options
            )
    except (OSError, ValueError, subprocess.TimeoutExpired) as error:
        raise ProcessFailed(argv, 127, str(error)) from error
    if done.returncode:
        output = "\n".join(filter(None, (done.stderr.strip(), done.stdout.strip())))
        raise ProcessFailed(argv, done.returncode, output)
    return done.stdout


def attend(argv: Sequence[str]) -> None:
    """Run a command to its end, with this process's standard input and output.

    Raises:
        ProcessFailed: it could not be started, or ended with a status other than 0.
    """
    check_not_ended()
    sys.stdout.flush()
    try:
        env = {**environment(), watchdog.TOOL: run_name()}
        status = subprocess.run(argv, env=env, stdin=DEVNULL, check=False).returncode
    except OSError as error:
        raise ProcessFailed(argv, 127, str(error)) from error
    if status:
        raise ProcessFailed(argv, status, "")


def _watched(
    argv: Sequence[str], stdin: str, watch: Callable[[int], None], options: Mapping[str, Any]
) -> "subprocess.CompletedProcess[str]":
    pipes: Any = {"stdin": PIPE, "stdout": PIPE, "stderr": PIPE}
    with subprocess.Popen(argv, **pipes, **options) as child:
        given: str | None = stdin
        try:
            while True:
                try:
                    out, errors = child.communicate(given, timeout=_LOOKS)
                    return subprocess.CompletedProcess(argv, child.returncode, out, errors)
                except subprocess.TimeoutExpired:
                    given = None  # `communicate` keeps what the command has not read yet
                    watch(child.pid)
        except BaseException:
            child.kill()
            raise


def start(
    argv: Sequence[str],
    *,
    env: Mapping[str, str],
    cwd: Path | None = None,
    stdin: IO[bytes] | int = DEVNULL,
    stdout: IO[bytes] | int = PIPE,
    stderr: IO[bytes] | int = PIPE,
    adopts: bool = False,
) -> "subprocess.Popen[bytes]":
    """Start a command in a process group of its own, with exactly the given environment.

    Args:
        argv: the command.
        env: all variables that it gets.
        cwd: the folder that it runs in.
        stdin: its standard input.
        stdout: its standard output.
        stderr: its standard error.
        adopts: whether orphans among its descendants become its children, so that they are found
            (Linux only).

    Raises:
        ProcessFailed: it could not be started.
    """
    check_not_ended()
    try:
        return subprocess.Popen(
            argv,
            env=dict(env),
            cwd=cwd,
            stdin=stdin,
            stdout=stdout,
            stderr=stderr,
            start_new_session=True,
            # It makes one system call, which takes no lock, so it is safe with threads.
            preexec_fn=_adoption() if adopts else None,
        )
    except (OSError, ValueError) as error:
        raise ProcessFailed(argv, 127, str(error)) from error


def check_not_ended() -> None:
    """Refuse to start anything after an interrupt, in any thread.

    Raises:
        KeyboardInterrupt: this process is to end.
    """
    if ended.is_set():
        raise KeyboardInterrupt


@functools.cache
def _adoption() -> Callable[[], object] | None:
    """Return a function that makes a process adopt orphans; the import is slow."""
    if sys.platform != "linux":
        return None
    import ctypes

    return functools.partial(ctypes.CDLL(None).prctl, _PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)


def cores() -> int:
    """Return the number of processors that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def replace(argv: Sequence[str]) -> NoReturn:
    """Replace this process with a command, which sets the exit status."""
    sys.stdout.flush()
    sys.stderr.flush()
    os.execv(argv[0], list(argv))


def tool(name: str) -> str:
    """Return the path of a command that was installed with shorts, else of the one on PATH.

    Raises:
        ShortsError: it is in neither place.
    """
    neighbour = Path(sys.executable).with_name(name)
    program = str(neighbour) if neighbour.is_file() else shutil.which(name)
    if program is None:
        raise ShortsError(f"{name} is not installed.\nInstall it with: pip install {_WHEEL[name]}")
    return program


_WHEEL = {"uv": "uv", "sam": "aws-sam-cli"}
