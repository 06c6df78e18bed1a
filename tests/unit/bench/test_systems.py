"""The systems of the comparison: their table, their folders, and why one cannot run here."""

import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from bench import byhand, containers, ground, subjects, systems, tools
from shorts.requirements import lock
from shorts.system import interpreters
from shorts.targets.target import Target
from tests.conftest import ROOT

FOLDERS = sorted({system.home for system in systems.systems()})
NAMES = {system.name: system for system in systems.systems()}


def test_has_every_folder_in_its_table() -> None:
    """Each folder with a build.sh is a system's, and each system has one."""
    found = {path.parent for path in (ROOT / "bench").glob("*/build.sh")}
    assert found == set(FOLDERS)


def test_names_each_system_once() -> None:
    """Names and titles tell the systems apart."""
    table = systems.systems()
    assert len({system.name for system in table}) == len(table)
    assert len({system.title for system in table}) == len(table)


def test_begins_with_the_systems_of_the_talk() -> None:
    """The talk's own rows come first."""
    assert list(NAMES)[:3] == ["pip_echo_alone", "pip_echo_and_plot", "pants"]


def test_packages_the_functions_of_the_template() -> None:
    """Each system packages functions that the template has, Echo alone or both."""
    for system in systems.systems():
        alone = system.name == "pip_echo_alone"
        assert system.functions == (ground.FUNCTIONS[:1] if alone else ground.FUNCTIONS)


@pytest.mark.parametrize("home", FOLDERS, ids=lambda home: home.name)
def test_says_in_a_few_lines_what_a_system_is(home: Path) -> None:
    """A folder's README has a title, five lines, and how to run the system by hand."""
    lines = (home / "README.md").read_text(encoding="utf-8").splitlines()
    assert lines[0].startswith("# ")
    assert len(lines) == 7
    (named,) = re.findall(r"python -m bench\.byhand (\S+) ", lines[-1])
    assert NAMES[named].home == home
    assert any(function in lines[-1] for function in NAMES[named].functions)


@pytest.mark.parametrize("home", FOLDERS, ids=lambda home: home.name)
def test_has_a_script_that_bash_can_run(home: Path) -> None:
    """A folder's build.sh may be executed, stops at the first failure, and parses."""
    script = home / "build.sh"
    assert os.access(script, os.X_OK)
    head = script.read_text(encoding="utf-8").splitlines()[:2]
    assert head == ["#!/usr/bin/env bash", "set -euo pipefail"]
    subprocess.run(["bash", "-n", str(script)], check=True)


@pytest.mark.parametrize("home", FOLDERS, ids=lambda home: home.name)
def test_writes_no_place_of_this_machine(home: Path) -> None:
    """No file of a folder names a home, or an address of an index."""
    for path in home.rglob("*"):
        if path.is_file():
            assert not re.search(r"https?://|/(?:home|root|work)/", path.read_text("utf-8")), path


@pytest.mark.parametrize("name", ["pip_echo_alone", "pip_echo_and_plot", "sam_container"])
def test_says_that_there_is_no_docker(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """What runs in a container cannot run without Docker's command."""
    monkeypatch.setattr(shutil, "which", lambda command: None)
    assert systems.missing(NAMES[name]) == "no docker command is here: install Docker"
    assert systems.remark(NAMES[name]) == NAMES[name].remark


def test_says_why_no_engine_answers(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of what Docker says where no engine runs, the first line is told."""
    _command(tmp_path, "docker", "echo 'Cannot connect.\nIs it running?' >&2; exit 1")
    monkeypatch.setenv("PATH", str(tmp_path), prepend=os.pathsep)
    assert containers.missing("3.13") == "no Docker engine answers: Cannot connect."


def test_says_that_there_is_no_image(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An engine without the image is no place to build in."""
    absent = "[ $1 = version ] && exit 0; echo 'Error: No such image: it' >&2; exit 1"
    _command(tmp_path, "docker", absent)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=os.pathsep)
    image = "public.ecr.aws/sam/build-python3.13:latest-x86_64"
    assert containers.missing("3.13") == f"no image {image}: make images, or docker pull {image}"


@pytest.mark.parametrize(
    ("label", "made"),
    [("", "as its maker published it"), ("ab12", "a stand-in that was made on this machine")],
)
def test_says_which_image_it_is(
    label: str, made: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A row says whether its image is the real one or a stand-in."""
    _command(tmp_path, "docker", f"echo {label}")
    monkeypatch.setenv("PATH", str(tmp_path), prepend=os.pathsep)
    said = f"In public.ecr.aws/sam/build-python3.13:latest-x86_64, {made}."
    assert systems.remark(NAMES["pip_echo_alone"]) == said


@pytest.mark.parametrize("name", ["pex", "sam_pip", "sam_uv", "uv_zip"])
def test_says_that_there_is_no_interpreter(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """What installs on this machine needs the target's Python here."""
    monkeypatch.setattr(interpreters, "find", lambda minor: None)
    said = f"no Python 3.13 is here. {interpreters.how_to_get('3.13')}"
    assert systems.missing(NAMES[name]) == said


def test_takes_a_pants_on_path_for_one_that_needs_python_3_9(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without Python 3.9 there is no Pants of the package index, but there may be another."""
    monkeypatch.setattr(interpreters, "find", lambda minor: None)
    monkeypatch.setenv("PATH", str(tmp_path))
    assert tools.pants_missing() == f"no Python 3.9 is here. {interpreters.how_to_get('3.9')}"
    _command(tmp_path, "pants", "exit 0")
    assert tools.pants_missing() == ""


@pytest.mark.parametrize("name", ["pants", "pex"])
def test_describes_lambda_by_machines_like_it_alone(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """On another system or processor, what this machine can run says nothing of Lambda."""
    monkeypatch.setattr("platform.machine", lambda: "arm64")
    assert "arm64" in systems.missing(NAMES[name])


def test_gives_other_systems_the_pins_of_the_lock(tmp_path: Path) -> None:
    """Their requirements are exactly what shorts installs, and they have no lock of its."""
    systems.prepare(NAMES["sam_pip"], tmp_path, lambda said: None)
    path = ROOT / "plot" / "requirements.lock"
    target = Target.of("python3.13", "x86_64")
    pins = [str(pin) for pin in lock.parse(path.read_text("utf-8"), target, path)]
    assert (tmp_path / "plot" / "requirements.txt").read_text("utf-8").splitlines() == pins
    assert not list(tmp_path.rglob("requirements.lock"))


def test_leaves_shorts_the_sources_as_they_are(tmp_path: Path) -> None:
    """shorts has the requirements and the lock of the repository."""
    systems.prepare(NAMES["shorts_build"], tmp_path, lambda said: None)
    for name in ("requirements.txt", "requirements.lock"):
        assert (tmp_path / "plot" / name).read_bytes() == (ROOT / "plot" / name).read_bytes()


def test_has_sam_build_any_template_with_uv(function: Path, tmp_path: Path) -> None:
    """The method is written for each function, of another application too."""
    (work := tmp_path / "work").mkdir()
    systems.prepare(NAMES["sam_uv"], work, lambda said: None, function / "template.yaml")
    assert "BuildMethod: python-uv" in (work / "F.yaml").read_text("utf-8")
    assert not (work / "plot").exists()


def test_has_sam_build_one_function_of_a_template(tmp_path: Path) -> None:
    """Each function has the template with no other function, and is built as SAM does."""
    systems.prepare(NAMES["sam_pip"], tmp_path, lambda said: None)
    text = (tmp_path / "EchoFunction.yaml").read_text("utf-8")
    assert "  EchoFunction:\n    Type: AWS::Serverless::Function" in text
    assert "  PlotFunction:\n    Type:" not in text
    assert "BuildMethod" not in text


@pytest.mark.parametrize("name", ["shorts_build", "uv_zip"])
def test_forgets_what_was_made_and_nothing_else(name: str, tmp_path: Path) -> None:
    """Builds and stores go; sources and what a person has written stay."""
    system = NAMES[name]
    systems.prepare(system, tmp_path, lambda said: None)
    before = sorted(tmp_path.rglob("*"))
    for made in (".aws-sam/build", ".store", system.place, *system.made):
        (tmp_path / made).mkdir(parents=True, exist_ok=True)
    systems.forget(system, tmp_path)
    assert sorted(tmp_path.rglob("*")) == before


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


def test_ends_no_process_of_another_folder(tmp_path: Path) -> None:
    """A number that a daemon has left may by now be that of somebody else's process."""
    (left := tmp_path / ".pids" / "a" / "pantsd").mkdir(parents=True)
    with subprocess.Popen(["sleep", "60"], cwd=ROOT) as other:
        (left / "pid").write_text(str(other.pid))
        tools.end_pants(tmp_path)
        assert other.poll() is None
        other.kill()
    with subprocess.Popen(["sleep", "60"], cwd=tmp_path) as mine:
        (left / "pid").write_text(str(mine.pid))
        tools.end_pants(tmp_path)
        assert mine.wait() == -15


def test_says_by_hand_what_can_be_asked_for(capsys: pytest.CaptureFixture[str]) -> None:
    """A name that no system has is answered with those that there are."""
    assert byhand.main(["make", "folder"]) == 2
    assert "pip_echo_alone, pip_echo_and_plot, pants" in capsys.readouterr().err


def test_lays_nothing_by_hand_over_what_is_there(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A folder that is there may be somebody's."""
    assert byhand.main(["shorts_build", str(tmp_path)]) == 1
    assert capsys.readouterr().err == f"error: {tmp_path} is there; give a folder that is not.\n"
    assert not list(tmp_path.iterdir())


def _command(folder: Path, name: str, script: str) -> None:
    command = folder / name
    command.write_text(f"#!/bin/sh\n{script}\n")
    command.chmod(0o755)
