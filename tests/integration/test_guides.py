"""The guides: what each says is done, with the tool that it is about where that can be had."""

import hashlib
import json
import os
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import boto3
import pytest
import yaml
from moto.server import ThreadedMotoServer

from tests.conftest import as_process, once
from tests.documents import DOCS, blocks, follow

GUIDES = DOCS / "guides"
OSLS = "osls@4.3.1"
DUMMY = {
    "AWS_ACCESS_KEY_ID": "key",
    "AWS_SECRET_ACCESS_KEY": "secret",
    "AWS_DEFAULT_REGION": "eu-west-1",
}


def file(page: str, title: str) -> str:
    """What a page has a reader put into a file."""
    (text,) = (block.text for block in blocks(GUIDES / page) if block.title == title)
    return text


def digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


@pytest.mark.skipif(shutil.which("node") is None, reason="aws-cdk-lib needs node")
def test_cdk(tmp_path: Path) -> None:
    """The stack's asset is the zip, byte for byte."""
    assert follow(GUIDES / "cdk.md", tmp_path, JSII_SILENCE_WARNING_UNTESTED_NODE_VERSION="1")
    out = tmp_path / "cdk.out"
    template = json.loads((out / "echo.template.json").read_text("utf-8"))
    (function,) = (
        one for one in template["Resources"].values() if one["Type"] == "AWS::Lambda::Function"
    )
    key = function["Properties"]["Code"]["S3Key"]
    assert digest(out / f"asset.{key}") == digest(tmp_path / "out" / "echo.zip")
    assert function["Properties"]["Architectures"] == ["arm64"]


@pytest.fixture(scope="session")
def osls(shared: Path) -> Path:
    """The folder of the command `osls`, installed once for a run of the tests."""
    npm = shutil.which("npm")
    if npm is None:
        pytest.skip("there is no npm to install osls with")

    def install(folder: Path) -> None:
        folder.mkdir()
        flags = ["--ignore-scripts", "--no-fund", "--no-audit", "--silent"]
        done = subprocess.run([npm, "install", "--prefix", folder, *flags, OSLS], check=False)
        if done.returncode:
            pytest.skip("npm cannot install osls here")

    return once(shared / "osls", install) / "node_modules" / ".bin"


def test_serverless_framework(tmp_path: Path, osls: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It packages the zip as it is."""
    monkeypatch.setenv("PATH", f"{os.environ['PATH']}{os.pathsep}{osls}")
    assert follow(GUIDES / "serverless.md", tmp_path, **DUMMY, SLS_TELEMETRY_DISABLED="1")
    state = json.loads((tmp_path / ".serverless" / "serverless-state.json").read_text("utf-8"))
    artifact = state["service"]["functions"]["echo"]["package"]["artifact"]
    assert Path(artifact).name == "echo.zip"
    assert digest(tmp_path / artifact) == digest(tmp_path / "out" / "echo.zip")


def test_boto3(tmp_path: Path) -> None:
    """A function is created, left alone, and updated, in moto."""
    server = ThreadedMotoServer(port=0, verbose=False)
    server.start()
    try:
        address = "http://{}:{}".format(*server.get_host_and_port())
        given = {"AWS_ENDPOINT_URL": address, **DUMMY}
        iam = boto3.client(
            "iam",
            endpoint_url=address,
            region_name="eu-west-1",
            aws_access_key_id="key",
            aws_secret_access_key="secret",
        )
        role = iam.create_role(RoleName="echo", AssumeRolePolicyDocument="{}")["Role"]["Arn"]
        assert follow(GUIDES / "boto3.md", tmp_path, ROLE=role, **given)
    finally:
        server.stop()


def test_terraform(tmp_path: Path) -> None:
    """The call by hand has the query's form, and both give the same zip as the options."""
    assert follow(GUIDES / "terraform.md", tmp_path)
    zips = tmp_path / "out"
    words = "zip src --handler app.handler --runtime python3.13 -o out/options.zip".split()
    done = as_process(["-m", "shorts", *words], tmp_path)
    assert done.returncode == 0, done.stderr
    assert digest(zips / "echo.zip") == digest(zips / "options.zip")


@pytest.mark.skipif(shutil.which("terraform") is None, reason="there is no terraform")
@pytest.mark.parametrize("title", ["main.tf", "layer.tf"])
def test_the_configuration_is_formatted_as_terraform_does(tmp_path: Path, title: str) -> None:
    """It is also read by that. Its providers are on a registry, so it is not planned here."""
    text = file("terraform.md", title)
    done = subprocess.run(
        ["terraform", "fmt", "-"],
        cwd=tmp_path,
        input=text,
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout == text


def test_the_query_of_the_configuration_is_answered(tmp_path: Path) -> None:
    """What Terraform would send for `main.tf` and `layer.tf`, as its protocol has it."""
    follow(GUIDES / "terraform.md", tmp_path)
    (tmp_path / "deps").mkdir()
    (tmp_path / "deps" / "common.py").write_text("")
    queries = [
        {
            "folder": "src",
            "handler": "app.handler",
            "runtime": "python3.13",
            "arch": "x86_64",
            "output": "out/echo.zip",
            "event": "events/echo.json",
            "manifest": "",
        },
        {"folder": "deps", "layer": "true", "runtime": "python3.13", "output": "out/layer.zip"},
    ]
    for query in queries:
        done = subprocess.run(
            [sys.executable, "-m", "shorts", "zip", "--terraform"],
            cwd=tmp_path,
            input=json.dumps(query),
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        answer = json.loads(done.stdout)
        assert all(isinstance(value, str) for value in answer.values())
        assert answer["path"] == query["output"]
        assert answer["sha256"] == digest(tmp_path / query["output"])
    with zipfile.ZipFile(tmp_path / "out" / "layer.zip") as archive:
        assert "python/common.py" in archive.namelist()


@pytest.mark.parametrize(
    ("query", "message"),
    [
        ('{"folder": "src", "colour": "red"}', "The query has 'colour', which is none of folder, "),
        ('{"layer": "yes"}', "layer is 'yes' in the query: write true or false.\n"),
        ('{"folder": 1}', "Standard input is not a query of Terraform, an object of strings: "),
        ("", "Standard input is not a query of Terraform, an object of strings: "),
    ],
)
def test_a_query_that_is_wrong(tmp_path: Path, query: str, message: str) -> None:
    """Terraform shows what is on standard error, where the status is not 0."""
    done = subprocess.run(
        [sys.executable, "-m", "shorts", "zip", "--terraform"],
        cwd=tmp_path,
        input=query,
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith(f"shorts: {message}")


def test_gitlab_ci(application: Path) -> None:
    """The job's script runs, as GitLab runs it: all lines in one shell."""
    job = yaml.safe_load(file("gitlab-ci.md", ".gitlab-ci.yml"))["build"]
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    shutil.rmtree(application / "plot")
    text = (application / "template.yaml").read_text("utf-8")
    keep = "Transform: AWS::Serverless-2016-10-31\nResources:\n  F:\n"
    keep += "    Type: AWS::Serverless::Function\n"
    keep += "    Properties: {CodeUri: echo, Handler: app.handler, Runtime: python3.13}\n"
    assert "PlotFunction" in text
    (application / "template.yaml").write_text(keep)
    done = subprocess.run(
        ["bash", "-eo", "pipefail", "-c", "\n".join(job["script"])],
        cwd=application,
        env=os.environ | {"PATH": path, "SHORTS_CACHE_DIR": str(application / ".shorts-store")},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    for name in job["artifacts"]["paths"]:
        assert (application / name).exists()
    assert job["before_script"] == ["pip install shorts"]


def test_github_actions(tmp_path: Path) -> None:
    """actionlint takes the workflow, and the action has its inputs and its output."""
    workflow = tmp_path / "build.yml"
    workflow.write_text(file("github-actions.md", ".github/workflows/build.yml"))
    linter = Path(sys.executable).with_name("actionlint")
    subprocess.run([linter, workflow], cwd=tmp_path, check=True)


def test_the_guides_are_all_of_these() -> None:
    """One test for each; pre-commit's hook is run in `test_ci.py`."""
    assert [page.stem for page in sorted(GUIDES.glob("*.md"))] == [
        "boto3",
        "cdk",
        "github-actions",
        "gitlab-ci",
        "pre-commit",
        "serverless",
        "terraform",
    ]
