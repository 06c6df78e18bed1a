"""The systems of the comparison: their table, their folders, and why one cannot run here."""

import re
from pathlib import Path

import pytest

from bench import subjects, systems
from shorts.requirements import lock
from shorts.targets.target import Target
from tests.conftest import ROOT

FOLDERS = sorted({system.home for system in systems.systems()})
NAMES = {system.name: system for system in systems.systems()}


def test_has_every_folder_in_its_table() -> None:
    """Each folder with a build.sh is a system's, and each system has one."""
    found = {path.parent for path in (ROOT / "bench").glob("*/build.sh")}
    assert found == set(FOLDERS)


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
def test_writes_no_place_of_this_machine(home: Path) -> None:
    """No file of a folder names a home, or an address of an index."""
    for path in home.rglob("*"):
        if path.is_file():
            assert not re.search(r"https?://|/(?:home|root|work)/", path.read_text("utf-8")), path


def test_gives_other_systems_the_pins_of_the_lock(tmp_path: Path) -> None:
    """Their requirements are exactly what shorts installs, and they have no lock of its."""
    systems.prepare(NAMES["sam_pip"], tmp_path, lambda said: None)
    path = ROOT / "plot" / "requirements.lock"
    target = Target.of("python3.13", "x86_64")
    pins = [str(pin) for pin in lock.parse(path.read_text("utf-8"), target, path)]
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
