"""Signed URLs: a chart drawn only for who knows the secret, and only until a time.

The signature is HMAC-SHA256 (RFC 2104), in base64url without padding, over `GET /plot?` and the
query without `signature`: its parameters sorted by name, then value, percent-encoded as RFC 3986
has it. So a proxy may reorder or re-encode the parameters.

As a command it signs, with the secret in the environment as `PLOT_SIGNING_SECRET`:

    python plot/signing.py 'https://example.org/plot?kind=bar&csv=a,b%0Ax,1' 86400
"""

import base64
import hmac
import os
import re
import sys
import time
from urllib.parse import parse_qsl, quote, urlencode, urlsplit, urlunsplit

SECRET = "PLOT_SIGNING_SECRET"
"""The environment variable. Where it is empty or absent, URLs need no signature."""

PARAMETERS = ("expires", "signature")
"""What signing adds to a query."""


def secret() -> str:
    """Return the secret; empty where URLs need no signature."""
    return os.environ.get(SECRET, "")


def signature(query: str, key: str) -> str:
    """Return the signature of a percent-encoded query; a `signature` in it does not count."""
    pairs = parse_qsl(query, keep_blank_values=True)
    kept = sorted(pair for pair in pairs if pair[0] != "signature")
    message = f"GET /plot?{urlencode(kept, quote_via=quote, safe='')}"
    digest = hmac.digest(key.encode(), message.encode(), "sha256")
    return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()


def expiry(query: str, key: str, now: float) -> int | None:
    """Return the Unix time until which a query's signature holds; None where it does not."""
    pairs = parse_qsl(query, keep_blank_values=True)
    expires, signatures = ([value for name, value in pairs if name == of] for of in PARAMETERS)
    if len(expires) != 1 or len(signatures) != 1:
        return None
    given = signatures[0].encode(errors="replace")
    is_right = hmac.compare_digest(given, signature(query, key).encode())
    if not is_right or not re.fullmatch(r"[0-9]{1,12}", expires[0]):
        return None
    return int(expires[0]) if now < int(expires[0]) else None


def signed(url: str, key: str, expires: int) -> str:
    """Return a chart's URL with its expiry, a Unix time, and its signature."""
    parts = urlsplit(url)
    pairs = parse_qsl(parts.query, keep_blank_values=True)
    kept = [pair for pair in pairs if pair[0] not in PARAMETERS]
    query = urlencode([*kept, ("expires", expires)], quote_via=quote, safe="")
    return urlunsplit(parts._replace(query=f"{query}&signature={signature(query, key)}"))


if __name__ == "__main__":
    if len(sys.argv) != 3 or not sys.argv[2].isdecimal() or not secret():
        sys.exit(f"Usage: {SECRET}=… python signing.py URL SECONDS")
    print(signed(sys.argv[1], secret(), int(time.time()) + int(sys.argv[2])))
