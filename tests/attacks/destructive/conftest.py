"""The sandbox that destructive attacks run in."""

import functools
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from tests.conftest import ROOT, Done

Sandboxed = Callable[..., Done]


@functools.cache
def _missing() -> str:
    """Return why bubblewrap cannot run here; empty where it can."""
    bwrap = shutil.which("bwrap")
    if bwrap is None:
        return "destructive attacks need bubblewrap (Debian's package)"
    done = subprocess.run([bwrap, "--ro-bind", "/", "/", "true"], capture_output=True, check=False)
    return f"bubblewrap cannot run here: {done.stderr.decode().strip()}" if done.returncode else ""


def pytest_runtest_setup(item: pytest.Item) -> None:
    """Skip an attack where there is no bubblewrap; in CI, fail it."""
    if missing := _missing():
        (pytest.fail if os.environ.get("CI") else pytest.skip)(missing)


def bwrap(writable: Path) -> list[str]:
    """Return the words before a command that leave it one writable folder.

    Everything else is read-only; `/tmp` is an empty one of its own, and processes that the command
    leaves running end with it.
    """
    words = ["bwrap", "--ro-bind", "/", "/", "--dev", "/dev", "--proc", "/proc", "--tmpfs", "/tmp"]
    for needed in (ROOT, sys.prefix, sys.base_prefix):  # one of them may lie in the former /tmp
        words += ["--ro-bind", str(needed), str(needed)]
    return [*words, "--bind", str(writable), str(writable), "--unshare-pid", "--die-with-parent"]


@pytest.fixture
def sandboxed(tmp_path: Path) -> Sandboxed:
    """Run the shorts command, with the test's own folder as the only one that can be written.

    Environment variables are given by name.
    """

    def run(
        arguments: Sequence[str], cwd: Path, *, timeout: float = 300, **environment: str
    ) -> Done:
        done = subprocess.run(
            [*bwrap(tmp_path), "--chdir", str(cwd), sys.executable, "-m", "shorts", *arguments],
            env={
                **os.environ,
                "PYTHONPATH": str(ROOT),
                "SHORTS_CACHE_DIR": str(tmp_path / "store"),
                "UV_CACHE_DIR": str(tmp_path / "uv"),
                **environment,
            },
            capture_output=True,
            text=True,
            errors="replace",
            timeout=timeout,
            check=False,
        )
        return Done(done.returncode, done.stdout, done.stderr)

    return run
