"""What the tests with containers share: that there is an engine, SAM's command, its build."""

import functools
import os
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from bench import containers
from shorts.system import process
from tests.conftest import Done, copy_application
from tests.e2e.images import arm64
from tests.e2e.images import engine as docker_engine

Sam = Callable[..., Done]


@pytest.fixture(scope="session")
def engine() -> None:
    """A Docker engine with both images."""


@pytest.fixture(scope="session")
def arm64_root() -> None:
    """What runs arm64's programs, and their root."""


# Asked once in a run, and the reasons told from one place: so they are reported on one line each.
_MISSING = {
    "engine": functools.cache(docker_engine.missing),
    "arm64_root": functools.cache(arm64.missing),
}


def pytest_runtest_setup(item: pytest.Item) -> None:
    """Skip a test for what is missing; where everything is to be there, fail it."""
    assert isinstance(item, pytest.Function)
    for name in _MISSING.keys() & item.fixturenames:
        if missing := _MISSING[name]():
            (pytest.fail if os.environ.get("CI") else pytest.skip)(missing)


@pytest.fixture(scope="session")
def sam() -> Sam:
    """Run SAM's command in a folder, on the images that are there; variables are given by name."""

    def run(*arguments: str, cwd: Path, **environment: str) -> Done:
        done = subprocess.run(
            [process.tool("sam"), *arguments],
            cwd=cwd,
            env=process.environment({"SAM_SKIP_PULL_IMAGE": "1", **environment}),
            capture_output=True,
            text=True,
            check=False,
        )
        return Done(done.returncode, done.stdout, done.stderr)

    return run


@pytest.fixture(scope="session")
def contained(engine: None, sam: Sam, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The application built by `sam build --use-container`; not to be changed."""
    if why := containers.copies_missing():
        pytest.skip(why)
    folder = copy_application(tmp_path_factory.mktemp("contained"))
    done = sam("build", "--use-container", *_index(), cwd=folder)
    assert done.returncode == 0, done.stderr
    return folder


def _index() -> list[str]:
    """Options by which pip in a container has this machine's index, where it is told of one."""
    said = process.run([sys.executable, "-m", "pip", "config", "list"])
    found = dict(re.findall(r"^(\S+)\.index-url='(.*)'$", said, re.MULTILINE))
    index = found.get(":env:") or found.get("global")
    return ["--container-env-var", f"PIP_INDEX_URL={index}"] if index else []
