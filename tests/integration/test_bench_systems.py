"""Each system of the comparison packages Echo, from its own folder, by its own commands."""

import os
import re
import subprocess
import sys
import zipfile
from collections.abc import Mapping
from pathlib import Path

import pytest

from bench import containers, subjects, systems
from bench.measure import timed
from bench.systems import System
from shorts.requirements import lock_file
from shorts.targets.target import Target
from tests.conftest import ROOT

ECHO = "EchoFunction"
NAMES = {system.name: system for system in systems.systems()}


@pytest.mark.parametrize("system", systems.systems(), ids=lambda system: system.name)
def test_packages_echo(system: System, tmp_path: Path) -> None:
    """From nothing and again after an edit, the handler lies at the head of what is left."""
    if why := systems.missing(system):
        is_needed = os.environ.get("CI") and why != containers.copies_missing()
        (pytest.fail if is_needed else pytest.skip)(why)
    variables = systems.prepare(system, tmp_path, lambda said: None)
    try:
        systems.forget(system, tmp_path)
        assert not (tmp_path / "out").exists()
        assert not (tmp_path / ".aws-sam").exists()
        _build(tmp_path, variables)
        first = _left(system, tmp_path)
        assert f"Name: msgspec\nVersion: {_pinned(tmp_path)}\n" in _metadata(first)
        with (tmp_path / "echo" / "app.py").open("a", encoding="utf-8") as file:
            file.write("# An edit.\n")
        if system.name != "pip_echo_and_plot":  # its Echo takes as long as Plot
            _build(tmp_path, variables)
            assert _left(system, tmp_path)["app.py"] == first["app.py"] + b"# An edit.\n"
        if system.name == "pants":
            (running,) = tmp_path.glob(".pids/*/pantsd/pid")
            daemon = Path("/proc", running.read_text("utf-8"), "cwd")
            assert daemon.readlink() == tmp_path
            systems.close(system, tmp_path)
            with pytest.raises(OSError, match="No such file"):
                daemon.readlink()
    finally:
        systems.close(system, tmp_path)


def test_is_made_ready_by_hand_as_its_readme_says(tmp_path: Path) -> None:
    """The commands of a README leave a zip."""
    readme = (ROOT / "bench" / "uv_zip" / "README.md").read_text("utf-8")
    prepare, build = readme.splitlines()[-1].split("`")[1::2]
    script = f"{prepare.replace(' work)', f' {tmp_path}/work)')}\n{build}"
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    subprocess.run(
        ["bash", "-euc", script],
        cwd=ROOT,
        env={**os.environ, "PATH": path},
        check=True,
    )
    assert zipfile.is_zipfile(tmp_path / "work" / "out" / f"{ECHO}.zip")


def test_gives_other_systems_the_pins_of_the_lock(tmp_path: Path) -> None:
    """Their requirements are exactly what shorts installs, and they have no lock of its."""
    systems.prepare(NAMES["sam_pip"], tmp_path, lambda said: None)
    path = ROOT / "plot" / "requirements.lock"
    target = Target.of("python3.13", "x86_64")
    pins = [str(pin) for pin in lock_file.parse(path.read_text("utf-8"), target, path)]
    assert (tmp_path / "plot" / "requirements.txt").read_text("utf-8").splitlines() == pins
    assert not list(tmp_path.rglob("requirements.lock"))


@pytest.mark.parametrize("name", subjects.OF_TEMPLATES)
def test_loses_nothing_of_another_application(name: str, function: Path, tmp_path: Path) -> None:
    """Its folders and files may have the names of those that other systems make."""
    own = ("out/app.py", "package/app.py", "a.pex/app.py", "build.sh", "README.md", "echo/app.py")
    for path in own:
        (function / path).parent.mkdir(exist_ok=True)
        (function / path).write_text("mine\n", encoding="utf-8")
    (work := tmp_path / "work").mkdir()
    systems.prepare(NAMES[name], work, lambda said: None, function / "template.yaml")
    systems.forget(NAMES[name], work)
    for path in own:
        assert (work / path).read_text("utf-8") == "mine\n"


def _build(work: Path, variables: Mapping[str, str]) -> None:
    timed(["bash", "build.sh", ECHO], cwd=work, env=variables)


def _left(system: System, work: Path) -> dict[str, bytes]:
    """What a system has left, by path."""
    if system.leaves == "zip":
        with zipfile.ZipFile(work / system.place / f"{ECHO}.zip") as archive:
            return {name: archive.read(name) for name in archive.namelist()}
    folder = work / ".aws-sam" / "build" / ECHO
    files = [path for path in folder.rglob("*") if path.is_file()]
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in files}


def _metadata(files: dict[str, bytes]) -> str:
    """What is said of msgspec."""
    metadata = re.compile(r"msgspec-[^/]+\.dist-info/METADATA")
    (found,) = (text for name, text in files.items() if metadata.match(name))
    return found.decode()


def _pinned(work: Path) -> str:
    """The version of msgspec that Echo requires."""
    return (work / "echo" / "requirements.txt").read_text("utf-8").strip().partition("==")[2]
