"""What CI takes from this repository: the action, step by step, and the hook for pre-commit."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.conftest import ROOT
from tests.documents import DOCS, blocks

ACTION = yaml.safe_load((ROOT / "action" / "action.yml").read_text("utf-8"))
STEPS = ACTION["runs"]["steps"]


class Runner:
    """A runner's folders and files, as the steps of an action get them."""

    def __init__(self, folder: Path, **inputs: str) -> None:
        self.temp = folder / "runner"
        self.temp.mkdir()
        self._inputs = {name: one.get("default", "") for name, one in ACTION["inputs"].items()}
        self._inputs |= {name.replace("_", "-"): value for name, value in inputs.items()}
        self._files = {}
        for name in ("PATH", "ENV", "OUTPUT", "STEP_SUMMARY"):
            self._files[f"GITHUB_{name}"] = self.temp / name
            (self.temp / name).touch()

    def run(self, step: dict[str, Any], cwd: Path) -> None:
        """Run a step of a shell, with what the steps before it have set."""
        where = cwd / self._filled(step.get("working-directory", "."))
        added = (self.temp / "PATH").read_text().split()
        set_before = dict(
            line.partition("=")[::2] for line in (self.temp / "ENV").read_text().splitlines()
        )
        own = {name: self._filled(value) for name, value in step.get("env", {}).items()}
        environment = {
            **os.environ,
            **{name: str(path) for name, path in self._files.items()},
            **set_before,
            **own,
            "RUNNER_TEMP": str(self.temp),
            "PATH": os.pathsep.join([*reversed(added), os.environ["PATH"]]),
        }
        words = ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", step["run"]]
        done = subprocess.run(
            words, cwd=where, env=environment, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, f"{step['name']}: {done.stdout}{done.stderr}"

    def text(self, name: str) -> str:
        return (self.temp / name).read_text("utf-8")

    def _filled(self, value: str) -> str:
        return re.sub(r"\$\{\{ inputs\.([\w-]+) \}\}", lambda found: self._inputs[found[1]], value)


def test_the_action_builds_and_reports(function: Path) -> None:
    """On the main branch it keeps the zips, and on a pull request it compares with them."""
    runner = Runner(function, package=str(ROOT), arguments="F --quiet", working_directory="app")
    (function / "app").mkdir()
    shutil.move(function / "template.yaml", function / "app" / "template.yaml")
    shutil.move(function / "fn", function / "app" / "fn")
    shells = {step["name"]: step for step in STEPS if "run" in step}
    install, build, report, keep = shells.values()
    runner.run(install, function)
    assert f"SHORTS_CACHE_DIR={runner.temp}/shorts-store" in runner.text("ENV")
    for step in (build, report, keep):
        runner.run(step, function)
    assert runner.text("STEP_SUMMARY").startswith("### Size of the zips\n\n|  | zipped KB | unz")
    assert runner.text("OUTPUT") == f"path={runner.temp}/shorts-size.md\n"
    assert [path.name for path in (runner.temp / "shorts-zips").rglob("*.zip")] == ["F.zip"]
    (function / "app" / "fn" / "more.txt").write_text("more")
    for step in (build, report):
        runner.run(step, function)
    assert "<summary>F, files: 1 new, 0 gone, 0 changed</summary>" in runner.text("shorts-size.md")


def test_no_input_is_part_of_a_script() -> None:
    """What somebody puts into a branch's name or an input is not run."""
    assert [step["name"] for step in STEPS if "${{" in step.get("run", "")] == []


def test_what_is_saved_is_restored() -> None:
    """The same paths, by a key that begins as the one of the next run."""
    cache = [step["with"] for step in STEPS if "cache/" in step.get("uses", "")]
    for saved in cache:
        prefixes = {one.get("restore-keys", "nothing") for one in cache}
        assert any(saved["key"].startswith(prefix.partition("${{")[0]) for prefix in prefixes)
    assert len({one["path"] for one in cache}) == 2


@pytest.mark.skipif(shutil.which("git") is None, reason="there is no git")
def test_the_hook_runs_under_pre_commit(function: Path, tmp_path: Path) -> None:
    """By the guide's configuration; its repository here has this checkout's command."""
    hook = tmp_path / "hook"
    hook.mkdir()
    shutil.copy(ROOT / ".pre-commit-hooks.yaml", hook)
    (hook / "pyproject.toml").write_text(
        '[build-system]\nrequires = ["hatchling"]\nbuild-backend = "hatchling.build"\n'
        '[project]\nname = "shorts"\nversion = "0"\nscripts = {shorts = "command:run"}\n'
        '[tool.hatch.build.targets.wheel]\ninclude = ["command.py"]\n'
    )
    words = [sys.executable, "-m", "shorts"]
    (hook / "command.py").write_text(
        "import os, sys\n\n\n"
        "def run():\n"
        f"    os.environ['PYTHONPATH'] = {str(ROOT)!r}\n"
        f"    os.execv({words[0]!r}, [*{words!r}, *sys.argv[1:]])\n"
    )
    (function / "fn" / "requirements.txt").write_text("")
    (block,) = (block for block in blocks(DOCS / "guides" / "pre-commit.md") if block.title)
    configuration = block.text.replace("https://github.com/OWNER/shorts", str(hook))
    (function / block.title).write_text(configuration)
    for folder in (hook, function):
        _git("init", "--quiet", cwd=folder)
        _git("add", "--all", cwd=folder)
        _git("commit", "--quiet", "--message", "all", cwd=folder)
        _git("tag", "v0.1.0", cwd=folder)
    done = _pre_commit(function, tmp_path)
    assert (done.returncode, "Passed" in done.stdout) == (0, True), done.stdout + done.stderr
    app = function / "fn" / "app.py"
    app.write_text(f"import absent_module\n{app.read_text()}")
    _git("add", "--all", cwd=function)
    done = _pre_commit(function, tmp_path)
    assert done.returncode == 1
    assert "absent_module" in done.stdout


def _pre_commit(cwd: Path, home: Path) -> subprocess.CompletedProcess[str]:
    command = Path(sys.executable).with_name("pre-commit")
    return subprocess.run(
        [command, "run", "--all-files"],
        cwd=cwd,
        env=os.environ | {"PRE_COMMIT_HOME": str(home / "pre-commit"), "PYTHONPATH": ""},
        capture_output=True,
        text=True,
        check=False,
    )


def _git(*words: str, cwd: Path) -> None:
    own = ["-c", "user.name=n", "-c", "user.email=e@example.com", "-c", "commit.gpgsign=false"]
    subprocess.run(["git", *own, *words], cwd=cwd, check=True)
