"""The surroundings of an emulated function: its paths and variables, and its use of memory."""

import contextlib
import os
import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path

from shorts.errors import ShortsError
from shorts.model import Function
from shorts.system import process, watchdog

# The state of a socket that listens, in `/proc/net/tcp`.
_LISTENS = "0A"
# Where Lambda mounts the layers.
OPT = "/opt"
_TOOLS = ("unshare", "sh", "mount", "env")
# As in Lambda, the folder is read-only; some systems do not allow this.
_BIND = """\
"$0" --bind "$1" "$2" || exit
"$0" -o remount,bind,ro "$2" 2>/dev/null
shift 2
exec "$@"
"""
# Lambda sets these for every function.
# https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html
_ALWAYS = {
    "LANG": "en_US.UTF-8",
    "TZ": ":UTC",
    "AWS_LAMBDA_FUNCTION_VERSION": "$LATEST",
    "AWS_LAMBDA_INITIALIZATION_TYPE": "on-demand",
    "AWS_LAMBDA_LOG_STREAM_NAME": "$LATEST",
    # As with `sam local invoke`; it shows the function that it runs locally.
    "AWS_SAM_LOCAL": "true",
    # In Lambda the code is read-only.
    "PYTHONDONTWRITEBYTECODE": "1",
}


def search(task: Path, opt: Path | None, minor: str) -> dict[str, str]:
    """Return the search paths of programs, libraries and modules, in Lambda's order.

    They leave out the folders of Lambda's image; the runtime's own modules come after them.
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
    """Return the environment of a function's process, as Lambda sets it.

    Args:
        function: the function.
        task: the folder with the function's code.
        search: the search paths, as `search` returns them.
        environment: variables in addition to those that Lambda always sets.
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
        watchdog.FUNCTION: process.run_name(),
        "LAMBDA_TASK_ROOT": str(task),
        "PYTHONPATH": search["PYTHONPATH"],
    }


def binding(folder: Path, sources: Sequence[Path], used: Sequence[Path]) -> list[str]:
    """Return a command prefix that shows a folder as /opt to a command and its children only.

    The command gets its own mount namespace, which ends with its last process. It can write neither
    to the folder nor to its sources. Variables of the environment may follow the prefix: otherwise
    those of the loader would reach the tools before the command.

    Args:
        folder: what to show at /opt.
        sources: what links in it lead to.
        used: what the command needs of this machine, which must not be hidden.

    Returns:
        Nothing where something needed lies in /opt, or the system forbids it, as containers often
        do.
    """
    tools = [program for name in _TOOLS if (program := shutil.which(name))]
    needed = [folder, *sources, *used, *map(Path, tools)]
    if len(tools) < len(_TOOLS) or any(_is_in_opt(path) for path in needed):
        return []
    unshare, shell, mount, env = tools
    user, group = os.geteuid(), os.getegid()
    places = [*((str(source), str(source)) for source in sources), (str(folder), OPT)]
    bind = [word for pair in places for word in (shell, "-c", _BIND, mount, *pair)]
    if user == 0:
        command = [unshare, "--mount", *bind, env]
    else:  # mounting takes a namespace with a root; in a second one its user is the caller again
        again = [unshare, "--user", f"--map-user={user}", f"--map-group={group}"]
        command = [unshare, "--user", "--map-root-user", "--mount", *bind, *again, env]
    try:
        process.run([*command, shell, "-c", ":"])
    except ShortsError:
        return []
    return command


def listening(pid: int) -> set[int]:
    """Return the TCP ports of IPv4 that a process listens on.

    https://man7.org/linux/man-pages/man5/proc_pid_net.5.html
    """
    ports = set()
    with contextlib.suppress(OSError):  # it has ended
        held = {str(each.readlink()) for each in Path(f"/proc/{pid}/fd").iterdir()}
        for line in Path(f"/proc/{pid}/net/tcp").read_text().splitlines()[1:]:
            _, local, _, state, *_, inode = line.split()[:10]
            if state == _LISTENS and f"socket:[{inode}]" in held:
                ports.add(int(local.rpartition(":")[2], 16))
    return ports


def mapped(leader: int) -> set[str]:
    """Return the files that the processes of a session and their descendants have in memory.

    Args:
        leader: the session's number, which is that of its first process.
    """
    paths: set[str] = set()
    for pid in watchdog.alive({leader}, frozenset()):
        with contextlib.suppress(OSError):  # it has ended
            # https://man7.org/linux/man-pages/man5/proc_pid_maps.5.html
            for line in Path(f"/proc/{pid}/maps").read_bytes().splitlines():
                paths.add(os.fsdecode(line.partition(b"/")[2]))
    return {f"/{path}" for path in paths if path}


def resident(leader: int) -> int:
    """Return the bytes that the processes of a session and their descendants have in memory.

    Args:
        leader: the session's number, which is that of its first process.
    """
    pages = 0
    for pid in watchdog.alive({leader}, frozenset()):
        with contextlib.suppress(OSError):  # it has ended
            # https://man7.org/linux/man-pages/man5/proc_pid_statm.5.html
            pages += int(Path(f"/proc/{pid}/statm").read_bytes().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE")


def _is_in_opt(path: Path) -> bool:
    """Return whether a path, or its target, lies in /opt."""
    places = (Path(os.path.abspath(path)), Path(os.path.realpath(path)))
    return any(
        place.is_relative_to(opt) for place in places for opt in (OPT, os.path.realpath(OPT))
    )
