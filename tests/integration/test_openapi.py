"""The description of the API, held against the functions it describes."""

import base64
import functools
import importlib.util
import json
import re
from collections.abc import Callable, Iterable
from typing import Any
from urllib.parse import quote

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, settings
from schemathesis.checks import not_a_server_error
from schemathesis.core.result import Ok
from schemathesis.pytest.lazy import get_all_tests
from schemathesis.schemas import BaseSchema
from schemathesis.specs.openapi.checks import (
    negative_data_rejection,
    positive_data_acceptance,
    response_schema_conformance,
    unsupported_method,
)

import openapi
from tests.conftest import ROOT
from tests.http_service import Handler, event

Start = Callable[[str, list[tuple[str, str]]], object]


@functools.cache
def handler(name: str) -> Handler:
    """Import a function's handler; both are in a module `app`."""
    spec = importlib.util.spec_from_file_location(f"{name}_app", ROOT / name / "app.py")
    assert spec is not None and spec.loader is not None
    app = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(app)
    found: Handler = app.handler
    return found


class Context:
    """An invocation in which so many milliseconds are left."""

    aws_request_id = "c6af9ac6-7b61-11e6-9a41-93e8deadbeef"

    def __init__(self, milliseconds: int) -> None:
        self.milliseconds = milliseconds

    def get_remaining_time_in_millis(self) -> int:
        return self.milliseconds


# A delay that Echo is asked for ends where the time does; a chart has all of it.
CONTEXTS = {"echo": Context(500), "plot": Context(29_000)}


def application(environ: dict[str, Any], start: Start) -> Iterable[bytes]:
    """Answer a WSGI request by the function that has the route."""
    path = quote(environ["PATH_INFO"].encode("latin-1"))
    body = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
    headers = {
        name.removeprefix("HTTP_").replace("_", "-"): value
        for name, value in environ.items()
        if name.startswith("HTTP_") or (name == "CONTENT_TYPE" and value)
    }
    headers.pop("ACCEPT-ENCODING", None)  # nothing here would decompress
    method, query = environ["REQUEST_METHOD"], environ.get("QUERY_STRING", "")
    name = "echo" if path.startswith("/echo") else "plot"
    answer = handler(name)(event(method, f"{path}?{query}", headers, body), CONTEXTS[name])
    content = answer["body"].encode()
    if answer["isBase64Encoded"]:
        content = base64.b64decode(content)
    start(f"{answer['statusCode']} Answered", list(answer["headers"].items()))
    return [content]


@pytest.fixture(scope="module")
def served() -> BaseSchema:
    """The description as Plot serves it."""
    return schemathesis.openapi.from_wsgi("/openapi.json", application)


def test_the_description_is_current() -> None:
    """The file is what is made of the functions' records; `python -m openapi` makes it again."""
    assert openapi.FILE.read_text("utf-8") == openapi.text()


def test_the_description_is_openapi() -> None:
    """The file is valid OpenAPI 3.1."""
    from openapi_spec_validator import OpenAPIV31SpecValidator

    document = openapi.document()

    assert document["openapi"].startswith("3.1.")
    OpenAPIV31SpecValidator(document).validate()


def test_the_description_has_the_routes_of_the_template() -> None:
    """Every path that the template routes is described, and no other."""
    routed = set(re.findall(r'Path: "?(/[^",}]*[+}]*)', (ROOT / "template.yaml").read_text()))
    described = set(openapi.document()["paths"])

    assert {path.replace("+", "") for path in routed} == described


OPERATIONS = [
    (method, path)
    for path, described in json.loads(openapi.FILE.read_text("utf-8"))["paths"].items()
    for method in described
    if method != "parameters"
]
SETTINGS = settings(
    max_examples=20,
    derandomize=True,
    database=None,
    deadline=None,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=list(HealthCheck),
)


def conforms(case: "schemathesis.Case[Any]") -> None:
    """Hold an answer against the description.

    What a chart's fields must be together no schema says, so what a schema admits may be refused.
    Echo answers any method, query and body, with a server's error where it is asked for one, and
    with the request itself where that is wanted.
    """
    excluded: list[Any] = [positive_data_acceptance]
    if case.path.startswith("/echo"):
        excluded += [unsupported_method, negative_data_rejection]
        excluded += [not_a_server_error] if "status" in case.query else []
        excluded += [response_schema_conformance] if "raw" in case.query else []
    case.call_and_validate(excluded_checks=excluded)


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize(("method", "path"), OPERATIONS)
def test_answers_are_as_described(served: BaseSchema, method: str, path: str) -> None:
    """Whatever the description admits and does not, the answer is one that it describes."""
    # Schemathesis' own decorator makes up all requests already where tests are collected.
    operation = served.include(method=method, path=path)
    (made,) = get_all_tests(
        schema=operation, test_func=conforms, settings=SETTINGS, given_kwargs=None
    )
    assert isinstance(made, Ok), made
    _, test = made.ok()
    test()
