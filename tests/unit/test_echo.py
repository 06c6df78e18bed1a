"""Echo: what it answers to each kind of event, and that no event breaks it."""

import base64
import importlib.util
import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st

ROOT = Path(__file__).parents[2]
ECHO = ROOT / "echo"
LIMIT = 6 * 1024 * 1024

Json = dict[str, Any]
Handler = Callable[[object, object], Json]


@dataclass(frozen=True)
class Context:
    """What Echo uses of Lambda's context."""

    aws_request_id: str = "8f507cfc-xmpl-4697-b07a-ac58fc914c95"


@pytest.fixture(scope="module")
def handler() -> Iterator[Handler]:
    """Load echo/app.py under a name that no other function's app.py has."""
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(ECHO)
        spec = importlib.util.spec_from_file_location("echo_app", ECHO / "app.py")
        assert spec is not None
        assert spec.loader is not None
        app = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(app)
        yield app.handler


@pytest.fixture(scope="module")
def echo(handler: Handler) -> Callable[[object], Json]:
    """Invoke Echo as Lambda does: JSON in, UTF-8 JSON out."""

    def invoke(event: object) -> Json:
        sent = json.loads(json.dumps(event))
        answer = json.dumps(handler(sent, Context()), ensure_ascii=False, allow_nan=False)
        received: Json = json.loads(answer.encode())
        return received

    return invoke


Echo = Callable[[object], Json]


def sample(name: str) -> Json:
    """Read a sample event."""
    event: Json = json.loads((ROOT / "events" / name).read_text(encoding="utf-8"))
    return event


def http(**fields: object) -> Json:
    """Make a small HTTP event."""
    return {"version": "2.0", "requestContext": {"http": {"method": "GET"}}, **fields}


def described(response: Json) -> Json:
    """Check that a response is a success and return the description in it."""
    assert response == {
        "statusCode": 200,
        "headers": {
            "content-type": "application/json",
            "x-content-type-options": "nosniff",
            "cache-control": "no-store",
        },
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


class TestDirectMessage:
    def test_returns_the_message(self, echo: Echo) -> None:
        """A message comes back with the id of the invocation."""
        assert echo(sample("echo.json")) == {
            "message": "Hello, wörld! 👋",
            "requestId": "8f507cfc-xmpl-4697-b07a-ac58fc914c95",
        }

    def test_accepts_an_empty_message(self, echo: Echo) -> None:
        """The empty string is a message."""
        assert echo({"message": ""})["message"] == ""

    def test_refuses_another_type(self, echo: Echo) -> None:
        """A message of another type is answered, not raised, as a problem that names the path."""
        assert echo(sample("echo-bad.json")) == {
            "type": "about:blank",
            "title": "Bad Request",
            "status": 400,
            "detail": "$.message: Expected `str`, got `int`",
            "errors": [{"path": "$.message", "detail": "Expected `str`, got `int`"}],
        }

    def test_refuses_unknown_fields(self, echo: Echo) -> None:
        """Every unknown field is named, by a JSON path that a parser of paths reads."""
        unknown = "Unknown field, expected only `message`"
        assert echo(sample("echo-unknown.json")) == bad_request(
            ("$.mesage", unknown), ('$["reply-to"]', unknown)
        )

    def test_names_odd_fields_in_ascii(self, echo: Echo) -> None:
        """A field's name is escaped as in JSON, so that any name can be answered."""
        event = {"\ud800": 1, 'a"b': 1, "": 1, "é": 1}
        paths = [error["path"] for error in echo(event)["errors"]]
        assert paths == [r'$["\ud800"]', r'$["a\"b"]', '$[""]', r'$["\u00e9"]']

    def test_lists_at_most_twenty_faults(self, echo: Echo) -> None:
        """A problem lists the first twenty faults."""
        errors = echo({f"n{number}": 1 for number in range(1000)})["errors"]
        assert [error["path"] for error in errors] == [f"$.n{number}" for number in range(20)]

    @pytest.mark.parametrize(
        ("event", "path", "detail"),
        [
            ({}, "$", "Object missing required field `message`"),
            ({"message": None}, "$.message", "Expected `str`, got `null`"),
            ({"message": ["a"]}, "$.message", "Expected `str`, got `array`"),
            ({"message": float("nan")}, "$.message", "Expected `str`, got `float`"),
            ({"message": 10**4000}, "$.message", "Expected `str`, got `int`"),
            (None, "$", "Expected `object`, got `null`"),
            ("message", "$", "Expected `object`, got `str`"),
            ([{"message": "a"}], "$", "Expected `object`, got `array`"),
            (True, "$", "Expected `object`, got `bool`"),
        ],
    )
    def test_refuses_other_shapes(self, echo: Echo, event: object, path: str, detail: str) -> None:
        """Anything but an object with a message is a problem that says what was found."""
        assert echo(event) == bad_request((path, detail))

    def test_refuses_a_lone_surrogate(self, echo: Echo) -> None:
        """Half of a surrogate pair is no text: the problem says which, and where it stands."""
        assert echo({"message": "ab\udc00"}) == bad_request(
            ("$.message", "Expected Unicode text, got the lone surrogate U+DC00 at index 2")
        )

    def test_refuses_deep_nesting(self, handler: Handler) -> None:
        """Nesting beyond Python's stack is a problem like any other value of a wrong type."""
        deep: list[object] = []
        for _ in range(100_000):
            deep = [deep]
        fault = ("$.message", "Expected `str`, got `array`")
        assert handler({"message": deep}, Context()) == bad_request(fault)
        assert handler(deep, Context()) == bad_request(("$", "Expected `object`, got `array`"))

    @given(message=st.text())
    def test_returns_any_text(self, echo: Echo, message: str) -> None:
        """Any Unicode text comes back unchanged."""
        assert echo({"message": message})["message"] == message


class TestHttp:
    def test_describes_a_request(self, echo: Echo) -> None:
        """An HTTP API event comes back as a description of the request it carries."""
        event = sample("echo-http.json")
        assert described(echo(event)) == {
            "method": "POST",
            "path": "/echo",
            "query": {
                "tag": ["b", "a", "b"],
                "q": ["café au lait"],
                "blank": [""],
                "flag": [""],
            },
            "headers": event["headers"],
            "cookies": ["session=abc123", "theme=dark"],
            "body": '{"message": "Hello, world"}',
            "isBase64Encoded": False,
            "sourceIp": "203.0.113.7",
            "requestId": "8f507cfc-xmpl-4697-b07a-ac58fc914c95",
        }

    def test_keeps_the_order_of_names(self, echo: Echo) -> None:
        """Query names stand in the order of their first appearance, headers as they came."""
        description = described(echo(sample("echo-http.json")))
        assert list(description["query"]) == ["tag", "q", "blank", "flag"]
        assert list(description["headers"]) == list(sample("echo-http.json")["headers"])

    def test_describes_a_binary_body(self, echo: Echo) -> None:
        """A body that is not UTF-8 stays base64, and the description says so."""
        description = described(echo(sample("echo-http-binary.json")))
        assert description["body"] == "iVBORw0KGgo="
        assert description["isBase64Encoded"] is True

    def test_decodes_a_text_body(self, echo: Echo) -> None:
        """A base64 body that is UTF-8 is answered as text."""
        body = base64.b64encode("naïve\0".encode()).decode()
        description = described(echo(http(body=body, isBase64Encoded=True)))
        assert description["body"] == "naïve\0"
        assert description["isBase64Encoded"] is False

    def test_lets_other_peoples_bodies_be(self, echo: Echo) -> None:
        """A body that is broken JSON is described like any other."""
        assert described(echo(http(body='{"message": ')))["body"] == '{"message": '

    @pytest.mark.parametrize("absent", [True, False])
    def test_describes_a_bare_event(self, echo: Echo, absent: bool) -> None:
        """Fields that are null and fields that are absent give the same description."""
        names = ["rawPath", "rawQueryString", "headers", "cookies", "body", "isBase64Encoded"]
        context = {"http": {} if absent else {"method": None, "sourceIp": None}}
        event = {} if absent else dict.fromkeys(names)
        assert described(echo({"version": "2.0", "requestContext": context, **event})) == {
            "method": None,
            "path": None,
            "query": {},
            "headers": {},
            "cookies": [],
            "body": None,
            "isBase64Encoded": False,
            "sourceIp": None,
            "requestId": "8f507cfc-xmpl-4697-b07a-ac58fc914c95",
        }

    def test_describes_null_members(self, echo: Echo) -> None:
        """A null `http` and a null header value are described, not refused."""
        event = {"version": "2.0", "requestContext": {"http": None}, "headers": {"x-id": None}}
        description = described(echo(event))
        assert description["method"] is None
        assert description["headers"] == {"x-id": None}

    @pytest.mark.parametrize(
        ("query", "parsed"),
        [
            ("", {}),
            ("a=1&b=2&a=0", {"a": ["1", "0"], "b": ["2"]}),
            ("a=1+1&b=1%2B1", {"a": ["1 1"], "b": ["1+1"]}),
            ("a=&b&=c", {"a": [""], "b": [""], "": ["c"]}),
            ("a=b=c&&a=%26", {"a": ["b=c", "&"]}),
            ("a;b=1,2", {"a;b": ["1,2"]}),
            ("a=%ff&b=%zz&c=100%", {"a": ["\ufffd"], "b": ["%zz"], "c": ["100%"]}),
        ],
    )
    def test_parses_the_query(self, echo: Echo, query: str, parsed: Json) -> None:
        """A query is decoded as the URL Standard says, and never refused."""
        assert described(echo(http(rawQueryString=query)))["query"] == parsed

    @given(pairs=st.lists(st.tuples(st.text(max_size=5), st.text(max_size=5))))
    def test_reads_any_query(self, echo: Echo, pairs: list[tuple[str, str]]) -> None:
        """Whatever a browser encodes comes back, the values of a name in the order sent."""
        grouped: dict[str, list[str]] = {}
        for name, value in pairs:
            grouped.setdefault(name, []).append(value)
        assert described(echo(http(rawQueryString=urlencode(pairs))))["query"] == grouped

    @given(body=st.binary())
    def test_reads_any_body(self, echo: Echo, body: bytes) -> None:
        """The bytes of a base64 body can be had back from the description."""
        event = http(body=base64.b64encode(body).decode(), isBase64Encoded=True)
        description = described(echo(event))
        text: str = description["body"]
        encoded = description["isBase64Encoded"]
        assert (base64.b64decode(text) if encoded else text.encode()) == body

    def test_refuses_a_body_that_is_not_base64(self, echo: Echo) -> None:
        """A body that is not the base64 it claims to be is a problem at `$.body`."""
        assert refused(echo(sample("echo-http-bad.json"))) == bad_request(
            ("$.body", "Expected base64")
        )

    @pytest.mark.parametrize("body", ["a", "YQ", "YQ=", "YQ==YQ==", "YQ==\n", "é", "Y-_="])
    def test_refuses_loose_base64(self, echo: Echo, body: str) -> None:
        """Base64 has its padding, nothing after it, and no other alphabet."""
        problem = refused(echo(http(body=body, isBase64Encoded=True)))
        assert problem["errors"] == [{"path": "$.body", "detail": "Expected base64"}]

    @pytest.mark.parametrize(
        ("fields", "path", "detail"),
        [
            (
                {"requestContext": {"http": {"method": 5}}},
                "$.requestContext.http.method",
                "Expected `str | null`, got `int`",
            ),
            (
                {"requestContext": {"http": "GET"}},
                "$.requestContext.http",
                "Expected `object | null`, got `str`",
            ),
            ({"headers": ["a"]}, "$.headers", "Expected `object | null`, got `array`"),
            (
                {"headers": {"host": "a", "x-id": 1, "x-no": 2}},
                '$.headers["x-id"]',
                "Expected `str | null`, got `int`",
            ),
            ({"cookies": ["a=b", {}]}, "$.cookies[1]", "Expected `str`, got `object`"),
            ({"rawPath": 1.5}, "$.rawPath", "Expected `str | null`, got `float`"),
            ({"rawQueryString": {}}, "$.rawQueryString", "Expected `str | null`, got `object`"),
            ({"body": {"a": 1}}, "$.body", "Expected `str | null`, got `object`"),
            ({"isBase64Encoded": "no"}, "$.isBase64Encoded", "Expected `bool | null`, got `str`"),
        ],
    )
    def test_refuses_a_malformed_event(
        self, echo: Echo, fields: Json, path: str, detail: str
    ) -> None:
        """A field of a wrong type is a problem with the exact path, through maps and lists."""
        assert refused(echo(http(**fields))) == bad_request((path, detail))

    def test_refuses_lone_surrogates(self, echo: Echo) -> None:
        """Every text with half of a surrogate pair is named, header names and values alike."""
        event = http(
            rawPath="/\ud83d",
            headers={"ok": "👋", "x\udfff": "v", "x-id": "\ud800"},
            cookies=["a=b", "c=\ud800"],
        )
        found = "Expected Unicode text, got the lone surrogate"
        assert refused(echo(event)) == bad_request(
            ("$.rawPath", f"{found} U+D83D at index 1"),
            (r'$.headers["x\udfff"]', f"{found} U+DFFF at index 1"),
            ('$.headers["x-id"]', f"{found} U+D800 at index 0"),
            ("$.cookies[1]", f"{found} U+D800 at index 2"),
        )

    @pytest.mark.parametrize(
        ("fields", "path"),
        [
            ({"\ud800": 1}, r'$["\ud800"]'),
            (
                {"requestContext": {"http": {"\ud800": 1}}},
                r'$.requestContext.http["\ud800"]',
            ),
            ({"isBase64Encoded": "\ud800"}, "$.isBase64Encoded"),
            ({"requestContext": {"http": "\ud800"}}, "$.requestContext.http"),
        ],
    )
    def test_refuses_lone_surrogates_anywhere(self, echo: Echo, fields: Json, path: str) -> None:
        """A lone surrogate is named in a field's name too, and where no text belongs."""
        detail = "Expected Unicode text, got the lone surrogate U+D800 at index 0"
        assert refused(echo(http(**fields))) == bad_request((path, detail))

    def test_describes_past_deep_nesting(self, handler: Handler) -> None:
        """Fields that Echo does not read may be nested beyond Python's stack."""
        deep: list[object] = []
        for _ in range(100_000):
            deep = [deep]
        assert described(handler(http(authorizer=deep), Context()))["method"] == "GET"
        problem = refused(handler(http(authorizer=deep, body="\ud800"), Context()))
        assert [error["path"] for error in problem["errors"]] == ["$.body"]
        problem = refused(handler({**http(authorizer=deep), "\ud800": 1}, Context()))
        assert [error["path"] for error in problem["errors"]] == [r'$["\ud800"]']

    @pytest.mark.parametrize(
        "event",
        [
            {"version": "1.0", "requestContext": {"http": {}}},
            {"version": "2.0", "requestContext": {}},
            {"version": "2.0", "requestContext": None},
            {"version": "2.0"},
            {"requestContext": {"http": {}}},
        ],
    )
    def test_takes_other_events_for_direct_ones(self, echo: Echo, event: Json) -> None:
        """An event is HTTP by its version and its `requestContext.http`; both are needed."""
        answer = echo(event)
        assert answer["status"] == 400
        assert [error["path"] for error in answer["errors"]] == [f"$.{name}" for name in event]


class TestLimits:
    def test_answers_what_lambda_can_carry(self, echo: Echo) -> None:
        """An answer of exactly the limit goes out; one more byte is a 413."""
        room = LIMIT - len(json.dumps(echo({"message": ""})))
        assert len(echo({"message": "x" * room})["message"]) == room
        detail = f"Expected a request whose answer has at most {LIMIT} bytes"
        detail = f"{detail}, got one of {LIMIT + 1} bytes"
        assert echo({"message": "x" * (room + 1)}) == {
            "type": "about:blank",
            "title": "Content Too Large",
            "status": 413,
            "detail": f"$: {detail}",
            "errors": [{"path": "$", "detail": detail}],
        }

    def test_refuses_a_body_that_grows_in_the_answer(self, echo: Echo) -> None:
        """A body that fits the request but, escaped twice, not the answer is a 413."""
        assert refused(echo(http(body="\0" * 1_000_000)))["status"] == 413

    def test_refuses_a_problem_that_is_too_large(self, echo: Echo) -> None:
        """A problem is measured too: a huge unknown name is not sent back."""
        assert echo({"x" * LIMIT: 1})["status"] == 413

    def test_reads_a_million_headers(self, echo: Echo) -> None:
        """The last of very many headers is found without trying each against all others."""
        headers: Json = {f"h{number}": "" for number in range(100_000)}
        problem = refused(echo(http(headers=headers | {"last": 1}, cookies=["a"] * 100_000)))
        assert problem["errors"][0]["path"] == "$.headers.last"


TEXTS = st.text(st.characters(), max_size=5) | st.sampled_from(["\ud800", "2.0", "YQ=="])
LEAVES = st.none() | st.booleans() | st.integers() | st.floats() | TEXTS
VALUES = st.recursive(
    LEAVES,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXTS, inner, max_size=3),
    max_leaves=8,
)
HTTP_FIELDS = st.fixed_dictionaries(
    {
        "version": st.just("2.0"),
        "requestContext": st.fixed_dictionaries(
            {"http": VALUES | st.fixed_dictionaries({}, optional={"method": VALUES})}
        ),
    },
    optional={
        "rawPath": LEAVES,
        "rawQueryString": LEAVES,
        "headers": VALUES | st.dictionaries(TEXTS, LEAVES, max_size=3),
        "cookies": VALUES | st.lists(TEXTS, max_size=3),
        "body": LEAVES,
        "isBase64Encoded": st.booleans() | LEAVES,
    },
)
HTTP_EVENTS = st.builds(dict.__or__, st.dictionaries(TEXTS, LEAVES, max_size=1), HTTP_FIELDS)


class TestAnyEvent:
    @given(event=VALUES)
    def test_answers_any_json(self, echo: Echo, event: object) -> None:
        """No JSON value raises: it is echoed, or refused with a path."""
        answer = echo(event)
        assert "requestId" in answer or answer["errors"][0]["path"].startswith("$")

    @given(event=HTTP_EVENTS)
    def test_answers_any_http_event(self, echo: Echo, event: Json) -> None:
        """No HTTP event raises or fails: it is described, or refused with a path inside it."""
        answer = echo(event)
        if answer["statusCode"] == 200:
            assert described(answer)["requestId"]
        else:
            errors = refused(answer)["errors"]
            assert all(error["path"] > "$" for error in errors)
            assert not any("..." in error["path"] for error in errors)

    @pytest.mark.parametrize(
        "name", sorted(path.name for path in (ROOT / "events").glob("echo*.json"))
    )
    def test_repeats_itself_in_another_process(self, handler: Handler, name: str) -> None:
        """The same event and context give the same bytes, whatever the hash seed."""
        script = (
            "import json, sys, types; from app import handler;"
            "context = types.SimpleNamespace(aws_request_id=sys.argv[1]);"
            "print(json.dumps(handler(json.load(sys.stdin), context)))"
        )
        event = sample(name)
        run = subprocess.run(
            [sys.executable, "-c", script, Context().aws_request_id],
            cwd=ECHO,
            env={"PYTHONHASHSEED": "7", "PYTHONDONTWRITEBYTECODE": "1"},
            input=json.dumps(event),
            capture_output=True,
            text=True,
            check=True,
        )
        assert run.stdout.rstrip() == json.dumps(handler(event, Context()))
