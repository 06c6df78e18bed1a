"""Indexes as companies have them, on this machine: with logins, proxies and certificates."""

import base64
import contextlib
import datetime
import functools
import http.server
import ipaddress
import os
import ssl
import stat
import threading
import zipfile
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from tests.conftest import Done, Shorts, write_wheel

pytestmark = pytest.mark.usefixtures("uv_cache", "own_store", "only_these_settings")

LOGIN = "alice", "s3cret"
PROXIES = ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY")


@pytest.fixture
def only_these_settings(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """No proxy, login or index of the caller's, and no connection to any other machine."""
    for name in (*PROXIES, *map(str.lower, PROXIES)):
        monkeypatch.delenv(name, raising=False)
    for name in [name for name in os.environ if name.startswith("UV_") and "CACHE" not in name]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("NETRC", str(tmp_path / "none"))
    monkeypatch.setenv("UV_HTTP_RETRIES", "0")


class Index:
    """A served folder with the pages of an index.

    Attributes:
        folder: what is served.
        url: of the server.
        asked: the request lines that it was sent.
    """

    def __init__(self, folder: Path) -> None:
        self.folder, self.url = folder, ""
        self.asked: list[str] = []

    def publish(self, name: str, *versions: str, text: str = "X = 1\n") -> None:
        """Put wheels of one module into the index `simple`."""
        place = self.folder / "simple" / name
        made = [write_wheel(place, name, {f"{name}.py": text}, version=one) for one in versions]
        links = (
            f'<a href="{wheel.name}#sha256={sha256(wheel.read_bytes()).hexdigest()}">'
            f"{wheel.name}</a>"
            for wheel in made
        )
        (place / "index.html").write_text("\n".join(links))


@contextlib.contextmanager
def serving(
    folder: Path, *, login: bool = False, context: ssl.SSLContext | None = None
) -> Iterator[Index]:
    """Serve an index, as a proxy too, which takes every host for its own."""
    folder.mkdir(parents=True, exist_ok=True)
    index = Index(folder)
    word = base64.b64encode(":".join(LOGIN).encode()).decode()

    class Handler(http.server.SimpleHTTPRequestHandler):
        def log_message(self, format: str, *args: object) -> None:
            pass

        def do_GET(self) -> None:
            index.asked.append(self.requestline)
            if "://" in self.path:  # it is asked as a proxy
                self.path = "/" + self.path.split("/", 3)[3]
            if login and self.headers.get("Authorization") != f"Basic {word}":
                self.send_response(401)
                self.send_header("WWW-Authenticate", 'Basic realm="index"')
                self.send_header("Content-Length", "0")
                self.end_headers()
                return
            super().do_GET()

    make = functools.partial(Handler, directory=str(folder))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), make) as server:
        if context:
            server.socket = context.wrap_socket(server.socket, server_side=True)
        scheme = "https" if context else "http"
        index.url = f"{scheme}://127.0.0.1:{server.server_port}"
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield index
        server.shutdown()
        thread.join()


@pytest.fixture
def private(tmp_path: Path) -> Iterator[Index]:
    """An index that asks for a login."""
    with serving(tmp_path / "private", login=True) as index:
        index.publish("one", "1.0")
        yield index


def ask(function: Path, *lines: str) -> None:
    (function / "fn" / "requirements.txt").write_text("\n".join([*lines, ""]))


def installed(done: Done, function: Path) -> set[str]:
    assert done.returncode == 0, done.stderr
    with zipfile.ZipFile(function / ".aws-sam" / "build" / "F.zip") as archive:
        tops = {name.partition("/")[0] for name in archive.namelist()}
    return {top.removesuffix(".dist-info") for top in tops if top.endswith(".dist-info")}


class TestLogin:
    def test_without_one(self, function: Path, private: Index, shorts: Shorts) -> None:
        """Without a login, the build says what the index answered."""
        ask(function, f"--index-url {private.url}/simple", "one")
        done = shorts(["build"], function)
        assert done.returncode == 1
        assert "401" in done.stderr or "credentials" in done.stderr, done.stderr

    def test_of_netrc(self, function: Path, private: Index, shorts: Shorts, tmp_path: Path) -> None:
        """A login in netrc is used, for an included URL as well."""
        netrc = tmp_path / "netrc"
        netrc.write_text(f"machine 127.0.0.1 login {LOGIN[0]} password {LOGIN[1]}\n")
        netrc.chmod(0o600)
        (private.folder / "base.txt").write_text("one\n")
        ask(function, f"--index-url {private.url}/simple", f"-r {private.url}/base.txt")
        done = shorts(["build"], function, NETRC=str(netrc))
        assert installed(done, function) == {"one-1.0"}

    def test_of_a_keyring(
        self, function: Path, private: Index, shorts: Shorts, tmp_path: Path
    ) -> None:
        """A keyring on PATH is asked where uv is told to."""
        program = tmp_path / "bin" / "keyring"
        program.parent.mkdir()
        program.write_text(f"#!/bin/sh\n[ $3 = {LOGIN[0]} ] && echo {LOGIN[1]}\n")
        program.chmod(program.stat().st_mode | stat.S_IXUSR)
        url = private.url.replace("://", f"://{LOGIN[0]}@")
        ask(function, f"--index-url {url}/simple", "one")
        done = shorts(
            ["build"],
            function,
            PATH=f"{program.parent}:{os.environ['PATH']}",
            UV_KEYRING_PROVIDER="subprocess",
        )
        assert installed(done, function) == {"one-1.0"}

    def test_in_variables(self, function: Path, private: Index, shorts: Shorts) -> None:
        """A login comes from uv's variables, or from one that the requirements name."""
        ask(function, "one")
        named = {
            "UV_INDEX": f"ours={private.url}/simple",
            "UV_INDEX_OURS_USERNAME": LOGIN[0],
            "UV_INDEX_OURS_PASSWORD": LOGIN[1],
            "UV_DEFAULT_INDEX": f"{private.url}/simple",
        }
        assert installed(shorts(["build"], function, **named), function) == {"one-1.0"}
        url = private.url.replace("://", f"://{LOGIN[0]}:${{SECRET}}@")
        ask(function, f"--index-url {url}/simple", "one")
        done = shorts(["build", "--upgrade"], function, SECRET=LOGIN[1])
        assert installed(done, function) == {"one-1.0"}
        assert shorts(["lock"], function, SECRET=LOGIN[1]).returncode == 0
        assert LOGIN[1] not in (function / "fn" / "requirements.lock").read_text()


def test_a_proxy(function: Path, shorts: Shorts, tmp_path: Path) -> None:
    """An index is reached through a proxy, and so is an included URL."""
    with serving(tmp_path / "served") as index:
        index.publish("one", "1.0")
        (index.folder / "base.txt").write_text("one\n")
        host = "http://packages.invalid"
        ask(function, f"--index-url {host}/simple", f"-r {host}/base.txt")
        done = shorts(["build"], function, HTTP_PROXY=index.url, http_proxy=index.url)
        assert installed(done, function) == {"one-1.0"}
        assert any(line.startswith(f"GET {host}/simple/one") for line in index.asked)


def certificate(folder: Path, name: str, issuer: "Pair | None") -> "Pair":
    """A certificate and its key; of a CA of its own without an issuer."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    now = datetime.datetime.now(datetime.UTC)
    names = x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))])
    made = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer[0].subject if issuer else subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(x509.BasicConstraints(ca=issuer is None, path_length=None), critical=True)
        .add_extension(names, critical=False)
        .sign(issuer[1] if issuer else key, hashes.SHA256())
    )
    pem = made.public_bytes(serialization.Encoding.PEM)
    secret = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    (folder / f"{name}.pem").write_bytes(pem)
    (folder / f"{name}-with-key.pem").write_bytes(secret + pem)
    return made, key


Pair = tuple[x509.Certificate, ec.EllipticCurvePrivateKey]


def test_a_corporate_ca_and_a_client_certificate(
    function: Path, shorts: Shorts, tmp_path: Path
) -> None:
    """An index with a certificate of the company's CA, which asks for one of the client's."""
    authority = certificate(tmp_path, "ca", None)
    certificate(tmp_path, "server", authority)
    certificate(tmp_path, "client", authority)
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH, cafile=str(tmp_path / "ca.pem"))
    context.load_cert_chain(tmp_path / "server-with-key.pem")
    context.verify_mode = ssl.CERT_REQUIRED
    with serving(tmp_path / "served", context=context) as index:
        index.publish("one", "1.0")
        (index.folder / "base.txt").write_text("one\n")
        ask(function, f"--index-url {index.url}/simple", f"-r {index.url}/base.txt")
        trusted = {"SSL_CERT_FILE": str(tmp_path / "ca.pem"), "SSL_CERT_DIR": str(tmp_path)}
        client = {"SSL_CLIENT_CERT": str(tmp_path / "client-with-key.pem")}
        assert shorts(["build"], function, **trusted).returncode == 1
        done = shorts(["build"], function, **trusted, **client)
        assert installed(done, function) == {"one-1.0"}


def test_offline(function: Path, shorts: Shorts, tmp_path: Path) -> None:
    """Offline, what was downloaded is enough, and what was not is named."""
    with serving(tmp_path / "served") as index:
        index.publish("one", "1.0")
        index.publish("two", "1.0")
        (index.folder / "base.txt").write_text("one\n")
        ask(function, f"--index-url {index.url}/simple", f"-r {index.url}/base.txt")
        assert installed(shorts(["build"], function), function) == {"one-1.0"}
        before = len(index.asked)
        (function / "fn" / "app.py").write_text("handler = print\n")
        done = shorts(["build"], function, UV_OFFLINE="1")
        assert installed(done, function) == {"one-1.0"}
        ask(function, f"--index-url {index.url}/simple", "two")
        done = shorts(["build"], function, UV_OFFLINE="1")
        assert done.returncode == 1 and "two" in done.stderr
        ask(function, f"-r {index.url}/more.txt")
        done = shorts(["build"], function, UV_OFFLINE="1")
        assert f"{index.url}/more.txt cannot be read: UV_OFFLINE is set." in done.stderr
        ask(function, f"a @ git+{index.url}/a.git@v1")
        done = shorts(["build"], function, UV_OFFLINE="1")
        assert f"git+{index.url}/a.git@v1 cannot be fetched: UV_OFFLINE is set." in done.stderr
        assert len(index.asked) == before


ZIP = ["zip", "fn", "--handler", "app.handler", "--runtime", "python3.13", "-o", "F.zip"]


@pytest.mark.parametrize("place", ["UV_INDEX_STRATEGY", "uv.toml"])
@pytest.mark.parametrize("arguments", [["build"], ["lock"], ZIP])
def test_a_version_that_only_the_second_index_has(
    function: Path, shorts: Shorts, tmp_path: Path, arguments: list[str], place: str
) -> None:
    """The first index with a name counts, and the message says how to look at all of them."""
    with serving(tmp_path / "a") as first, serving(tmp_path / "b") as second:
        first.publish("one", "1.0")
        second.publish("one", "2.0")
        ask(
            function,
            f"--index-url {second.url}/simple",
            f"--extra-index-url {first.url}/simple",
            "one==2.0",
        )
        done = shorts(arguments, function)
        assert done.returncode == 1
        assert done.stderr.strip().endswith(
            "set UV_INDEX_STRATEGY=unsafe-best-match, or "
            'index-strategy = "unsafe-best-match" in uv.toml.'
        )
        assert "--index-strategy" not in done.stderr
        settings = {}
        if place == "uv.toml":
            (function / place).write_text('index-strategy = "unsafe-best-match"\n')
        else:
            settings[place] = "unsafe-best-match"
        done = shorts(arguments, function, **settings)
        assert done.returncode == 0, done.stderr
        assert installed(shorts(["build"], function, **settings), function) == {"one-2.0"}


@pytest.mark.parametrize("place", ["PIP_INDEX_URL", "PIP_EXTRA_INDEX_URL", "pip.conf"])
def test_an_index_for_pip_alone(function: Path, shorts: Shorts, tmp_path: Path, place: str) -> None:
    """What fails says so where pip would look elsewhere; uv's own settings are enough."""
    with serving(tmp_path / "a") as first, serving(tmp_path / "b") as second:
        second.publish("one", "1.0")
        (first.folder / "simple").mkdir()
        config, url = tmp_path / "pip.conf", f"{second.url}/simple/"
        config.write_text(f"[global]\nindex-url = {url}\n")
        named = {"PIP_CONFIG_FILE": str(config)} if place == "pip.conf" else {place: url}
        uv = {"UV_DEFAULT_INDEX": f"{first.url}/simple"}
        ask(function, "one")
        done = shorts(["build"], function, HOME=str(tmp_path), **named, **uv)
        assert done.returncode == 1
        shown = str(config) if place == "pip.conf" else place
        assert f"\n{shown} names an index for pip only: give it to uv in" in done.stderr
        assert second.url not in done.stderr
        uv = {"UV_DEFAULT_INDEX": url}
        done = shorts(["build"], function, HOME=str(tmp_path), **named, **uv)
        assert installed(done, function) == {"one-1.0"}


def test_a_page_of_links_with_hashes(function: Path, shorts: Shorts, tmp_path: Path) -> None:
    """A page for --find-links with hashes in its links is as good as an index."""
    with serving(tmp_path / "served") as index:
        index.publish("one", "1.0", "2.0")
        page = f"{index.url}/simple/one/"
        wheel = index.folder / "simple" / "one" / "one-1.0-py3-none-any.whl"
        digest = sha256(wheel.read_bytes()).hexdigest()
        lines = ["--no-index", f"--find-links {page}"]
        ask(function, *lines, "one")
        assert installed(shorts(["build"], function), function) == {"one-2.0"}
        ask(function, *lines, f"one==1.0 --hash=sha256:{digest}")
        assert installed(shorts(["build"], function), function) == {"one-1.0"}
        assert shorts(["lock"], function).returncode == 0
        assert installed(shorts(["build"], function), function) == {"one-1.0"}
