"""Shared layers that hold what the sample events of their functions need, and nothing else."""

import json
import os
import zipfile
from collections.abc import Mapping
from pathlib import Path

import pytest
from samcli.yamlhelper import yaml_parse

from tests.conftest import Shorts, write_wheel

pytestmark = pytest.mark.usefixtures("own_store")

TOP = """\
Transform: AWS::Serverless-2016-10-31
Metadata: {{Shorts: {{SharedLayers: {shared}}}}}
Globals:
  Function: {{Handler: app.handler, Runtime: python3.13, Timeout: 10}}
Resources:
"""
# Random bytes: compressed, they are as large as they are. Data is in a layer in any case.
NOISE = bytes(os.urandom(400_000))
WHOLE = {f"many/{name}.py" for name in ("__init__", "a", "b", "c", "bad")}
EVENTS = "Metadata: {Shorts: {Events: [event.json]}}"


@pytest.fixture
def wheels(function: Path) -> Path:
    """A folder with a wheel of several modules."""
    modules: dict[str, str | bytes] = {
        f"many/{name}.py": f"NAME = '{name}'\n" for name in ("a", "b", "c")
    }
    data: dict[str, str | bytes] = {"many/noise": NOISE, "many/extra": "more\n"}
    files = {"many/__init__.py": "", "many/bad.py": "1 / 0\n"} | data | modules
    write_wheel(function / "wheels", "many", files)
    return function / "wheels"


def write(
    folder: Path,
    functions: Mapping[str, str],
    *,
    shared: str = "{Trim: true}",
    metadata: Mapping[str, str] | None = None,
) -> Path:
    """Write an application: functions that return the names of some modules of a distribution.

    Args:
        folder: where the wheels are.
        functions: the names of the modules, by the name of the function.
        shared: the template's setting.
        metadata: a line of the functions' resources; by default they have an event.
    """
    text = TOP.format(shared=shared)
    for name, modules in functions.items():
        about = (metadata or {}).get(name, EVENTS)
        text += f"  {name}:\n    Type: AWS::Serverless::Function\n    {about}\n"
        text += f"    Properties: {{CodeUri: {name}}}\n"
        code = folder / name
        code.mkdir(exist_ok=True)
        imports = "".join(f"import many.{one}\n" for one in modules.split())
        values = ", ".join(f"many.{one}.NAME" for one in modules.split())
        (code / "app.py").write_text(
            f"{imports}def handler(event, context):\n    return [{values}]\n"
        )
        (code / "requirements.txt").write_text("--no-index\n--find-links ../wheels\nmany\n")
    (folder / "template.yaml").write_text(text)
    (folder / "event.json").write_text("{}")
    return folder


@pytest.fixture
def application(function: Path, wheels: Path) -> Path:
    """Two functions that need different modules of one distribution."""
    return write(function, {"A": "a", "B": "b"})


def build(shorts: Shorts, folder: Path, *options: str) -> str:
    done = shorts(["build", *options], folder)
    assert done.returncode == 0, done.stderr
    return done.stdout + done.stderr


def layer(folder: Path, name: str) -> str:
    """Return the name of a function's layer in the built template."""
    template = yaml_parse((folder / ".aws-sam" / "build" / "template.yaml").read_text())
    (found,) = template["Resources"][name]["Properties"]["Layers"]
    return str(found["Ref"])


def held(folder: Path, name: str) -> set[str]:
    """Return the paths of the sources in a function's layer."""
    with zipfile.ZipFile(folder / ".aws-sam" / "build" / f"{layer(folder, name)}.zip") as archive:
        paths = {path.removeprefix("python/") for path in archive.namelist()}
    return {path for path in paths if not path.endswith(".pyc")}


def zips(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in (folder / ".aws-sam" / "build").glob("*.zip")}


def answer(shorts: Shorts, folder: Path, name: str) -> object:
    done = shorts(["local", "invoke", name], folder)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_a_layer_holds_what_the_events_of_its_functions_need_and_nothing_else(
    application: Path, shorts: Shorts
) -> None:
    build(shorts, application)
    assert layer(application, "A") == layer(application, "B")
    needed = {"many/__init__.py", "many/a.py", "many/b.py", "many/noise", "many/extra"}
    assert {path for path in held(application, "A") if not path.startswith("many-")} == needed
    assert [answer(shorts, application, name) for name in "AB"] == [["a"], ["b"]]
    manifest = application / ".aws-sam" / "build" / f"{layer(application, 'A')}.manifest.json"
    left_out = json.loads(manifest.read_text())["left_out"]
    assert ("many", "no event needs it") in {(one["of"], one["rule"]) for one in left_out}


def test_a_function_without_events_needs_everything(application: Path, shorts: Shorts) -> None:
    write(application, {"A": "a", "B": "b", "C": "c"}, metadata={"C": "Condition: Never"})
    text = (application / "template.yaml").read_text()
    conditions = "Conditions: {Never: !Equals [a, b]}\nResources:\n"
    (application / "template.yaml").write_text(text.replace("Resources:\n", conditions))
    build(shorts, application)
    assert held(application, "A") >= WHOLE


def test_a_function_that_cannot_be_traced_needs_everything(
    application: Path, shorts: Shorts
) -> None:
    write(application, {"A": "a", "B": "bad"})
    printed = build(shorts, application)
    assert "B is not trimmed, because its events prove nothing here" in printed
    assert held(application, "A") >= WHOLE


def test_a_function_that_stays_out_of_shared_layers_needs_nothing_of_them(
    application: Path, shorts: Shorts
) -> None:
    apart = "Metadata: {Shorts: {SharedLayers: false}}"
    write(application, {"A": "a", "B": "b"}, metadata={"B": apart})
    build(shorts, application)
    assert "many/b.py" not in held(application, "A")


def test_what_a_function_keeps_is_in_the_layer_and_what_all_drop_is_not(
    application: Path, shorts: Shorts
) -> None:
    keep = "Metadata: {Shorts: {Events: [event.json], Keep: [many/c.py], Drop: [many/extra]}}"
    drop = "Metadata: {Shorts: {Events: [event.json], Drop: [many/c.py, many/extra]}}"
    write(application, {"A": "a", "B": "b"}, metadata={"A": keep, "B": drop})
    build(shorts, application)
    paths = held(application, "A")
    assert "many/c.py" in paths
    assert "many/extra" not in paths
    assert "many/noise" in paths


def test_shuffled_templates_and_a_second_build_give_the_same_bytes(
    application: Path, shorts: Shorts
) -> None:
    build(shorts, application)
    before = zips(application)
    write(application, {"B": "b", "A": "a"})
    build(shorts, application, "--build-dir", ".aws-sam/build")
    assert zips(application) == before


def test_an_edit_without_new_needs_runs_the_events_of_its_function_alone(
    application: Path, shorts: Shorts
) -> None:
    build(shorts, application)
    before = zips(application)
    with (application / "A" / "app.py").open("a") as file:
        file.write("# edited\n")
    printed = build(shorts, application)
    after = zips(application)
    assert {name for name in after if after[name] != before[name]} == {"A.zip"}
    assert "A on 1 event" in printed
    assert "B on 1 event" not in printed


def test_a_removed_function_takes_what_it_alone_needs_with_it(
    application: Path, shorts: Shorts
) -> None:
    build(shorts, application)
    assert "many/b.py" in held(application, "A")
    write(application, {"A": "a"})
    build(shorts, application)
    assert "many/b.py" not in held(application, "A")


def test_the_verifying_run_has_the_trimmed_layers(application: Path, shorts: Shorts) -> None:
    """What the events need in a layer alone fails the build, with the file to keep."""
    (application / "A" / "app.py").write_text(
        "import importlib\nimport many.a\n"
        "def handler(event, context):\n"
        "    if many.a.__file__.startswith('/opt'):\n"
        "        try:\n            importlib.import_module('many.' + chr(99))\n"
        "        except ImportError:\n            return False\n"
        "    return True\n"
    )
    done = shorts(["build"], application)
    assert done.returncode == 1
    assert "event.json gets another answer from the trimmed A" in done.stderr
    assert "many/c.py" in done.stderr


def test_the_limit_counts_what_is_left(application: Path, shorts: Shorts) -> None:
    """With a limit of 1 MB the trimmed layer moves, and the whole one does not."""
    large = "VALUE = '" + NOISE.hex() + "'\n"
    write_wheel(
        application / "wheels",
        "many",
        {
            "many/__init__.py": "",
            "many/noise": NOISE,
            "many/a.py": "NAME = 'a'\n",
            "many/unused.py": large,
        },
        version="2.0",
    )
    write(application, {"A": "a"}, shared="{MaxMB: 1, Trim: true}")
    build(shorts, application)
    assert "many/unused.py" not in held(application, "A")
    write(application, {"A": "a"}, shared="{MaxMB: 1}")
    build(shorts, application)
    text = (application / ".aws-sam" / "build" / "template.yaml").read_text()
    assert "Layers" not in yaml_parse(text)["Resources"]["A"]["Properties"]


def test_a_layer_of_the_template_is_there_in_both_runs(application: Path, shorts: Shorts) -> None:
    (application / "own" / "python").mkdir(parents=True)
    (application / "own" / "python" / "mine.py").write_text("VALUE = 'mine'\n")
    with (application / "template.yaml").open("a") as file:
        file.write("  Own: {Type: AWS::Serverless::LayerVersion, Properties: {ContentUri: own}}\n")
    text = (application / "template.yaml").read_text()
    attached = text.replace("{CodeUri: A}", "{CodeUri: A, Layers: [!Ref Own]}")
    (application / "template.yaml").write_text(attached)
    (application / "A" / "app.py").write_text(
        "import many.a\nimport mine\n"
        "def handler(event, context):\n    return [many.a.NAME, mine.VALUE]\n"
    )
    build(shorts, application)
    with zipfile.ZipFile(
        application / ".aws-sam" / "build" / f"{layer(application, 'B')}.zip"
    ) as archive:
        assert "python/many/c.py" not in archive.namelist()
    assert answer(shorts, application, "A") == ["a", "mine"]


@pytest.mark.parametrize("setting", ["true", "{Trim: true}"])
def test_reports_name_the_layer_and_what_is_in_it(
    application: Path, shorts: Shorts, setting: str
) -> None:
    write(application, {"A": "a", "B": "b"}, shared=setting)
    build(shorts, application)
    name = layer(application, "A")
    done = shorts(["size"], application)
    assert done.returncode == 0, done.stderr
    assert name in done.stdout
    done = shorts(["why", "A", "many"], application)
    assert f"in the layer {name}" in done.stdout
