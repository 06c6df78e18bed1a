"""What Echo's tests share: how it is invoked, and what its answers look like."""

import importlib
import importlib.util
import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from hypothesis import strategies as st

ROOT = Path(__file__).parents[3]
ECHO = ROOT / "echo"
REQUEST_ID = "8f507cfc-xmpl-4697-b07a-ac58fc914c95"

Json = dict[str, Any]


@dataclass(frozen=True)
class Context:
    """What Echo uses of Lambda's context."""

    aws_request_id: str = REQUEST_ID
    left: int = 9_000

    def get_remaining_time_in_millis(self) -> int:
        return self.left


@cache
def app() -> ModuleType:
    """Echo's app.py, under a name that no other function's has, once it has been invoked."""
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(ECHO)
        for path in sorted(ECHO.glob("*.py")):  # what it imports later, it finds then
            if path.stem != "app":
                importlib.import_module(path.stem)
        spec = importlib.util.spec_from_file_location("echo_app", ECHO / "app.py")
        assert spec is not None
        assert spec.loader is not None
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
    module.handler(None, Context())
    return module


def module(name: str) -> ModuleType:
    """One of Echo's modules."""
    app()
    return importlib.import_module(name)


def invoke(event: object, left: int = 9_000) -> Json:
    """Invoke Echo as Lambda does: JSON in, UTF-8 JSON out."""
    sent = json.loads(json.dumps(event))
    answer = json.dumps(app().handler(sent, Context(left=left)), ensure_ascii=False)
    received: Json = json.loads(answer.encode(), parse_constant=lambda word: pytest.fail(word))
    return received


def sample(name: str) -> Json:
    """Read a sample event."""
    event: Json = json.loads((ROOT / "events" / name).read_text(encoding="utf-8"))
    return event


def http(query: str = "", method: str = "GET", **fields: object) -> Json:
    """Make a small HTTP API event."""
    context = {"http": {"method": method}}
    return {"version": "2.0", "requestContext": context, "rawQueryString": query, **fields}


def described(response: Json, status: int = 200) -> Json:
    """Check that a response is a description with a status, and return the document."""
    headers = {
        "content-type": "application/json",
        "x-content-type-options": "nosniff",
        "cache-control": "no-store",
    }
    assert response == {
        "statusCode": status,
        "headers": headers,
        "body": response["body"],
        "isBase64Encoded": False,
    }
    description: Json = json.loads(response["body"])
    return description


def refused(response: Json) -> Json:
    """Check that a response is a problem and return the document in it."""
    document: Json = json.loads(response["body"])
    assert response == {
        "statusCode": document["status"],
        "headers": {
            "content-type": "application/problem+json",
            "x-content-type-options": "nosniff",
            "cache-control": "no-store",
        },
        "body": response["body"],
        "isBase64Encoded": False,
    }
    return document


def bad_request(*faults: tuple[str, str]) -> Json:
    """Write the problem document that has these faults, each a path and a detail."""
    return {
        "type": "about:blank",
        "title": "Bad Request",
        "status": 400,
        "detail": "; ".join(f"{path}: {detail}" for path, detail in faults),
        "errors": [{"path": path, "detail": detail} for path, detail in faults],
    }


TEXTS = st.text(st.characters(), max_size=5) | st.sampled_from(["\ud800", "2.0", "YQ=="])
LEAVES = st.none() | st.booleans() | st.integers() | st.floats() | TEXTS
VALUES = st.recursive(
    LEAVES,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXTS, inner, max_size=3),
    max_leaves=8,
)
