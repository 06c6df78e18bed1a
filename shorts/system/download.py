"""The download of a small text, with the settings that uv has for its own.

https://docs.astral.sh/uv/reference/environment/
"""

import os
from typing import TYPE_CHECKING

from shorts.errors import ShortsError
from shorts.system.files import TEXT

if TYPE_CHECKING:
    import ssl
    import urllib.request

# How long a server may take to answer, in seconds.
_PATIENCE = 30


def is_offline() -> bool:
    """Return whether uv, and all else here, is told to stay off the network."""
    return os.environ.get("UV_OFFLINE", "").lower() in ("1", "true", "yes", "on")


def fetch(url: str) -> bytes:
    """Return what is at a URL.

    Proxies (``HTTPS_PROXY``), a corporate CA (``SSL_CERT_FILE``), a client certificate
    (``SSL_CLIENT_CERT``), a login in the URL or in netrc, and ``UV_OFFLINE`` count as they do for
    uv.

    Raises:
        ShortsError: it cannot be read.
    """
    import http.client
    import urllib.request

    shown, request = _request(url)
    if is_offline():
        raise ShortsError(f"{shown} cannot be read: UV_OFFLINE is set.")
    try:
        handler = urllib.request.HTTPSHandler(context=_context())
        with urllib.request.build_opener(handler).open(request, timeout=_PATIENCE) as answer:
            data: bytes = answer.read(TEXT + 1)
    except (OSError, ValueError, http.client.HTTPException) as error:
        raise ShortsError(f"{shown} cannot be read: {error}.") from error
    if len(data) > TEXT:
        raise ShortsError(f"{shown} cannot be read: it holds more than {TEXT / 1e6:.1f} MB.")
    return data


def _request(url: str) -> "tuple[str, urllib.request.Request]":
    """Return a URL without its login, and the request with it.

    Raises:
        ShortsError: it is not a URL of a web server.
    """
    import base64
    import urllib.request
    from urllib.parse import unquote, urlsplit, urlunsplit

    try:
        parts = urlsplit(url)
        host = parts.hostname or ""
    except ValueError as error:
        raise ShortsError(f"{url} is not a URL: {error}.") from error
    shown = urlunsplit(parts._replace(netloc=parts.netloc.rpartition("@")[2]))
    if parts.scheme not in ("http", "https"):
        raise ShortsError(f"{shown} cannot be read: only http and https are.")
    request = urllib.request.Request(shown, headers={"User-Agent": "shorts"})
    login = (unquote(parts.username), unquote(parts.password or "")) if parts.username else None
    login = login or _login_of(host)
    if login:
        word = base64.b64encode(":".join(login).encode()).decode()
        request.add_unredirected_header("Authorization", f"Basic {word}")
    return shown, request


def _login_of(host: str) -> tuple[str, str] | None:
    """Return the user and the password that netrc has for a host."""
    import netrc

    try:
        login = netrc.netrc(os.environ.get("NETRC")).authenticators(host)
    except (OSError, netrc.NetrcParseError):
        return None
    return (login[0], login[2]) if login and login[2] else None


def _context() -> "ssl.SSLContext":
    import ssl

    context = ssl.create_default_context()
    certificate = os.environ.get("SSL_CLIENT_CERT")
    if certificate:
        context.load_cert_chain(certificate)
    return context
