"""Scans and compiles modules; a script that runs under the target's interpreter.

Reads from standard input a JSON list of questions a line, ``{"file", "shown", "module", "package",
"checked"}``, and answers each question in turn with a line of JSON, ``{"size", "imports", "error",
"crashed"}``, followed by that many bytes of ``.pyc``. Its argument is ``compile`` or ``scan``;
``scan`` makes no bytecode.
"""

from __future__ import annotations

import gc
import json
import os
import sys
import warnings
from typing import Any

# The folder of this script is first on sys.path, and nothing else of shorts is imported.
import bytecode  # type: ignore[import-not-found, unused-ignore]
import imports  # type: ignore[import-not-found, unused-ignore]


def answer(task: dict[str, Any], *, emit: bool) -> tuple[dict[str, Any], bytes]:
    """Scan one module, and compile it where asked to."""
    with open(task["file"], "rb") as file:
        source = file.read()
    pyc, found, error = b"", [], ""
    try:
        found = imports.scan(source, module=task["module"], package=task["package"])
        if emit:
            pyc = bytecode.compiled(source, task["shown"], checked=task["checked"])
    except (imports.Unreadable, SyntaxError, ValueError, RecursionError, MemoryError) as problem:
        error = str(problem) or type(problem).__name__
    return {"size": len(pyc), "imports": found, "error": error, "crashed": False}, pyc


def main() -> None:
    """Answer until standard input ends, each list in a fork that has done nothing before.

    So bytecode depends on nothing but its list, and an interpreter that dies over a module takes
    nothing else along: the rest of the list goes on in another fork.
    """
    warnings.simplefilter("ignore")
    gc.disable()  # syntax trees hold no cycles, and looking for them takes more than half the time
    emit = sys.argv[1] == "compile"
    for line in sys.stdin:
        tasks = json.loads(line)
        while tasks:
            done = _forked(tasks, emit)
            if done < len(tasks):
                died = {"size": 0, "imports": [], "error": "the interpreter died", "crashed": True}
                _write(json.dumps(died).encode() + b"\n")
            del tasks[: done + 1]


def _forked(tasks: list[dict[str, Any]], emit: bool) -> int:
    """Answer in a fork, and say how many answers it lived to give."""
    count, tell = os.pipe()
    child = os.fork()
    if not child:
        for task in tasks:
            header, pyc = answer(task, emit=emit)
            _write(json.dumps(header).encode() + b"\n" + pyc)
            os.write(tell, b".")
        os._exit(0)
    os.close(tell)
    with open(count, "rb") as told:
        done = len(told.read())
    os.waitpid(child, 0)
    return done


def _write(data: bytes) -> None:
    while data:
        data = data[os.write(1, data) :]


if __name__ == "__main__":
    main()
