"""`shorts local start-api` as a process: what functions are sent, and what their clients get."""

import base64
import contextlib
import http.client
import json
import os
import re
import shutil
import signal
import socket
import ssl
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from werkzeug.serving import make_ssl_devcert

from tests.conftest import ROOT, as_process

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="the emulator runs on Linux")

APP = ROOT / "tests" / "apps" / "start-api"
MINOR = f"{sys.version_info[0]}.{sys.version_info[1]}"
HERE = "127.0.0.1"
PATIENCE = 30
Headers = Sequence[tuple[str, str]] | Mapping[str, str]


class Response(NamedTuple):
    """What a client got."""

    status: int
    headers: list[tuple[str, str]]
    body: bytes

    def all(self, name: str) -> list[str]:
        """The values of a header, by its name in lower case."""
        return [value for key, value in self.headers if key.lower() == name]

    @property
    def event(self) -> dict[str, Any]:
        """The function's event, which it answers with."""
        assert self.status == 200, self.body
        event: dict[str, Any] = json.loads(self.body)
        return event


def exchange(
    connection: http.client.HTTPConnection,
    method: str,
    path: str,
    headers: Headers = (),
    body: bytes = b"",
) -> Response:
    connection.putrequest(method, path, skip_accept_encoding=True)
    for name, value in headers.items() if isinstance(headers, Mapping) else headers:
        connection.putheader(name, value)
    if body:
        connection.putheader("Content-Length", str(len(body)))
    connection.endheaders(body or None)
    answered = connection.getresponse()
    return Response(answered.status, answered.getheaders(), answered.read())


class Running:
    """The command, its log, and where it listens."""

    def __init__(self, folder: Path, arguments: Sequence[str], **environment: str) -> None:
        self.folder = folder
        self.log = folder.with_name(f"{folder.name}.log")
        with self.log.open("wb") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "shorts", "local", "start-api", "--port", "0", *arguments],
                cwd=folder,
                env={**os.environ, "PYTHONPATH": str(ROOT), **environment},
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )

    @property
    def said(self) -> str:
        return self.log.read_text()

    def until(self, pattern: str, since: int = 0) -> re.Match[str]:
        """Wait for a line of the log."""
        deadline = time.monotonic() + PATIENCE
        while time.monotonic() < deadline:
            if found := re.search(pattern, self.said[since:], re.MULTILINE):
                return found
            assert self.process.poll() is None, self.said
            time.sleep(0.02)
        raise AssertionError(f"{pattern} was not said:\n{self.said}")

    def port(self, function: str = "") -> int:
        """The port of the APIs, or of a function's URL."""
        of = rf"/  its URL  {function}$" if function else r"/[^ ]+  [A-Z]+  "
        return int(self.until(rf"^https?://127\.0\.0\.1:(\d+){of}")[1])

    def connect(self, function: str = "") -> http.client.HTTPConnection:
        return http.client.HTTPConnection(HERE, self.port(function), timeout=PATIENCE)

    def ask(
        self, method: str, path: str, headers: Headers = (), body: bytes = b"", url: str = ""
    ) -> Response:
        with contextlib.closing(self.connect(url)) as connection:
            return exchange(connection, method, path, headers, body)

    def end(self, number: signal.Signals = signal.SIGTERM) -> int:
        self.process.send_signal(number)
        return self.process.wait(PATIENCE)


Start = Callable[..., Running]


def started(folder: Path, *arguments: str, **environment: str) -> Running:
    if not folder.exists():
        shutil.copytree(APP, folder)
    overrides = ["--parameter-overrides", f"Runtime=python{MINOR}"]
    return Running(folder, [*arguments, *overrides], **environment)


@pytest.fixture(scope="module")
def api(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """One that serves most tests."""
    running = started(tmp_path_factory.mktemp("start-api") / "app", "--concurrency", "2")
    running.port()
    yield running
    running.end()


@pytest.fixture(scope="module")
def again(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder for one test after the other, where SAM's reading of the template is remembered."""
    return tmp_path_factory.mktemp("start-api-again") / "app"


def renew(folder: Path) -> None:
    """Put the application back as it was, built nowhere."""
    shutil.rmtree(folder / ".aws-sam" / "build", ignore_errors=True)
    for path in folder.iterdir() if folder.exists() else ():
        if path.name != ".aws-sam":
            shutil.rmtree(path) if path.is_dir() else path.unlink()
    shutil.copytree(APP, folder, dirs_exist_ok=True)


@pytest.fixture
def start(tmp_path: Path, again: Path) -> Iterator[Start]:
    """Starts one for a test alone, in a folder that the test may change: its own, if it has one."""
    every: list[Running] = []
    renew(again)

    def run(*arguments: str, **environment: str) -> Running:
        own = tmp_path / "app"
        every.append(started(own if own.exists() else again, *arguments, **environment))
        return every[-1]

    yield run
    for running in every:
        if running.process.poll() is None:
            running.end(signal.SIGKILL)


def does(what: str, value: object = "") -> dict[str, str]:
    """What has the function do something; what it is to return is JSON."""
    return {"X-Do": f"{what} {json.dumps(value) if what == 'return' else value}"}


def taken_out(event: dict[str, Any], *path: str) -> Any:
    """Remove a value from an event, and return it."""
    for name in path[:-1]:
        event = event[name]
    return event.pop(path[-1])


def test_sends_payload_2(api: Running) -> None:
    """An HTTP API's function gets payload 2.0: decoded path, joined headers and query, cookies."""
    before = int(time.time() * 1000)
    headers = [
        ("X-One", "1"),
        ("x-one", "2"),
        ("Cookie", "a=1; b=2"),
        ("User-Agent", "test"),
        ("Content-Type", "application/json"),
        ("Connection", "keep-alive"),
    ]
    event = api.ask("GET", "/items/a%20b?q=1&q=%C3%A9&e=", headers, b'{"x": 1}').event
    port = api.port()
    request = taken_out(event, "requestContext", "requestId")
    assert before <= taken_out(event, "requestContext", "timeEpoch") <= time.time() * 1000
    said = taken_out(event, "requestContext", "time")
    assert re.fullmatch(r"\d\d/[A-Z][a-z]{2}/\d{4}:\d\d:\d\d:\d\d \+0000", said)
    assert re.fullmatch(r"[0-9a-f-]{36}", request)
    trace = taken_out(event, "headers", "x-amzn-trace-id")
    assert re.fullmatch(r"Root=1-[0-9a-f]{8}-[0-9a-f]{24}", trace)
    assert event == {
        "version": "2.0",
        "routeKey": "GET /items/{id}",
        "rawPath": "/items/a b",
        "rawQueryString": "q=1&q=%C3%A9&e=",
        "cookies": ["a=1", "b=2"],
        "headers": {
            "host": f"{HERE}:{port}",
            "x-one": "1,2",
            "user-agent": "test",
            "content-type": "application/json",
            "content-length": "8",
            "x-forwarded-for": HERE,
            "x-forwarded-port": str(port),
            "x-forwarded-proto": "http",
        },
        "queryStringParameters": {"q": "1,é", "e": ""},
        "requestContext": {
            "accountId": "123456789012",
            "apiId": "1234567890",
            "domainName": HERE,
            "domainPrefix": "127",
            "http": {
                "method": "GET",
                "path": "/items/a b",
                "protocol": "HTTP/1.1",
                "sourceIp": HERE,
                "userAgent": "test",
            },
            "routeKey": "GET /items/{id}",
            "stage": "dev",
        },
        "pathParameters": {"id": "a b"},
        "stageVariables": {"colour": "red"},
        "body": '{"x": 1}',
        "isBase64Encoded": False,
    }


def test_leaves_out_what_a_request_does_not_have(api: Running) -> None:
    """Payload 2.0 has no body, cookies, query or parameters where there are none."""
    event = api.ask("GET", "/implied").event
    absent = {"body", "cookies", "queryStringParameters", "pathParameters", "stageVariables"}
    assert absent.isdisjoint(event)
    assert event["requestContext"]["stage"] == "$default"


def test_sends_payload_1_of_a_rest_api(api: Running) -> None:
    """A REST API's function gets payload 1.0: encoded path, names as sent, null for what is not."""
    headers = [("X-One", "1"), ("X-One", "2"), ("User-Agent", "test")]
    event = api.ask("GET", "/rest/a%20b?q=1&q=2", headers).event
    port = str(api.port())
    trace = taken_out(event, "headers", "X-Amzn-Trace-Id")
    assert taken_out(event, "multiValueHeaders", "X-Amzn-Trace-Id") == [trace]
    request = taken_out(event, "requestContext", "requestId")
    assert taken_out(event, "requestContext", "extendedRequestId") == request
    assert taken_out(event, "requestContext", "requestTimeEpoch") <= time.time() * 1000
    assert taken_out(event, "requestContext", "requestTime").endswith(" +0000")
    identity = taken_out(event, "requestContext", "identity")
    assert {name for name, value in identity.items() if value} == {"sourceIp", "userAgent"}
    assert (identity["sourceIp"], identity["userAgent"]) == (HERE, "test")
    assert event == {
        "resource": "/rest/{name}",
        "path": "/rest/a%20b",
        "httpMethod": "GET",
        "headers": {
            "Host": f"{HERE}:{port}",
            "X-One": "2",
            "User-Agent": "test",
            "X-Forwarded-For": HERE,
            "X-Forwarded-Port": port,
            "X-Forwarded-Proto": "http",
        },
        "multiValueHeaders": {
            "Host": [f"{HERE}:{port}"],
            "X-One": ["1", "2"],
            "User-Agent": ["test"],
            "X-Forwarded-For": [HERE],
            "X-Forwarded-Port": [port],
            "X-Forwarded-Proto": ["http"],
        },
        "queryStringParameters": {"q": "2"},
        "multiValueQueryStringParameters": {"q": ["1", "2"]},
        "requestContext": {
            "accountId": "123456789012",
            "apiId": "1234567890",
            "domainName": HERE,
            "domainPrefix": "127",
            "httpMethod": "GET",
            "path": "/rest/a%20b",
            "protocol": "HTTP/1.1",
            "resourceId": "123456",
            "resourcePath": "/rest/{name}",
            "stage": "prod",
        },
        "pathParameters": {"name": "a b"},
        "stageVariables": {"size": "large"},
        "body": None,
        "isBase64Encoded": False,
    }


def test_sends_payload_1_of_an_http_api(api: Running) -> None:
    """An HTTP API that is asked to sends payload 1.0, which says so, with its path decoded."""
    event = api.ask("POST", "/first/a%20b", {"Content-Type": "text/plain"}, b"x").event
    said = {name: event[name] for name in ("version", "resource", "path", "body")}
    assert said == {
        "version": "1.0",
        "resource": "/first/{name}",
        "path": "/first/a b",
        "body": "x",
    }
    assert event["requestContext"]["stage"] == "dev"


def test_sends_payload_2_of_a_url(api: Running) -> None:
    """A function's URL has a port of its own, all paths and methods, and an encoded path."""
    event = api.ask("PUT", "/any/a%20b", url="Asked").event
    assert (event["rawPath"], event["routeKey"]) == ("/any/a%20b", "$default")
    assert event["requestContext"]["accountId"] == "anonymous"
    assert "pathParameters" not in event


@pytest.mark.parametrize(
    ("type_", "body", "encoded"),
    [
        ("application/json; charset=utf-8", b"{}", False),
        ("text/csv", "é".encode(), False),
        ("application/xml", b"<a/>", False),
        ("application/javascript", b"1", False),
        ("application/x-www-form-urlencoded", b"a=1", True),
        ("image/png", b"\x89PNG", True),
        ("text/plain", b"\xff", True),
        ("", b"text", True),
    ],
)
def test_encodes_bodies(api: Running, type_: str, body: bytes, encoded: bool) -> None:
    """An HTTP API hands over text as it is by its type, and everything else in base64."""
    event = api.ask("POST", "/items", {"Content-Type": type_} if type_ else {}, body).event
    expected = base64.b64encode(body).decode() if encoded else body.decode()
    assert (event["body"], event["isBase64Encoded"]) == (expected, encoded)


def test_encodes_binary_media_types(api: Running) -> None:
    """A REST API hands over in base64 what the template calls binary, and nothing else."""
    for type_, encoded in (("image/png", True), ("audio/mp3", True), ("image/gif", False)):
        event = api.ask("POST", "/rest/x", {"Content-Type": type_}, b"\xffx").event
        expected = "/3g=" if encoded else "\ufffdx"
        assert (event["body"], event["isBase64Encoded"]) == (expected, encoded)


def test_takes_chunked_bodies(api: Running) -> None:
    """A body in chunks arrives whole, with its length."""
    with contextlib.closing(api.connect()) as connection:
        headers = {"Content-Type": "text/plain"}
        connection.request("POST", "/items", iter([b"ab", b"c"]), headers, encode_chunked=True)
        event = json.loads(connection.getresponse().read())
    assert (event["body"], event["headers"]["content-length"]) == ("abc", "3")
    assert "transfer-encoding" not in event["headers"]


@pytest.mark.parametrize(
    ("returned", "body"),
    [
        ({"a": 1}, b'{"a": 1}'),
        ("text", b'"text"'),
        ([1], b"[1]"),
        (None, b"null"),
    ],
)
def test_infers_an_answer(api: Running, returned: object, body: bytes) -> None:
    """In payload 2.0 an answer without a status is the body of a success."""
    answered = api.ask("GET", "/items", does("return", returned))
    assert (answered.status, answered.body) == (200, body)
    assert answered.all("content-type") == ["application/json"]


def test_answers_of_payload_2(api: Running) -> None:
    """Status, headers, cookies and binary bodies are passed on."""
    returned = {
        "statusCode": "201",
        "headers": {"X-A": "é", "X-Number": 1, "X-Yes": True, "Connection": "close"},
        "cookies": ["a=1", "b=2; HttpOnly"],
        "body": base64.b64encode(b"\x00\xff").decode(),
        "isBase64Encoded": True,
    }
    answered = api.ask("GET", "/items", does("return", returned))
    assert (answered.status, answered.body) == (201, b"\x00\xff")
    assert answered.all("x-a")[0].encode("latin-1").decode() == "é"
    assert (answered.all("x-number"), answered.all("x-yes")) == (["1"], ["true"])
    assert answered.all("set-cookie") == ["a=1", "b=2; HttpOnly"]
    assert answered.all("connection") == []
    assert answered.all("content-type") == ["text/plain; charset=utf-8"]


@pytest.mark.parametrize(
    ("path", "returned"),
    [
        ("/items", {"statusCode": "many"}),
        ("/items", {"statusCode": 99}),
        ("/items", {"statusCode": 200, "body": {"a": 1}}),
        ("/items", {"statusCode": 200, "body": "?", "isBase64Encoded": True}),
        ("/items", {"statusCode": 200, "headers": {"a": "b\r\nc: d"}}),
        ("/items", {"statusCode": 200, "headers": {"a b": "c"}}),
        ("/first/x", {"body": "no status"}),
    ],
)
def test_refuses_malformed_answers_of_http_apis(api: Running, path: str, returned: object) -> None:
    """An answer that no gateway takes is a 502, and the log says why."""
    since = len(api.said)
    answered = api.ask("GET", path, does("return", returned))
    assert (answered.status, answered.body) == (502, b'{"message":"Internal Server Error"}')
    api.until("Asked gave an answer that no gateway accepts: ", since)


@pytest.mark.parametrize(
    "returned",
    ["text", [1], {"statusCode": 200, "unknown": 1}, {"statusCode": 200, "body": 1}, {"a": 1}],
)
def test_refuses_malformed_answers_of_rest_apis(api: Running, returned: object) -> None:
    """A REST API takes no answer in another form, and infers none."""
    answered = api.ask("GET", "/rest/x", does("return", returned))
    assert (answered.status, answered.body) == (502, b'{"message": "Internal server error"}')


def test_answers_of_payload_1(api: Running) -> None:
    """Single and multiple headers are merged; what is in both is sent once."""
    returned = {
        "statusCode": 200,
        "headers": {"X-A": "1", "X-B": "3"},
        "multiValueHeaders": {"X-A": ["1", "2"]},
        "body": "é",
    }
    answered = api.ask("GET", "/rest/x", does("return", returned))
    assert (answered.status, answered.body) == (200, "é".encode())
    assert (answered.all("x-a"), answered.all("x-b")) == (["1", "2"], ["3"])
    assert answered.all("content-type") == ["application/json"]


def test_decodes_what_a_client_accepts_as_binary(api: Running) -> None:
    """A REST API decodes a body where the client first accepts a binary media type."""
    returned = {"statusCode": 200, "body": "/3g=", "isBase64Encoded": True}
    for accepted, body in (
        ("image/png", b"\xffx"),
        ("audio/ogg, text/html", b"\xffx"),
        ("text/html, image/png", b"/3g="),
        ("*/*", b"/3g="),
    ):
        answered = api.ask("GET", "/rest/x", {**does("return", returned), "Accept": accepted})
        assert (answered.status, answered.body) == (200, body)


def test_sends_no_body_where_there_is_none(api: Running) -> None:
    """HEAD has the length alone; 204 has neither; the connection can be used on."""
    with contextlib.closing(api.connect()) as connection:
        returned = {"statusCode": 200, "body": "four"}
        head = exchange(connection, "HEAD", "/items", does("return", returned))
        assert (head.status, head.body, head.all("content-length")) == (200, b"", ["4"])
        empty = exchange(connection, "GET", "/items", does("return", {"statusCode": 204}))
        assert (empty.status, empty.body, empty.all("content-length")) == (204, b"", [])
        first = connection.sock
        again = exchange(connection, "GET", "/items", does("return", returned))
        assert (again.status, again.body, connection.sock) == (200, b"four", first)


@pytest.mark.parametrize(
    ("method", "path", "key"),
    [
        ("GET", "/items", "ANY /items"),
        ("GET", "/items/", "ANY /items"),
        ("GET", "/items/new", "GET /items/new"),
        ("GET", "/items/old", "GET /items/{id}"),
        ("POST", "/items/new", "ANY /items/{more+}"),
        ("GET", "/items/a/b", "ANY /items/{more+}"),
        ("PUT", "/document/x", "ANY /document/{name}"),
    ],
)
def test_finds_the_most_specific_route(api: Running, method: str, path: str, key: str) -> None:
    """A literal path comes before a parameter, that before a greedy one; the method must fit."""
    assert api.ask(method, path).event["routeKey"] == key


def test_reads_openapi_documents(api: Running) -> None:
    """A document's integration says which function the route is of, and in which form."""
    event = api.ask("GET", "/document/a%2Fb").event
    assert (event["version"], event["resource"]) == ("1.0", "/document/{name}")
    assert event["pathParameters"] == {"name": "a/b"}
    assert "operationName" not in event["requestContext"]


def test_answers_without_a_route(api: Running) -> None:
    """Where a REST API is served, what no route has is an unknown method of it."""
    for method, path in (("GET", "/nowhere"), ("DELETE", "/implied")):
        answered = api.ask(method, path)
        assert (answered.status, answered.body) == (
            403,
            b'{"message":"Missing Authentication Token"}',
        )


def test_preflight_of_an_http_api(api: Running) -> None:
    """The gateway answers a preflight itself, by the template's origins."""
    asks = {"Access-Control-Request-Method": "GET"}
    for path in ("/items", "/implied", "/nowhere"):
        answered = api.ask("OPTIONS", path, {**asks, "Origin": "https://b.example"})
        assert (answered.status, answered.body) == (204, b"")
        assert answered.all("access-control-allow-origin") == ["https://b.example"]
        assert answered.all("access-control-allow-headers") == ["x-one,x-two"]
        assert answered.all("access-control-max-age") == ["600"]
        assert answered.all("access-control-allow-methods") == ["GET,OPTIONS,POST"]
    refused = api.ask("OPTIONS", "/items", {**asks, "Origin": "https://c.example"})
    assert (refused.status, refused.all("access-control-allow-origin")) == (204, [])
    # Without an origin it is a request like any other.
    assert api.ask("OPTIONS", "/items").event["routeKey"] == "ANY /items"


def test_cors_of_answers(api: Running) -> None:
    """An HTTP API says in the function's place who may read an answer, of failures as well."""
    returned = {"statusCode": 200, "headers": {"Access-Control-Allow-Origin": "*"}}
    origin = {"Origin": "https://a.example"}
    for what in (does("return", returned), does("raise", "no")):
        answered = api.ask("GET", "/items", {**what, **origin})
        assert answered.all("access-control-allow-origin") == ["https://a.example"]
        assert answered.all("access-control-expose-headers") == ["x-three"]
        assert answered.all("access-control-allow-methods") == []
    answered = api.ask("GET", "/items", does("return", returned))
    assert answered.all("access-control-allow-origin") == []


def test_cors_of_a_rest_api(api: Running) -> None:
    """A REST API answers OPTIONS for everybody, and leaves other answers to the function."""
    answered = api.ask("OPTIONS", "/rest/x")
    assert (answered.status, answered.body) == (200, b"")
    assert answered.all("access-control-allow-origin") == ["*"]
    assert (
        api.ask("GET", "/rest/x", {"Origin": "https://a.example"}).all(
            "access-control-allow-origin"
        )
        == []
    )


def test_cors_of_a_url(api: Running) -> None:
    """A function's URL has its own origins."""
    asks = {"Access-Control-Request-Method": "GET", "Origin": "https://c.example"}
    answered = api.ask("OPTIONS", "/x", asks, url="Asked")
    assert (answered.status, answered.body) == (200, b"")
    assert answered.all("access-control-allow-origin") == ["*"]
    assert answered.all("access-control-max-age") == ["5"]


def test_asks_token_authorizers(api: Running) -> None:
    """A REST API lets in whom its authorizer knows, and hands on what that says."""
    assert api.ask("GET", "/told").status == 401
    assert api.ask("GET", "/told", {"Authorization": "Basic x"}).status == 401
    refused = api.ask("GET", "/told", {"Authorization": "Bearer x"})
    assert (refused.status, refused.body) == (
        403,
        b'{"Message":"User is not authorized to access this resource"}',
    )
    event = api.ask("GET", "/told", {"Authorization": "Bearer let me in"}).event
    asked = '["authorizationToken", "methodArn", "type"]'
    assert event["requestContext"]["authorizer"] == {"asked": asked, "principalId": "me"}


def test_asks_request_authorizers(api: Running) -> None:
    """An HTTP API's authorizer gets the request, and may answer yes or no."""
    missing = api.ask("GET", "/guarded")
    assert (missing.status, missing.body) == (401, b'{"message":"Unauthorized"}')
    refused = api.ask("GET", "/guarded", {"X-Key": "x"})
    assert (refused.status, refused.body) == (403, b'{"message":"Forbidden"}')
    event = api.ask("GET", "/guarded", {"X-Key": "let me in"}).event
    asked = json.loads(event["requestContext"]["authorizer"]["lambda"]["asked"])
    assert {"identitySource", "routeArn", "type"} <= set(asked)


def test_serves_static_files(api: Running) -> None:
    """What no route has may be a file of the static folder, and of nothing next to it."""
    found = api.ask("GET", "/page.html")
    assert (found.status, found.body) == (200, b"<h1>Here</h1>\n")
    assert found.all("content-type") == ["text/html"]
    assert api.ask("HEAD", "/page.html").all("content-length") == ["14"]
    assert api.ask("POST", "/page.html").status == 403
    assert api.ask("GET", "/../template.yaml").status == 403
    assert api.ask("GET", "/%2e%2e/template.yaml").status == 403


def test_refuses_large_requests(api: Running) -> None:
    """The request line and headers have a limit together, and bodies have one."""
    long = api.ask("GET", f"/items?{'x' * 10_240}")
    assert (long.status, long.body) == (414, b'{"message":"URI Too Long"}')
    headers = api.ask("GET", "/items", {"X-Large": "x" * 10_240})
    assert (headers.status, headers.body) == (431, b'{"message":"Request Header Fields Too Large"}')
    assert api.ask("GET", "/items", {"X-Large": "x" * 9_900}).status == 200
    with contextlib.closing(api.connect()) as connection:
        connection.putrequest("POST", "/items")
        connection.putheader("Content-Length", str(6 * 1024 * 1024 + 1))
        connection.endheaders()
        assert connection.getresponse().status == 413
    assert api.ask("POST", "/items", body=b"x" * (8 * 1024 * 1024)).status == 413
    body = b"x" * (5 * 1024 * 1024)  # with base64 it is too large for an event
    answered = api.ask("POST", "/items", {"Content-Type": "image/png"}, body)
    assert (answered.status, answered.body) == (413, b'{"message":"Request Entity Too Large"}')


def test_refuses_large_answers(api: Running) -> None:
    """Lambda takes no answer above 6 MB."""
    assert api.ask("GET", "/items", does("large", str(5_000_000))).status == 200
    assert api.ask("GET", "/items", does("large", str(6 * 1024 * 1024 + 100))).status == 502


def test_answers_what_is_no_request(api: Running) -> None:
    """Methods that no API has, and lines that are not HTTP, are answered in JSON."""
    answered = api.ask("BREW", "/items")
    assert (answered.status, answered.all("content-type")) == (501, ["application/json"])
    with socket.create_connection((HERE, api.port()), PATIENCE) as raw:
        raw.sendall(b"nonsense\r\n\r\n")
        assert raw.recv(100).startswith(b"HTTP/1.1 400 ")


@pytest.mark.parametrize(
    ("sent", "status"),
    [
        ("X-A : 1\r\nContent-Length: 0\r\n\r\n", 400),
        ("X-A: 1\r\n 2\r\n\r\n", 400),
        ("Content-Length: 1\r\nContent-Length: 2\r\n\r\nab", 400),
        ("Transfer-Encoding: gzip\r\n\r\n", 501),
        ("Transfer-Encoding: chunked\r\n\r\n-1\r\n\r\n", 400),
        ("Transfer-Encoding: chunked\r\n\r\n0x1\r\na\r\n0\r\n\r\n", 400),
    ],
)
def test_refuses_what_can_be_read_in_two_ways(api: Running, sent: str, status: int) -> None:
    """Where it is unclear what the headers are, or where the body ends, nothing is made of it."""
    with socket.create_connection((HERE, api.port()), PATIENCE) as raw:
        raw.sendall(f"POST /items HTTP/1.1\r\nHost: localhost\r\n{sent}".encode())
        assert raw.recv(100).startswith(f"HTTP/1.1 {status} ".encode())


def test_lets_clients_ask_before_they_send(api: Running) -> None:
    """A client that expects 100 Continue gets it before its body has come."""
    with socket.create_connection((HERE, api.port()), PATIENCE) as raw:
        raw.sendall(
            b"POST /items HTTP/1.1\r\nHost: localhost\r\n"
            b"Expect: 100-continue\r\nContent-Length: 2\r\n\r\n"
        )
        assert raw.recv(100) == b"HTTP/1.1 100 Continue\r\n\r\n"
        raw.sendall(b"{}")
        assert raw.recv(100).startswith(b"HTTP/1.1 200 ")


def test_takes_targets_as_they_come(api: Running) -> None:
    """What a client did not percent-encode is as if it had; the log has no control characters."""
    since = len(api.said)
    with socket.create_connection((HERE, api.port()), PATIENCE) as raw:
        raw.sendall("GET /items/\x1b[é?q=é HTTP/1.0\r\n\r\n".encode())
        event = json.loads(raw.makefile("rb").read().partition(b"\r\n\r\n")[2])
    assert (event["rawPath"], event["rawQueryString"]) == ("/items/\x1b[é", "q=%C3%A9")
    assert event["queryStringParameters"] == {"q": "é"}
    api.until(r"^GET /items/%1B\[%C3%A9\?q=%C3%A9 → 200", since)


def test_passes_over_what_is_cut_short(api: Running) -> None:
    """A body that does not come to its end reaches no function."""
    since = len(api.said)
    for head in (b"Content-Length: 10\r\n\r\nabc", b"Transfer-Encoding: chunked\r\n\r\na\r\nabc"):
        with socket.create_connection((HERE, api.port()), PATIENCE) as raw:
            raw.sendall(b"POST /items?cut HTTP/1.1\r\nHost: localhost\r\n" + head)
            raw.shutdown(socket.SHUT_WR)
            assert raw.recv(100) == b""
    assert api.ask("GET", "/items?whole").status == 200
    api.until(r"/items\?whole → 200", since)
    assert "cut" not in api.said[since:]


def at_once(api: Running, count: int, path: str, headers: Headers) -> list[Response]:
    """Answers to some requests at the same time."""
    answers: list[Response] = []
    threads = [
        threading.Thread(target=lambda: answers.append(api.ask("GET", path, headers)))
        for _ in range(count)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return answers


def test_runs_requests_at_the_same_time(api: Running) -> None:
    """As many sandboxes run as were asked for, each with one request at a time; others wait."""
    at_once(api, 2, "/items", does("sleep", "0.2"))
    began = time.monotonic()
    answers = at_once(api, 4, "/items", does("sleep", "0.5"))
    took = time.monotonic() - began
    assert {answered.status for answered in answers} == {200}
    assert len({answered.body for answered in answers}) == 2
    assert all(answered.body.endswith(b" True") for answered in answers)
    assert took >= 1


def test_says_what_is_asked(api: Running) -> None:
    """The log has one line a request, and the functions' lines after their names."""
    since = len(api.said)
    api.ask("GET", "/items?a=1", does("print", "here I am"))
    assert api.until(r"^Asked  here I am$", since)
    assert api.until(r"^GET /items\?a=1 → 200  Asked  [\d.]+ ms$", since)
    assert not re.search("RequestId|rapid", api.said[since:])


def test_says_what_nobody_waited_for(api: Running) -> None:
    """Where a client goes before its answer has come, its request is logged as well."""
    since = len(api.said)
    with socket.create_connection((HERE, api.port()), PATIENCE) as raw:
        raw.sendall(b"GET /items?gone HTTP/1.1\r\nHost: localhost\r\nX-Do: large 5000000\r\n\r\n")
    api.until(r"^GET /items\?gone → 200  Asked  [\d.]+ ms$", since)


def test_keeps_a_sandbox_whose_handler_raises(api: Running) -> None:
    """A handler's exception is a 502, its traceback is in the log, and the process goes on."""
    since = len(api.said)
    answered = api.ask("GET", "/other", does("raise", "no such thing"))
    assert (answered.status, answered.body) == (502, b'{"message":"Internal Server Error"}')
    api.until(r"^Other  \[ERROR\] ValueError: no such thing", since)
    api.until(r"^Other failed: ValueError: no such thing$", since)
    answered = api.ask("GET", "/rest/other", does("raise", "no such thing"))
    assert (answered.status, answered.body) == (502, b'{"message": "Internal server error"}')
    answered = api.ask("GET", "/", does("raise", "no"), url="Asked")
    assert (answered.status, answered.body) == (502, b"Internal Server Error")


def test_replaces_what_crashes(api: Running) -> None:
    """A runtime that ends is a 502 with its log, and another takes its place."""
    before = {one.body for one in at_once(api, 2, "/other", does("sleep", "0.2"))}
    since = len(api.said)
    for _ in range(2):
        answered = api.ask("GET", "/other", does("exit", "3"))
        assert (answered.status, answered.body) == (502, b'{"message":"Internal Server Error"}')
    api.until(r"^Other  about to exit$", since)
    api.until(r"^Other failed: Runtime.ExitError: .*exit status 3$", since)
    after = {one.body for one in at_once(api, 2, "/other", does("sleep", "0.2"))}
    assert len(after) == 2
    assert before.isdisjoint(after)


def test_replaces_what_takes_too_long(api: Running) -> None:
    """A timeout is a 503 of an HTTP API and a 504 of a REST API, and kills the sandbox."""
    since = len(api.said)
    answered = api.ask("GET", "/other", does("sleep", "60"))
    assert (answered.status, answered.body) == (503, b'{"message":"Service Unavailable"}')
    answered = api.ask("GET", "/rest/other", does("sleep", "60"))
    assert (answered.status, answered.body) == (504, b'{"message": "Endpoint request timed out"}')
    api.until(r"^Other: Task timed out after 1.00 seconds$", since)
    assert api.ask("GET", "/other", does("who")).status == 200


def test_says_what_does_not_run(api: Running) -> None:
    """Code in a template does not run here: its route says so, as the log does at the start."""
    answered = api.ask("GET", "/written")
    assert (answered.status, answered.body) == (
        501,
        b'{"message":"The function does not run here"}',
    )
    api.until(r"^note: Written does not run here, and its routes answer 501: ")
    api.until(r"^note: Rest: shorts does not check Users: requests are let through$")


def test_takes_options(start: Start, tmp_path: Path) -> None:
    """Variables, parameters, eager sandboxes, no authorizers; what means nothing is noted."""
    variables = tmp_path / "variables.json"
    variables.write_text('{"Asked": {"GREETING": "good evening"}}')
    log = tmp_path / "log.txt"
    api = start(
        *("--env-vars", str(variables), "--warm-containers", "EAGER", "--disable-authorizer"),
        *("--static-dir", "fn", "--skip-pull-image", "--log-file", str(log), "--no-watch"),
    )
    assert api.ask("GET", "/items", does("variable", "GREETING")).body == b"good evening"
    assert "authorizer" not in api.ask("GET", "/guarded").event["requestContext"]
    assert api.ask("GET", "/app.py").status == 200
    api.until(r"^note: --skip-pull-image has no effect: functions run without a container$")
    assert "GET /guarded → 200" in log.read_text()
    assert api.end() == 0


def test_one_that_cannot_be_started_stops_no_other(start: Start, tmp_path: Path) -> None:
    """Where sandboxes are started at once, one that lacks something is told of, and others run."""
    built = tmp_path / "app" / ".aws-sam" / "build"
    (built / "fn").mkdir(parents=True)
    (built / "fn" / "app.py").write_text("def handler(event, context):\n    return 'here'\n")

    def function(path: str, **more: object) -> dict[str, object]:
        events = {"A": {"Type": "HttpApi", "Properties": {"Path": path, "Method": "get"}}}
        code = {"CodeUri": "fn", "Handler": "app.handler", "Runtime": f"python{MINOR}"}
        return {
            "Type": "AWS::Serverless::Function",
            "Properties": {**code, "Events": events, **more},
        }

    layer = {"Type": "AWS::Serverless::LayerVersion", "Properties": {"ContentUri": "gone"}}
    resources = {
        "Lacking": function("/lacking", Layers=[{"Ref": "Layer"}]),
        "Whole": function("/whole"),
        "Layer": layer,
    }
    template = {"Transform": "AWS::Serverless-2016-10-31", "Resources": resources}
    (built / "template.yaml").write_text(json.dumps(template))
    api = start("-t", ".aws-sam/build/template.yaml", "--warm-containers", "EAGER")
    api.until(
        r"^Lacking was not started: The layer Layer of Lacking should be at .*gone, which does"
    )
    assert api.ask("GET", "/whole").body == b'"here"'
    assert api.ask("GET", "/lacking").status == 502
    assert api.end() == 0


def test_reads_samconfig(start: Start, tmp_path: Path) -> None:
    """What samconfig.toml says holds for what is served, too, read next to the template."""
    shutil.copytree(APP, tmp_path / "app" / "code")
    said = 'version = 0.1\n[default.local_start_api.parameters]\nstatic_dir = "{}"\n'
    (tmp_path / "app" / "samconfig.toml").write_text(said.format("public"))
    (tmp_path / "app" / "code" / "samconfig.toml").write_text(said.format("fn"))
    api = start("-t", "code/template.yaml")
    assert api.ask("GET", "/app.py").status == 200
    assert api.ask("GET", "/page.html").status == 403


def test_serves_https(start: Start, tmp_path: Path) -> None:
    """With a certificate it is served over HTTPS, and the event says so."""
    certificate, key = make_ssl_devcert(str(tmp_path / "tls"), host="localhost")
    api = start("--ssl-cert-file", certificate, "--ssl-key-file", key)
    context = ssl.create_default_context(cafile=certificate)
    context.check_hostname = False
    connection = http.client.HTTPSConnection(HERE, api.port(), context=context, timeout=PATIENCE)
    with contextlib.closing(connection):
        event = exchange(connection, "GET", "/items").event
    assert event["headers"]["x-forwarded-proto"] == "https"


@pytest.mark.skipif(not socket.has_dualstack_ipv6(), reason="this machine has no IPv6")
def test_serves_ipv6(start: Start) -> None:
    """At an address of IPv6 it is served as well, and the log has it as browsers take it."""
    api = start("--host", "::1")
    port = int(api.until(r"^http://\[::1\]:(\d+)/items  ANY  Asked$")[1])
    connection = http.client.HTTPConnection("::1", port, timeout=PATIENCE)
    with contextlib.closing(connection):
        event = exchange(connection, "GET", "/items").event
    assert event["requestContext"]["http"]["sourceIp"] == "::1"


def test_warns_of_other_machines(start: Start) -> None:
    """Where other machines can reach it, it says so; names are refused there as well, but one."""
    api = start("--host", "0.0.0.0", "--allow-host", "dev.example", "--no-watch")
    api.until(r"^warning: 0\.0\.0\.0 can be reached from other machines, which can run these func")
    for of in (r"/items  ANY  Asked", r"/  its URL  Asked"):
        port = int(api.until(rf"^http://0\.0\.0\.0:(\d+){of}$")[1])
        for host, status in (("evil.example", 403), ("dev.example:1", 200)):
            with contextlib.closing(http.client.HTTPConnection(HERE, port, PATIENCE)) as connection:
                connection.request("GET", "/items", headers={"Host": host})
                assert connection.getresponse().status == status
    api.until(r"^evil\.example: not a name of this host; to allow it, start with --allow-host evil")


def test_escapes_what_functions_print(api: Running) -> None:
    """A function's lines are in the log without what would speak to a terminal."""
    since = len(api.said)
    api.ask("GET", "/items", does("print", "a\tb\x9bc\x7f"))
    api.until(r"^Asked  a\tb.*c\\x7f$", since)
    assert "\x9b" not in api.said[since:]


def test_builds_again_when_a_source_changes(start: Start) -> None:
    """A changed function answers again; a request under way is answered by what it began with."""
    api = start("--concurrency", "1")
    former = api.ask("GET", "/items", does("who")).body
    kept = api.ask("GET", "/other", does("who"))
    slow = threading.Thread(
        target=lambda: answers.append(api.ask("GET", "/items", does("sleep", "2.5")))
    )
    answers: list[Response] = []
    slow.start()
    time.sleep(0.3)
    since = len(api.said)
    source = api.folder / "auth" / "app.py"
    source.write_text(source.read_text().replace('"me"', '"you"'))
    module = api.folder / "fn" / "app.py"
    module.write_text(module.read_text().replace('"{os.getpid()} {alone}"', '"new"'))
    api.until(r"changed: built and served again after [\d.]+ s$", since)
    assert api.ask("GET", "/items", does("who")).body == b"new"
    slow.join()
    assert [answered.body for answered in answers] == [former]
    assert kept.status == 200
    event = api.ask("GET", "/told", {"Authorization": "Bearer let me in"}).event
    assert event["requestContext"]["authorizer"]["principalId"] == "you"


def test_keeps_what_a_change_does_not_concern(start: Start) -> None:
    """Sandboxes of a function with the same artifact go on."""
    api = start("--concurrency", "1")
    before = api.ask("GET", "/items", does("who")).body
    since = len(api.said)
    source = api.folder / "auth" / "app.py"
    source.write_text(source.read_text() + "# changed\n")
    api.until(r"^auth/app.py changed: built and served again", since)
    assert api.ask("GET", "/items", does("who")).body == before


def test_changes_routes_with_the_template(start: Start) -> None:
    """A changed template has its new routes served, and its function URLs."""
    api = start()
    assert api.ask("GET", "/implied").status == 200
    since = len(api.said)
    template = api.folder / "template.yaml"
    text = template.read_text().replace("Path: /implied", "Path: /implied/anew")
    template.write_text(
        text.replace(
            "    Properties:\n      Timeout: 1\n",
            ("    Properties:\n      Timeout: 1\n      FunctionUrlConfig: {AuthType: NONE}\n"),
        )
    )
    api.until(r"/  its URL  Other$", since)
    api.until(r"^template.yaml changed: built and served again", since)
    assert api.ask("GET", "/implied").status == 403
    assert api.ask("GET", "/implied/anew").status == 200
    assert api.ask("GET", "/x", url="Other").event["rawPath"] == "/x"


def test_serves_on_when_a_change_cannot_be_built(start: Start) -> None:
    """What cannot be built is said, what was built before is served, and mending it is seen."""
    api = start()
    assert api.ask("GET", "/implied").status == 200
    template = api.folder / "template.yaml"
    text = template.read_text()
    since = len(api.said)
    template.write_text("Resources: [")
    api.until(r"^template.yaml changed, but the last build is still served: ", since)
    assert api.ask("GET", "/implied").status == 200
    since = len(api.said)
    template.write_text(text.replace("Path: /implied", "Path: /mended"))
    api.until(r"^template.yaml changed: built and served again", since)
    assert api.ask("GET", "/mended").status == 200


def survivors(folder: Path) -> list[str]:
    """The processes that run in a folder or below it, or with it in their environment."""
    found = []
    for entry in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            state = (entry / "stat").read_text().rpartition(")")[2].split()[0]
            about = (entry / "environ").read_bytes() + os.fsencode((entry / "cwd").readlink())
            if state != "Z" and os.fsencode(folder) in about and int(entry.name) != os.getpid():
                found.append((entry / "cmdline").read_bytes().replace(b"\0", b" ").decode())
    return found


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM, signal.SIGINT])
def test_leaves_nothing_behind(start: Start, number: signal.Signals) -> None:
    """However it ends, no emulator, runtime or child of a function lives on, nor begins."""
    api = start("--concurrency", "2", START_API_TEST="here")
    at_once(api, 2, "/items", does("leave", "600"))
    slow = [threading.Thread(target=lambda: asked(api, does("sleep", "4"))) for _ in range(12)]
    for one in slow:
        one.start()
    time.sleep(0.3)
    assert len([one for one in survivors(api.folder) if "awslambdaric" in one]) >= 3
    assert len([one for one in survivors(api.folder) if "sleep 600" in one]) >= 1
    assert api.end(number) == (-signal.SIGKILL if number == signal.SIGKILL else 0)
    assert left(api.folder) == []
    for one in slow:
        one.join()


def left(folder: Path) -> list[str]:
    """What survives for some seconds."""
    deadline = time.monotonic() + 5
    while (found := survivors(folder)) and time.monotonic() < deadline:
        time.sleep(0.05)
    return found


@pytest.mark.parametrize("serves", [False, True])
def test_leaves_nothing_of_a_build_behind(start: Start, tmp_path: Path, serves: bool) -> None:
    """Killed while any build has a function answer an event, it leaves nothing."""
    folder, busy = tmp_path / "app", tmp_path / "busy"
    shutil.copytree(APP, folder)
    (folder / "event.json").write_text(json.dumps({"headers": {"X-Do": f"await {busy}"}}))
    template = folder / "template.yaml"
    other = "  Other:\n    Type: AWS::Serverless::Function\n"
    events = "    Metadata: {Shorts: {Events: [event.json]}}\n"
    text = template.read_text().replace(other, other + events)
    template.write_text(text.replace("Timeout: 1\n", "Timeout: 60\n"))
    if not serves:
        busy.touch()
    api = start()
    if serves:
        api.port()
        busy.touch()
        module = folder / "fn" / "app.py"
        module.write_text(module.read_text() + "# changed\n")
    deadline = time.monotonic() + PATIENCE
    while not any("awslambdaric" in one for one in survivors(folder)):
        assert time.monotonic() < deadline
        time.sleep(0.01)
    api.end(signal.SIGKILL)
    assert left(folder) == []


def asked(api: Running, headers: Headers) -> None:
    """Ask, and be content with no answer."""
    with contextlib.suppress(OSError, http.client.HTTPException):
        api.ask("GET", "/items", headers)


def test_says_that_a_port_is_in_use(start: Start) -> None:
    """A port that something listens on is named, with the way out."""
    with socket.socket() as taken:
        taken.bind((HERE, 0))
        taken.listen()
        port = taken.getsockname()[1]
        api = start("--port", str(port))
        assert api.process.wait(PATIENCE) == 1
    assert f"shorts: Port {port} of 127.0.0.1 is in use.\n" in api.said
    assert f"name another one: --port {port % 65000 + 1}." in api.said


def test_says_that_there_are_no_apis(function: Path) -> None:
    """A template without APIs is refused, with what would be one."""
    api = Running(function, ["-t", "template.yaml"])
    assert api.process.wait(PATIENCE) == 1
    assert "has no APIs.\nGive a function an event of type HttpApi or Api" in api.said


def test_serves_what_is_built(start: Start) -> None:
    """A built template is served as it lies, until it is built again."""
    api = start()
    assert api.ask("GET", "/items", does("return", 1)).status == 200
    api.end()
    module = api.folder / "fn" / "app.py"
    module.write_text(module.read_text().replace("{os.getpid()} {alone}", "new"))
    again = start("-t", ".aws-sam/build/template.yaml")
    assert again.ask("GET", "/items", does("who")).body != b"new"
    since = len(again.said)
    overrides = ["--parameter-overrides", f"Runtime=python{MINOR}"]
    done = as_process(["-m", "shorts", "build", *overrides], api.folder)
    assert done.returncode == 0, done.stderr
    again.until(r"changed: built and served again", since)
    assert again.ask("GET", "/items", does("who")).body == b"new"
