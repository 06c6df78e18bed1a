"""A script that scans and compiles modules under the target's interpreter.

It reads lines from standard input, each a JSON object ``{"size", "shown", "module", "package",
"checked"}`` followed by ``size`` bytes of source. It answers each with a line of JSON, ``{"size",
"imports", "error"}``, followed by ``size`` bytes of ``.pyc``. Its argument is ``compile`` or
``scan``; ``scan`` makes no bytecode.
"""

from __future__ import annotations

import gc
import json
import sys
import warnings
from typing import Any

# The folder of this script is first on sys.path, and nothing else of shorts is imported.
import bytecode  # type: ignore[import-not-found, unused-ignore]
import imports  # type: ignore[import-not-found, unused-ignore]


def answer(task: dict[str, Any], source: bytes, *, emit: bool) -> tuple[dict[str, Any], bytes]:
    """Scan one module, and compile it if ``emit`` is true."""
    pyc, scanned, error = b"", [], ""
    try:
        code = imports.parse(source, task["shown"])
        known = {"module": task["module"], "package": task["package"]}
        scanned = imports.scan(source, **known, code=code)
        if emit:
            pyc = bytecode.compiled(source, task["shown"], checked=task["checked"], code=code)
    except (imports.Unreadable, SyntaxError, ValueError, RecursionError, MemoryError) as problem:
        error = str(problem) or type(problem).__name__
    error = error.encode("utf-8", "backslashreplace").decode()
    return {"size": len(pyc), "imports": scanned, "error": error}, pyc


def main() -> None:
    """Answer tasks until standard input ends."""
    warnings.simplefilter("ignore")
    gc.disable()  # code has no cycles, and looking for them takes time
    emit = sys.argv[1] == "compile"
    out = sys.stdout.buffer
    for line in sys.stdin.buffer:
        task = json.loads(line)
        header, pyc = answer(task, sys.stdin.buffer.read(task["size"]), emit=emit)
        out.write(json.dumps(header).encode() + b"\n" + pyc)
        out.flush()


if __name__ == "__main__":
    main()
