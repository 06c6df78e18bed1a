"""Debuggers for the functions of a command: their ports, and how an editor attaches to them."""

import os
import shutil
from collections.abc import Iterator, Sequence
from pathlib import Path

import msgspec

from shorts.emulator import debugger as debuggers
from shorts.emulator.debugger import Debugger
from shorts.errors import ShortsError, writing
from shorts.model import Debugging, Function
from shorts.system import files
from shorts.system.project_state import FOLDER

_PORTS = range(1, 65536)


def debuggers_of(functions: Sequence[Function], debugging: Debugging) -> dict[str, Debugger]:
    """Return the debugger of each function that has one, by full path.

    The functions share the given ports out; where there are more functions than ports, the ports
    above the last one follow.

    Args:
        functions: what may run.
        debugging: the options.

    Raises:
        ShortsError: a port, the function or the debugger's folder does not exist.
    """
    if not debugging.ports:
        return {}
    folder = Path(debugging.path).absolute() if debugging.path else None
    if folder and not (folder / "debugpy").is_dir():
        raise ShortsError(
            f"--debugger-path {debugging.path}: there is no debugpy.\n"
            f"Install it there: uv pip install --target {debugging.path} debugpy"
        )
    chosen = [
        function
        for function in functions
        if debugging.function in (None, function.name, function.full_path)
    ]
    if not chosen:
        names = ", ".join(function.full_path for function in functions)
        raise ShortsError(f"--debug-function {debugging.function}: the functions are {names}.")
    ports = list(debugging.ports)
    while len(ports) < len(chosen):
        ports.append(ports[-1] + 1)
    wrong = next((port for port in ports if port not in _PORTS), None)
    if wrong is not None:
        raise ShortsError(f"--debug-port {wrong}: a port is a number from 1 to 65535.")
    arguments = debuggers.arguments(debugging.arguments)
    return {
        function.full_path: Debugger(port, folder, arguments)
        for function, port in zip(chosen, ports, strict=False)
    }


def with_time(function: Function) -> Function:
    """Return a function that may stand at a breakpoint for hours."""
    return msgspec.structs.replace(function, timeout=debuggers.TIMEOUT)


def steady(function: Function, task: Path) -> Path:
    """Return the folder that a debugged function runs from: the same one after each change.

    An editor's path mapping names it.

    Args:
        function: the function.
        task: the folder with its unpacked code.
    """
    if task == Path(function.code_uri):
        return task
    return (FOLDER / "debug").absolute() / function.full_path.replace("/", ".")


def fill(place: Path, task: Path) -> None:
    """Fill the folder that a debugged function runs from with links to the files of another.

    Raises:
        ShortsError: it cannot be written.
    """
    if place == task:
        return
    with writing(str(place), "Make room there, or repair its permissions."):
        files.discard(place)
        place.parent.mkdir(parents=True, exist_ok=True)
        shutil.copytree(task, place, symlinks=True, copy_function=_link)


def _link(source: str, target: str) -> str:
    try:
        os.link(source, target)
    except OSError:
        shutil.copy2(source, target)
    return target


def attachment(function: Function, debugger: Debugger, task: Path, source: Function | None) -> str:
    """Return an entry for ``.vscode/launch.json`` that attaches to a function.

    Args:
        function: the function.
        debugger: its debugger.
        task: the folder that it runs from.
        source: the function as its sources have it; None where they are not known.
    """
    mappings = [
        {"localRoot": str(local), "remoteRoot": str(remote)}
        for local, remote in _mappings(task, source)
    ]
    entry = {
        "name": f"{function.full_path} (shorts)",
        "type": "debugpy",
        "request": "attach",
        "connect": {"host": debuggers.HOST, "port": debugger.port},
        "pathMappings": mappings,
    }
    return msgspec.json.format(msgspec.json.encode(entry), indent=2).decode()


def waits(function: Function, debugger: Debugger) -> str:
    """Return a line that says where a function waits for a debugger."""
    return f"{function.full_path} waits for a debugger at {debuggers.HOST}:{debugger.port}"


def _mappings(task: Path, source: Function | None) -> Iterator[tuple[Path, Path]]:
    """Yield folders and files of the sources, and where the function has them.

    A debugger prefers a folder to a file in it. So where there are modules of source roots, what is
    in the code's folder is listed too.
    """
    if source is None:
        yield task, task
        return
    code, place = Path(source.code_uri), task / source.package
    shared = [
        entry
        for name in source.settings.source_roots
        for entry in _entries(Path(os.path.normpath(Path(source.folder, name))))
        if (task / entry.name).exists() and not (code / entry.name).exists()
    ]
    if not shared:
        yield code, place
        return
    yield from ((entry, task / entry.name) for entry in shared)
    yield from ((entry, place / entry.name) for entry in _entries(code))


def _entries(folder: Path) -> list[Path]:
    return sorted(folder.iterdir()) if folder.is_dir() else []
