"""What SAM said of a template is remembered by template, parameters and configuration alone."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

import pytest

from tests.conftest import ROOT, Shorts


@pytest.fixture
def project(tmp_path: Path) -> Path:
    shutil.copytree(ROOT / "tests" / "apps" / "selection", tmp_path / "app")
    return tmp_path / "app"


def forget_sam(patch: pytest.MonkeyPatch) -> None:
    """Have all that reads by samcli fail."""
    for name in ("template", "local", "options"):
        patch.setitem(sys.modules, f"shorts.sam.{name}", None)
        patch.delattr(f"shorts.sam.{name}", raising=False)


@pytest.mark.skipif(sys.platform != "linux", reason="the emulator runs on Linux")
def test_of_invocations(function: Path, shorts: Shorts, monkeypatch: pytest.MonkeyPatch) -> None:
    """Another event, log file, name or port needs no samcli; another parameter does."""
    assert shorts(["build"], function).returncode == 0
    assert shorts(["local", "invoke"], function).stdout == "{}\n"
    (function / "two.json").write_text("2")
    (function / "vars.json").write_text("{}")
    forget_sam(monkeypatch)
    for words in (
        ["-e", "two.json"],
        ["F", "--event=two.json", "--log-file", "log"],
        ["F", "-e", "two.json", "-n", "vars.json", "--no-memory-limit"],
    ):
        assert shorts(["local", "invoke", *words], function).stdout == "2\n"
    with pytest.raises(ImportError):
        shorts(["local", "invoke", "--parameter-overrides", "A=1"], function)


def test_of_builds(project: Path, shorts: Shorts, monkeypatch: pytest.MonkeyPatch) -> None:
    """One name, or options about how SAM builds, need no samcli; another template does."""
    assert shorts(["build"], project).returncode == 0
    whole = (project / ".aws-sam" / "build" / "template.yaml").read_text()
    forget_sam(monkeypatch)
    assert shorts(["build", "Alpha"], project).returncode == 0
    assert shorts(["build", "--cached", "--parallel"], project).returncode == 0
    assert (project / ".aws-sam" / "build" / "template.yaml").read_text() == whole
    assert shorts(["build", "Beta", "--cached"], project).returncode == 0
    assert not (project / ".aws-sam" / "build" / "Alpha.zip").exists()
    with pytest.raises(ImportError):
        shorts(["build", "-t", "template.yaml"], project)
