"""`shorts zip`: a zip without a template has the bytes of one from a template."""

import base64
import hashlib
import json
import re
import zipfile
from pathlib import Path

import pytest

from shorts.cli.commands import COMMANDS
from tests.conftest import ROOT, Shorts, as_process, require, write_wheel

DOCUMENT = (ROOT / "docs" / "zip.md").read_text("utf-8")
# Runs the command, and says whether samcli was imported.
RUN = """\
import sys
from shorts.cli import command
status = command.main(sys.argv[1:])
print(sorted({name.partition(".")[0] for name in sys.modules} & {"samcli", "samtranslator"}))
sys.exit(status)
"""
F = ("zip", "fn", "--handler", "app.handler", "--runtime", "python3.13")


def from_template(shorts: Shorts, folder: Path, name: str, *arguments: str) -> bytes:
    done = shorts(["build", name, *arguments], folder)
    assert done.returncode == 0, done.stderr
    return (folder / ".aws-sam" / "build" / f"{name}.zip").read_bytes()


@pytest.mark.parametrize("architecture", ["x86_64", "arm64"])
def test_echo_is_the_same_byte_for_byte(
    application: Path, shorts: Shorts, architecture: str
) -> None:
    """With its sample events it is trimmed, too, and samcli is not imported."""
    arguments = ["zip", "echo", "--handler", "app.handler", "--runtime", "python3.13"]
    arguments += ["--arch", architecture, "-o", "out/echo.zip", "--event", "events/echo*.json"]
    arguments += ["--memory", "512", "--timeout", "15", "--env", "ECHO_REVEAL=false"]
    done = as_process(["-c", RUN, *arguments], application)
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines()[-1] == "[]"
    parameters = ["--parameter-overrides", f"Architecture={architecture}"]
    expected = from_template(shorts, application, "EchoFunction", *parameters)
    assert (application / "out" / "echo.zip").read_bytes() == expected
    assert sorted(path.name for path in (application / "out").iterdir()) == [
        "echo.cdx.json",
        "echo.manifest.json",
        "echo.zip",
    ]


@pytest.fixture
def small(function: Path, wheels: Path) -> Path:
    """A function that requires a distribution."""
    write_wheel(wheels, "one", {"one.py": "VALUE = 1\n", "one.pyi": "VALUE: int\n"})
    require(function, "one")
    return function


@pytest.mark.usefixtures("own_store")
def test_json_has_the_path_the_digests_and_the_sizes(small: Path, shorts: Shorts) -> None:
    done = shorts([*F, "-o", "f.zip", "--json"], small)
    assert done.returncode == 0, done.stderr
    made = small / "f.zip"
    digest = hashlib.sha256(made.read_bytes())
    with zipfile.ZipFile(made) as archive:
        sizes = [member.file_size for member in archive.infolist()]
    said = json.loads(done.stdout)
    notes = said.pop("notes")
    assert said == {
        "path": str(made),
        "sha256": digest.hexdigest(),
        "code_sha256": base64.b64encode(digest.digest()).decode(),
        "size": made.stat().st_size,
        "unzipped_size": sum(sizes),
        "files": len(sizes),
        "rebuilt": True,
        "sbom": str(small / "f.cdx.json"),
        "manifest": str(small / "f.manifest.json"),
        "warnings": [],
    }
    assert notes == [
        "fn/requirements.txt has no lock file. The next calls here reuse these versions, "
        "`--upgrade` refreshes them"
    ]
    assert made.read_bytes() == from_template(shorts, small, "F")


@pytest.mark.usefixtures("own_store")
def test_a_second_call_changes_nothing(small: Path, shorts: Shorts) -> None:
    first = shorts([*F, "-o", "f.zip"], small)
    assert first.returncode == 0, first.stderr
    assert re.fullmatch(
        r"f\.zip  [\d.]+ KB zipped  [\d.]+ KB unzipped  \d files  built\nsha256:[0-9a-f]{64}\n",
        first.stdout,
    )
    before = (small / "f.zip").stat()
    second = shorts([*F, "-o", "f.zip"], small)
    assert second.stdout == first.stdout.replace("built", "unchanged")
    assert (small / "f.zip").stat() == before
    (small / "fn" / "app.py").write_text("def handler(event, context):\n    return 1\n")
    assert "built" in shorts([*F, "-o", "f.zip"], small).stdout


@pytest.mark.usefixtures("own_store")
def test_settings_are_those_of_the_metadata(small: Path, shorts: Shorts) -> None:
    """`Metadata: Shorts` in a template and the options give the same bytes."""
    (small / "common").mkdir()
    (small / "common" / "shared.py").write_text("")
    (small / "fn" / "data.txt").write_text("dropped")
    with (small / "fn" / "app.py").open("a") as file:
        file.write("import shared\n")
    settings = "{Shorts: {Slim: false, Drop: ['*.txt'], Keep: [k], SourceRoots: [common]}}"
    template = small / "template.yaml"
    template.write_text(f"{template.read_text()}    Metadata: {settings}\n")
    options = ["--no-slim", "--drop", "*.txt", "--keep", "k", "--source-root", "common"]
    done = shorts([*F, "-o", "f.zip", *options], small)
    assert done.returncode == 0, done.stderr
    assert (small / "f.zip").read_bytes() == from_template(shorts, small, "F")
    with zipfile.ZipFile(small / "f.zip") as archive:
        assert {"shared.py", "one.pyi"} <= {*archive.namelist()}
        assert "data.txt" not in archive.namelist()


@pytest.mark.usefixtures("own_store")
def test_a_layer_is_the_same_byte_for_byte(small: Path, shorts: Shorts) -> None:
    (small / "deps").mkdir()
    (small / "fn" / "requirements.txt").rename(small / "deps" / "requirements.txt")
    template = small / "template.yaml"
    template.write_text(
        f"{template.read_text()}  L:\n"
        "    Type: AWS::Serverless::LayerVersion\n"
        "    Metadata: {BuildMethod: python3.13}\n"
        "    Properties: {ContentUri: deps}\n"
    )
    layer = ["zip", "deps", "--layer", "--runtime", "python3.13", "-o", "layer.zip"]
    done = shorts(layer, small)
    assert done.returncode == 0, done.stderr
    assert (small / "layer.zip").read_bytes() == from_template(shorts, small, "L")
    with zipfile.ZipFile(small / "layer.zip") as archive:
        assert "python/one.py" in archive.namelist()


@pytest.mark.usefixtures("own_store")
def test_the_zip_of_a_handler_in_a_distribution(small: Path, shorts: Shorts) -> None:
    arguments = ["zip", "fn", "--handler", "one.VALUE", "--runtime", "python3.13"]
    done = shorts([*arguments, "-o", "f.zip"], small)
    assert done.returncode == 0, done.stderr


@pytest.mark.usefixtures("own_store")
@pytest.mark.parametrize(
    ("arguments", "status", "said"),
    [
        (
            "fn --handler ap.handler --runtime python3.13 -o f.zip",
            1,
            "f: Handler `ap.handler`: there is no module `ap` in fn/.",
        ),
        (
            "fn --handler app.handle --runtime python3.13 -o f.zip",
            1,
            "f: Handler `app.handle`: fn/app.py has no `handle`. Did you mean `handler`?",
        ),
        (
            "fn --handler app --runtime python3.13 -o f.zip",
            1,
            "f: Handler `app` has to name a module and a function, such as `app.handler`.",
        ),
        (
            "fn --handler app.handler --runtime nodejs22.x -o f.zip",
            1,
            "nodejs22.x is not a runtime that shorts builds for: python3.8, python3.9, "
            "python3.10, python3.11, python3.12, python3.13, python3.14.",
        ),
        (
            "fn --handler app.handler --runtime python3.13 --arch riscv -o f.zip",
            1,
            "riscv is not an architecture of Lambda: x86_64, arm64.",
        ),
        (
            "nothing --handler app.handler --runtime python3.13 -o f.zip",
            1,
            "nothing is not a folder.\nName the folder that holds the code.",
        ),
        (
            "fn --handler app.handler --runtime python3.13 -o fn/f.zip",
            1,
            "fn/f.zip lies in fn, so the next zip would hold it.\n"
            "Name a place outside, such as ../f.zip, or .aws-sam/f.zip.",
        ),
        (
            "fn --handler app.handler --runtime python3.13 -o f.tar",
            1,
            "'f.tar' cannot be the name of the zip.\n"
            "Use letters, digits, `.`, `_` and `-`, and `.zip` at its end.",
        ),
        (
            "--handler app.handler --runtime python3.13 -o f.zip",
            2,
            "Name one folder: {call}.",
        ),
        ("fn --handler app.handler -o f.zip", 2, "--runtime is missing: {call}."),
        ("fn --handler app.handler --runtime python3.13", 2, "--output is missing: {call}."),
        (
            "fn --runtime python3.13 -o f.zip",
            2,
            "--handler is missing, or name a layer with --layer alone: {call}.",
        ),
        (
            "fn --layer --handler app.handler --runtime python3.13 -o f.zip",
            2,
            "A layer has no handler: leave out --handler or --layer: {call}.",
        ),
        (
            "fn --layer --event e.json --runtime python3.13 -o f.zip",
            2,
            "--event is for functions: a layer holds all that it requires.",
        ),
        (
            "fn --handler app.handler --runtime python3.13 -o f.zip --env NAME",
            2,
            "--env: 'NAME' is not NAME=VALUE.\nRun `shorts zip --help` for its options.",
        ),
    ],
)
def test_what_is_wrong_is_named_with_a_way_out(
    small: Path, shorts: Shorts, arguments: str, status: int, said: str
) -> None:
    """Nothing is written."""
    done = shorts(["zip", *arguments.split()], small)
    call = "`shorts zip FOLDER --handler app.handler --runtime python3.13 -o out.zip`"
    message = said.replace("{call}", call)
    assert done.stderr[done.stderr.index("shorts: ") :] == f"shorts: {message}\n"
    assert done.returncode == status
    assert [*small.rglob("*f.zip*")] == []


@pytest.mark.usefixtures("own_store")
def test_a_failed_call_leaves_the_former_zip(small: Path, shorts: Shorts) -> None:
    assert shorts([*F, "-o", "f.zip"], small).returncode == 0
    before = (small / "f.zip").read_bytes()
    (small / "fn" / "requirements.txt").write_text("--no-index\nabsent\n")
    assert shorts([*F, "-o", "f.zip"], small).returncode == 1
    assert (small / "f.zip").read_bytes() == before


def test_the_commands_of_the_document_run_as_printed(application: Path, shorts: Shorts) -> None:
    (application / "deps").mkdir()
    (application / "deps" / "requirements.txt").write_text("msgspec\n")
    (application / "hello").mkdir()
    (application / "hello" / "app.py").write_text("def hello(request):\n    return 'hello'\n")
    commands = re.findall(r"^```sh\nshorts (.*?)\n```$", DOCUMENT, re.MULTILINE)
    assert len(commands) == 3
    for command in commands:
        done = shorts(command.split(), application)
        assert done.returncode == 0, done.stderr
    assert sorted(path.name for path in application.glob("out/*.zip")) == [
        "deps.zip",
        "echo.zip",
        "hello.zip",
    ]


def test_the_document_has_every_option() -> None:
    words = {word for option in COMMANDS["zip"].options for word in option.names}
    assert [word for word in sorted(words) if f"`{word}`" not in DOCUMENT] == []
