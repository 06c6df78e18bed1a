"""What `sam build` builds for us, and how its output joins ours."""

import json
import zipfile
from collections.abc import Mapping
from pathlib import Path

import pytest
import samcli

from shorts.artifact import plan
from tests.conftest import Shorts, as_process

MAKEFILE = "build-{name}:\n\tcp -r * $(ARTIFACTS_DIR)/\n"
# Lambda's emulator, which SAM ships for either architecture: a real program, statically linked.
PROGRAMS = Path(samcli.__file__).parent / "local" / "rapid"
HANDLER = "def handler(event, context):\n    return {value!r}\n"


def make(folder: Path, name: str) -> None:
    """Write the folder of a function that a Makefile builds."""
    folder.mkdir(parents=True)
    (folder / "Makefile").write_text(MAKEFILE.format(name=name))
    (folder / "app.py").write_text(HANDLER.format(value=name))


def resource(code: str, runtime: str, method: str = "", machine: str = "") -> dict[str, object]:
    properties: dict[str, object] = {"CodeUri": code, "Handler": "app.handler", "Runtime": runtime}
    if machine:
        properties["Architectures"] = [machine]
    found: dict[str, object] = {"Type": "AWS::Serverless::Function", "Properties": properties}
    return {**found, "Metadata": {"BuildMethod": method}} if method else found


def template(path: Path, **resources: object) -> None:
    """Write a template; JSON is YAML."""
    transform = "AWS::Serverless-2016-10-31"
    path.write_text(json.dumps({"Transform": transform, "Resources": resources}))


@pytest.fixture
def mixed(tmp_path: Path) -> Path:
    """An application of a Python function, a Makefile of Python's and another one."""
    for name in ("Native", "Made"):
        make(tmp_path / name.lower(), name)
    (tmp_path / "fn").mkdir()
    (tmp_path / "fn" / "app.py").write_text(HANDLER.format(value="F"))
    template(
        tmp_path / "template.yaml",
        F=resource("fn", "python3.13"),
        Made=resource("made", "python3.13", "makefile"),
        Native=resource("native", "provided.al2023", "makefile"),
    )
    return tmp_path


def listed(folder: Path) -> list[str]:
    """What a build folder holds, without what lies next to each zip."""
    built = folder / ".aws-sam" / "build"
    paths = {path.relative_to(built).as_posix() for path in built.rglob("*") if path.is_file()}
    zips = [path.removesuffix(".zip") for path in paths if path.endswith(".zip")]
    return sorted(paths - {name for full_path in zips for name in plan.sidecar_names(full_path)})


def test_it_joins_our_zips(mixed: Path, shorts: Shorts) -> None:
    """What is Python is a zip, also a Makefile's; the rest is the folder that SAM has made."""
    done = as_process(["-m", "shorts", "build"], mixed)
    assert done.returncode == 0, done.stderr
    assert "Building Made, Native with sam build" in done.stderr
    assert "Native  built by sam build" in done.stdout
    assert listed(mixed) == [
        "F.zip",
        "Made.zip",
        "Native/Makefile",
        "Native/app.py",
        "template.yaml",
    ]
    answer = shorts(["local", "invoke", "Made"], mixed)
    assert answer.stdout == '"Made"\n', answer.stderr
    with zipfile.ZipFile(mixed / ".aws-sam/build/Made.zip") as opened:
        assert "__pycache__/app.cpython-313.pyc" in opened.namelist()


def test_what_a_makefile_installs_loses_only_notes(mixed: Path, shorts: Shorts) -> None:
    """What a Makefile leaves stays, whatever it is called; its RECORD lists what is there."""
    info = "thing-1.0.dist-info"
    files = {
        "thing.py": "x = 1\n",
        "thing.pyi": "x: int\n",
        "bin/thing": "#!/bin/sh\n",
        "lib/tests/run.py": "",
        "lib/board.h": "",
        "__pycache__/thing.cpython-313.pyc": "of this machine",
        f"{info}/INSTALLER": "pip\n",
        f"{info}/METADATA": "Name: thing\nVersion: 1.0\n\nLong words.\n",
        "own.pyi": "kept: int\n",
        "app.py": "import thing\nhandler = lambda *_: thing.x\n",
    }
    listed = [path for path in [*files][:-2] if path != f"{info}/INSTALLER"]
    record = f"{info}/RECORD"
    files[record] = "".join(f"{path},,\n" for path in [*listed, f"{info}/INSTALLER", record])
    for path, text in files.items():
        (mixed / "made" / path).parent.mkdir(parents=True, exist_ok=True)
        (mixed / "made" / path).write_text(text)
    assert shorts(["build", "Made"], mixed).returncode == 0
    with zipfile.ZipFile(mixed / ".aws-sam/build/Made.zip") as opened:
        names = {*opened.namelist()}
        assert opened.read(f"{info}/METADATA") == b"Name: thing\nVersion: 1.0\n"
        assert opened.read("__pycache__/thing.cpython-313.pyc") != b"of this machine"
        rows = opened.read(record).decode().splitlines()
    assert {*files} - names == {f"{info}/INSTALLER"}
    kept = [path for path in listed if "__pycache__" not in path]
    assert rows == [f"{path},," for path in [*kept, record]]


def test_one_that_was_asked_for(mixed: Path, shorts: Shorts) -> None:
    """One logical id is built alone, by SAM or by us."""
    done = shorts(["build", "Native"], mixed)
    assert (done.returncode, listed(mixed)[0]) == (0, "Native/Makefile"), done.stderr
    assert "Building Native with sam build" in done.stderr
    done = shorts(["build", "F"], mixed)
    assert (done.returncode, listed(mixed)) == (0, ["F.zip", "template.yaml"])
    assert "sam build" not in done.stderr


def test_the_same_name_in_two_stacks(mixed: Path, shorts: Shorts) -> None:
    """A nested function with the name of one that shorts builds is asked for by its full path."""
    make(mixed / "child" / "code", "F")
    native = resource("code", "provided.al2023", "makefile")
    template(mixed / "child" / "template.yaml", F=native)
    child = {
        "Type": "AWS::Serverless::Application",
        "Properties": {"Location": "child/template.yaml"},
    }
    template(
        mixed / "template.yaml",
        F=resource("fn", "python3.13"),
        Native=resource("native", "provided.al2023", "makefile"),
        Child=child,
    )
    done = shorts(["build"], mixed)
    assert done.returncode == 0, done.stderr
    assert listed(mixed) == [
        "Child/F/Makefile",
        "Child/F/app.py",
        "Child/template.yaml",
        "F.zip",
        "Native/Makefile",
        "Native/app.py",
        "template.yaml",
    ]
    told = (mixed / ".aws-sam/build/Child/template.yaml").read_text()
    assert "CodeUri: F\n" in told


def test_its_failure_is_ours(mixed: Path, shorts: Shorts) -> None:
    """Where SAM fails, its words are said and the former build is as it was."""
    assert shorts(["build"], mixed).returncode == 0
    before = listed(mixed)
    (mixed / "native" / "Makefile").write_text("build-Native:\n\techo broken here >&2; exit 3\n")
    done = shorts(["build"], mixed)
    assert done.returncode == 1
    assert "shorts: `sam build` could not build Made, Native: CustomMakeBuilder:MakeBuild" in (
        done.stderr
    )
    assert "broken here" in done.stderr
    assert "Traceback" not in done.stderr
    assert listed(mixed) == before


def test_excludes_of_the_users_stay(mixed: Path, shorts: Shorts) -> None:
    """What was excluded is neither built by SAM nor by us."""
    done = shorts(["build", "--exclude", "Native"], mixed)
    assert done.returncode == 0, done.stderr
    assert listed(mixed) == ["F.zip", "Made.zip", "template.yaml"]


def test_an_unchanged_build_is_the_same(mixed: Path, shorts: Shorts) -> None:
    """Built again, everything is there again, and our zips are the same files."""
    assert shorts(["build"], mixed).returncode == 0
    names = ("F.zip", "Made.zip")
    before = [(mixed / ".aws-sam/build" / name).stat().st_ino for name in names]
    first = listed(mixed)
    done = shorts(["build"], mixed)
    assert done.stdout.count("unchanged") == 2
    assert [(mixed / ".aws-sam/build" / name).stat().st_ino for name in names] == before
    assert listed(mixed) == first


def contents(folder: Path) -> Mapping[str, bytes]:
    """Every file of a build folder."""
    built = folder / ".aws-sam" / "build"
    return {str(path): path.read_bytes() for path in sorted(built.rglob("*")) if path.is_file()}


def test_what_is_all_ours_reads_no_more(mixed: Path) -> None:
    """A build that hands nothing over imports nothing of this."""
    program = (
        "import sys; from shorts.cli import command; assert command.main(['build', 'F']) == 0; "
        "judges = {'shorts.sam.delegate', 'shorts.targets.loadable', 'shorts.targets.elf'}; "
        "print(judges & {*sys.modules})"
    )
    as_process(["-c", program], mixed)
    again = as_process(["-c", program], mixed)
    assert again.stdout.splitlines()[-1] == "set()", again.stderr
