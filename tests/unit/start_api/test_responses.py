"""What a client gets of what a function answers."""

from __future__ import annotations

import base64
import json
from typing import Any, Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shorts.model import Api, Cors, Kind, Route
from shorts.start_api import responses
from shorts.start_api.events import Request
from shorts.start_api.responses import Malformed
from shorts.start_api.router import Match

CORS = Cors(
    origins="https://a.example,https://*",
    methods="GET",
    headers="x-one",
    exposed="x-two",
    credentials="true",
    age="5",
)
SCALAR = st.none() | st.booleans() | st.integers() | st.floats() | st.text()
JSON = st.recursive(SCALAR, lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner))
FIELDS = ["statusCode", "headers", "multiValueHeaders", "cookies", "body", "isBase64Encoded"]
NAME = st.text() | st.from_regex(r"[a-z!#-]+.?", fullmatch=True)


def request(method: str = "GET", **headers: str) -> Request:
    return Request(
        method=method,
        path="/",
        query="",
        headers=[(name.replace("_", "-"), value) for name, value in headers.items()],
        body=b"",
        source="192.0.2.1",
        protocol="HTTP/1.1",
        scheme="http",
        port=3000,
        received=0,
        id="id",
    )


def match(
    kind: Kind,
    payload: Literal["1.0", "2.0"],
    binary: tuple[str, ...] = (),
    cors: Cors | None = None,
) -> Match:
    route = Route(method="ANY", path="/", function="F", payload=payload)
    api = Api(
        name="A", kind=kind, stage="", variables={}, binary=list(binary), cors=cors, routes=[route]
    )
    return Match(api=api, route=route, parameters={})


SECOND, FIRST, REST = match("http", "2.0"), match("http", "1.0"), match("rest", "1.0")


def answer(returned: Any, of: Match, **headers: str) -> responses.Answer:
    return responses.answer(json.dumps(returned).encode(), request(**headers), of)


@given(
    JSON
    | st.dictionaries(st.sampled_from(FIELDS), JSON).map(lambda said: {"statusCode": 200, **said}),
    st.sampled_from([SECOND, FIRST, REST, match("url", "2.0")]),
)
def test_takes_or_refuses_whatever_is_returned(returned: Any, of: Match) -> None:
    """Any JSON, and any in a field, is an answer that can be sent, or refused as malformed."""
    try:
        answered = answer(returned, of)
    except Malformed:
        return
    assert 200 <= answered.status <= 599
    assert answered.header("content-type")


# Of fields that are of their kind, so that there are headers to look at.
@given(
    st.fixed_dictionaries(
        {"statusCode": st.integers(200, 599) | st.integers() | st.text()},
        optional={
            "headers": st.dictionaries(NAME, SCALAR),
            "multiValueHeaders": st.dictionaries(NAME, st.lists(SCALAR)),
            "cookies": st.lists(st.text()),
            "body": st.text(),
            "isBase64Encoded": st.booleans(),
        },
    ),
    st.sampled_from([SECOND, FIRST, REST]),
)
def test_sends_no_header_that_is_two(returned: dict[str, Any], of: Match) -> None:
    """No name or value that is sent has the end of a line in it."""
    try:
        answered = answer(returned, of)
    except Malformed:
        return
    for name, value in answered.headers:
        assert not {"\r", "\n", "\0"} & set(name + value)
        assert name.isascii()
        assert not set(" :\t") & set(name)


@given(st.binary())
def test_decodes_bodies(body: bytes) -> None:
    """A body in base64 arrives as the bytes that it stands for."""
    encoded = {"body": base64.b64encode(body).decode(), "isBase64Encoded": True}
    assert answer({"statusCode": 200, **encoded}, SECOND).body == body
    assert answer({"statusCode": 200, **encoded}, FIRST).body == body


@pytest.mark.parametrize("returned", [b"", b"{", b"NaN", b'"\xff"', b"[" * 100_000])
def test_refuses_what_is_no_json(returned: bytes) -> None:
    """What cannot be read is malformed, not a fault of the gateway."""
    for of in (SECOND, FIRST, REST):
        with pytest.raises(Malformed):
            responses.answer(returned, request(), of)


def test_leaves_out_what_says_how_it_is_sent() -> None:
    """The length, the date and the connection are the gateway's to say."""
    headers = {"Content-Length": 3, "Date": "x", "transfer-encoding": "chunked", "X-A": None}
    answered = answer({"statusCode": 200, "headers": headers}, SECOND)
    assert answered.headers == [("X-A", ""), ("Content-Type", "text/plain; charset=utf-8")]


def test_names_the_type_that_an_api_assumes() -> None:
    """An answer without a type gets that of its kind of API."""
    for of, type_ in (
        (SECOND, "text/plain; charset=utf-8"),
        (REST, "application/json"),
        (match("url", "2.0"), "application/json"),
    ):
        assert answer({"statusCode": 200}, of).header("content-type") == type_


def test_takes_what_rest_apis_call_base64() -> None:
    """A REST API looks at base64Encoded first, and decodes what the client accepts."""
    of = match("rest", "1.0", ("*/*",))
    returned = {"body": "eA==", "isBase64Encoded": False, "base64Encoded": True}
    assert answer(returned, of).body == b"x"
    assert answer({**returned, "base64Encoded": False}, of).body == b"eA=="


@pytest.mark.parametrize(
    ("name", "kind", "status", "body"),
    [
        ("route", "http", 404, b'{"message":"Not Found"}'),
        ("route", "rest", 403, b'{"message":"Missing Authentication Token"}'),
        ("late", "http", 503, b'{"message":"Service Unavailable"}'),
        ("late", "rest", 504, b'{"message": "Endpoint request timed out"}'),
        ("failed", "rest", 502, b'{"message": "Internal server error"}'),
        ("failed", "url", 502, b"Internal Server Error"),
    ],
)
def test_answers_in_the_functions_place(name: str, kind: Kind, status: int, body: bytes) -> None:
    """Each kind of API has its own words for what went wrong."""
    answered = responses.fault(name, kind)
    assert (answered.status, answered.body) == (status, body)


def test_answers_origins() -> None:
    """An origin is named where the template allows it, by itself or by its beginning."""
    plain = responses.Answer(status=200, headers=[("access-control-allow-origin", "x")], body=b"")
    api = match("http", "2.0", cors=CORS).api
    said = responses.with_cors(plain, request(origin="https://b.example"), api).headers
    assert said == [
        ("Access-Control-Allow-Origin", "https://b.example"),
        ("Vary", "Origin"),
        ("Access-Control-Allow-Credentials", "true"),
        ("Access-Control-Expose-Headers", "x-two"),
    ]
    assert responses.with_cors(plain, request(origin="http://b.example"), api).headers == []
    assert responses.with_cors(plain, request(), api).headers == []
    assert responses.with_cors(plain, request(), SECOND.api) == plain


def test_answers_preflights_that_are_such() -> None:
    """OPTIONS is answered in the function's place where a browser asks; by a REST API always."""
    asks = {"origin": "https://a.example", "access_control_request_method": "GET"}
    http, rest = (match(kind, "2.0", cors=CORS).api for kind in ("http", "rest"))
    answered = responses.preflight(request("OPTIONS", **asks), http)
    assert answered is not None and answered.status == 204
    assert ("Access-Control-Max-Age", "5") in answered.headers
    assert responses.preflight(request("OPTIONS"), http) is None
    assert responses.preflight(request("GET", **asks), http) is None
    answered = responses.preflight(request("OPTIONS"), rest)
    assert answered is not None and answered.status == 200
    assert responses.preflight(request("OPTIONS", **asks), SECOND.api) is None
