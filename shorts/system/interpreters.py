"""The search for a Python of the target's minor version on this machine."""

import functools
import os
import sys
from contextlib import suppress
from pathlib import Path

import msgspec

from shorts.errors import ShortsError
from shorts.system import process, uv
from shorts.targets.target import RUNTIMES

# The interpreter that shorts itself runs under, outside its virtual environment.
_OWN = Path(sys.base_prefix, "bin", f"python{sys.version_info[0]}.{sys.version_info[1]}")


class _Interpreter(msgspec.Struct):
    """An interpreter as ``uv python list --output-format json`` describes it."""

    path: str
    implementation: str
    variant: str = "default"


def find(minor: str) -> Path | None:
    """Return the newest CPython of a minor version that runs: shorts' own, PATH's, pyenv's, uv's.

    A pyenv shim on PATH is skipped: it fails where its version is not selected, and pyenv's
    versions are candidates anyway. So are virtual environments.

    Args:
        minor: such as ``3.13``.
    """
    if _OWN.name == f"python{minor}":
        return _OWN
    root = Path(os.environ.get("PYENV_ROOT") or Path.home() / ".pyenv")
    folders = os.environ.get("PATH", os.defpath).split(os.pathsep)
    folders = [folder for folder in folders if Path(folder) != root / "shims"]
    folders += [str(folder) for folder in sorted(root.glob(f"versions/{minor}.*/bin"))]
    arguments = ["python", "list", "--only-installed", "--output-format", "json", minor]
    interpreters: list[_Interpreter] = []
    with suppress(ShortsError):
        listed = uv.run(arguments, quiet=False, env={"PATH": os.pathsep.join(folders)})
        interpreters = msgspec.json.decode(listed, type=list[_Interpreter])
    return next(
        (Path(interpreter.path) for interpreter in interpreters if _is_usable(interpreter)), None
    )


@functools.cache
def version(python: Path) -> str:
    """Return the version of a CPython, such as ``3.13.5``; empty where it is not one that runs."""
    if python == _OWN:
        return sys.version.split()[0]
    ask = "import sys; print(sys.implementation.name, sys.version.split()[0])"
    try:
        name, _, full = process.run([str(python), "-I", "-S", "-c", ask]).strip().partition(" ")
    except process.ProcessFailed:
        return ""
    return full if name == "cpython" else ""


def newest_runtime() -> str | None:
    """Return the newest Lambda runtime for which this machine has a Python."""
    for runtime in reversed(RUNTIMES):
        if find(runtime.removeprefix("python")):
            return runtime
    return None


def how_to_get(minor: str) -> str:
    """Return a line that says how to install an interpreter where shorts finds it."""
    return f"Install it with `uv python install {minor}`, or put python{minor} on PATH."


def _is_usable(interpreter: _Interpreter) -> bool:
    """Return whether it is CPython with its lock, outside of a virtual environment."""
    is_plain = interpreter.implementation == "cpython" and interpreter.variant == "default"
    return is_plain and not Path(interpreter.path).parents[1].joinpath("pyvenv.cfg").exists()
