"""`shorts local start-lambda` as a process: what an SDK gets from the functions it calls."""

from __future__ import annotations

import base64
import json
import os
import re
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError

from tests.conftest import ROOT

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="the emulator runs on Linux")

MINOR = f"{sys.version_info[0]}.{sys.version_info[1]}"
PATIENCE = 60
TEMPLATE = f"""
Transform: AWS::Serverless-2016-10-31
Globals: {{Function: {{Runtime: python{MINOR}, Handler: app.handler, Timeout: 5}}}}
Resources:
  F:
    Type: AWS::Serverless::Function
    Properties: {{CodeUri: fn, FunctionName: my-function}}
  Slow:
    Type: AWS::Serverless::Function
    Properties: {{CodeUri: fn, Timeout: 1}}
"""
APP = """\
import os, time

def handler(event, context):
    if "print" in event:
        print(event["print"])
    if "raise" in event:
        raise ValueError(event["raise"])
    if "exit" in event:
        os._exit(event["exit"])
    if "large" in event:
        return "x" * event["large"]
    if "write" in event:
        with open(event["write"], "w") as file:
            file.write("done")
    time.sleep(event.get("sleep", 0))
    return {"event": event, "key": os.environ["AWS_ACCESS_KEY_ID"]}
"""


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Path, str]]:
    """The folder of an application, and the address of its functions."""
    folder = tmp_path_factory.mktemp("lambda") / "app"
    (folder / "fn").mkdir(parents=True)
    (folder / "template.yaml").write_text(TEMPLATE)
    (folder / "fn" / "app.py").write_text(APP)
    log = folder.with_name("log")
    words = ["local", "start-lambda", "--port", "0", "--concurrency", "2"]
    with log.open("wb") as out:
        process = subprocess.Popen(
            [sys.executable, "-m", "shorts", *words],
            cwd=folder,
            env={**os.environ, "PYTHONPATH": str(ROOT), "AWS_ACCESS_KEY_ID": "mine"}
            | {"AWS_SECRET_ACCESS_KEY": "x"},
            stdout=out,
            stderr=out,
            start_new_session=True,
        )
    deadline = time.monotonic() + PATIENCE
    while not (found := re.search(r"endpoint (\S+);", log.read_text())):
        assert process.poll() is None and time.monotonic() < deadline, log.read_text()
        time.sleep(0.05)
    yield folder, found[1]
    process.send_signal(signal.SIGTERM)
    process.wait(PATIENCE)


@pytest.fixture(scope="module")
def client(service: tuple[Path, str]) -> Any:
    """boto3's client of Lambda."""
    return boto3.client(
        "lambda",
        endpoint_url=service[1],
        region_name="eu-west-1",
        aws_access_key_id="any",
        aws_secret_access_key="any",
        config=Config(retries={"max_attempts": 0}, read_timeout=PATIENCE),
    )


ARN = "arn:aws:lambda:eu-west-1:123456789012:function:"


@pytest.mark.parametrize(
    "name",
    ["F", "my-function", f"{ARN}F", f"{ARN}my-function:live", "123456789012:function:F", "F:1"],
)
def test_calls_a_function_by_its_names(client: Any, name: str) -> None:
    """A function is called by its logical id, name or ARN; its answer and version come back."""
    found = client.invoke(FunctionName=name, Payload=b'{"a": "\xc3\xa9"}')
    assert (found["StatusCode"], found["ExecutedVersion"]) == (200, "$LATEST")
    assert "FunctionError" not in found
    assert "LogResult" not in found
    assert json.load(found["Payload"]) == {"event": {"a": "é"}, "key": "mine"}


def test_ignores_a_qualifier(client: Any) -> None:
    """There is one version here, so that every qualifier means it."""
    found = client.invoke(FunctionName="F", Qualifier="live")
    assert json.load(found["Payload"])["event"] == {}


def test_returns_the_log(client: Any) -> None:
    """With `LogType=Tail`, the end of the log comes back, without the emulator's own lines."""
    found = client.invoke(FunctionName="F", LogType="Tail", Payload=b'{"print": "hello"}')
    said = base64.b64decode(found["LogResult"]).decode().splitlines()
    assert said[0].startswith("START RequestId: ")
    assert "hello" in said
    assert said[-1].startswith("REPORT RequestId: ")
    assert not [line for line in said if "rapid" in line]
    event = json.dumps({"print": "x" * 9000})
    long = client.invoke(FunctionName="F", LogType="Tail", Payload=event)
    assert len(base64.b64decode(long["LogResult"])) == 4096


@pytest.mark.parametrize(
    ("event", "type_", "message"),
    [
        ({"raise": "no"}, "ValueError", "no"),
        ({"exit": 3}, "Runtime.ExitError", None),
        ({"large": 7_000_000}, "Function.ResponseSizeTooLarge", None),
    ],
)
def test_reports_a_functions_failure(
    client: Any, event: dict[str, Any], type_: str, message: str | None
) -> None:
    """A failure of the function is an answer with `FunctionError`, as Lambda's."""
    found = client.invoke(FunctionName="F", Payload=json.dumps(event))
    assert (found["StatusCode"], found["FunctionError"]) == (200, "Unhandled")
    failure = json.load(found["Payload"])
    assert failure["errorType"] == type_
    assert message is None or failure["errorMessage"] == message


def test_reports_a_timeout(client: Any) -> None:
    """A function that takes longer than its timeout fails, and its next call works."""
    found = client.invoke(FunctionName="Slow", Payload=b'{"sleep": 3}')
    assert found["FunctionError"] == "Unhandled"
    failure = json.load(found["Payload"])
    assert failure["errorType"] == "Sandbox.Timedout"
    assert re.fullmatch(
        r"RequestId: [\w-]+ Error: Task timed out after 1.00 seconds", failure["errorMessage"]
    )
    assert "FunctionError" not in client.invoke(FunctionName="Slow")


def test_runs_an_event_later(client: Any, service: tuple[Path, str], tmp_path: Path) -> None:
    """With `InvocationType=Event`, the answer comes at once, and the function runs after it."""
    written = tmp_path / "written"
    began = time.monotonic()
    event = json.dumps({"write": str(written), "sleep": 2})
    found = client.invoke(FunctionName="F", InvocationType="Event", Payload=event)
    assert time.monotonic() - began < 2
    assert (found["StatusCode"], found["Payload"].read()) == (202, b"")
    deadline = time.monotonic() + PATIENCE
    while not written.exists():
        assert time.monotonic() < deadline
        time.sleep(0.05)


def test_runs_nothing_dry(client: Any, tmp_path: Path) -> None:
    """With `InvocationType=DryRun`, nothing runs."""
    written = tmp_path / "written"
    event = json.dumps({"write": str(written)})
    found = client.invoke(FunctionName="F", InvocationType="DryRun", Payload=event)
    assert (found["StatusCode"], found["Payload"].read()) == (204, b"")
    assert not written.exists()


def test_refuses_a_function_that_does_not_exist(client: Any) -> None:
    """The SDK raises its own exception, with Lambda's message."""
    with pytest.raises(client.exceptions.ResourceNotFoundException) as caught:
        client.invoke(FunctionName="Gone")
    assert caught.value.response["Error"]["Message"] == (
        "Function not found: arn:aws:lambda:us-east-1:123456789012:function:Gone"
    )


def test_refuses_an_event_that_is_not_json(client: Any) -> None:
    """An event must be JSON."""
    with pytest.raises(client.exceptions.InvalidRequestContentException):
        client.invoke(FunctionName="F", Payload=b"{")


def test_refuses_what_is_too_large(client: Any) -> None:
    """An event has at most 6 MB."""
    with pytest.raises(ClientError) as caught:
        client.invoke(FunctionName="F", Payload=b'"%b"' % (b"x" * 6_400_000))
    assert caught.value.response["Error"]["Code"] == "RequestTooLargeException"


@pytest.mark.parametrize(("method", "path", "status"), [("GET", "", 405), ("POST", "/x", 404)])
def test_refuses_what_is_not_an_invocation(
    service: tuple[Path, str], method: str, path: str, status: int
) -> None:
    """Only calls are answered."""
    address = f"{service[1]}/2015-03-31/functions/F/invocations{path}"
    request = urllib.request.Request(address, b"{}", method=method)
    with pytest.raises(urllib.error.HTTPError) as caught:
        urllib.request.urlopen(request, timeout=PATIENCE)
    assert caught.value.code == status
    caught.value.close()


def test_serves_what_is_edited(client: Any, service: tuple[Path, str]) -> None:
    """An edit is built and served."""
    app = service[0] / "fn" / "app.py"
    app.write_text(APP.replace('{"event": event', '{"edited": True'))
    deadline = time.monotonic() + PATIENCE
    while "edited" not in json.load(client.invoke(FunctionName="F")["Payload"]):
        assert time.monotonic() < deadline
        time.sleep(0.1)
