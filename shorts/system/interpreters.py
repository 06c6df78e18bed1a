"""Finding a Python of the target's minor version on this machine."""

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
    """The first CPython of a minor version that runs: our own, on PATH, of pyenv's, of uv's.

    Each candidate is run before it is believed; a pyenv shim on PATH is passed over, for it is slow
    and fails where its version is not chosen, and pyenv's versions are looked at all the same.

    Args:
        minor: such as ``3.13``.
    """
    if minor == f"{sys.version_info[0]}.{sys.version_info[1]}":
        return Path(sys.base_prefix, "bin", f"python{minor}")
    return next((path for path in _candidates(minor) if _answers(path, minor)), None)


def newest_runtime() -> str | None:
    """The newest runtime of Lambda's whose minor version this machine has."""
    for runtime in reversed(RUNTIMES):
        if find(runtime.removeprefix("python")):
            return runtime
    return None


def how_to_get(minor: str) -> str:
    """One line that says how to install an interpreter where it will be found."""
    return f"Install it with `uv python install {minor}`, or put python{minor} on PATH."


def _candidates(minor: str) -> Iterator[Path]:
    """Where to look, in the order of preference."""
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
