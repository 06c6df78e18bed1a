"""The systems of the comparison: their table, their folders, and why one cannot run here."""

import re
from pathlib import Path

import pytest

from bench import containers, systems
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


def test_says_that_sam_cannot_copy(monkeypatch: pytest.MonkeyPatch) -> None:
    """Python has the filters of tarfile from 3.11.4 on; Debian 12's has none."""
    monkeypatch.delattr("tarfile.data_filter", raising=False)
    said = "SAM copies out of a container from Python 3.11.4 on"
    assert containers.copies_missing() == said


@pytest.mark.parametrize("home", FOLDERS, ids=lambda home: home.name)
def test_writes_no_place_of_this_machine(home: Path) -> None:
    """No file of a folder names a home, or an address of an index."""
    for path in home.rglob("*"):
        if path.is_file():
            assert not re.search(r"https?://|/(?:home|root|work)/", path.read_text("utf-8")), path
