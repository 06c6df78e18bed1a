"""How long the imports of a function's init take, as its interpreter measures them."""

import re
import select
import tempfile
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

import msgspec

from shorts.emulator import emulator, invoke, layers, memory_limit, runtime, sandbox
from shorts.errors import ShortsError
from shorts.model import Function
from shorts.system import interpreters, process, watchdog
from shorts.system.cache import Cache
from shorts.targets.target import Target

# What the runtime itself imports costs the function nothing, so it comes first.
_IMPORT = "import sys, awslambdaric.bootstrap; __import__(sys.argv[1])"
# https://docs.python.org/3/using/cmdline.html#cmdoption-X
_LINE = re.compile(r"import time:\s+(\d+) \|\s+(\d+) \| ( *)(\S+)")
_PATIENCE = 60  # seconds for an init, of which Lambda allows ten
# The shell outlives the interpreter, so that processes left running are still found.
_WAITING = '"$0" "$@" </dev/null >/dev/null; echo $?; read _'
_SAID = 100_000_000  # bytes that are read of its output
_RUNS = 2  # the first brings the files into memory


class Import(msgspec.Struct, frozen=True, kw_only=True):
    """One module's import; ``--imports --json`` writes a list of these for each function.

    Attributes:
        name: dotted.
        total: in ms, with all that it imports first.
        own: in ms, without.
        chain: the names of the modules that lead to it, from the handler's on.
    """

    name: str
    total: float
    own: float
    chain: list[str]


def measured(function: Function, artifact: Path) -> list[Import]:
    """Return the imports of a built function's init, the slowest first, the handler's included.

    ``-X importtime`` measures them on this machine, after the import of the runtime's client. The
    better of two runs counts.

    Args:
        function: of the template.
        artifact: its zip.

    Raises:
        ShortsError: no interpreter for it is found, or its handler cannot be imported.
    """
    target = Target.of(function.runtime, function.architecture)
    python = interpreters.find(target.minor)
    if python is None:
        raise ShortsError(
            f"No Python {target.minor} was found to import {function.full_path} with.\n"
            f"{interpreters.how_to_get(target.minor)}"
        )
    within = runtime.interpreter(python, target.minor, Cache.default())
    task = emulator.unpacked(artifact)
    folders = layers.folders(function, lambda line: None)
    opt = layers.merged(function.full_path, folders) if folders else None
    search = sandbox.search(task, opt, target.minor)
    given = invoke.environment(function, {}, host=invoke.NO_HOST)
    variables = sandbox.variables(function, task, search, given)
    command = [str(within), "-X", "importtime", "-c", _IMPORT, function.module]
    runs = [
        parsed(_log_lines(function, command, variables, task), function.module)
        for _ in range(_RUNS)
    ]
    return min(runs, key=lambda run: run[0].total)


def parsed(lines: Iterable[str], handler: str) -> list[Import]:
    """Return the imports of a handler that ``-X importtime`` lists, the slowest first.

    Args:
        lines: of its output; a module's line comes after those of its imports.
        handler: dotted name of the module.

    Raises:
        ValueError: the handler is not among them.
    """
    waiting: list[tuple[int, Import, list[Import]]] = []  # a depth, and what is below each
    for line in lines:
        match = _LINE.match(line)
        if match:
            own, total, depth, name = match.groups()
            below: list[Import] = []
            while waiting and waiting[-1][0] > len(depth):
                _, entry, its = waiting.pop()
                below += [entry, *its]
            module = Import(name=name, total=int(total) / 1000, own=int(own) / 1000, chain=[])
            below = [msgspec.structs.replace(entry, chain=[name, *entry.chain]) for entry in below]
            waiting.append((len(depth), module, below))
    for depth, entry, below in reversed(waiting):
        if depth == 0 and entry.name == handler:
            return sorted([entry, *below], key=lambda each: (-each.total, each.name))
    raise ValueError(f"{handler} was not imported")


def _log_lines(
    function: Function, command: Sequence[str], variables: Mapping[str, str], task: Path
) -> list[str]:
    """Return the lines that a command writes to standard error.

    Raises:
        ShortsError: it fails, or takes too long.
    """
    with tempfile.TemporaryFile() as errors:
        child = process.start(
            ["/bin/sh", "-c", _WAITING, *command],
            env=variables,
            cwd=task,
            stdin=process.PIPE,
            stderr=errors,
            adopts=True,
        )
        assert child.stdin and child.stdout
        exceeded: list[int] = []
        memory_limit.meter().watch(child.pid, function.memory, exceeded.append)
        try:
            with memory_limit.meter().attention():
                in_time, _, _ = select.select([child.stdout], [], [], _PATIENCE)
            status = child.stdout.readline().decode().strip() if in_time else ""
        finally:
            memory_limit.meter().forget(child.pid)
            watchdog.end((), child.pid)
            child.wait()
            child.stdin.close()
            child.stdout.close()
        if exceeded:
            raise ShortsError(
                f"Importing {function.handler} of {function.full_path} took {exceeded[0]:,} MB, "
                f"and its MemorySize is {function.memory:,} MB.\nRaise its MemorySize."
            )
        if not in_time:
            raise ShortsError(
                f"Importing {function.handler} of {function.full_path} took over {_PATIENCE} s."
            )
        errors.seek(0)
        lines = errors.read(_SAID).decode("utf-8", "replace").splitlines()
    if status != "0":
        others = [line for line in lines if not _LINE.match(line) and line.strip()]
        raise ShortsError(
            f"{function.full_path} fails when {function.handler} is imported: "
            f"{others[-1] if others else f'status {status}'}"
        )
    return lines
