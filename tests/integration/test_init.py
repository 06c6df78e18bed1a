"""`shorts init`: what it writes builds, runs and is tested; what is there stays."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from shorts.init.create import FILES
from tests.conftest import ROOT, Shorts, as_process

pytestmark = pytest.mark.filterwarnings("ignore")
NEW = ROOT / "shorts" / "init" / "application"


def texts(folder: Path) -> dict[str, str]:
    return {name: (folder / name).read_text("utf-8") for name in FILES}


def test_the_new_application_builds_and_runs(tmp_path: Path, shorts: Shorts) -> None:
    done = shorts(["init", "hello"], tmp_path)
    assert done.returncode == 0, done.stderr
    *listed, following = done.stdout.splitlines()
    assert listed == [f"hello/{name}" for name in FILES]
    assert following == (
        "Next: cd hello; shorts build; shorts local invoke HelloFunction -e events/hello.json"
    )
    folder = tmp_path / "hello"
    assert texts(folder) == texts(NEW)
    assert shorts(["build"], folder).returncode == 0
    done = shorts(["local", "invoke", "HelloFunction", "-e", "events/hello.json"], folder)
    assert json.loads(done.stdout) == {"message": "Hello, Ada!"}
    assert shorts(["check"], folder).returncode == 0
    tests = as_process(["-m", "pytest", "-q", "-p", "no:cacheprovider"], folder)
    assert "2 passed" in tests.stdout, tests.stdout
    linted = as_process([str(Path(sys.executable).with_name("sam")), "validate", "--lint"], folder)
    assert linted.returncode == 0, linted.stderr


def test_its_workflow_is_sound(tmp_path: Path) -> None:
    linter = Path(sys.executable).with_name("actionlint")
    workflow = NEW / ".github" / "workflows" / "build.yml"
    subprocess.run([linter, workflow], cwd=tmp_path, check=True)


def test_what_is_there_stays(tmp_path: Path, shorts: Shorts) -> None:
    (tmp_path / ".gitignore").write_text("mine\n")
    assert shorts(["init"], tmp_path).returncode == 0
    assert (tmp_path / ".gitignore").read_text() == "mine\n"
    assert (tmp_path / "template.yaml").is_file()


def test_a_file_that_is_needed_is_not_overwritten(tmp_path: Path, shorts: Shorts) -> None:
    (tmp_path / "hello").mkdir()
    (tmp_path / "hello" / "app.py").write_text("mine\n")
    done = shorts(["init"], tmp_path)
    assert done.returncode == 1
    assert done.stderr == (
        "shorts: hello/app.py is there already, and no file is overwritten.\n"
        "Name another folder: `shorts init FOLDER`.\n"
    )
    assert [path.name for path in tmp_path.iterdir()] == ["hello"]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["a", "b"], "Name one folder: `shorts init FOLDER`."),
        (["a"], "An application is extended in its own folder: `shorts init`, without a name."),
        (
            ["a", "-t", "template.yaml"],
            "Options are for an application that is there: leave out the folder.",
        ),
    ],
)
def test_a_wrong_call(function: Path, shorts: Shorts, arguments: list[str], message: str) -> None:
    done = shorts(["init", *arguments], function)
    assert (done.returncode, done.stderr) == (2, f"shorts: {message}\n")


def test_an_application_gets_what_it_lacks(application: Path, shorts: Shorts) -> None:
    """A lock and events; a second call finds nothing to add, and the zip is trimmed."""
    lock = application / "echo" / "requirements.lock"
    lock.unlink()
    plot = (application / "plot" / "requirements.lock").read_bytes()
    template = application / "template.yaml"
    text = template.read_text("utf-8")
    events = "    Metadata:\n      Shorts:\n        Events: [events/echo*.json]\n"
    assert text.count(events) == 1
    template.write_text(text.replace(events, ""))
    done = shorts(["init"], application)
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines() == [
        "echo/requirements.lock: python3.10, python3.11, python3.12, python3.13, python3.14",
        "template.yaml: EchoFunction gets "
        "Metadata: {Shorts: {Events: [events/echo-*.json, events/echo.json]}}",
        "Next: shorts build",
    ]
    assert lock.is_file()
    assert (application / "plot" / "requirements.lock").read_bytes() == plot
    added = events.replace("events/echo*.json", "events/echo-*.json, events/echo.json")
    assert template.read_text("utf-8") == text.replace(events, added)
    done = shorts(["init"], application)
    assert done.stdout == "There is nothing to add. Next: shorts build\n"


def test_a_template_behind_a_link_keeps_its_link_and_its_mode(
    function: Path, shorts: Shorts
) -> None:
    (function / "events").mkdir()
    (function / "events" / "f.json").write_text("{}")
    template = function / "template.yaml"
    real = template.rename(function / "real.yaml")
    real.write_text(f"\ufeff{real.read_text()}")
    real.chmod(0o640)
    template.symlink_to("real.yaml")
    assert shorts(["init"], function).returncode == 0
    assert template.is_symlink()
    assert real.stat().st_mode & 0o777 == 0o640
    assert real.read_text().startswith("\ufeffTransform:")
    assert "  F:\n    Type: AWS::Serverless::Function\n    Metadata:\n" in real.read_text()


def test_a_read_only_template_is_named(function: Path, shorts: Shorts) -> None:
    (function / "events").mkdir()
    (function / "events" / "f.json").write_text("{}")
    (function / "template.yaml").chmod(0o440)
    done = shorts(["init"], function)
    assert (done.returncode, done.stderr) == (
        1,
        "shorts: template.yaml is read-only, so nothing was changed.\n"
        "Make it writable: chmod u+w template.yaml\n",
    )


def test_what_cannot_be_added_is_said(function: Path, shorts: Shorts) -> None:
    """The template is as it was where its author has to decide."""
    (function / "events").mkdir()
    (function / "events" / "f.json").write_text("{}")
    template = function / "template.yaml"
    text = template.read_text().replace("    Type", "    Metadata: {A: b}\n    Type")
    template.write_text(text)
    done = shorts(["init"], function)
    assert done.returncode == 0, done.stderr
    assert (
        "note: template.yaml: F can get `Metadata: {Shorts: {Events: [events/f.json]}}`: its "
        "events trim the zip. Write it there yourself\n"
    ) in done.stderr
    assert done.stdout == "There is nothing to add. Next: shorts build\n"
    assert template.read_text() == text
