"""Echo: what a client may ask of its answer, and what it may not."""

import base64
import gzip
import json
import random
import time
from urllib.parse import urlencode

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.unit.echo.calls import (
    Json,
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
        "status", ["", "99", "600", "20", "2000", "abc", "-200", "２００", "1e2"]
    )
    def test_refuses_others(self, status: str) -> None:
        """A status has three digits, from 100 to 599."""
        detail = f"Expected a status from 100 to 599, got {json.dumps(status)}"
        assert faults(("status", status)) == [("$.rawQueryString.status", detail)]

    def test_refuses_two(self) -> None:
        """A modifier that says one thing stands once."""
        detail = "Expected it once, got it 2 times"
        pairs = ("status", "200"), ("status", "201")
        assert faults(*pairs) == [("$.rawQueryString.status", detail)]

    def test_works_on_any_route(self) -> None:
        """The answer of the validation is modified, too."""
        body = '{"schema": true, "value": 1}'
        event = http("status=202", method="POST", rawPath="/echo/validate", body=body)
        assert described(invoke(event), 202) == {"valid": True, "violations": [], "more": False}


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
        "name",
        [
            "Connection",
            "Keep-Alive",
            "Transfer-Encoding",
            "TE",
            "Trailer",
            "Upgrade",
            "Content-Length",
            "Host",
        ],
    )
    def test_refuses_framing(self, name: str) -> None:
        """A header of the connection is not a client's to choose."""
        detail = f"Expected another header than {name.lower()}: it says how the message travels"
        path = "$.rawQueryString.header[1]"
        pairs = ("header", "x-ok:1"), ("header", f"{name}:x")
        assert faults(*pairs) == [(path, f'{detail}, got "{name}:x"')]

    @pytest.mark.parametrize(
        ("name", "reason"),
        [
            ("x-content-type-options", "Echo sets it"),
            ("content-encoding", "Echo sets it"),
            ("content-security-policy", "Echo sets it"),
            ("clear-site-data", "it would outlast the answer for all of this host"),
            ("strict-transport-security", "it would outlast the answer for all of this host"),
            ("service-worker-allowed", "it would outlast the answer for all of this host"),
            ("refresh", "it leads elsewhere on its own"),
        ],
    )
    def test_refuses_what_does_harm(self, name: str, reason: str) -> None:
        """Headers that undo Echo's own, or outlast the answer, are refused, and why."""
        ((_, detail),) = faults(("header", f"{name}:x"))
        assert detail.startswith(f"Expected another header than {name}: {reason}, got ")

    @pytest.mark.parametrize(
        "text", ["x-a:b\r\nx-c: d", "x-a:b\nc", "x-a:\0", "x-a:é", "x-a:" + "b" * 2001, "x-a:\x7f"]
    )
    def test_refuses_what_splits(self, text: str) -> None:
        """A value with a line break or another control character is refused."""
        ((path, detail),) = faults(("header", text))
        assert path == "$.rawQueryString.header[0]"
        assert detail.startswith("Expected a value of at most 2000 printable ASCII characters, got")

    @pytest.mark.parametrize("text", ["a b:c", ":c", "é:c", "a\n:c", "a(b):c", "x" * 65 + ":c"])
    def test_refuses_names_that_are_none(self, text: str) -> None:
        """A name is a token."""
        ((_, detail),) = faults(("header", text))
        assert detail.startswith("Expected Name:Value, the name a token of at most 64 characters")

    def test_refuses_no_colon(self) -> None:
        """A header has a colon."""
        assert faults(("header", "x")) == [
            ("$.rawQueryString.header[0]", 'Expected Name:Value, got "x"')
        ]

    def test_refuses_too_many(self) -> None:
        """So many headers go out, and so many bytes of them."""
        path = "$.rawQueryString.header"
        many = [("header", f"x-{number}:") for number in range(33)]
        assert faults(*many) == [(path, "Expected at most 32 headers, got 33")]
        large = [("header", "x:" + "y" * 1_999)] * 4
        assert faults(*large) == [(path, "Expected at most 6000 bytes, got 8004")]

    def test_refuses_two_types(self) -> None:
        """An answer has one content type."""
        pairs = ("header", "Content-Type:text/csv"), ("header", "content-type:text/plain")
        detail = "Expected one content type, got another"
        assert faults(*pairs) == [("$.rawQueryString.header[1]", detail)]

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
        problem = refused(invoke(sample("echo-http-bad-modifiers.json")))
        path = "$.rawQueryString"
        inert = "Expected a content type that no browser runs, such as text/plain"
        assert problem == bad_request(
            (f"{path}.status", 'Expected a status from 100 to 599, got "600"'),
            (f"{path}.delay", 'Expected from 0 to 10 seconds, got "60"'),
            (f"{path}.verify", 'Expected one of github, stripe, svix, generic, got "none"'),
            (f"{path}.header[0]", f'{inert}, got "Content-Type:text/html"'),
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
        inert = module("header_rules").made_inert(text)
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


class TestGzip:
    TEXT = "a line that comes again\n" * 100

    def answer(self, accept: str | None, body: str = TEXT, **fields: object) -> Json:
        headers = {"accept-encoding": accept, "content-type": "text/plain"}
        return invoke(http("raw", method="POST", body=body, headers=headers, **fields))

    @pytest.mark.parametrize(
        "accept",
        [
            "gzip",
            "GZIP;q=0.5",
            "br, deflate, gzip",
            "x-gzip",
            "*",
            "gzip;q=0.5, identity;q=0.5",
            "identity;q=0, *;q=0.1",
        ],
    )
    def test_compresses(self, accept: str) -> None:
        """An answer is compressed for who prefers that, or does not mind."""
        response = self.answer(accept)
        assert response["headers"]["content-encoding"] == "gzip"
        assert response["headers"]["vary"] == "accept-encoding"
        assert response["isBase64Encoded"] is True
        assert gzip.decompress(base64.b64decode(response["body"])) == self.TEXT.encode()

    @pytest.mark.parametrize(
        "accept",
        [
            None,
            "",
            "br",
            "gzip;q=0",
            "gzip;q=0.000",
            "*;q=0",
            "gzip;q=0, *",
            "gzip;q=0.5, identity",
            "gzip;q=x",
            "gzip;q=-1",
            "gzip;q=inf",
        ],
    )
    def test_compresses_for_nobody_else(self, accept: str | None) -> None:
        """Where gzip is not asked for, or liked less, nothing is compressed."""
        response = self.answer(accept)
        assert response["body"] == self.TEXT
        assert "content-encoding" not in response["headers"]
        assert response["headers"]["vary"] == "accept-encoding"

    def test_compresses_what_is_worth_it(self) -> None:
        """What is small stays as it is, and so does what compression does not make smaller."""
        assert "vary" not in self.answer("gzip", body="x" * 1023)["headers"]
        assert self.answer("gzip", body="x" * 1024)["headers"]["content-encoding"] == "gzip"
        noise = base64.b64encode(random.Random(0).randbytes(2_000)).decode()
        response = self.answer("gzip", body=noise, isBase64Encoded=True)
        assert "content-encoding" not in response["headers"]

    def test_leaves_a_rest_api_to_compress(self) -> None:
        """A REST API passes base64 on undecoded unless it is told to, so it gets text."""
        event = {
            "httpMethod": "POST",
            "queryStringParameters": {"raw": ""},
            "headers": {"Accept-Encoding": "gzip"},
            "body": self.TEXT,
        }
        assert invoke(event)["body"] == self.TEXT

    def test_is_the_same_every_time(self) -> None:
        """There is no time in what is compressed."""
        packed = base64.b64decode(self.answer("gzip")["body"])
        assert packed[4:8] == b"\0\0\0\0"

    @settings(deadline=None)
    @given(
        accept=st.text(max_size=20) | st.from_regex(r"[a-z*]{1,5}(;q=[0-9.]{0,4})?", fullmatch=True)
    )
    def test_reads_any_header(self, accept: str) -> None:
        """No Accept-Encoding raises."""
        assert module("http_answer").wants_gzip(accept) in (True, False)


class TestLimits:
    def test_refuses_a_long_query(self) -> None:
        """A query that no front carries is not taken apart."""
        path = "$.rawQueryString"
        long = refused(invoke(http("a" * 65_537)))
        assert long == bad_request((path, "Expected at most 65536 characters, got 65537"))
        many = refused(invoke(http("&" * 1_000)))
        assert many == bad_request((path, "Expected at most 1000 parameters, got 1001"))

    @pytest.mark.parametrize(
        ("fields", "path"),
        [
            ({"headers": {"a": "x" * 131_070}}, "$.headers"),
            ({"headers": {f"h{number}": "" for number in range(100_000)}}, "$.headers"),
            ({"cookies": ["x" * 131_071]}, "$.cookies"),
            ({"cookies": [""] * 1_000_000}, "$.cookies"),
        ],
        ids=["a long header", "many headers", "a long cookie", "many cookies"],
    )
    def test_refuses_large_headers(self, fields: Json, path: str) -> None:
        """Headers that no front carries are not described."""
        detail = "Expected at most 131072 characters, got more"
        assert refused(invoke(http(**fields))) == bad_request((path, detail))

    def test_describes_headers_up_to_the_limit(self) -> None:
        """Headers of exactly the limit are described."""
        fields: Json = {"headers": {"a": "x" * 131_069}, "cookies": ["x" * 131_070]}
        assert len(described(invoke(http(**fields)))["headers"][0][1]) == 131_069

    def test_sends_a_small_file_back(self) -> None:
        """A sample's pixel comes back as the image it is."""
        event = sample("echo-http-raw.json")
        response = invoke(event)
        assert response["body"] == event["body"]
        assert response["isBase64Encoded"] is True
        assert response["headers"]["content-type"] == "image/png"
