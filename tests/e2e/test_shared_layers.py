"""Shared layers deployed by `sam deploy`, as it is, to a stand-in for the cloud."""

import io
import json
import os
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from shorts.emulator import invoke
from shorts.emulator.emulator import Emulator
from shorts.model import Layer
from shorts.system import process
from tests import records
from tests import sam as forked
from tests.conftest import Shorts, write_wheel
from tests.e2e.cloud.service import Cloud, serving

pytestmark = pytest.mark.usefixtures("own_store")

TEMPLATE = """\
Transform: AWS::Serverless-2016-10-31
Metadata: {Shorts: {SharedLayers: true}}
Globals:
  Function: {Handler: app.handler, Runtime: python3.13, Timeout: 10, AutoPublishAlias: live}
Resources:
  Role:
    Type: AWS::IAM::Role
    Properties:
      AssumeRolePolicyDocument:
        Statement:
        - Effect: Allow
          Principal: {Service: lambda.amazonaws.com}
          Action: sts:AssumeRole
  A:
    Type: AWS::Serverless::Function
    Properties: {CodeUri: A, Role: !GetAtt Role.Arn}
  B:
    Type: AWS::Serverless::Function
    Properties: {CodeUri: B, Role: !GetAtt Role.Arn}
"""
CODE = "import large, small\ndef handler(event, context):\n    return [large.VALUE, small.VALUE]\n"
NOISE = os.urandom(2_000_000)
BUCKET = "shared-layers"


@pytest.fixture(scope="module")
def cloud(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cloud]:
    """A stand-in for the cloud, for this file's tests."""
    with serving(tmp_path_factory.mktemp("cloud") / "log") as there:
        there.client("s3").create_bucket(
            Bucket=BUCKET,
            CreateBucketConfiguration={"LocationConstraint": there.client("s3").meta.region_name},
        )
        yield there


@pytest.fixture
def application(tmp_path: Path) -> Path:
    """Two functions with the same requirements."""
    wheel(tmp_path, "large", 1)
    wheel(tmp_path, "small", 1)
    (tmp_path / "template.yaml").write_text(TEMPLATE)
    for name in ("A", "B"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "app.py").write_text(CODE)
        (tmp_path / name / "requirements.txt").write_text(
            "--no-index\n--find-links ../wheels\nlarge\nsmall\n"
        )
    return tmp_path


def wheel(folder: Path, name: str, version: int) -> None:
    files: dict[str, str | bytes] = {
        f"{name}/__init__.py": f"VALUE = {version}\n",
        f"{name}/noise": NOISE if name == "large" else NOISE[:200_000],
    }
    write_wheel(folder / "wheels", name, files, version=f"{version}.0")


def deploy(cloud: Cloud, shorts: Shorts, folder: Path, stack: str, *options: str) -> int:
    """Build and deploy, and return how many bytes of zips that uploaded."""
    before = sizes(cloud)
    done = shorts(["build", *options], folder)
    assert done.returncode == 0, done.stderr
    arguments = ["deploy", "--no-confirm-changeset", "--stack-name", stack, "--s3-bucket", BUCKET]
    arguments += ["--capabilities", "CAPABILITY_IAM", "--region", "eu-central-1"]
    deployed = forked.run(arguments, folder, process.environment(cloud.environment))
    assert deployed.returncode == 0, deployed.stdout + deployed.stderr
    after = sizes(cloud)
    new = after.keys() - before.keys()
    return sum(after[key] for key in new if not key.endswith(".template"))


def sizes(cloud: Cloud) -> dict[str, int]:
    found = cloud.client("s3").list_objects_v2(Bucket=BUCKET).get("Contents", [])
    return {one["Key"]: one["Size"] for one in found}


def answer(cloud: Cloud, stack: str, name: str, folder: Path) -> Any:
    """Run a deployed function: its code and its layers, fetched back."""
    task = folder / "task"
    with zipfile.ZipFile(io.BytesIO(cloud.code(stack, name))) as archive:
        archive.extractall(task)
    layers = []
    for number, zipped in enumerate(cloud.layers(stack, name)):
        place = folder / f"{number}.zip"
        place.write_bytes(zipped)
        layers.append(
            Layer(
                full_path=f"Layer{number}",
                name=f"Layer{number}",
                architecture="x86_64",
                code_uri=str(place),
                build_method="python3.13",
            )
        )
    function = records.function(name, code_uri=str(task), timeout=10, layers=layers)
    variables = invoke.environment(function, {}, invoke.NO_HOST)
    with Emulator(function, task, variables, lambda line: None) as emulator:
        return json.loads(emulator.invoke(b"{}").body)


def versions(cloud: Cloud, stack: str, name: str) -> set[str]:
    """Return the logical ids of a function's published versions in a stack."""
    found = cloud.client("cloudformation").describe_stack_resources(StackName=stack)
    names = (one["LogicalResourceId"] for one in found["StackResources"])
    return {one for one in names if one.startswith(f"{name}Version")}


def test_distributions_are_uploaded_once_and_an_edit_uploads_its_code_alone(
    cloud: Cloud, application: Path, shorts: Shorts, tmp_path: Path
) -> None:
    first = deploy(cloud, shorts, application, "once")
    assert 2_200_000 < first < 2_300_000
    assert answer(cloud, "once", "A", tmp_path / "first") == [1, 1]
    with (application / "A" / "app.py").open("a") as file:
        file.write("# edited\n")
    assert deploy(cloud, shorts, application, "once") < 10_000
    assert answer(cloud, "once", "A", tmp_path / "second") == [1, 1]


def test_a_new_version_of_a_distribution_reaches_the_alias(
    cloud: Cloud, application: Path, shorts: Shorts, tmp_path: Path
) -> None:
    deploy(cloud, shorts, application, "alias")
    before = versions(cloud, "alias", "A")
    wheel(application, "small", 2)
    uploaded = deploy(cloud, shorts, application, "alias", "--upgrade")
    assert 200_000 < uploaded < 250_000  # the layer of the small one, and two zips of own code
    after = versions(cloud, "alias", "A")
    assert len(after) == 1
    assert after != before
    assert answer(cloud, "alias", "A", tmp_path / "fetched") == [1, 2]
