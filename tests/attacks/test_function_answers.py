"""What functions and authorizers answer: a response, or a 502 and a line of the log."""

from __future__ import annotations

import json
import time
from typing import Any, Literal

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from shorts.emulator.pool import Pool
from shorts.emulator.reply import Reply, failure_of
from shorts.model import Api, Authorizer, Route
from shorts.start_api import authorizers, gateway, responses
from shorts.start_api.events import Request
from shorts.start_api.gateway import Site
from shorts.start_api.router import Table
from shorts.system.printed import printable, printable_lines

DEEP = b'{"statusCode": 200, "body": ' + b"[" * 3000 + b"]" * 3000 + b"}"


class Function:
    """A sandbox that answers with some bytes."""

    def __init__(self, body: bytes) -> None:
        self.body = body

    def ask(self, event: bytes, patience: float, *, tail: bool = False) -> Reply:
        failure = failure_of(self.body)
        return Reply(request="", body=self.body, failure=failure, init=None, duration=None)

    def stop(self) -> None:
        pass


def ask(
    body: bytes, payload: Literal["1.0", "2.0"], who: Authorizer | None = None, allows: bytes = b""
) -> tuple[int, list[tuple[str, str]], bytes, str]:
    kind: Literal["rest", "http"] = "rest" if payload == "1.0" else "http"
    route = Route(method="GET", path="/a", function="F", payload=payload, authorizer=who)
    api = Api(name="A", kind=kind, stage="s", variables={}, binary=[], cors=None, routes=[route])
    pools = {"F": Pool(lambda: Function(body), 1), "Who": Pool(lambda: Function(allows), 1)}
    request = Request(
        method="GET",
        path="/a",
        query="",
        headers=[("X-Key", "a" * 40)],
        body=b"",
        source="192.0.2.1",
        protocol="HTTP/1.1",
        scheme="http",
        port=3000,
        received=0,
        id="id",
    )
    answered, _, note = gateway.respond(Site(table=Table([api]), pools=pools), request)
    return answered.status, answered.headers, answered.body, note


@pytest.mark.parametrize("payload", ["1.0", "2.0"])
@pytest.mark.parametrize(
    "body",
    [
        DEEP,
        b"[" * 3000 + b"]" * 3000,
        b'{"statusCode": 200, "body": "\xff\xfe"}',
        b"\xff",
        b'{"statusCode": 200, "body": "\\ud800"}',
        b'{"statusCode": 200, "headers": {"a": "\\ud800"}}',
        b'{"statusCode": 200, "headers": {"a": "b\\r\\nc: d"}}',
        b'{"statusCode": 200, "headers": {"a": "b\\u0000"}}',
        b'{"statusCode": 200, "headers": {"a": "\\u001b[2J"}}',
        b'{"statusCode": 200, "headers": {"a\\r\\nb": "c"}}',
        b'{"statusCode": 200, "headers": {"\\u00e9": "c"}}',
        b'{"statusCode": "two hundred"}',
        '{"statusCode": "２００"}'.encode(),
        b'{"statusCode": " 200 "}',
        b'{"statusCode": "2_00"}',
        b'{"statusCode": ' + b"1" * 5000 + b"}",
        b'{"statusCode": "' + b"1" * 5000 + b'"}',
        b'{"statusCode": -200}',
        b'{"statusCode": true}',
        b'{"statusCode": 200, "body": "' + b"x" * 7_000_000 + b'"}',
        b'{"statusCode": 1e400}',
        b'{"errorType": "E", "errorMessage": "\\u001b[31m\\nGET / \\u2192 200"}',
        b'{"errorType": "E", "errorMessage": "m", "cause": ' + b"[" * 3000 + b"]" * 3000 + b"}",
        b"",
        b"no JSON",
    ],
)
def test_malformed_answers(payload: Literal["1.0", "2.0"], body: bytes) -> None:
    """An answer that no gateway takes is a 502, and the log says why in one line."""
    status, _, _, note = ask(body, payload)
    assert (status, bool(note)) == (502, True)
    assert len(printable(note).splitlines()) == 1
    assert len(note) < 1000


@pytest.mark.parametrize("payload", ["1.0", "2.0"])
def test_strange_answers(payload: Literal["1.0", "2.0"]) -> None:
    """A status as text and headers beyond Latin-1 are passed on."""
    body = json.dumps({"statusCode": "201", "headers": {"a": "é€😀"}, "body": "é"}).encode()
    status, headers, answered, note = ask(body, payload)
    assert (status, answered, note) == (201, "é".encode(), "")
    assert ("a", "é€😀") in headers


DOCUMENTS = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
)
ANSWERS = st.fixed_dictionaries(
    {},
    optional={
        "statusCode": DOCUMENTS | st.integers(100, 700),
        "headers": DOCUMENTS | st.dictionaries(st.text(), DOCUMENTS, max_size=3),
        "multiValueHeaders": DOCUMENTS | st.dictionaries(st.text(), st.lists(DOCUMENTS)),
        "cookies": DOCUMENTS | st.lists(st.text()),
        "body": DOCUMENTS,
        "isBase64Encoded": DOCUMENTS,
        "errorType": DOCUMENTS,
        "errorMessage": DOCUMENTS,
    },
)


@given(ANSWERS.map(json.dumps).map(str.encode) | st.binary(), st.sampled_from(["1.0", "2.0"]))
def test_any_answer_has_a_response(body: bytes, payload: Literal["1.0", "2.0"]) -> None:
    """Whatever a function answers, its client gets a response that can be sent."""
    status, headers, _, _ = ask(body, payload)
    assert 200 <= status <= 599
    for name, value in headers:
        assert not {"\r", "\n", "\0"} & set(name + value)
        value.encode("utf-8", "replace").decode("latin-1")


def authorizer(**changes: Any) -> Authorizer:
    settings: dict[str, Any] = {
        "function": "Who",
        "type": "request",
        "payload": "2.0",
        "sources": ["$request.header.X-Key"],
        "pattern": "",
        "simple": False,
    }
    return Authorizer(**{**settings, **changes})


@pytest.mark.parametrize("simple", [False, True])
@pytest.mark.parametrize(
    "allows",
    [
        b"\xff",
        DEEP,
        b'{"isAuthorized": true, "context": ' + b'{"a":' * 3000 + b"1" + b"}" * 3000 + b"}",
        b'{"isAuthorized": true, "context": {"a": "\\ud800"}}',
        b'{"isAuthorized": "\xff"}',
        b'{"policyDocument": {"Statement": []}, "x": ' + b"9" * 5000 + b"}",
    ],
)
def test_malformed_answers_of_authorizers(allows: bytes, simple: bool) -> None:
    """An authorizer that says nothing that can be read lets no request in."""
    status, _, _, note = ask(b'{"statusCode": 200}', "2.0", authorizer(simple=simple), allows)
    assert (status, bool(note)) == (403, True)


@pytest.mark.parametrize(
    ("pattern", "status"), [("a+", 200), ("b+", 401), ("(a+)+b", 401), ("(", 401)]
)
def test_patterns_that_take_for_ever(
    monkeypatch: pytest.MonkeyPatch, pattern: str, status: int
) -> None:
    """A pattern that a header makes last for ever ends, with the request refused."""
    monkeypatch.setattr(authorizers, "_PATIENCE", 1)
    who = authorizer(pattern=pattern, simple=True)
    began = time.monotonic()
    answered, *_ = ask(b'{"statusCode": 200}', "2.0", who, b'{"isAuthorized": true}')
    assert answered == status
    assert time.monotonic() - began < 20


def test_resources_that_take_for_ever() -> None:
    """A policy's resource with many asterisks costs about its length times the path's."""
    resource = "*a" * 3000 + "b"
    name = "a" * 8000
    began = time.monotonic()
    assert not authorizers._names(resource, name)
    assert authorizers._names("*a" * 3000, name)
    assert authorizers._names("*" * 100_000, name)
    assert not authorizers._names("?" * 100_000, name)
    assert authorizers._names("a[!b]?*", "a[!b]x") and not authorizers._names("a[!b]", "ac")
    assert time.monotonic() - began < 20


def test_routes_of_any_depth() -> None:
    """A tree of routes with parameters everywhere, and deeper than Python recurses, is walked."""
    both = [f"{{p{depth}}}/x/" * depth + "end" for depth in range(1, 12)]
    deep = ["x/" * 3000 + "end", "{p}/" * 3000 + "end"]
    routes = [
        Route(method="GET", path=f"/{path}", function="F", payload="2.0") for path in (*both, *deep)
    ]
    api = Api(name="A", kind="http", stage="s", variables={}, binary=[], cors=None, routes=routes)
    table = Table([api])
    began = time.monotonic()
    assert table.find("GET", "/" + "x/" * 3000 + "end")
    for path in ("x/" * 5000, "x/x/" * 11 + "none", "/" * 10_000, "%2f/" * 3000):
        assert table.find("GET", f"/{path}") is None
    assert time.monotonic() - began < 20


@given(st.text())
def test_printed_names_control_no_terminal(text: str) -> None:
    """What is shown has no control characters, and is the same where there were none."""
    shown = printable(text)
    assert not any((ord(one) < 32 and one != "\t") or 127 <= ord(one) < 160 for one in shown)
    assert shown.splitlines() in ([], [shown])
    shown.encode()
    assert printable_lines("a\nb\x1b") == "a\nb\\x1b"
    if text.isprintable():
        assert shown == text


def test_the_largest_answers_are_read_once() -> None:
    """An answer of 6 MB of headers is refused or passed on in time that grows with its size."""
    headers = {f"x-{number}": "v" for number in range(100_000)}
    several = {"a": list(range(100_000))}
    said = {"statusCode": 200, "headers": headers, "multiValueHeaders": several}
    began = time.monotonic()
    ask(msgspec.json.encode({"statusCode": 200, "headers": headers}), "1.0")
    ask(msgspec.json.encode(said), "1.0")
    assert time.monotonic() - began < 20
    assert responses.fault("failed", "rest").status == 502
