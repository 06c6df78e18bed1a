"""The description of the API, held against the functions it describes."""

import base64
import importlib.util
import json
import re
import sys
from collections.abc import Callable, Iterable
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, settings
from openapi_spec_validator import OpenAPIV31SpecValidator
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    negative_data_rejection,
    positive_data_acceptance,
    response_schema_conformance,
    unsupported_method,
)

ROOT = Path(__file__).parents[2]
DESCRIPTION = ROOT / "plot" / "openapi.json"

Start = Callable[[str, list[tuple[str, str]]], object]


def module(name: str, path: Path) -> ModuleType:
    """Import a file of the repository by a name of its own."""
    if str(path.parent) not in sys.path:
        sys.path.insert(0, str(path.parent))
    spec = importlib.util.spec_from_file_location(name, path)
    assert spec is not None and spec.loader is not None
    loaded = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(loaded)
    return loaded


HANDLERS = {
    name: module(f"{name}_app", ROOT / name / "app.py").handler for name in ("echo", "plot")
}


class Context:
    """An invocation in which a second is left: a delay that is asked for is cut to half of it."""

    aws_request_id = "c6af9ac6-7b61-11e6-9a41-93e8deadbeef"

    def get_remaining_time_in_millis(self) -> int:
        return 1_000


class Time(Context):
    """An invocation with time to draw."""

    def get_remaining_time_in_millis(self) -> int:
        return 29_000


def application(environ: dict[str, Any], start: Start) -> Iterable[bytes]:
    """Answer a WSGI request by the function whose route it is, as an HTTP API would."""
    path = environ["PATH_INFO"].encode("latin-1").decode(errors="replace")
    body = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
    headers = {
        name.removeprefix("HTTP_").replace("_", "-").lower(): value
        for name, value in environ.items()
        if name.startswith("HTTP_") or (name in ("CONTENT_TYPE", "CONTENT_LENGTH") and value)
    }
    headers.pop("accept-encoding", None)  # the client here would not decompress
    event = {
        "version": "2.0",
        "routeKey": "$default",
        "rawPath": path,
        "rawQueryString": environ.get("QUERY_STRING", ""),
        "headers": headers,
        "requestContext": {
            "http": {"method": environ["REQUEST_METHOD"], "path": path, "sourceIp": "203.0.113.7"},
            "requestId": "JKJaXmPLvHcESHA=",
            "stage": "$default",
        },
        "body": base64.b64encode(body).decode() if body else None,
        "isBase64Encoded": bool(body),
    }
    name, context = ("echo", Context()) if path.startswith("/echo") else ("plot", Time())
    answer = HANDLERS[name](json.loads(json.dumps(event)), context)
    json.dumps(answer)
    content = answer["body"].encode()
    if answer.get("isBase64Encoded"):
        content = base64.b64decode(content)
    fields = [(key, str(value)) for key, value in answer["headers"].items()]
    start(f"{answer['statusCode']} Said", [*fields, ("content-length", str(len(content)))])
    return [] if environ["REQUEST_METHOD"] == "HEAD" else [content]


schema = schemathesis.openapi.from_wsgi("/openapi.json", application)


def test_the_description_is_current() -> None:
    """The file is what its script makes of the functions' records: `python openapi.py` mends it."""
    assert DESCRIPTION.read_text("utf-8") == module("describe_api", ROOT / "openapi.py").text()


def test_the_description_is_openapi() -> None:
    """The file is valid OpenAPI 3.1."""
    document = json.loads(DESCRIPTION.read_text("utf-8"))

    assert document["openapi"].startswith("3.1.")
    OpenAPIV31SpecValidator(document).validate()


def test_the_description_has_the_routes_of_the_template() -> None:
    """Every path that the template routes is described, and no other."""
    routed = set(re.findall(r'Path: "?(/[^",}]*[+}]*)', (ROOT / "template.yaml").read_text()))
    described = set(json.loads(DESCRIPTION.read_text("utf-8"))["paths"])

    assert {path.replace("+", "") for path in routed} | {"/echo/validate"} == described


@pytest.mark.filterwarnings("ignore")
@schema.parametrize()
@settings(
    max_examples=25,
    derandomize=True,
    database=None,
    deadline=None,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=list(HealthCheck),
)
def test_answers_are_as_described(case: schemathesis.Case) -> None:
    """Whatever the description admits and does not, the answer is one that it describes.

    What a chart's fields must be together no schema says, so what a schema admits may be refused.
    Echo answers any method, query and body, with a server's error where it is asked for one, and
    with the request itself where that is wanted.
    """
    excluded = [positive_data_acceptance]
    if case.path.startswith("/echo"):
        excluded.append(unsupported_method)
        excluded += [negative_data_rejection] if case.path != "/echo/validate" else []
        excluded += [not_a_server_error] if "status" in case.query else []
        excluded += [response_schema_conformance] if "raw" in case.query else []
    case.call_and_validate(excluded_checks=excluded)
