"""The walls of an emulated function: where it finds things, and that nothing of it is left."""

import contextlib
import os
import shutil
import signal
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

from shorts import process
from shorts.application import Function
from shorts.errors import ShortsError

# Where Lambda has the layers.
OPT = "/opt"
_TOOLS = ("unshare", "sh", "mount", "env")
# As in Lambda, nothing can be written there; some systems do not allow that much.
_BIND = """\
"$0" --bind "$1" "$2" || exit
"$0" -o remount,bind,ro "$2" 2>/dev/null
shift 2
exec "$@"
"""
_PATIENCE = 5  # seconds for killed processes to go
# Set by Lambda for every function.
# https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html
_ALWAYS = {
    "LANG": "en_US.UTF-8",
    "TZ": ":UTC",
    "AWS_LAMBDA_FUNCTION_VERSION": "$LATEST",
    "AWS_LAMBDA_INITIALIZATION_TYPE": "on-demand",
    "AWS_LAMBDA_LOG_STREAM_NAME": "$LATEST",
    # As with `sam local invoke`; the function can tell by it that it runs locally.
    "AWS_SAM_LOCAL": "true",
    # In Lambda the code cannot be written to.
    "PYTHONDONTWRITEBYTECODE": "1",
}
# What tells the processes of functions that this one has run from all others.
_RUN: dict[str, str] = {}


def belong(run: str) -> str:
    """Mark the processes of all functions that are run from now on, by a build as well.

    Args:
        run: a name that no other run has.

    Returns:
        The mark, as `end` takes it.
    """
    _RUN["SHORTS_RUN"] = run
    return f"SHORTS_RUN={run}"


def search(task: Path, opt: Path | None, minor: str) -> dict[str, str]:
    """Where programs, libraries and modules are looked for, in Lambda's order.

    Without the folders of Lambda's image; the runtime's own modules come after those named here.
    https://docs.aws.amazon.com/lambda/latest/dg/packaging-layers.html

    Args:
        task: the folder with the function's code.
        opt: the folder with its layers, if it has any.
        minor: such as ``3.13``.
    """
    programs, libraries = ["/usr/local/bin", "/usr/bin", "/bin"], [f"{task}", f"{task}/lib"]
    modules = [f"{task}"]
    if opt is not None:
        programs.append(f"{opt}/bin")
        libraries.append(f"{opt}/lib")
        modules += [f"{opt}/python/lib/python{minor}/site-packages", f"{opt}/python"]
    paths = {"PATH": programs, "LD_LIBRARY_PATH": libraries, "PYTHONPATH": modules}
    return {name: ":".join(folders) for name, folders in paths.items()}


def variables(
    function: Function, task: Path, search: Mapping[str, str], environment: Mapping[str, str]
) -> dict[str, str]:
    """The environment of a function's process, as Lambda sets it.

    Args:
        function: whose it is.
        task: the folder with the function's code.
        search: where things are looked for, as `search` says.
        environment: variables beside those that Lambda always sets.
    """
    return {
        **_ALWAYS,
        **search,
        "AWS_LAMBDA_FUNCTION_NAME": function.name,
        "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": str(function.memory),
        "AWS_LAMBDA_FUNCTION_TIMEOUT": str(function.timeout),
        "AWS_LAMBDA_LOG_GROUP_NAME": f"/aws/lambda/{function.name}",
        "AWS_EXECUTION_ENV": f"AWS_Lambda_{function.runtime}",
        "_HANDLER": function.handler,
        **environment,
        **_RUN,
        "LAMBDA_TASK_ROOT": str(task),
        "PYTHONPATH": search["PYTHONPATH"],
    }


def binding(folder: Path, sources: Sequence[Path], used: Sequence[Path]) -> list[str]:
    """Words before a command that show a folder as /opt to it and to its children, and nobody else.

    The command gets a mount namespace of its own, which ends with its last process; it can write
    neither to the folder nor to its sources. After the words variables of the environment may
    follow, for the loader's would else reach the tools before it.

    Args:
        folder: what is to be at /opt.
        sources: what links in it lead to.
        used: what the command needs of this machine, which may not be hidden.

    Returns:
        Nothing where something needed lies in /opt, or the system forbids it: in containers it
        often does.
    """
    tools = [found for name in _TOOLS if (found := shutil.which(name))]
    needed = [folder, *sources, *used, *map(Path, tools)]
    if len(tools) < len(_TOOLS) or any(_is_in_opt(path) for path in needed):
        return []
    unshare, shell, mount, env = tools
    user, group = os.geteuid(), os.getegid()
    places = [*((str(source), str(source)) for source in sources), (str(folder), OPT)]
    bind = [word for pair in places for word in (shell, "-c", _BIND, mount, *pair)]
    if user == 0:
        words = [unshare, "--mount", *bind, env]
    else:  # to mount takes a namespace with a root; in a second one its user is the caller again
        again = [unshare, "--user", f"--map-user={user}", f"--map-group={group}"]
        words = [unshare, "--user", "--map-root-user", "--mount", *bind, *again, env]
    try:
        process.run([*words, shell, "-c", ":"])
    except ShortsError:
        return []
    return words


def end(mark: str, leader: int | None = None) -> None:
    """Kill the processes with a mark in their environment, and of their sessions, and descendants.

    The emulator starts the runtime in a process group of its own and, where it times out, kills
    that group alone; a function may have started others, with any environment. One that dropped
    both its session and its environment is not found once its parent has ended.

    Args:
        mark: ``NAME=value``.
        leader: the session's number, which is that of its first process, if it is to end.
    """
    deadline = time.monotonic() + _PATIENCE
    sessions = set() if leader is None else {leader}
    while (left := _alive(sessions, mark.encode())) and time.monotonic() < deadline:
        for pid in left:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.kill(pid, signal.SIGKILL)
        time.sleep(0.001)


def mapped(leader: int, mark: str) -> set[str]:
    """The files that the processes of a session, and others with a mark, have in memory.

    Args:
        leader: the session's number, which is that of its first process.
        mark: ``NAME=value``.
    """
    found = set()
    for pid in _alive({leader}, mark.encode()):
        with contextlib.suppress(OSError):  # it has ended
            # https://man7.org/linux/man-pages/man5/proc_pid_maps.5.html
            for line in Path(f"/proc/{pid}/maps").read_bytes().splitlines():
                found.add(os.fsdecode(line.partition(b"/")[2]))
    return {f"/{path}" for path in found if path}


def resident(leader: int, mark: str) -> int:
    """The bytes that the processes of a session, and others with a mark, have in memory together.

    Args:
        leader: the session's number, which is that of its first process.
        mark: ``NAME=value``.
    """
    pages = 0
    for pid in _alive({leader}, mark.encode()):
        with contextlib.suppress(OSError):  # it has ended
            # https://man7.org/linux/man-pages/man5/proc_pid_statm.5.html
            pages += int(Path(f"/proc/{pid}/statm").read_bytes().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE")


def _alive(sessions: set[int], mark: bytes) -> list[int]:
    """The processes of some sessions, those with a mark, which add theirs, and all descendants."""
    children: dict[int, list[int]] = {}
    mates: dict[int, list[int]] = {}
    for pid in map(int, filter(str.isdecimal, os.listdir("/proc"))):
        with contextlib.suppress(OSError):  # it has ended, or is another user's
            # https://man7.org/linux/man-pages/man5/proc_pid_stat.5.html
            state, parent, _, its = _said(pid, "stat").rpartition(b")")[2].split()[:4]
            if state in (b"Z", b"X"):
                continue
            children.setdefault(int(parent), []).append(pid)
            mates.setdefault(int(its), []).append(pid)
            if int(its) not in sessions and mark in _said(pid, "environ").split(b"\0"):
                sessions.add(int(its))
    found = [pid for session in sessions for pid in mates.get(session, [])]
    for pid in found:  # which grows
        found += [child for child in children.get(pid, []) if child not in found]
    return found


def _said(pid: int, name: str) -> bytes:
    with open(f"/proc/{pid}/{name}", "rb") as file:
        return file.read()


def _is_in_opt(path: Path) -> bool:
    """Whether a path, or what it leads to, lies in /opt."""
    places = (Path(os.path.abspath(path)), Path(os.path.realpath(path)))
    return any(one.is_relative_to(opt) for one in places for opt in (OPT, os.path.realpath(OPT)))
