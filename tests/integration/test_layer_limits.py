"""Shared layers at Lambda's limits: a build that works, or a message that says why not."""

import os
from pathlib import Path

import pytest

from shorts.targets import limits
from tests.cloudformation import Deployed, built
from tests.conftest import Done, Shorts, write_wheel

TEMPLATE = """\
Transform: AWS::Serverless-2016-10-31
Metadata: {{Shorts: {{SharedLayers: true}}}}
Resources:
  F:
    Type: AWS::Serverless::Function
    Properties: {{CodeUri: f, Handler: app.handler, Runtime: python3.13, Layers: [{layers}]}}
{resources}"""
OWN = """\
  Own:
    Type: AWS::Serverless::LayerVersion
    Properties: {ContentUri: own}
"""
HANDLER = "def handler(event, context):\n    return event\n"


@pytest.fixture
def application(tmp_path: Path, own_store: Path) -> Path:
    """A template with one function; `require` gives it distributions."""
    (tmp_path / "f").mkdir()
    (tmp_path / "f" / "app.py").write_text(HANDLER)
    (tmp_path / "template.yaml").write_text(TEMPLATE.format(layers="", resources=""))
    return tmp_path


def require(folder: Path, **sizes: int) -> None:
    """Have the function require distributions of some MB, each large for uploads, too."""
    for name, size in sizes.items():
        files: dict[str, str | bytes] = {
            f"{name}/__init__.py": "",
            f"{name}/noise": os.urandom(1_100_000),
            f"{name}/data": bytes(size * limits.MB - 1_100_000),
        }
        write_wheel(folder / "wheels", name, files)
    lines = ["--no-index", "--find-links ../wheels", *sizes]
    (folder / "f" / "requirements.txt").write_text("\n".join(lines) + "\n")


def attach(folder: Path, size: int) -> None:
    """Give the function a layer of the template, of some MB."""
    (folder / "own" / "python").mkdir(parents=True)
    (folder / "own" / "python" / "data").write_bytes(bytes(size * limits.MB))
    (folder / "template.yaml").write_text(TEMPLATE.format(layers="!Ref Own", resources=OWN))


def build(shorts: Shorts, folder: Path) -> Done:
    return shorts(["build"], folder)


def function(done: Done, folder: Path) -> Deployed:
    assert done.returncode == 0, done.stderr
    return built(folder / ".aws-sam" / "build")["F"]


def test_a_lone_function_gets_layers_so_that_an_edit_uploads_its_own_code(
    application: Path, shorts: Shorts
) -> None:
    require(application, one=2)
    before = function(build(shorts, application), application)
    zipped = application / ".aws-sam" / "build" / "F.zip"
    assert len(before.layers) == 1
    assert zipped.stat().st_size < 10_000
    (application / "f" / "app.py").write_text(f"{HANDLER}# edited\n")
    assert function(build(shorts, application), application).layers == before.layers
    assert zipped.stat().st_size < 10_000


def test_a_function_of_249_mb_gets_layers(application: Path, shorts: Shorts) -> None:
    require(application, one=100, two=100, three=49)
    made = function(build(shorts, application), application)
    assert len(made.layers) == 3
    assert 249 * limits.MB < made.size <= limits.UNZIPPED


def test_bytecode_that_does_not_fit_leaves_a_distribution_in_the_zip(
    application: Path, shorts: Shorts
) -> None:
    """A layer has all bytecode, a zip that of the reached modules: some layers may still fit."""
    require(application, one=100, two=100, three=48)
    lines = "".join(f"def f{number}():0\n" for number in range(5_000))
    files: dict[str, str | bytes] = {f"code/m{number}.py": lines for number in range(4)}
    files |= {"code/__init__.py": "", "code/noise": os.urandom(1_100_000)}
    write_wheel(application / "wheels", "code", files)
    with (application / "f" / "requirements.txt").open("a") as file:
        file.write("code\n")
    done = build(shorts, application)
    made = function(done, application)
    assert len(made.layers) == 2
    assert made.size <= limits.UNZIPPED
    assert "F gets 2 of 3 shared layers: with all layers it would be " in done.stderr


def test_a_distribution_over_the_limit_is_named(application: Path, shorts: Shorts) -> None:
    require(application, one=251)
    done = build(shorts, application)
    assert done.returncode == 1
    assert "F is 263.2 MB unzipped; Lambda takes 262.1 MB." in done.stderr
    assert "The largest parts: one 1.0 263.2 MB" in done.stderr
    assert "package it as an image" in done.stderr


def test_distributions_over_the_limit_together_are_named(application: Path, shorts: Shorts) -> None:
    require(application, one=140, two=140)
    done = build(shorts, application)
    assert done.returncode == 1
    assert "F is 293.6 MB unzipped; Lambda takes 262.1 MB." in done.stderr
    assert "The largest parts: one 1.0 146.8 MB, two 1.0 146.8 MB" in done.stderr


def test_a_layer_of_the_template_counts(application: Path, shorts: Shorts) -> None:
    attach(application, 180)
    require(application, one=60)
    made = function(build(shorts, application), application)
    assert len(made.layers) == 2
    assert made.size > 240 * limits.MB


def test_a_layer_of_the_template_that_leaves_no_room_is_named(
    application: Path, shorts: Shorts
) -> None:
    attach(application, 200)
    require(application, one=60)
    done = build(shorts, application)
    assert done.returncode == 1
    assert "F is 272.6 MB unzipped with its layers; Lambda takes 262.1 MB." in done.stderr
    assert "The parts: F 62.9 MB, Own 209.7 MB." in done.stderr
