"""The search for a Python of the target's minor version on this machine."""

import os
import re
import shutil
import sys
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from shorts.errors import ShortsError
from shorts.system import process, uv
from shorts.targets.target import RUNTIMES


def find(minor: str) -> Path | None:
    """Return the first CPython of a minor version that runs: shorts' own, PATH's, pyenv's, uv's.

    Each candidate is run before it is believed. A pyenv shim on PATH is skipped: it is slow and
    fails where its version is not selected, and pyenv's versions are candidates anyway.

    Args:
        minor: such as ``3.13``.
    """
    if minor == f"{sys.version_info[0]}.{sys.version_info[1]}":
        return Path(sys.base_prefix, "bin", f"python{minor}")
    return next((path for path in _candidates(minor) if _answers(path, minor)), None)


def newest_runtime() -> str | None:
    """Return the newest Lambda runtime for which this machine has a Python."""
    for runtime in reversed(RUNTIMES):
        if find(runtime.removeprefix("python")):
            return runtime
    return None


def how_to_get(minor: str) -> str:
    """Return a line that says how to install an interpreter where shorts finds it."""
    return f"Install it with `uv python install {minor}`, or put python{minor} on PATH."


def _candidates(minor: str) -> Iterator[Path]:
    """Yield the paths to try, in the order of preference."""
    root = Path(os.environ.get("PYENV_ROOT") or Path.home() / ".pyenv")
    found = shutil.which(f"python{minor}")
    if found and Path(found).parent != root / "shims":
        yield Path(found)
    versions = [
        path for path in root.glob(f"versions/{minor}.*") if re.fullmatch(r"[\d.]+", path.name)
    ]
    versions.sort(key=lambda path: [int(part) for part in path.name.split(".")], reverse=True)
    yield from (version / "bin" / f"python{minor}" for version in versions)
    with suppress(ShortsError):
        yield Path(uv.run(["python", "find", "--system", minor]).strip())


def _answers(python: Path, minor: str) -> bool:
    ask = "import sys; print(sys.implementation.name, '%d.%d' % sys.version_info[:2])"
    try:
        return process.run([str(python), "-I", "-S", "-c", ask]).split() == ["cpython", minor]
    except process.ProcessFailed:
        return False
