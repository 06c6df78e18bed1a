"""What the tests share: a store of their own, copies of the application, the command itself."""

import contextlib
import io
import os
import shutil
import subprocess
import sys
import warnings
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

import pytest

from shorts import cli

ROOT = Path(__file__).parents[1]
Shorts = Callable[..., "Done"]


@pytest.fixture(scope="session", autouse=True)
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Every test's shorts keeps its Slices in one store, made anew for each run of the tests."""
    folder = tmp_path_factory.mktemp("store")
    os.environ |= {"SHORTS_CACHE_DIR": str(folder), "SAM_CLI_TELEMETRY": "0"}
    yield folder
    shutil.rmtree(folder, ignore_errors=True)


class Done(NamedTuple):
    """What a command ended with."""

    returncode: int
    stdout: str
    stderr: str


@pytest.fixture(scope="session")
def shorts() -> Shorts:
    """Run the command in a folder, in this process: samcli takes a second to be imported.

    Environment variables are given by name.
    """

    def run(arguments: Sequence[str], cwd: Path, *, stdin: str = "", **environment: str) -> Done:
        out, log = (io.TextIOWrapper(io.BytesIO(), write_through=True) for _ in range(2))
        with pytest.MonkeyPatch.context() as patch, warnings.catch_warnings(action="ignore"):
            patch.chdir(cwd)
            patch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(stdin.encode())))
            for name, value in environment.items():
                patch.setenv(name, value)
            with contextlib.redirect_stdout(out), contextlib.redirect_stderr(log):
                status = cli.main(arguments)
        return Done(status, *(read.buffer.getvalue().decode() for read in (out, log)))

    return run


def as_process(arguments: Sequence[str], cwd: Path, **environment: str) -> Done:
    """Run a Python command in a process of its own, with this checkout's shorts."""
    done = subprocess.run(
        [sys.executable, *arguments],
        cwd=cwd,
        env={**os.environ, "PYTHONPATH": str(ROOT), **environment},
        capture_output=True,
        text=True,
        check=False,
    )
    return Done(done.returncode, done.stdout, done.stderr)


def copy_application(to: Path) -> Path:
    """A copy of the application's sources, as they lie in the repository."""
    for name in ("echo", "plot", "events"):
        shutil.copytree(ROOT / name, to / name, ignore=shutil.ignore_patterns("__pycache__", ".*"))
    for name in ("template.yaml", "samconfig.toml"):
        shutil.copy(ROOT / name, to / name)
    return to


@pytest.fixture(scope="session")
def built(tmp_path_factory: pytest.TempPathFactory, shorts: Shorts) -> Path:
    """The application built by shorts; not to be changed."""
    folder = copy_application(tmp_path_factory.mktemp("application"))
    done = shorts(["build"], folder)
    assert done.returncode == 0, done.stderr
    return folder


@pytest.fixture
def application(tmp_path: Path) -> Path:
    """The application not built yet, to be changed at will."""
    return copy_application(tmp_path / "application")


@pytest.fixture
def function(tmp_path: Path) -> Path:
    """The folder of an application with one function, F, that has no requirements."""
    folder = tmp_path / "small"
    (folder / "fn").mkdir(parents=True)
    (folder / "fn" / "app.py").write_text("def handler(event, context):\n    return event\n")
    (folder / "template.yaml").write_text(
        "Transform: AWS::Serverless-2016-10-31\n"
        "Resources:\n"
        "  F:\n"
        "    Type: AWS::Serverless::Function\n"
        "    Properties: {CodeUri: fn, Handler: app.handler, Runtime: python3.13, Timeout: 2}\n"
    )
    return folder
