"""Shared layers: a build that puts distributions into layers answers as one that does not."""

import json
import os
import shutil
import zipfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest
from samcli.yamlhelper import yaml_parse

from tests.conftest import Shorts, write_wheel

pytestmark = pytest.mark.usefixtures("own_store")

FUNCTION = """\
  {name}:
    Type: AWS::Serverless::Function
    {metadata}
    Properties:
      CodeUri: {name}
      Handler: app.handler
      Runtime: python3.13
      Timeout: 10
      {properties}
"""
# What each zip holds at least.
ALWAYS = {".shorts-layers", "app.py", "requirements.txt"}
ON = "Metadata: {Shorts: {SharedLayers: true}}\n"
# Random bytes: compressed, they are as large as they are.
NOISE = bytes(os.urandom(2_000_000))


def write(
    folder: Path, functions: Mapping[str, Sequence[str]], *, top: str = ON, **more: str
) -> Path:
    """Write an application: functions that return the versions of what they require."""
    text = f"Transform: AWS::Serverless-2016-10-31\n{top}Resources:\n"
    for name, names in functions.items():
        text += FUNCTION.format(
            name=name, metadata=more.get(f"{name}_metadata", ""), properties=more.get(name, "")
        )
        code = folder / name
        code.mkdir(parents=True, exist_ok=True)
        imports = "".join(f"import {one}\n" for one in names)
        values = ", ".join(f"{one}.VALUE" for one in names)
        (code / "app.py").write_text(
            f"{imports}def handler(event, context):\n    return [{values}]\n"
        )
        lines = ["--no-index", "--find-links ../wheels", *names]
        (code / "requirements.txt").write_text("\n".join(lines) + "\n")
    (folder / "template.yaml").write_text(text + more.get("resources", ""))
    return folder


@pytest.fixture
def wheels(function: Path) -> Path:
    """A folder of wheels that the functions' requirements name."""
    return function / "wheels"


@pytest.fixture
def application(function: Path, wheels: Path) -> Path:
    """An application of two functions that share a large distribution."""
    write_wheel(wheels, "large", {"large/__init__.py": "VALUE = 1\n", "large/noise": NOISE})
    write_wheel(
        wheels, "small", {"small/__init__.py": "VALUE = 2\n", "small/noise": NOISE[:90_000]}
    )
    write_wheel(wheels, "tiny", {"tiny.py": "VALUE = 3\n"})
    return write(function, {"A": ["large", "tiny"], "B": ["large", "small"]})


def template(folder: Path) -> Any:
    return yaml_parse((folder / ".aws-sam" / "build" / "template.yaml").read_text())


def layers(folder: Path, name: str) -> list[str]:
    """Return the logical ids of a function's layers in the built template."""
    found = template(folder)["Resources"][name]["Properties"].get("Layers", [])
    return [one["Ref"] for one in found]


def names(folder: Path, name: str) -> set[str]:
    """Return the first folders and files in a zip of the build folder."""
    with zipfile.ZipFile(folder / ".aws-sam" / "build" / f"{name}.zip") as archive:
        paths = (path.removeprefix("python/") for path in archive.namelist())
        return {path.partition("/")[0] for path in paths} - {"__pycache__"}


def zips(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in (folder / ".aws-sam" / "build").glob("*.zip")}


def build(shorts: Shorts, folder: Path, *options: str) -> str:
    done = shorts(["build", *options], folder)
    assert done.returncode == 0, done.stderr
    return done.stdout + done.stderr


def answer(shorts: Shorts, folder: Path, name: str) -> object:
    done = shorts(["local", "invoke", name], folder)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_a_layer_is_shared_and_the_zips_keep_what_is_their_own(
    application: Path, shorts: Shorts
) -> None:
    build(shorts, application)
    (shared,) = layers(application, "A")
    assert layers(application, "B") == [shared, layers(application, "B")[1]]
    assert "large" in names(application, shared)
    assert names(application, "A") == {*ALWAYS, "tiny.py", "tiny-1.0.dist-info"}
    assert names(application, "B") == ALWAYS
    assert answer(shorts, application, "A") == [1, 3]
    assert answer(shorts, application, "B") == [1, 2]


def test_a_second_build_changes_nothing_and_imports_no_samcli(
    application: Path, shorts: Shorts
) -> None:
    build(shorts, application)
    before = {path: path.stat() for path in (application / ".aws-sam" / "build").iterdir()}
    build(shorts, application)
    assert {path: path.stat() for path in (application / ".aws-sam" / "build").iterdir()} == before


def test_an_edit_changes_its_own_zip_alone(application: Path, shorts: Shorts) -> None:
    build(shorts, application)
    before = zips(application)
    with (application / "A" / "app.py").open("a") as file:
        file.write("# edited\n")
    build(shorts, application)
    after = zips(application)
    assert {name for name in after if after[name] != before.get(name)} == {"A.zip"}
    assert len(after["A.zip"]) < 10_000


def test_a_new_version_of_a_distribution_changes_the_zips_of_its_functions(
    application: Path, wheels: Path, shorts: Shorts
) -> None:
    """SAM publishes a version only where a function's code changes."""
    build(shorts, application)
    before = zips(application)
    write_wheel(
        wheels,
        "small",
        {"small/__init__.py": "VALUE = 4\n", "small/noise": NOISE[:90_000]},
        version="2.0",
    )
    build(shorts, application, "--upgrade")
    after = zips(application)
    changed = {name for name in after.keys() & before.keys() if after[name] != before[name]}
    assert changed == {"B.zip"}
    assert answer(shorts, application, "B") == [1, 4]


def test_shuffled_templates_give_the_same_bytes(application: Path, shorts: Shorts) -> None:
    build(shorts, application)
    before = zips(application)
    shutil.rmtree(application / ".aws-sam")
    write(application, {"B": ["large", "small"], "A": ["large", "tiny"]})
    build(shorts, application)
    assert zips(application) == before


def test_a_function_can_stay_out_of_it(application: Path, shorts: Shorts) -> None:
    metadata = "Metadata: {Shorts: {SharedLayers: false}}"
    write(application, {"A": ["large"], "B": ["large"]}, A_metadata=metadata)
    build(shorts, application)
    assert layers(application, "A") == []
    assert "large" in names(application, "A")
    assert len(layers(application, "B")) == 1


def test_a_function_with_a_layer_of_unknown_content_is_left_as_it_is(
    application: Path, shorts: Shorts
) -> None:
    arn = "arn:aws:lambda:us-east-1:123456789012:layer:other:1"
    write(application, {"A": ["large"], "B": ["large"]}, A=f"Layers: [{arn}]")
    said = build(shorts, application)
    assert template(application)["Resources"]["A"]["Properties"]["Layers"] == [arn]
    assert "large" in names(application, "A")
    assert "A gets no shared layers: the content of its layer" in said


def test_five_layers_of_its_own_leave_no_room(application: Path, shorts: Shorts) -> None:
    resources = ""
    for number in range(5):
        (application / f"own{number}" / "python").mkdir(parents=True)
        (application / f"own{number}" / "python" / f"own{number}.py").write_text("VALUE = 0\n")
        resources += (
            f"  Own{number}:\n    Type: AWS::Serverless::LayerVersion\n"
            f"    Properties: {{ContentUri: own{number}}}\n"
        )
    own = ", ".join(f"!Ref Own{number}" for number in range(5))
    write(application, {"A": ["large"], "B": ["large"]}, A=f"Layers: [{own}]", resources=resources)
    said = build(shorts, application)
    assert "A gets no shared layers: it has 5 layers already" in said
    assert layers(application, "A") == [f"Own{number}" for number in range(5)]
    assert "large" in names(application, "A")
    assert answer(shorts, application, "A") == [1]


def test_a_layer_of_the_user_keeps_its_place_and_wins(application: Path, shorts: Shorts) -> None:
    layer = application / "layer" / "python"
    (layer / "large").mkdir(parents=True)
    (layer / "large" / "__init__.py").write_text("VALUE = 'mine'\n")
    (layer / "large-9.0.dist-info").mkdir()
    (layer / "large-9.0.dist-info" / "METADATA").write_text("Name: large\nVersion: 9.0\n")
    resources = (
        "  Own:\n    Type: AWS::Serverless::LayerVersion\n    Properties: {ContentUri: layer}\n"
    )
    write(application, {"A": ["large", "small"]}, A="Layers: [!Ref Own]", resources=resources)
    build(shorts, application)
    assert layers(application, "A")[0] == "Own"
    assert len(layers(application, "A")) == 2
    assert answer(shorts, application, "A") == ["mine", 2]


def test_own_code_in_a_distributions_folder_keeps_it_in_the_zip(
    application: Path, shorts: Shorts
) -> None:
    write(application, {"A": ["large", "small"]})
    (application / "A" / "large").mkdir()
    (application / "A" / "large" / "more.py").write_text("VALUE = 5\n")
    build(shorts, application)
    assert "large" in names(application, "A")
    assert answer(shorts, application, "A") == [1, 2]


def test_what_shares_a_folder_is_not_divided(
    application: Path, wheels: Path, shorts: Shorts
) -> None:
    write_wheel(wheels, "ns_one", {"ns/one.py": "VALUE = 1\n", "ns/noise": NOISE})
    write_wheel(wheels, "ns_two", {"ns/two.py": "VALUE = 2\n"})
    write(application, {"A": ["large"]})
    (application / "A" / "app.py").write_text(
        "import ns.one, ns.two\n"
        "def handler(event, context):\n    return [ns.one.VALUE, ns.two.VALUE]\n"
    )
    (application / "A" / "requirements.txt").write_text(
        "--no-index\n--find-links ../wheels\nns-one\nns-two\n"
    )
    build(shorts, application)
    assert "ns" not in names(application, "A")
    assert answer(shorts, application, "A") == [1, 2]


def test_loops_share_what_all_of_their_functions_have(application: Path, shorts: Shorts) -> None:
    loop = (
        "  Fn::ForEach::Loop:\n  - Name\n  - [A, B]\n"
        "  - ${Name}:\n      Type: AWS::Serverless::Function\n"
        "      Properties: {CodeUri: !Sub '${Name}', Handler: app.handler, Runtime: python3.13}\n"
    )
    text = "Transform: [AWS::LanguageExtensions, AWS::Serverless-2016-10-31]\n"
    (application / "template.yaml").write_text(f"{text}{ON}Resources:\n{loop}")
    build(shorts, application, "--language-extensions")
    body = template(application)["Resources"]["Fn::ForEach::Loop"][2]["${Name}"]
    (shared,) = body["Properties"]["Layers"]
    assert "large" in names(application, shared["Ref"])
    assert "small" in names(application, "B")


def test_a_limit_moves_what_fits(application: Path, shorts: Shorts) -> None:
    top = "Metadata: {Shorts: {SharedLayers: {MaxMB: 1}}}\n"
    write(application, {"A": ["large", "small"]}, top=top)
    build(shorts, application)
    assert "large" in names(application, "A")
    assert "small" not in names(application, "A")
    assert answer(shorts, application, "A") == [1, 2]


@pytest.mark.parametrize(
    ("said", "message"),
    [
        ("{SharedLayers: maybe}", "Expected `bool | object`, got `str`"),
        ("{SharedLayers: {MaxMB: 0}}", "Expected `int` >= 1"),
        ("{SharedLayer: true}", "Object contains unknown field `SharedLayer`"),
    ],
)
def test_says_what_the_setting_may_be(
    application: Path, shorts: Shorts, said: str, message: str
) -> None:
    write(application, {"A": ["large"]}, top=f"Metadata: {{Shorts: {said}}}\n")
    done = shorts(["build"], application)
    assert done.returncode == 1
    assert message in done.stderr
    assert (
        "It may have `SharedLayers: true` or `SharedLayers: {MaxMB: N, Trim: true}`" in done.stderr
    )


def test_events_trim_what_stays_in_the_zip(application: Path, shorts: Shorts) -> None:
    write(
        application,
        {"A": ["large", "tiny"]},
        A_metadata="Metadata: {Shorts: {Events: [event.json], Drop: ['tiny-*/**']}}",
    )
    (application / "event.json").write_text("{}")
    (application / "A" / "unused.py").write_text("VALUE = 0\n")
    build(shorts, application)
    assert "unused.py" not in names(application, "A")
    assert "large" not in names(application, "A")
    assert answer(shorts, application, "A") == [1, 3]


def test_a_layer_has_a_manifest_and_a_bill_of_materials(application: Path, shorts: Shorts) -> None:
    build(shorts, application)
    (shared,) = layers(application, "A")
    folder = application / ".aws-sam" / "build"
    bill = json.loads((folder / f"{shared}.cdx.json").read_text())
    assert [one["name"] for one in bill["components"]] == ["large"]
    manifest = json.loads((folder / f"{shared}.manifest.json").read_text())
    assert manifest["zip"]["path"] == f"{shared}.zip"


def test_a_nested_stack_gets_its_own_layers(application: Path, shorts: Shorts) -> None:
    child = application / "child"
    write(child, {"C": ["large"]}, top="")
    (child / "C" / "requirements.txt").write_text("--no-index\n--find-links ../../wheels\nlarge\n")
    resources = (
        "  Child:\n    Type: AWS::Serverless::Application\n"
        "    Properties: {Location: child/template.yaml}\n"
    )
    write(application, {"A": ["large"]}, resources=resources)
    build(shorts, application)
    (shared,) = layers(application, "A")
    built = application / ".aws-sam" / "build" / "Child"
    assert yaml_parse((built / "template.yaml").read_text())["Resources"]["C"]["Properties"][
        "Layers"
    ] == [{"Ref": shared}]
    assert (built / f"{shared}.zip").read_bytes() == zips(application)[f"{shared}.zip"]
