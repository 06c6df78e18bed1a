"""Secrets that a request carries, and how they are left out of its description."""

import os
import re
from typing import Any

from http_events import Headers, Pairs

REDACTED = "[redacted]"

SECRET_NAME = re.compile(
    r"(?:auth|authorization|assertion|cookie|honeycomb-team|key|oidc-data|password|secret|token)$"
)
"""How the names of headers end that let their holder in."""

NO_SECRETS = frozenset(("idempotency-key", "sec-websocket-key", "surrogate-key"))
"""Headers that only look as if they did."""

# What stands before the credentials. https://www.iana.org/assignments/http-authschemes
SCHEMES = frozenset(("aws4-hmac-sha256", "basic", "bearer", "digest", "dpop", "negotiate"))

IDENTITY = frozenset(
    "accountId callerId claims cognitoIdentity principalId principalOrgId scopes userArn "
    "userId".split()
)
"""What an authorizer says of who the caller is. Anything else may be a secret."""


def reveals() -> bool:
    """Tell whether the stack's parameter `Reveal` has secrets shown."""
    return os.environ.get("ECHO_REVEAL") == "true"


def headers(sent: Headers) -> Headers:
    """Hide the values of secret headers; a known scheme of authorization stays."""
    return [(name, value and _header(name.lower(), value)) for name, value in sent]


def cookies(pairs: Pairs) -> Pairs:
    """Hide the values of cookies."""
    return [(name, REDACTED) for name, _ in pairs]


def authorizer(sent: dict[str, Any]) -> dict[str, Any]:
    """Hide what an authorizer says, except for who the caller is."""
    return {name: _member(name, value) for name, value in sent.items()}


def _member(name: str, value: Any) -> Any:
    if value is None or name in IDENTITY:
        return value
    if name in ("jwt", "iam", "lambda") and isinstance(value, dict):  # payload 2.0
        shown = frozenset() if name == "lambda" else IDENTITY
        return {inner: value[inner] if inner in shown else REDACTED for inner in value}
    return REDACTED


def _header(name: str, value: str) -> str:
    if name in NO_SECRETS or not SECRET_NAME.search(name):
        return value
    scheme, space, _ = value.partition(" ")
    is_scheme = name.endswith("authorization") and space and scheme.lower() in SCHEMES
    return f"{scheme} {REDACTED}" if is_scheme else REDACTED
