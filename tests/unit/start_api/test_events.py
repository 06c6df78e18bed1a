"""The events of requests, where they are odd; whole ones are compared with a running start-api."""

from __future__ import annotations

import base64
import json
from typing import Any, Literal
from urllib.parse import urlencode

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from shorts.model import Api, Kind, Route
from shorts.start_api import events
from shorts.start_api.events import Request
from shorts.start_api.router import Match

TEXT = st.text(st.characters(exclude_categories=["Cs"]))
Payload = Literal["1.0", "2.0"]


def request(
    path: str = "/", query: str = "", headers: tuple[tuple[str, str], ...] = (), body: bytes = b""
) -> Request:
    return Request(
        method="POST",
        path=path,
        query=query,
        headers=headers,
        body=body,
        source="192.0.2.1",
        protocol="HTTP/1.1",
        scheme="http",
        port=3000,
        received=1583348638.39,
        id="0b1c2d3e-0000-4000-8000-000000000000",
    )


def event(
    asked: Request,
    kind: Kind,
    payload: Payload,
    *binary: str,
    authorized: dict[str, str] | None = None,
) -> dict[str, Any]:
    route = Route(method="ANY", path="/{proxy+}", function="F", payload=payload, operation="ask")
    api = Api(
        name="A", kind=kind, stage="s", variables={}, binary=list(binary), cors=None, routes=[route]
    )
    said = events.event(asked, Match(api=api, route=route, parameters={}), authorized)
    decoded: dict[str, Any] = json.loads(msgspec.json.encode(said))
    return decoded


FORMS: list[tuple[Kind, Payload]] = [
    ("http", "2.0"),
    ("http", "1.0"),
    ("rest", "1.0"),
    ("url", "2.0"),
]


@pytest.mark.parametrize(("kind", "payload"), FORMS)
@given(body=st.binary(min_size=1), type_=st.sampled_from(["", "text/plain", "image/png"]))
def test_keeps_every_body(kind: Kind, payload: Payload, body: bytes, type_: str) -> None:
    """A body can be had back from the event, but for what a REST API takes for text."""
    said = event(request(headers=(("content-type", type_),), body=body), kind, payload, "image/*")
    if said["isBase64Encoded"]:
        assert base64.b64decode(said["body"]) == body
    elif kind == "rest":
        assert said["body"] == body.decode("utf-8", "replace")
    else:
        assert said["body"].encode() == body


@given(st.lists(st.tuples(TEXT, TEXT)))
def test_keeps_every_query(pairs: list[tuple[str, str]]) -> None:
    """Every value of a query is in the events, in order; only payload 2.0 joins them."""
    query = urlencode(pairs)
    first = event(request(query=query), "rest", "1.0")["multiValueQueryStringParameters"] or {}
    names = dict.fromkeys(name for name, _ in pairs)
    assert first == {name: [value for key, value in pairs if key == name] for name in names}
    second = event(request(query=query), "http", "2.0")
    assert second["rawQueryString"] == query
    assert second.get("queryStringParameters", {}) == {
        name: ",".join(values) for name, values in first.items()
    }


@given(st.text(), st.text(), st.lists(st.tuples(st.text(min_size=1), st.text())))
def test_makes_an_event_of_whatever_is_asked(
    path: str, query: str, headers: list[tuple[str, str]]
) -> None:
    """Nothing that a client sends is more than an event can hold."""
    clean = tuple(
        (name.encode("utf-8", "replace").decode(), value.encode("utf-8", "replace").decode())
        for name, value in headers
    )
    asked = request(
        path.encode("utf-8", "replace").decode(), query.encode("utf-8", "replace").decode(), clean
    )
    for kind, payload in FORMS:
        assert event(asked, kind, payload)["requestContext"]["stage"] == "s"


def test_tells_no_lies_about_the_client() -> None:
    """What the gateway says of the client replaces, or follows, what that says of itself."""
    headers = (
        *(("X-Forwarded-For", "198.51.100.1"), ("x-forwarded-proto", "gopher")),
        *(("Transfer-Encoding", "chunked"), ("Connection", "x"), ("Content-Length", "9")),
    )
    said = event(request(headers=headers), "http", "2.0")["headers"]
    assert said == {
        "x-amzn-trace-id": "Root=1-5e5ffb9e-0b1c2d3e0000400080000000",
        "x-forwarded-for": "198.51.100.1, 192.0.2.1",
        "x-forwarded-port": "3000",
        "x-forwarded-proto": "http",
    }


def test_says_the_time_twice() -> None:
    """In words, as access logs have it, and in milliseconds since 1970."""
    context = event(request(), "http", "2.0")["requestContext"]
    assert (context["time"], context["timeEpoch"]) == ("04/Mar/2020:19:03:58 +0000", 1583348638390)
    context = event(request(), "rest", "1.0")["requestContext"]
    said = context["requestTime"], context["requestTimeEpoch"]
    assert said == ("04/Mar/2020:19:03:58 +0000", 1583348638390)


def test_tells_an_operation_to_rest_apis() -> None:
    """An OpenAPI operation's name is in the events of REST APIs alone."""
    assert event(request(), "rest", "1.0")["requestContext"]["operationName"] == "ask"
    assert "operationName" not in event(request(), "http", "1.0")["requestContext"]


@pytest.mark.parametrize(
    ("host", "name", "prefix"),
    [
        ("api.example:3000", "api.example", "api"),
        ("localhost", "localhost", "localhost"),
        ("[::1]:3000", "[::1]", "[::1]"),
        ("[::1]", "[::1]", "[::1]"),
    ],
)
def test_names_the_host(host: str, name: str, prefix: str) -> None:
    """The domain is what the client called this host, without the port."""
    context = event(request(headers=(("Host", host),)), "http", "2.0")["requestContext"]
    assert (context["domainName"], context["domainPrefix"]) == (name, prefix)


@pytest.mark.parametrize(
    ("kind", "payload", "expected"),
    [("http", "2.0", {"lambda": {"a": "b"}}), ("rest", "1.0", {"a": "b"})],
)
def test_hands_over_what_an_authorizer_says(kind: Kind, payload: Payload, expected: object) -> None:
    """Each form has its own place for it."""
    said = event(request(), kind, payload, authorized={"a": "b"})
    assert said["requestContext"]["authorizer"] == expected
