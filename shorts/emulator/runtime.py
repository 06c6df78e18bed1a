"""Interpreters with what Lambda's runtimes have, and with a debugger where one is wanted.

Each lies in the cache, never in an artifact.
"""

import hashlib
import os
from pathlib import Path

from shorts.system import uv
from shorts.system.cache import Cache

_LOCK = Path(__file__).with_name("runtime.lock")
_DEBUGGER_LOCK = Path(__file__).with_name("debugger.lock")


def interpreter(python: Path, minor: str, cache: Cache, *, debugger: bool = False) -> Path:
    """Return an interpreter with only awslambdaric and boto3, made once in the cache.

    Args:
        python: an interpreter of that minor version.
        minor: such as ``3.13``.
        cache: where it is kept.
        debugger: whether it has debugpy too.

    Raises:
        ShortsError: it cannot be made.
    """
    locks = [_LOCK, _DEBUGGER_LOCK] if debugger else [_LOCK]
    depends = b"".join(lock.read_bytes() for lock in locks) + os.fsencode(python)
    name = f"{minor}-{hashlib.sha256(depends).hexdigest()[:16]}"
    folder = _kept(cache, name)
    if folder is None:
        with cache.locked([name]), cache.scratch() as work:
            folder = _kept(cache, name)
            if folder is None:  # else another process was faster
                uv.run(["venv", "--clear", "--no-project", "--python", str(python), str(work)])
                exactly = ["--require-hashes", "--only-binary", ":all:"]
                exactly += [word for lock in locks for word in ("-r", str(lock))]
                # With bytecode, as in Lambda: code that runs there writes none. Without links to
                # uv's cache: a function that changes its runtime must not change all others.
                exactly += ["--link-mode", "copy", "--compile-bytecode"]
                uv.run(["pip", "install", "--python", str(work), *exactly])
                folder = cache.keep(work, "runtimes", name)
    return folder / "bin" / "python"


def _kept(cache: Cache, name: str) -> Path | None:
    """Return the folder of a runtime that is whole and still has its interpreter, or None."""
    folder = cache.kept("runtimes", name)
    return folder if folder and (folder / "bin" / "python").exists() else None
