"""Interpreters are looked for with the real uv, in folders made by hand."""

import sys
from pathlib import Path

import pytest

from shorts.system import interpreters

OTHERS = [minor for minor in ("3.12", "3.13", "3.14", "3.10") if minor != sys.version[:4]]


@pytest.fixture
def other() -> tuple[str, Path]:
    """A minor version that is not the tests' own, and its interpreter."""
    for minor in OTHERS:
        found = interpreters.find(minor)
        if found:
            return minor, found
    pytest.skip("this machine has no second Python")


@pytest.fixture
def alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder that is all of PATH, on a machine without pyenv and uv's Pythons."""
    folder = tmp_path / "bin"
    folder.mkdir()
    uv = Path(sys.prefix, "bin")
    for name, value in {
        "PATH": f"{folder}:{uv}",
        "PYENV_ROOT": str(tmp_path / "pyenv"),
        "UV_PYTHON_INSTALL_DIR": str(tmp_path / "uv"),
    }.items():
        monkeypatch.setenv(name, value)
    return folder


def test_the_one_on_path(other: tuple[str, Path], alone: Path) -> None:
    """An interpreter on PATH is found, and what cannot run is passed over."""
    minor, python = other
    assert interpreters.find(minor) is None
    (alone / f"python{minor}").write_text("#!/bin/sh\nexit 1\n")
    (alone / f"python{minor}").chmod(0o755)
    assert interpreters.find(minor) is None
    (alone / f"python{minor}").unlink()
    (alone / f"python{minor}").symlink_to(python)
    found = interpreters.find(minor)
    assert found is not None and found.samefile(python)


def test_the_one_of_pyenv(other: tuple[str, Path], alone: Path, tmp_path: Path) -> None:
    """pyenv's versions are found though only its shims are on PATH, which are skipped."""
    minor, python = other
    shims, version = tmp_path / "pyenv/shims", tmp_path / f"pyenv/versions/{minor}.1/bin"
    for folder in (shims, version):
        folder.mkdir(parents=True)
    (version / f"python{minor}").symlink_to(python)
    found = interpreters.find(minor)
    assert found is not None and found.samefile(python)


def test_a_virtual_environment_is_passed_over(
    other: tuple[str, Path], alone: Path, tmp_path: Path
) -> None:
    """The packages of a virtual environment are not the target's."""
    minor, python = other
    (alone / f"python{minor}").symlink_to(python)
    (tmp_path / "pyvenv.cfg").write_text(f"home = {python.parent}\n")
    assert interpreters.find(minor) is None


def test_its_own_is_the_one_that_it_runs_under() -> None:
    """The Python that runs shorts needs no search."""
    assert interpreters.find(f"3.{sys.version_info[1]}") == Path(
        sys.base_prefix, "bin", f"python3.{sys.version_info[1]}"
    )
