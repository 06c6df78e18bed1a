"""Echo: what a client may ask of its answer, and what it may not."""

import base64
import json
import time
from urllib.parse import urlencode

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.unit.echo.calls import (
    Context,
    Json,
    app,
    bad_request,
    described,
    http,
    invoke,
    module,
    refused,
    sample,
)

SANDBOX = "default-src 'none'; sandbox"


def modified(*pairs: tuple[str, str], method: str = "GET", **fields: object) -> Json:
    """Invoke Echo with modifiers."""
    return invoke(http(urlencode(pairs), method, **fields))


def drawn_status(statuses: str, request_id: str) -> int:
    """Invoke Echo with statuses, under an id."""
    event = http(urlencode([("status", statuses)]))
    status: int = app().handler(event, Context(aws_request_id=request_id))["statusCode"]
    return status


def faults(*pairs: tuple[str, str]) -> list[tuple[str, str]]:
    """Check that modifiers are refused, and return each fault's path and detail."""
    return [(one["path"], one["detail"]) for one in refused(modified(*pairs))["errors"]]


class TestStatus:
    @pytest.mark.parametrize("status", [200, 201, 299, 400, 404, 418, 500, 503, 599])
    def test_answers_with_a_status(self, status: int) -> None:
        """The description comes with the status that was asked for."""
        assert described(modified(("status", str(status))), status)["method"] == "GET"

    @pytest.mark.parametrize("status", [100, 101, 199, 204, 205, 304])
    def test_sends_no_body_where_there_is_none(self, status: int) -> None:
        """A status that has no content has none, nor a type."""
        response = modified(("status", str(status)), ("body", "x"))
        assert response["statusCode"] == status
        assert response["body"] == ""
        assert "content-type" not in response["headers"]

    @pytest.mark.parametrize(
        "status",
        [
            *("", "99", "600", "20", "2000", "abc", "-200", "２００", "1e2", "200\n"),
            *("200,", ",200", "200;500", "200:", "200:0", "200:-1", "200:1.5", "200:1000"),
        ],
    )
    def test_refuses_others(self, status: str) -> None:
        """A status has three digits, from 100 to 599, and a weight from 1 to 999."""
        detail = "Expected a status from 100 to 599, or several such as 200:9,503"
        detail = f"{detail}, got {json.dumps(status)}"
        assert faults(("status", status)) == [("$.rawQueryString.status", detail)]

    def test_draws_one_of_several(self) -> None:
        """Of several statuses an answer has one, the same for the same invocation."""
        answers = {modified(("status", "200,500"))["statusCode"] for _ in range(10)}
        assert len(answers) == 1
        assert answers < {200, 500}

    def test_draws_by_weight(self) -> None:
        """Statuses are drawn as often as their weights say, one without counting once."""
        drawn = [drawn_status("200:7,503,404:2", f"id-{number}") for number in range(1_000)]
        assert 650 <= drawn.count(200) <= 750
        assert 160 <= drawn.count(404) <= 240
        assert 70 <= drawn.count(503) <= 130

    def test_adds_the_weights_of_one_status(self) -> None:
        """A status that comes again has the sum of its weights."""
        assert {drawn_status("418:3,418", f"id-{number}") for number in range(20)} == {418}

    def test_refuses_two(self) -> None:
        """A modifier that says one thing stands once."""
        detail = "Expected it once, got it 2 times"
        pairs = ("status", "200"), ("status", "201")
        assert faults(*pairs) == [("$.rawQueryString.status", detail)]


class TestDelay:
    def test_waits(self) -> None:
        """An answer comes as late as was asked, and says so."""
        before = time.monotonic()
        response = modified(("delay", "0.1"))
        assert time.monotonic() - before >= 0.1
        assert response["headers"]["x-echo-delay"] == "0.100"

    def test_leaves_time_to_answer(self) -> None:
        """No delay takes the last half second of an invocation, and the answer says so."""
        before = time.monotonic()
        response = invoke(http("delay=10"), left=600)
        assert time.monotonic() - before < 5
        assert response["headers"]["x-echo-delay"] == "0.100"
        assert invoke(http("delay=10"), left=100)["headers"]["x-echo-delay"] == "0.000"

    @pytest.mark.parametrize("delay", ["10.001", "11", "-1", "nan", "1e1", "", "inf", "0x1", "٣"])
    def test_refuses_others(self, delay: str) -> None:
        """A delay is from 0 to 10 seconds, in digits."""
        detail = f"Expected from 0 to 10 seconds, got {json.dumps(delay)}"
        assert faults(("delay", delay)) == [("$.rawQueryString.delay", detail)]


class TestHeaders:
    def test_sends_headers(self) -> None:
        """Headers that a client chooses go out, names in lower case, one name's values joined."""
        response = modified(
            ("header", "X-One: 1"), ("header", "x-one:2"), ("header", "Cache-Control:max-age=60")
        )
        assert response["headers"] == {
            "content-type": "application/json",
            "x-content-type-options": "nosniff",
            "cache-control": "max-age=60",
            "x-one": "1, 2",
        }

    def test_sends_cookies_apart(self) -> None:
        """In payload 2.0 cookies have a list of their own."""
        response = modified(("header", "Set-Cookie:a=1"), ("header", "set-cookie:b=2; Secure"))
        assert response["cookies"] == ["a=1", "b=2; Secure"]
        assert "set-cookie" not in response["headers"]

    @pytest.mark.parametrize(
        ("sent", "received"),
        [
            ("text/plain", "text/plain"),
            ("text/plain; charset=UTF-8", "text/plain; charset=utf-8"),
            ("TEXT/CSV; header=present", "text/csv"),
            ("application/json", "application/json"),
            ("application/hal+json", "application/hal+json"),
            ("image/png", "image/png"),
            ('text/plain; charset="utf-7"', "text/plain"),
        ],
    )
    def test_sends_inert_types(self, sent: str, received: str) -> None:
        """A content type that no browser runs may be chosen; its parameters go, but the charset."""
        response = modified(("header", f"Content-Type:{sent}"), ("body", "x"))
        assert response["headers"]["content-type"] == received
        assert response["headers"]["content-security-policy"] == SANDBOX

    @pytest.mark.parametrize(
        "active",
        [
            "text/html",
            "TEXT/HTML; charset=utf-8",
            "text/html,text/plain",
            "text/plain,text/html",
            "application/xhtml+xml",
            "image/svg+xml",
            "text/xml",
            "application/xml",
            "application/javascript",
            "text/javascript",
            "text/css",
            "application/pdf",
            "multipart/x-mixed-replace",
            "",
            "text",
            "image/",
            "image/png,text/html",
        ],
    )
    def test_refuses_active_types(self, active: str) -> None:
        """A type that a browser runs, or guesses at, is refused."""
        text = f"Content-Type:{active}"
        detail = "Expected a content type that no browser runs, such as text/plain"
        detail = f"{detail}, got {json.dumps(text[:40])}"
        assert faults(("header", text)) == [("$.rawQueryString.header[0]", detail)]

    @pytest.mark.parametrize(
        "name", ["X-A", "Access-Control-Allow-Origin", "Location", "Retry-After", "Vary", "ETag"]
    )
    def test_sends_headers_that_may_be_chosen(self, name: str) -> None:
        """A client may choose its own headers, CORS, and a short list."""
        assert modified(("header", f"{name}: v"))["headers"][name.lower()] == "v"

    @pytest.mark.parametrize(
        "name",
        [
            *("Connection", "Keep-Alive", "Transfer-Encoding", "TE", "Trailer", "Upgrade", "Host"),
            *("Content-Length", "Content-Encoding", "Content-Security-Policy", "Alt-Svc", "NEL"),
            *("X-Content-Type-Options", "X-Echo-Delay", "Clear-Site-Data", "Refresh", "Report-To"),
            *("Strict-Transport-Security", "Service-Worker-Allowed", "Public-Key-Pins", "Made-Up"),
        ],
    )
    def test_refuses_other_headers(self, name: str) -> None:
        """What frames a message, undoes Echo's own or outlasts the answer is refused."""
        pairs = ("header", "x-ok:1"), ("header", f"{name}:x")
        ((path, detail),) = faults(*pairs)
        assert path == "$.rawQueryString.header[1]"
        assert detail.startswith(
            "Expected x-…, access-control-… or one of age, allow, cache-control"
        )
        assert detail.endswith(f', got "{name}:x"')

    @pytest.mark.parametrize("text", ["x-a:b\r\nx-c: d", "x-a:b\nc", "x-a:\0", "x-a:é", "x-a:\x7f"])
    def test_refuses_what_splits(self, text: str) -> None:
        """A value with a line break or another control character is refused."""
        ((path, detail),) = faults(("header", text))
        assert path == "$.rawQueryString.header[0]"
        assert detail.startswith("Expected a value of printable ASCII characters, got")

    @pytest.mark.parametrize("text", ["a b:c", ":c", "é:c", "a\n:c", "a_b:c", "x" * 65 + ":c", "x"])
    def test_refuses_names_that_are_none(self, text: str) -> None:
        """A name is a token."""
        ((_, detail),) = faults(("header", text))
        assert detail.startswith("Expected Name:Value, the name of letters, digits and hyphens")

    def test_refuses_too_many(self) -> None:
        """So many bytes of headers go out."""
        path = "$.rawQueryString.header"
        large = [("header", "x-a:" + "y" * 1_997)] * 3
        assert faults(*large) == [(path, "Expected at most 6000 bytes, got 6003")]

    def test_refuses_two_types(self) -> None:
        """An answer has one content type."""
        pairs = ("header", "Content-Type:text/csv"), ("header", "content-type:text/plain")
        assert faults(*pairs) == [("$.rawQueryString.header", "Expected one content type, got 2")]

    @settings(deadline=None)
    @given(text=st.text(max_size=40) | st.text(max_size=40).map("x-a:".__add__))
    def test_splits_no_answer(self, text: str) -> None:
        """Whatever a client sends, names and values are what HTTP lets them be."""
        response = modified(("header", text))
        for name, value in response["headers"].items():
            assert name.isascii()
            assert value.isascii()
            assert (name + value).isprintable() or "\t" in value
        assert response["headers"]["x-content-type-options"] == "nosniff"


class TestBody:
    def test_sends_a_body(self) -> None:
        """A body that a client chooses goes out as plain text."""
        response = modified(("body", "<b>naïve</b>"))
        assert response["body"] == "<b>naïve</b>"
        assert response["headers"] == {
            "content-type": "text/plain; charset=utf-8",
            "x-content-type-options": "nosniff",
            "cache-control": "no-store",
            "content-security-policy": SANDBOX,
        }

    def test_refuses_a_body_and_raw(self) -> None:
        """An answer has one body."""
        pairs = ("body", "x"), ("raw", "")
        detail = "Expected `raw` or `body`, got both"
        assert faults(*pairs) == [("$.rawQueryString.raw", detail)]
        assert modified(("body", "x"), ("raw", "false"))["body"] == "x"

    def test_collects_every_fault(self) -> None:
        """All that is wrong with the modifiers is said at once."""
        problem = refused(invoke(sample("echo-http-bad.json")))
        path = "$.rawQueryString"
        inert = "Expected a content type that no browser runs, such as text/plain"
        status = "Expected a status from 100 to 599, or several such as 200:9,503"
        chosen = ", ".join(sorted(module("modifiers").CHOSEN))
        other = f"Expected x-…, access-control-… or one of {chosen}"
        assert problem == bad_request(
            (f"{path}.status", f'{status}, got "600"'),
            (f"{path}.delay", 'Expected from 0 to 10 seconds, got "60"'),
            (f"{path}.header[0]", f'{inert}, got "Content-Type:text/html"'),
            (f"{path}.header[1]", f'{other}, got "Connection:close"'),
            (f"{path}.raw", "Expected `raw` or `body`, got both"),
        )


class TestRaw:
    @settings(deadline=None)
    @given(content=st.binary())
    def test_gives_the_exact_bytes_back(self, content: bytes) -> None:
        """The request's own bytes are the answer's."""
        body = base64.b64encode(content).decode()
        response = modified(("raw", ""), method="POST", body=body, isBase64Encoded=True)
        text = response["body"]
        sent = base64.b64decode(text) if response["isBase64Encoded"] else text.encode()
        assert sent == content

    @pytest.mark.parametrize(
        ("sent", "received"),
        [
            (None, "application/octet-stream"),
            ("image/png", "image/png"),
            ("image/svg+xml", "application/octet-stream"),
            ("text/html; charset=utf-8", "text/plain; charset=utf-8"),
            ("text/html; charset=utf-7", "text/plain"),
            ("text/css", "text/plain"),
            ("application/javascript", "application/octet-stream"),
            ("application/pdf", "application/octet-stream"),
            ("application/json", "application/json"),
            ("x\r\ny", "application/octet-stream"),
        ],
    )
    def test_makes_the_type_inert(self, sent: str | None, received: str) -> None:
        """Bytes of a type that a browser runs come back as one that it does not."""
        response = modified(("raw", "1"), body="<script>", headers={"content-type": sent})
        assert response["headers"]["content-type"] == received
        assert response["headers"]["x-content-type-options"] == "nosniff"
        assert response["headers"]["content-security-policy"] == SANDBOX

    def test_gives_nothing_back_for_nothing(self) -> None:
        """A request without a body has an empty one back."""
        assert modified(("raw", "true"))["body"] == ""

    def test_refuses_other_flags(self) -> None:
        """A flag is on or off."""
        detail = 'Expected true, false or nothing, got "yes"'
        assert faults(("raw", "yes")) == [("$.rawQueryString.raw", detail)]

    @settings(deadline=None)
    @given(text=st.text(max_size=30))
    def test_has_no_active_type(self, text: str) -> None:
        """No content type that a client writes gets past."""
        inert = module("modifiers").made_inert(text)
        assert inert.isascii()
        assert "html" not in inert
        assert "xml" not in inert.partition(";")[0].rpartition("+")[2]


class TestHead:
    @pytest.mark.parametrize("query", ["", "status=404", "body=x", "raw", "status=abc"])
    def test_sends_no_body(self, query: str) -> None:
        """A HEAD is answered as a GET would be, without the body, problems too."""
        head, get = (invoke(http(query, method=method)) for method in ("HEAD", "GET"))
        assert head["body"] == ""
        assert head["statusCode"] == get["statusCode"]
        assert head["headers"] == get["headers"]

    @pytest.mark.parametrize(
        "event",
        [
            http("a&" * 1_001, method="HEAD"),
            {"httpMethod": "HEAD", "requestContext": None, "path": 7},
            {"httpMethod": "HEAD", "requestContext": {"elb": {}}, "path": 7},
        ],
        ids=["payload 2.0", "payload 1.0", "balancer"],
    )
    def test_refuses_without_a_body(self, event: Json) -> None:
        """A HEAD that cannot be read has the status of its problem, and no body."""
        response = invoke(event)
        assert response["statusCode"] == 400
        assert response["body"] == ""


class TestLimits:
    def test_refuses_a_long_query(self) -> None:
        """A query that no front carries is not taken apart."""
        path = "$.rawQueryString"
        long = refused(invoke(http("a" * 65_537)))
        assert long == bad_request((path, "Expected at most 65536 characters, got 65537"))
        many = refused(invoke(http("&" * 1_000)))
        assert many == bad_request((path, "Expected at most 1000 parameters, got 1001"))

    @pytest.mark.parametrize(
        ("fields", "path", "size"),
        [
            ({"headers": {"a": "x" * 131_070}}, "$.headers", 131_073),
            ({"headers": {str(number): "" for number in range(100_000)}}, "$.headers", 688_890),
            ({"cookies": ["x" * 131_071]}, "$.cookies", 131_073),
            ({"cookies": [""] * 1_000_000}, "$.cookies", 2_000_000),
        ],
        ids=["a long header", "many headers", "a long cookie", "many cookies"],
    )
    def test_refuses_large_headers(self, fields: Json, path: str, size: int) -> None:
        """Headers that no front carries are not described."""
        detail = f"Expected at most 131072 characters, got {size}"
        assert refused(invoke(http(**fields))) == bad_request((path, detail))

    def test_describes_headers_up_to_the_limit(self) -> None:
        """Headers of exactly the limit are described."""
        fields: Json = {"headers": {"a": "x" * 131_069}, "cookies": ["x" * 131_070]}
        assert len(described(invoke(http(**fields)))["headers"][0][1]) == 131_069

    def test_sends_a_small_file_back(self) -> None:
        """A sample's pixel comes back as the image it is."""
        event = sample("echo-http-modified.json")
        response = invoke(event)
        assert response["body"] == event["body"]
        assert response["isBase64Encoded"] is True
        assert response["headers"]["content-type"] == "image/png"
