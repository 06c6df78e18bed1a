"""Payload 2.0 events to Plot, and their answers."""

import base64
import json
import sys
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

sys.path.insert(0, str(Path(__file__).parents[3] / "plot"))

import webevents
from problems import Refusal
from webevents import WebRequest, WebResponse

EVENT: dict[str, Any] = json.loads(
    (Path(__file__).parents[3] / "events" / "plot-http-csv.json").read_text()
)


def test_reads_an_event() -> None:
    """What an answer needs of an event is read; nothing else is looked at."""
    read = webevents.read(EVENT)

    assert read == WebRequest(
        method="POST",
        path="/plot",
        query="kind=bar&stacked=true",
        headers=EVENT["headers"],
        body=EVENT["body"],
        is_base64=False,
    )
    assert read.content() == EVENT["body"].encode()


def test_any_field_may_be_absent_or_null() -> None:
    """An event that says next to nothing is a request for nothing."""
    empty = WebRequest(method="", path="", headers={})
    nulls = dict.fromkeys(
        ["routeKey", "rawPath", "rawQueryString", "headers", "body", "isBase64Encoded"]
    )

    assert webevents.read({"requestContext": {"http": None}}) == empty
    assert webevents.read({"requestContext": {"http": {}, "stage": None}} | nulls) == empty
    assert webevents.read(EVENT | {"headers": {"Accept": None, "X-Y": "z"}}).headers == {"x-y": "z"}


@pytest.mark.parametrize(
    ("route", "raw", "stage", "expected"),
    [
        ("ANY /plot", "/plot", "$default", "/plot"),
        ("ANY /plot", "/prod/plot", "prod", "/plot"),
        ("ANY /plot", "/charts/plot", "$default", "/plot"),
        ("GET /", "/prod/", "prod", "/"),
        ("GET /", "/prod", "prod", "/"),
        ("$default", "/plot/validate", "$default", "/plot/validate"),
        ("$default", "/prod/plot", "prod", "/plot"),
        ("$default", "/production/plot", "prod", "/production/plot"),
        ("ANY /{proxy+}", "/plot", "$default", "/plot"),
        (None, "/plot", None, "/plot"),
    ],
)
def test_the_path_is_that_below_the_stage(
    route: str | None, raw: str, stage: str | None, expected: str
) -> None:
    """A route without variables is the path; else the stage is taken off what was sent."""
    context = EVENT["requestContext"] | {"stage": stage}

    read = webevents.read(EVENT | {"routeKey": route, "rawPath": raw, "requestContext": context})

    assert read.path == expected


def test_refuses_a_malformed_event() -> None:
    """A field of another type is named."""
    with pytest.raises(Refusal) as caught:
        webevents.read(EVENT | {"headers": {"accept": 1}})

    assert caught.value.problem.detail == (
        "$.headers[...]: The event is malformed: Expected `str | null`, got `int`"
    )


def test_refuses_half_of_a_character_for_a_record() -> None:
    """A lone surrogate where a record belongs is refused like any other text."""
    with pytest.raises(Refusal) as caught:
        webevents.read({"requestContext": {"http": "\ud800"}})

    assert caught.value.problem.status == 400


def test_reads_a_base64_body() -> None:
    """A body in base64 is its bytes."""
    read = webevents.read(EVENT | {"body": "/wA=", "isBase64Encoded": True})

    assert read.content() == b"\xff\0"


@pytest.mark.parametrize(
    ("body", "is_base64", "detail"),
    [
        ("{}", True, "Expected a base64 body, as the event says, got another"),
        ("é", True, "Expected a base64 body, as the event says, got another"),
        ("\ud800", False, "Expected a body in UTF-8, got half of a surrogate pair"),
        ("\ud800", True, "Expected a base64 body, as the event says, got another"),
    ],
)
def test_refuses_a_body_that_is_no_bytes(body: str, is_base64: bool, detail: str) -> None:
    """A body that is not what the event says is refused."""
    with pytest.raises(Refusal) as caught:
        webevents.read(EVENT | {"body": body, "isBase64Encoded": is_base64}).content()

    assert caught.value.problem.detail == f"$: {detail}"


@pytest.mark.parametrize(
    ("kind", "content", "body", "is_base64"),
    [
        ("image/svg+xml", b"<svg/>", "<svg/>", False),
        ("application/json", b"{}", "{}", False),
        ("application/problem+json", b"{}", "{}", False),
        ("text/html; charset=utf-8", b"<p>", "<p>", False),
        ("image/png", b"\x89P", "iVA=", True),
        ("application/pdf", b"%PDF", "JVBERg==", True),
        ("image/png", b"", "", False),
    ],
)
def test_text_is_sent_as_it_is(kind: str, content: bytes, body: str, is_base64: bool) -> None:
    """Text goes as the text it is, all else in base64."""
    headers = {"content-type": kind}

    assert webevents.reply(WebResponse(status=201, headers=headers, content=content)) == {
        "statusCode": 201,
        "headers": headers,
        "body": body,
        "isBase64Encoded": is_base64,
    }


def test_what_is_compressed_is_sent_in_base64() -> None:
    """A coding makes bytes of a text."""
    headers = {"content-type": "image/svg+xml", "content-encoding": "gzip"}
    sent = webevents.reply(WebResponse(headers=headers, content=b"\x1f\x8b"))

    assert (sent["body"], sent["isBase64Encoded"]) == ("H4s=", True)


@pytest.mark.parametrize("character", ["x", "é", "\\", "\N{SNOWMAN}"])
def test_an_answer_fits_into_lambda(character: str) -> None:
    """4.5 MB of any text are an answer of less than 6 MB, as they are or in base64."""
    content = (character * 4_500_000).encode()[:4_500_000]

    text, is_base64 = webevents.written(content, True)

    assert len(json.dumps(text)) <= 6_000_002
    assert is_base64
    assert (base64.b64decode(text) if is_base64 else text.encode()) == content


@given(
    st.fixed_dictionaries(
        {
            "requestContext": st.fixed_dictionaries(
                {"http": st.just({"method": "GET"}) | st.none() | st.text(st.characters())},
                optional={"stage": st.none() | st.text(st.characters())},
            )
        },
        optional={
            "routeKey": st.none() | st.text(st.characters()),
            "rawPath": st.none() | st.text(st.characters()),
            "rawQueryString": st.none() | st.text(st.characters()),
            "headers": st.none()
            | st.dictionaries(st.text(), st.none() | st.text())
            | st.integers(),
            "body": st.none() | st.text(st.characters()),
            "isBase64Encoded": st.none() | st.booleans() | st.text(),
        },
    )
)
def test_reads_any_event(event: dict[str, Any]) -> None:
    """Any event is a request whose query is Unicode, or is refused with 400."""
    try:
        read = webevents.read(event)
    except Refusal as refusal:
        found: object = refusal.problem.status
    else:
        found = read.query.encode()
    assert found == 400 or isinstance(found, bytes)
