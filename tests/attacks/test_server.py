"""What clients of start-api send, and what it says of them: every request is answered or closed."""

from __future__ import annotations

import contextlib
import io
import json
import resource
import socket
import threading
import time
from collections.abc import Callable, Iterator

import pytest

from shorts.cli import options
from shorts.emulator.pool import Pool
from shorts.emulator.reply import Reply
from shorts.errors import UsageError
from shorts.model import Api, Route
from shorts.start_api import http_server
from shorts.start_api.connections import Connections
from shorts.start_api.gateway import Site
from shorts.start_api.http_server import Server
from shorts.start_api.router import Table

HERE = "127.0.0.1"
# What makes a terminal ring, change, or read what it has shown as if it had been typed.
CONTROL = "\x07\x1b\x7f\x9b"


class Function:
    """A sandbox of a function that says how long the body is."""

    def ask(self, event: bytes, patience: float, *, tail: bool = False) -> Reply:
        body = json.loads(event).get("body", "")
        answer = json.dumps({"statusCode": 200, "body": str(len(body))}).encode()
        return Reply(request="", body=answer, failure="", init=None, duration=None)

    def stop(self) -> None:
        pass


def site() -> Site:
    route = Route(method="ANY", path="/{more+}", function="F", payload="2.0")
    api = Api(name="", kind="http", stage="s", variables={}, binary=[], cors=None, routes=[route])
    return Site(table=Table([api]), pools={"F": Pool(Function, 4)})


class Serving:
    """A server, and what it says."""

    def __init__(self, host: str = HERE, names: frozenset[str] = frozenset()) -> None:
        self.log: list[str] = []
        self.server = Server(host, 0, site(), self.log.append, names=names)
        self.server.start()

    def connect(self) -> socket.socket:
        return socket.create_connection((HERE, self.server.port), 20)

    def send(self, sent: bytes) -> bytes:
        """Return all that is answered to some bytes, until the server closes."""
        with self.connect() as client:
            client.sendall(sent)
            with contextlib.suppress(ConnectionError):
                client.shutdown(socket.SHUT_WR)
            with contextlib.suppress(ConnectionResetError):
                return client.makefile("rb").read()
        return b""

    def status(self, head: str, body: bytes = b"", line: str = "POST /a HTTP/1.1") -> int:
        """Return the status of a request; 0 where it is closed without an answer."""
        answered = self.send(f"{line}\r\n{head}\r\n".encode("latin-1") + body)
        return int(answered.split()[1]) if answered else 0


@pytest.fixture
def serving() -> Iterator[Serving]:
    started = Serving()
    yield started
    started.server.stop()
    assert "Traceback" not in "\n".join(started.log)
    assert not any(one in line for one in CONTROL for line in started.log)


@pytest.mark.parametrize(
    ("host", "status"),
    [
        ("localhost", 200),
        ("LOCALHOST.:3000", 200),
        ("api.localhost:80", 200),
        ("127.0.0.1:3000", 200),
        ("192.0.2.7", 200),
        ("[::1]", 200),
        ("[2001:db8::1]:3000", 200),
        ("evil.example", 403),
        ("evil.example:3000", 403),
        ("localhost.evil.example", 403),
        ("notlocalhost", 403),
        ("127.0.0.1.evil.example", 403),
        ("127.0.0.1@evil.example", 403),
        ("[::1].evil.example", 403),
        ("", 403),
        ("\x1b[31m.example", 403),
    ],
)
def test_refuses_names_of_other_hosts(serving: Serving, host: str, status: int) -> None:
    """A name that a foreign page has lead here is refused; localhost and addresses are not."""
    assert serving.status(f"Host: {host}\r\n", line="GET /a HTTP/1.1") == status


def test_says_how_to_allow_a_name(serving: Serving) -> None:
    """The refusal and the log name the host and the option that admits it."""
    answered = serving.send(b"GET /a HTTP/1.1\r\nHost: dev.example:80\r\n\r\n")
    said = "dev.example: not a name of this host; to allow it, start with --allow-host dev.example"
    assert json.loads(answered.partition(b"\r\n\r\n")[2]) == {"message": said}
    assert said in serving.log


def test_a_foreign_name_is_told_to_send_no_body(serving: Serving) -> None:
    """A client that asks before it sends its body is refused at once."""
    head = (
        b"POST /a HTTP/1.1\r\nHost: evil.example\r\nExpect: 100-continue\r\nContent-Length: 2\r\n"
    )
    assert serving.send(head + b"\r\n").startswith(b"HTTP/1.1 403 ")


@pytest.mark.parametrize(
    ("sent", "status"),
    [
        (b"GET /a HTTP/1.0\r\n\r\n", b"200"),
        (b"GET /a HTTP/1.1\r\n\r\n", b"400"),
        (b"GET /a HTTP/1.1\r\nHost: localhost\r\nHost: evil.example\r\n\r\n", b"400"),
        (b"GET http://evil.example/a HTTP/1.1\r\nHost: localhost\r\n\r\n", b"403"),
        (b"GET http://localhost/a HTTP/1.1\r\nHost: localhost\r\n\r\n", b"200"),
    ],
)
def test_asks_for_one_name(serving: Serving, sent: bytes, status: bytes) -> None:
    """HTTP/1.1 has one Host, HTTP/1.0 may have none, and a target's own host counts as well."""
    assert serving.send(sent).split()[1] == status


def test_allows_names() -> None:
    """What --allow-host and --host name is admitted, and nothing else."""
    asked = ["--allow-host", "Dev.Example", "-p", "0"]
    names = options.parse("local start-api", asked).values["allow_host"]
    started = Serving("localhost", frozenset(names))
    try:
        for host, status in (("dev.example:1", 200), ("a.dev.example", 403), ("localhost", 200)):
            assert started.status(f"Host: {host}\r\n", line="GET /a HTTP/1.1") == status
    finally:
        started.server.stop()
    for words in (["--allow-host"], ["--allow-host", "a", "--allow-host="]):
        with pytest.raises(UsageError, match=r"^--allow-host: "):
            options.parse("local start-api", words)


@pytest.mark.parametrize("number", ["0", "-1", "²", "١", "9" * 5000, "4.0", "4 5", ""])
def test_concurrency_of_any_digits(number: str) -> None:
    """A number of sandboxes is above 0 and has few digits."""
    with pytest.raises(UsageError, match=r"^--concurrency: ") as caught:
        options.parse("local start-api", ["--concurrency", number])
    assert len(str(caught.value)) < 200


@pytest.mark.parametrize(
    ("said", "status"),
    [
        ("²", 400),
        ("١".encode().decode("latin-1"), 400),
        ("+2", 400),
        ("-2", 400),
        ("0x2", 400),
        ("2,2", 400),
        ("2 2", 400),
        ("1_0", 400),
        ("2.0", 400),
        ("", 400),
        ("\xa02", 400),
        ("2\r\nContent-Length: 2", 400),
        ("2\r\nTransfer-Encoding: chunked", 400),
        ("9" * 5000, 413),
        ("9" * 19, 413),
        ("6291457", 413),
        ("0" * 5000 + "2", 200),
        ("2", 200),
    ],
)
def test_content_length_of_any_digits(serving: Serving, said: str, status: int) -> None:
    """A length is ASCII digits, once; a larger one than an event has is too large."""
    assert serving.status(f"Host: localhost\r\nContent-Length: {said}\r\n", b"{}") == status


@pytest.mark.parametrize(
    ("encoding", "body", "status"),
    [
        ("chunked", b"2\r\n{}\r\n0\r\n\r\n", 200),
        ("chunked", b"2;name=value\r\n{}\r\n0\r\nTrailer: 1\r\n\r\n", 200),
        ("chunked", b"f" * 9000 + b"\r\n", 413),
        ("chunked", b"0" * 9000 + b"2\r\n{}\r\n0\r\n\r\n", 200),
        ("chunked", b"f" * 20_000 + b"\r\n", 400),
        ("chunked", b"7fffffffffffffff\r\n", 413),
        ("chunked", "²\r\n".encode(), 400),
        ("chunked", b"+2\r\n{}\r\n0\r\n\r\n", 400),
        ("chunked", b"\r\n", 400),
        ("chunked", b"2\r\n{}x\r\n0\r\n\r\n", 400),
        ("chunked", b"2;" + b"x" * 20_000 + b"\r\n{}\r\n0\r\n\r\n", 400),
        ("chunked", b"0\r\n" + b"Trailer: 1\r\n" * 2000 + b"\r\n", 431),
        ("chunked", b"0\r\nTrailer: 1\r\n", 0),
        ("chunked", b"2\r\n{", 0),
        ("chunked\r\nTransfer-Encoding: gzip", b"0\r\n\r\n", 501),
        ("gzip, chunked", b"0\r\n\r\n", 501),
        ("\x0bchunked", b"0\r\n\r\n", 501),
    ],
)
def test_chunks_of_any_size(serving: Serving, encoding: str, body: bytes, status: int) -> None:
    """A chunk's size, what is around it, and trailers have limits; what is cut short is closed."""
    head = f"Host: localhost\r\nTransfer-Encoding: {encoding}\r\n"
    assert serving.status(head, body) == status


def test_what_surrounds_chunks_is_limited(serving: Serving) -> None:
    """Chunks of one byte each, with much to say of each, end with 413."""
    chunk = b"1;" + b"x" * 10_000 + b"\r\nx\r\n"
    head = "Host: localhost\r\nTransfer-Encoding: chunked\r\n"
    assert serving.status(head, chunk * 700) == 413


@pytest.mark.parametrize(
    ("sent", "status"),
    [
        (b"GET /a HTTP/1.1\r\n" + b"A: 1\r\n" * 200 + b"\r\n", 431),
        (b"GET /a HTTP/1.1\r\nA: " + b"x" * 70_000 + b"\r\n\r\n", 431),
        (b"GET /a HTTP/1.1\r\nHost: localhost\r\nA: " + b"x" * 11_000 + b"\r\n\r\n", 431),
        (b"GET /" + b"a" * 70_000 + b" HTTP/1.1\r\n\r\n", 414),
        (b"GET /a HTTP/1.\xb2\r\n\r\n", 400),
        (b"GET /a HTTP/999999999999.1\r\n\r\n", 400),
        (b"GET\x1b[2J /a HTTP/1.1\r\nHost: localhost\r\n\r\n", 501),
        (b"\x1b]0;title\x07\r\n\r\n", 400),
        (b"\x9b31m /a HTTP/1.1\r\nHost: localhost\r\n\r\n", 501),
        (b"GET /\x1b]52;c;AAAA\x07?\x9b HTTP/1.1\r\nHost: localhost\r\n\r\n", 200),
        (b"GET /" + b"a/" * 4000 + b" HTTP/1.1\r\nHost: localhost\r\n\r\n", 200),
        (b"GET /%00%0a%1b%ff HTTP/1.1\r\nHost: localhost\r\nA: \x00\x1b\r\n\r\n", 200),
        (b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n", 400),
        (b"\x00" * 70_000, 414),
    ],
)
def test_heads_of_any_bytes(serving: Serving, sent: bytes, status: int) -> None:
    """Long, many and strange headers and lines are answered, and shown without control bytes."""
    answered = serving.send(sent)
    assert answered.split()[1] == str(status).encode()


@pytest.fixture
def hasty(monkeypatch: pytest.MonkeyPatch) -> None:
    """A server that gives its clients a second."""
    monkeypatch.setattr(http_server, "_FOR_HEAD", 1)
    monkeypatch.setattr(http_server, "_FOR_BODY", 1)


@pytest.mark.usefixtures("hasty")
@pytest.mark.parametrize(
    ("start", "status"),
    [
        (b"GET /a HTTP/1.1\r\nHost: localhost\r\nX: ", b""),
        (b"G", b""),
        (b"POST /a HTTP/1.1\r\nHost: localhost\r\nContent-Length: 6000000\r\n\r\n", b"408"),
        (b"POST /a HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n0", b"408"),
    ],
)
def test_slow_clients_are_closed(serving: Serving, start: bytes, status: bytes) -> None:
    """A client that sends a byte now and then has the time for all, not for each."""
    with serving.connect() as client:
        client.sendall(start)
        client.settimeout(0.1)
        answered, deadline = b"", time.monotonic() + 15
        while time.monotonic() < deadline:
            try:
                client.sendall(b"0")
                answered += (more := client.recv(1000))
                if not more:
                    break
            except TimeoutError:
                continue
            except ConnectionError:
                break
        assert time.monotonic() < deadline
    assert answered.split()[1:2] == [status] if status else answered == b""


def open_files(count: int) -> Callable[[], None]:
    """Let this process open so many files; return what undoes it."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if hard < count:
        pytest.skip(f"this machine lets a process open {hard} files")
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, count), hard))
    return lambda: resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


@pytest.mark.parametrize(
    "sent", [b"", b"GET /a HTTP/1.1\r\n", b"POST /a HTTP/1.1\r\nHost: ::1\r\n"]
)
def test_many_connections_leave_it_serving(serving: Serving, sent: bytes) -> None:
    """Among 1,100 connections that are idle, or began a request, another is answered."""
    undo = open_files(4000)
    before = threading.active_count()
    with contextlib.ExitStack() as stack:
        stack.callback(undo)
        for _ in range(1100):
            client = stack.enter_context(serving.connect())
            client.sendall(sent)
        for _ in range(3):
            assert serving.status("Host: localhost\r\n", line="GET /a HTTP/1.1") == 200
        assert threading.active_count() - before <= serving.server.connections.most + 10


def test_a_full_house_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where a function runs for each connection that there may be, another is told so."""
    entered, gate = threading.Semaphore(0), threading.Event()

    def ask(self: Function, event: bytes, patience: float, *, tail: bool = False) -> Reply:
        entered.release()
        gate.wait(20)
        return Reply(request="", body=b"{}", failure="", init=None, duration=None)

    monkeypatch.setattr(Function, "ask", ask)
    serving = Serving()
    serving.server.connections.most = 2
    request = b"GET /a HTTP/1.1\r\nHost: localhost\r\n\r\n"
    try:
        with serving.connect() as one, serving.connect() as other:
            for client in (one, other):
                client.sendall(request)
                assert entered.acquire(timeout=20)
            assert serving.send(b"").startswith(b"HTTP/1.1 503 ")
            gate.set()
            assert one.recv(100).startswith(b"HTTP/1.1 200 ")
            assert other.recv(100).startswith(b"HTTP/1.1 200 ")
            assert serving.send(request).startswith(b"HTTP/1.1 200 ")
    finally:
        gate.set()
        serving.server.stop()


def test_no_files_left_leave_it_serving(serving: Serving) -> None:
    """Where the process can open no more files, the connection that waits longest makes room."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    with contextlib.ExitStack() as stack:
        stack.callback(resource.setrlimit, resource.RLIMIT_NOFILE, (soft, hard))
        idle = [stack.enter_context(serving.connect()) for _ in range(20)]
        late = stack.enter_context(socket.socket())
        deadline = time.monotonic() + 20  # until all are accepted
        while len(serving.server.connections._waiting) < 20 and time.monotonic() < deadline:
            time.sleep(0.01)
        # Of the server's ends, too: what has a number above the limit makes no room when it closes.
        ends = serving.server.connections._waiting
        used = max(one.fileno() for one in (*idle, *ends, late)) + 1
        resource.setrlimit(resource.RLIMIT_NOFILE, (used, hard))
        filler = []
        with contextlib.suppress(OSError):
            while True:
                filler.append(stack.enter_context(io.FileIO("/dev/null")))
        late.settimeout(20)
        late.connect((HERE, serving.server.port))
        late.sendall(b"GET /a HTTP/1.1\r\nHost: localhost\r\n\r\n")
        assert late.recv(100).startswith(b"HTTP/1.1 200 ")


def test_connections_make_room_in_their_order() -> None:
    """The one that waits for its client the longest goes; one that is answered stays."""
    pairs = [socket.socketpair() for _ in range(3)]
    connections = Connections()
    connections.most = 2
    (one, its), (two, _), (three, _) = pairs
    try:
        assert connections.admit(one) and connections.admit(two)
        with connections.busy(one):
            assert connections.admit(three)
            assert two.recv(1) == b""
        its.sendall(b"x")
        assert one.recv(1) == b"x"
        with pytest.raises(ConnectionAbortedError), connections.busy(two):
            pass
    finally:
        for pair in pairs:
            for end in pair:
                end.close()
