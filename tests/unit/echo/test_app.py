"""Echo: what it answers to each kind of event, and that no event breaks it."""

import base64
import json
import platform
from urllib.parse import urlencode

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.unit.echo.calls import (
    LEAVES,
    REQUEST_ID,
    TEXTS,
    VALUES,
    Context,
    Json,
    app,
    bad_request,
    described,
    http,
    invoke,
    refused,
    sample,
)

LIMIT = 6 * 1024 * 1024


def handler(event: object) -> Json:
    """Call Echo with a value that JSON text would be too deep for."""
    answer: Json = app().handler(event, Context())
    return answer


class TestDirectMessage:
    def test_returns_the_message(self) -> None:
        """A message comes back with the id of the invocation."""
        assert invoke(sample("echo.json")) == {
            "message": "Hello, wörld! 👋",
            "requestId": REQUEST_ID,
        }

    def test_accepts_an_empty_message(self) -> None:
        """The empty string is a message."""
        assert invoke({"message": ""})["message"] == ""

    def test_refuses_another_type(self) -> None:
        """A message of another type is answered, not raised, as a problem that names the path."""
        assert invoke({"message": 42}) == {
            "type": "about:blank",
            "title": "Bad Request",
            "status": 400,
            "detail": "$.message: Expected `str`, got `int`",
            "errors": [{"path": "$.message", "detail": "Expected `str`, got `int`"}],
        }

    def test_refuses_unknown_fields(self) -> None:
        """Every unknown field is named, by a JSON path that a parser of paths reads."""
        unknown = "Unknown field, expected only `message`"
        event = {"message": "Hello", "mesage": "Hullo", "reply-to": "me"}
        assert invoke(event) == bad_request(("$.mesage", unknown), ('$["reply-to"]', unknown))

    def test_names_odd_fields_in_ascii(self) -> None:
        """A field's name is escaped as in JSON, so that any name can be answered."""
        event = {"\ud800": 1, 'a"b': 1, "": 1, "é": 1}
        paths = [error["path"] for error in invoke(event)["errors"]]
        assert paths == [r'$["\ud800"]', r'$["a\"b"]', '$[""]', r'$["\u00e9"]']

    def test_lists_at_most_twenty_faults(self) -> None:
        """A problem lists the first twenty faults."""
        errors = invoke({f"n{number}": 1 for number in range(1000)})["errors"]
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
    def test_refuses_other_shapes(self, event: object, path: str, detail: str) -> None:
        """Anything but an object with a message is a problem that says what was found."""
        assert invoke(event) == bad_request((path, detail))

    def test_refuses_a_lone_surrogate(self) -> None:
        """Half of a surrogate pair is no text: the problem says which, and where it stands."""
        assert invoke({"message": "ab\udc00"}) == bad_request(
            ("$.message", "Expected Unicode text, got the lone surrogate U+DC00 at index 2")
        )

    def test_refuses_deep_nesting(self) -> None:
        """Nesting beyond Python's stack is a problem like any other value of a wrong type."""
        deep: list[object] = []
        for _ in range(100_000):
            deep = [deep]
        fault = ("$.message", "Expected `str`, got `array`")
        assert handler({"message": deep}) == bad_request(fault)
        assert handler(deep) == bad_request(("$", "Expected `object`, got `array`"))

    @settings(deadline=None)
    @given(message=st.text())
    def test_returns_any_text(self, message: str) -> None:
        """Any Unicode text comes back unchanged."""
        assert invoke({"message": message})["message"] == message


class TestHttp:
    def test_describes_a_request(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """An HTTP API event comes back as a description of the request it carries."""
        monkeypatch.setenv("AWS_LAMBDA_FUNCTION_NAME", "Echo-EchoFunction-xmpl")
        monkeypatch.setenv("AWS_LAMBDA_FUNCTION_VERSION", "$LATEST")
        monkeypatch.setenv("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "512")
        monkeypatch.setenv("AWS_REGION", "eu-west-1")
        event = sample("echo-http.json")
        assert described(invoke(event)) == {
            "method": "POST",
            "path": "/echo",
            "stage": "$default",
            "query": [
                ["tag", "b"],
                ["q", "café au lait"],
                ["tag", "a"],
                ["blank", ""],
                ["flag", ""],
                ["tag", "b"],
            ],
            "headers": [list(pair) for pair in event["headers"].items()],
            "cookies": [["session", "[redacted]"], ["theme", "[redacted]"]],
            "body": '{"message": "Hello, world"}',
            "isBase64Encoded": False,
            "bodySize": 27,
            "bodySha256": "ec38f8c08bd3ba937f220cf04837e2f9f2e882c112e94af57a59458416af91ad",
            "json": {"message": "Hello, world"},
            "sourceIp": "203.0.113.7",
            "authorizer": None,
            "requestId": REQUEST_ID,
            "eventForm": "httpApi",
            "coldStart": False,
            "runtime": {
                "python": platform.python_version(),
                "msgspec": msgspec.__version__,
                "function": "Echo-EchoFunction-xmpl",
                "version": "$LATEST",
                "memoryMb": 512,
                "region": "eu-west-1",
            },
        }

    def test_describes_a_binary_body(self) -> None:
        """A body that is not UTF-8 stays base64, and the description says so."""
        description = described(invoke(http(body="iVBORw0KGgo=", isBase64Encoded=True)))
        assert description["body"] == "iVBORw0KGgo="
        assert description["isBase64Encoded"] is True

    def test_decodes_a_text_body(self) -> None:
        """A base64 body that is UTF-8 is answered as text."""
        body = base64.b64encode("naïve\0".encode()).decode()
        description = described(invoke(http(body=body, isBase64Encoded=True)))
        assert description["body"] == "naïve\0"
        assert description["isBase64Encoded"] is False

    def test_lets_other_peoples_bodies_be(self) -> None:
        """A body that is broken JSON is described like any other."""
        assert described(invoke(http(body='{"message": ')))["body"] == '{"message": '

    @pytest.mark.parametrize("absent", [True, False])
    def test_describes_a_bare_event(self, absent: bool) -> None:
        """Fields that are null and fields that are absent give the same description."""
        names = ["rawPath", "rawQueryString", "headers", "cookies", "body", "isBase64Encoded"]
        context = {"http": {} if absent else {"method": None, "sourceIp": None}}
        event = {} if absent else dict.fromkeys(names)
        assert described(invoke({"version": "2.0", "requestContext": context, **event})) == {
            "method": None,
            "path": None,
            "stage": None,
            "query": [],
            "headers": [],
            "cookies": [],
            "body": None,
            "isBase64Encoded": False,
            "bodySize": 0,
            "bodySha256": None,
            "sourceIp": None,
            "authorizer": None,
            "requestId": REQUEST_ID,
            "eventForm": "httpApi",
            "coldStart": False,
            "runtime": {
                "python": platform.python_version(),
                "msgspec": msgspec.__version__,
                "function": None,
                "version": None,
                "memoryMb": None,
                "region": None,
            },
        }

    def test_describes_null_members(self) -> None:
        """A null `http` and a null header value are described, not refused."""
        event = {"version": "2.0", "requestContext": {"http": None}, "headers": {"x-id": None}}
        description = described(invoke(event))
        assert description["method"] is None
        assert description["headers"] == [["x-id", None]]

    @pytest.mark.parametrize(
        ("query", "parsed"),
        [
            ("", []),
            ("a=1&b=2&a=0", [["a", "1"], ["b", "2"], ["a", "0"]]),
            ("a=1+1&b=1%2B1", [["a", "1 1"], ["b", "1+1"]]),
            ("a=&b&=c", [["a", ""], ["b", ""], ["", "c"]]),
            ("a=b=c&&a=%26", [["a", "b=c"], ["a", "&"]]),
            ("a;b=1,2", [["a;b", "1,2"]]),
            ("a=%ff&b=%zz&c=100%", [["a", "\ufffd"], ["b", "%zz"], ["c", "100%"]]),
        ],
    )
    def test_parses_the_query(self, query: str, parsed: list[list[str]]) -> None:
        """A query is decoded as the URL Standard says, and never refused."""
        assert described(invoke(http(rawQueryString=query)))["query"] == parsed

    @settings(deadline=None)
    @given(pairs=st.lists(st.tuples(st.text(max_size=5), st.text(max_size=5))))
    def test_reads_any_query(self, pairs: list[tuple[str, str]]) -> None:
        """Whatever a browser encodes comes back in the order sent."""
        sent = [("." + name, value) for name, value in pairs]  # so that none is a modifier
        found = described(invoke(http(urlencode(sent))))["query"]
        assert found == [list(pair) for pair in sent]

    @settings(deadline=None)
    @given(body=st.binary())
    def test_reads_any_body(self, body: bytes) -> None:
        """The bytes of a base64 body can be had back from the description."""
        event = http(body=base64.b64encode(body).decode(), isBase64Encoded=True)
        description = described(invoke(event))
        text: str = description["body"]
        encoded = description["isBase64Encoded"]
        assert (base64.b64decode(text) if encoded else text.encode()) == body

    def test_refuses_a_body_that_is_not_base64(self) -> None:
        """A body that is not the base64 it claims to be is a problem at `$.body`."""
        event = http(body="not base64!", isBase64Encoded=True)
        assert refused(invoke(event)) == bad_request(("$.body", "Expected base64"))

    @pytest.mark.parametrize("body", ["a", "YQ", "YQ=", "YQ==YQ==", "YQ==\n", "é", "Y-_="])
    def test_refuses_loose_base64(self, body: str) -> None:
        """Base64 has its padding, nothing after it, and no other alphabet."""
        problem = refused(invoke(http(body=body, isBase64Encoded=True)))
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
    def test_refuses_a_malformed_event(self, fields: Json, path: str, detail: str) -> None:
        """A field of a wrong type is a problem with the exact path, through maps and lists."""
        assert refused(invoke(http(**fields))) == bad_request((path, detail))

    def test_refuses_lone_surrogates(self) -> None:
        """Every text with half of a surrogate pair is named, header names and values alike."""
        event = http(
            rawPath="/\ud83d",
            headers={"ok": "👋", "x\udfff": "v", "x-id": "\ud800"},
            cookies=["a=b", "c=\ud800"],
        )
        found = "Expected Unicode text, got the lone surrogate"
        assert refused(invoke(event)) == bad_request(
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
    def test_refuses_lone_surrogates_anywhere(self, fields: Json, path: str) -> None:
        """A lone surrogate is named in a field's name too, and where no text belongs."""
        detail = "Expected Unicode text, got the lone surrogate U+D800 at index 0"
        assert refused(invoke(http(**fields))) == bad_request((path, detail))

    def test_lists_long_faults_once(self) -> None:
        """A problem does not list a name of a hundred thousand characters twenty times."""
        headers = {"n" * 100_000: ["\ud800"] * 20}
        event = {"httpMethod": "GET", "multiValueHeaders": headers}
        errors = json.loads(invoke(event)["body"])["errors"]
        assert [one["path"] for one in errors] == [f"$.multiValueHeaders.{'n' * 100_000}[0]"]

    def test_describes_past_deep_nesting(self) -> None:
        """Fields that Echo does not read may be nested beyond Python's stack."""
        deep: list[object] = []
        for _ in range(100_000):
            deep = [deep]
        assert described(handler(http(authorizer=deep)))["method"] == "GET"
        problem = refused(handler(http(authorizer=deep, body="\ud800")))
        assert [error["path"] for error in problem["errors"]] == ["$.body"]
        problem = refused(handler({**http(authorizer=deep), "\ud800": 1}))
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
    def test_takes_other_events_for_direct_ones(self, event: Json) -> None:
        """An event is HTTP by its version and its `requestContext.http`; both are needed."""
        answer = invoke(event)
        assert answer["status"] == 400
        assert [error["path"] for error in answer["errors"]] == [f"$.{name}" for name in event]


class TestLimits:
    def test_answers_what_lambda_can_carry(self) -> None:
        """An answer of exactly the limit goes out; one more byte is a 413."""
        room = LIMIT - len(json.dumps(invoke({"message": ""})))
        assert len(invoke({"message": "x" * room})["message"]) == room
        detail = f"Expected a request whose answer has at most {LIMIT} bytes"
        detail = f"{detail}, got one of {LIMIT + 1} bytes"
        assert invoke({"message": "x" * (room + 1)}) == {
            "type": "about:blank",
            "title": "Content Too Large",
            "status": 413,
            "detail": f"$: {detail}",
            "errors": [{"path": "$", "detail": detail}],
        }

    def test_refuses_a_body_that_grows_in_the_answer(self) -> None:
        """A body that fits the request but, escaped twice, not the answer is a 413."""
        assert refused(invoke(http(body="\0" * 1_000_000)))["status"] == 413

    def test_refuses_a_problem_that_is_too_large(self) -> None:
        """A problem is measured too: a huge unknown name is not sent back."""
        assert invoke({"x" * LIMIT: 1})["status"] == 413

    def test_reads_a_million_headers(self) -> None:
        """The last of very many headers is found without trying each against all others."""
        headers: Json = {f"h{number}": "" for number in range(100_000)}
        problem = refused(invoke(http(headers=headers | {"last": 1}, cookies=["a"] * 100_000)))
        assert problem["errors"][0]["path"] == "$.headers.last"


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
    @settings(deadline=None)
    @given(event=VALUES)
    def test_answers_any_json(self, event: object) -> None:
        """No JSON value raises: it is echoed, or refused with a path."""
        answer = invoke(event)
        assert "requestId" in answer or answer["errors"][0]["path"].startswith("$")

    @settings(deadline=None)
    @given(event=HTTP_EVENTS)
    def test_answers_any_http_event(self, event: Json) -> None:
        """No HTTP event raises or fails: it is described, or refused with a path inside it."""
        answer = invoke(event)
        if answer["statusCode"] == 400:
            errors = refused(answer)["errors"]
            assert all(error["path"] > "$" for error in errors)
            assert not any("..." in error["path"] for error in errors)
        else:
            assert answer["statusCode"] == 200

    def test_says_that_a_sandbox_is_new(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """The first invocation of a sandbox says so, and no other, whatever the first was."""
        monkeypatch.setattr(app(), "cold", True)
        assert described(invoke(http()))["coldStart"] is True
        assert described(invoke(http()))["coldStart"] is False
        monkeypatch.setattr(app(), "cold", True)
        invoke({"message": "Hello"})
        assert described(invoke(http()))["coldStart"] is False
