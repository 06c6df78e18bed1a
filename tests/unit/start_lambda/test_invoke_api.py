"""Lambda's answers to calls of functions that fail, or do not run here."""

from __future__ import annotations

import base64
import json
from typing import Any

import pytest

from shorts.emulator.pool import Pool
from shorts.emulator.reply import Reply, failure_of
from shorts.start_api.events import Request
from shorts.start_api.http_server import Served
from shorts.start_lambda.invoke_api import Site
from tests import records


class Sandbox:
    """A sandbox of a function that answers always the same."""

    def __init__(self, body: bytes, failure: str) -> None:
        self.body = body
        self.failure = failure or failure_of(body)

    def ask(self, event: bytes, patience: float, *, tail: bool = False) -> Reply:
        log = b"the end" if tail else b""
        return Reply(
            request="", body=self.body, failure=self.failure, init=None, duration=None, tail=log
        )

    def stop(self) -> None:
        pass


F = records.function("Stack/F", code_uri="/app")


def call(body: bytes | None, failure: str = "", name: str = "F", **headers: str) -> Served:
    pools = {} if body is None else {F.full_path: Pool(lambda: Sandbox(body, failure), 1)}
    request = Request(
        method="POST",
        path=f"/2015-03-31/functions/{name}/invocations",
        query="Qualifier=live",
        headers=[(key.replace("_", "-"), value) for key, value in headers.items()],
        body=b"",
        source="127.0.0.1",
        protocol="HTTP/1.1",
        scheme="http",
        port=3001,
        received=0,
        id="id",
    )
    site = Site(functions=[F], pools=pools, region="eu-west-1", log=lambda line: None)
    return site.respond(request)


def failed(served: Served) -> dict[str, Any]:
    assert served.answer.status == 200
    assert dict(served.answer.headers)["X-Amz-Function-Error"] == "Unhandled"
    said: dict[str, Any] = json.loads(served.answer.body)
    return said


@pytest.mark.parametrize("name", ["F", "Stack/F", "Stack%2FF", "F:live", "arn:x"])
def test_finds_a_function_by_its_path(name: str) -> None:
    """A function of a nested stack is called by its path or its name; nothing else is a name."""
    served = call(b"1", name=name)
    if name == "arn:x":
        assert (served.answer.status, served.function) == (404, "")
    else:
        assert (served.answer.body, served.function) == (b"1", "Stack/F")


def test_a_name_that_is_none() -> None:
    """What cannot be a name is refused as Lambda does."""
    served = call(b"1", name="a b")
    assert served.answer.status == 400
    assert dict(served.answer.headers)["x-amzn-ErrorType"] == "ValidationException"


@pytest.mark.parametrize(
    ("body", "failure", "type_"),
    [
        (b'{"errorType": "E", "errorMessage": "m"}', "", "E"),
        (b"Task timed out after 3.00 seconds", "", "Sandbox.Timedout"),
        (b"", "", "Runtime.ExitError"),
        (
            b'{"errorType": "x", "errorMessage": ""}',
            "Runtime.OutOfMemory: F",
            "Runtime.OutOfMemory",
        ),
    ],
)
def test_failures_have_a_type(body: bytes, failure: str, type_: str) -> None:
    """Every failure is JSON with a type and a message, whoever noticed it."""
    assert failed(call(body, failure))["errorType"] == type_


def test_an_answer_that_is_too_large() -> None:
    """An answer above Lambda's limit is a failure."""
    assert failed(call(b'"' + b"x" * 7_000_000 + b'"'))["errorType"] == (
        "Function.ResponseSizeTooLarge"
    )


def test_the_end_of_the_log() -> None:
    """The log comes back where it was requested."""
    headers = dict(call(b"1", X_Amz_Log_Type="Tail").answer.headers)
    assert base64.b64decode(headers["X-Amz-Log-Result"]) == b"the end"
    assert "X-Amz-Log-Result" not in dict(call(b"1").answer.headers)


def test_what_does_not_run_here() -> None:
    """A function that does not run here is found, and not called."""
    served = call(None)
    assert served.answer.status == 501
    assert json.loads(served.answer.body)["Message"].startswith("Stack/F does not run here: ")


@pytest.mark.parametrize("header", ["X_Amz_Invocation_Type", "X_Amz_Log_Type"])
def test_values_that_lambda_does_not_have(header: str) -> None:
    """Another type of call or log is refused."""
    served = call(b"1", **{header: "Other"})
    assert served.answer.status == 400
    assert json.loads(served.answer.body)["Message"].startswith(
        f"{header.replace('_', '-').lower()}: 'Other' is not one of "
    )
