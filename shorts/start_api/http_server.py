"""The HTTP server in front of the functions: one thread for each connection, which stays open."""

import contextlib
import errno
import http.server
import io
import socket
import socketserver
import ssl
import sys
import threading
import time
import traceback
import uuid
from collections.abc import Callable, Collection
from typing import Any, NamedTuple, Protocol
from urllib.parse import quote

import msgspec

from shorts.errors import ShortsError
from shorts.start_api import hosts, request_body, responses
from shorts.start_api.connections import Connections, PacedReader
from shorts.start_api.events import Request
from shorts.start_api.responses import Answer
from shorts.system.printed import printable
from shorts.targets.limits import EVENT, REQUEST_HEAD

_PRINTABLE = "".join(map(chr, range(0x21, 0x7F)))
# Seconds that a client may pause between two requests; that it has for a request's line and
# headers; for its body; and for what is not read.
_PAUSE, _FOR_HEAD, _FOR_BODY, _DRAINING = 75, 20, 60, 2
_NO_ROOM = b"HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
_FULL = (errno.EMFILE, errno.ENFILE, errno.ENOBUFS, errno.ENOMEM)


class Served(NamedTuple):
    """An answer to a request.

    Attributes:
        answer: what the client gets.
        function: the full path of the function that was called; empty where none was.
        identity: the name of the header with the request's id.
        note: what else to log.
    """

    answer: Answer
    function: str = ""
    identity: str = "x-amzn-RequestId"
    note: str = ""


class Site(Protocol):
    """What a server serves."""

    def respond(self, request: Request) -> Served:
        """Return the answer to a request."""

    def too_large(self) -> Answer:
        """Return the answer to a request with too large a body."""


class PortInUse(ShortsError):
    """Something else listens on the port."""


class Server(socketserver.ThreadingTCPServer):
    """Serves a site, which can be replaced while the server runs.

    Args:
        host: to listen on.
        port: to listen on; 0 for any.
        site: what to serve.
        log: called with one line for each request, and with each error.
        tls: the files of a certificate and of its key, for HTTPS.
        names: that clients may use for the host, other than ``localhost`` and addresses.
        connections: of all servers of this process; its own by default.

    Raises:
        ShortsError: it cannot listen there, or the certificate cannot be used.
    """

    daemon_threads = True
    allow_reuse_address = True
    block_on_close = False
    request_queue_size = 128

    def __init__(
        self,
        host: str,
        port: int,
        site: Site,
        log: Callable[[str], None],
        tls: tuple[str, str] | None = None,
        names: Collection[str] = (),
        connections: Connections | None = None,
    ) -> None:
        self.names = frozenset((*names, hosts.normalized(host)))
        self.connections = connections or Connections()
        self.site = site
        self.log = log
        self.scheme = "https" if tls else "http"
        self._tls = _context(*tls) if tls else None
        try:
            self.address_family = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0][0]
            super().__init__((host, port), _Handler)
        except (OSError, OverflowError) as error:
            if isinstance(error, OSError) and error.errno == errno.EADDRINUSE:
                raise PortInUse(
                    f"Port {port} of {host} is in use.\n"
                    f"Stop what listens there, or name another one: --port {port % 65000 + 1}."
                ) from error
            raise ShortsError(f"Cannot listen at {host}, port {port}: {error}.") from error
        self._thread = threading.Thread(target=self.serve_forever, args=(0.05,), daemon=True)
        self.port: int = self.server_address[1]

    def start(self) -> None:
        """Serve, in a thread."""
        self._thread.start()

    def stop(self) -> None:
        """Take no more requests."""
        self.shutdown()
        self.server_close()

    def get_request(self) -> tuple[Any, Any]:
        """Return a connection; its own thread does the TLS handshake."""
        try:
            connection, address = super().get_request()
        except OSError as error:
            if error.errno in _FULL:  # the server tries again at once
                self.connections.make_room()
                time.sleep(0.05)
            raise
        if self._tls:
            connection = self._tls.wrap_socket(
                connection, server_side=True, do_handshake_on_connect=False
            )
        return connection, address

    def verify_request(self, request: Any, client_address: Any) -> bool:
        """Return whether there is room for a connection; answer 503 if there is none."""
        admitted = self.connections.admit(request)
        if not admitted and not self._tls:
            with contextlib.suppress(OSError):
                request.sendall(_NO_ROOM)
        return admitted

    def process_request_thread(self, request: Any, client_address: Any) -> None:
        """Serve a connection; ignore Ctrl-C at the end."""
        with contextlib.suppress(KeyboardInterrupt):
            super().process_request_thread(request, client_address)

    def shutdown_request(self, request: Any) -> None:
        """Close a connection."""
        self.connections.leave(request)
        super().shutdown_request(request)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Log a bug in shorts; ignore a client that has gone."""
        if not isinstance(sys.exception(), OSError):
            self.log(traceback.format_exc())


def _context(certificate: str, key: str) -> ssl.SSLContext:
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    try:
        context.load_cert_chain(certificate, key)
    except OSError as error:
        raise ShortsError(
            f"{certificate} and {key} are not a certificate and its key: {error}."
        ) from error
    return context


class _Refused(Exception):
    """A request that is not read to its end."""

    def __init__(self, answered: Answer, note: str = "") -> None:
        self.answer = answered
        self.note = note


def _refused(status: int, message: str, note: str = "") -> _Refused:
    body = msgspec.json.encode({"message": message})
    headers = [("Content-Type", responses.JSON)]
    return _Refused(Answer(status=status, headers=headers, body=body), note)


def _stranger(host: str) -> _Refused:
    """Return the refusal of a request for another host's name."""
    name = printable(hosts.normalized(host))
    message = f"{name}: not a name of this host; to allow it, start with --allow-host {name}"
    return _refused(403, message, message)


class _Handler(http.server.BaseHTTPRequestHandler):
    """One connection."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = -1  # so that an answer is sent as a whole
    timeout = _FOR_BODY  # seconds for a client to take an answer
    server: Server
    raw_requestline: bytes

    def setup(self) -> None:
        """Read requests with time limits."""
        super().setup()
        self.rfile.close()
        self._reader = PacedReader(self.connection)
        self.rfile = io.BufferedReader(self._reader)

    def handle_one_request(self) -> None:
        """Read and answer one request."""
        self._reader.expect(_PAUSE, _FOR_HEAD)
        super().handle_one_request()

    def _serve(self) -> None:
        began = time.perf_counter()
        # Some clients do not percent-encode.
        target = quote(self.path, safe=_PRINTABLE, encoding="latin-1")
        try:
            request = self._request(target)
        except _Refused as refused:
            self.close_connection = True
            served, identity = Served(refused.answer, note=refused.note), ""
        else:
            with self.server.connections.busy(self.request):
                served = self.server.site.respond(request)
            identity = request.id
        try:
            self._send(served.answer, served.identity, identity)
        finally:  # the client may have gone
            took = (time.perf_counter() - began) * 1000
            function = f"  {served.function}" if served.function else ""
            status = served.answer.status
            self.server.log(f"{self.command} {target} → {status}{function}  {took:.1f} ms")
            if served.note:
                self.server.log(printable(served.note))
        if not identity:
            self._drain()

    # The methods that API Gateway knows.
    do_GET = do_HEAD = do_POST = do_PUT = do_PATCH = do_DELETE = do_OPTIONS = _serve

    def _request(self, target: str) -> Request:
        path, _, query = target.partition("?")
        headers = list(self.headers.items())
        # After a line that is not a header, all others are lost, with the length of the body.
        if self.headers.defects or any("\n" in value for _, value in headers):
            raise _refused(400, "Bad Request")
        length = sum(len(name) + len(value) + 4 for name, value in headers)
        if len(self.raw_requestline) > REQUEST_HEAD:
            raise _refused(414, "URI Too Long")
        if len(self.raw_requestline) + length > REQUEST_HEAD:
            raise _refused(431, "Request Header Fields Too Large")
        hosts_named = self._hosts()
        if len(hosts_named) > 1 or (not hosts_named and self.request_version == "HTTP/1.1"):
            raise _refused(400, "Bad Request")
        if not path.startswith("/"):  # in its absolute form
            _, _, location = path.partition("://")
            path = f"/{location.partition('/')[2]}"
            hosts_named.append(location.partition("/")[0])
        for host in hosts_named:
            if not hosts.is_known(host, self.server.names):
                raise _stranger(host)
        return Request(
            method=self.command,
            path=path,
            query=query,
            headers=headers,
            body=self._body(),
            source=self.client_address[0],
            protocol=self.request_version,
            scheme=self.server.scheme,
            port=self.server.port,
            received=time.time(),
            id=str(uuid.uuid4()),
        )

    def _hosts(self) -> list[str]:
        values: list[str] = self.headers.get_all("Host", [])
        return values

    def _body(self) -> bytes:
        self._reader.expect(_FOR_BODY, _FOR_BODY)
        try:
            return request_body.read(self.headers, self.rfile, EVENT)
        except TimeoutError:
            raise _refused(408, "Request Timeout") from None
        except request_body.Unreadable as error:
            if error.status == 413:
                raise _Refused(self.server.site.too_large()) from error
            raise _refused(error.status, http.HTTPStatus(error.status).phrase) from error

    def _send(self, answered: Answer, header: str, identity: str) -> None:
        bare = self.command == "HEAD" or answered.status in (204, 304)
        self.send_response_only(answered.status)
        self.send_header("Date", self.date_time_string())
        for name, value in answered.headers:
            self.send_header(name, value.encode("utf-8", "replace").decode("latin-1"))
        if identity:
            self.send_header(header, identity)
        if answered.status != 204:
            self.send_header("Content-Length", str(len(answered.body)))
        if self.close_connection:
            self.send_header("Connection", "close")
        self.end_headers()
        if not bare:
            self.wfile.write(answered.body)
        self.connection.settimeout(self.timeout)
        self.wfile.flush()

    def _drain(self) -> None:
        """Let a client that is still sending read its answer, in place of an error."""
        deadline = time.monotonic() + _DRAINING
        with contextlib.suppress(OSError):
            self.connection.shutdown(socket.SHUT_WR)
            self.connection.settimeout(_DRAINING)
            while time.monotonic() < deadline and self.connection.recv(1 << 16):
                pass

    def handle_expect_100(self) -> bool:
        """Let a client that asks first send its body, unless its host is refused."""
        if not all(hosts.is_known(host, self.server.names) for host in self._hosts()):
            return True  # it is refused
        proceeds = super().handle_expect_100()
        self.wfile.flush()
        return proceeds

    def send_error(self, code: int, message: str | None = None, explain: str | None = None) -> None:
        """Answer what the server does not understand."""
        self.close_connection = True
        self.command = self.command or "GET"
        self.request_version = self.protocol_version
        refused = _refused(code, message or http.HTTPStatus(code).phrase)
        self._send(refused.answer, "", "")
        self.server.log(f"{printable(repr(self.requestline[:80]))} → {code}")

    def log_message(self, format: str, *args: object) -> None:
        """Ignore the server's own lines; the gateway logs its own."""
