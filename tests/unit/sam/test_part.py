"""One function of an application that was read as a whole: what samcli reads if it is named."""

from __future__ import annotations

import shutil
from pathlib import Path

import msgspec
import pytest

from shorts.model import Application
from shorts.sam import part, template
from tests.conftest import ROOT

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")

APPS = ROOT / "tests" / "apps"


def copied(name: str, to: Path, monkeypatch: pytest.MonkeyPatch) -> Application:
    shutil.copytree(APPS / name, to)
    monkeypatch.chdir(to)
    whole, _ = template.read_build([])
    return whole


@pytest.mark.parametrize(
    "name", ["layers", "links", "parameters", "selection", "start-api", "uv", "written-in-yaml"]
)
def test_is_what_sam_reads(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Functions, layers and templates are the same, byte for byte, for every name."""
    whole = copied(name, tmp_path / "app", monkeypatch)
    full_paths = [one.full_path for one in whole.functions]
    for full_path in (*full_paths, *(layer.full_path for layer in whole.layers)):
        expected, _ = template.read_build([full_path])
        found = part.of(whole, [full_path])
        assert found is not None
        assert msgspec.structs.replace(found, arguments=[full_path]) == expected


def test_of_a_nested_stack(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A function of a nested stack is named by its path; a name that several have, by samcli."""
    whole = copied("nested", tmp_path / "app", monkeypatch)
    expected, _ = template.read_build(["Stack/Deeper/F"])
    found = part.of(whole, ["Stack/Deeper/F"])
    assert found is not None
    assert (found.functions, found.templates) == (expected.functions, expected.templates)
    assert part.of(whole, ["F"]) is None
    assert part.of(whole, ["Gone"]) is None


def test_of_what_sam_builds(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where `sam build` takes part, samcli reads the name."""
    assert part.of(copied("nodejs", tmp_path / "app", monkeypatch), ["Plain"]) is None
