"""Signatures of webhooks, by the shared secret that the stack's `WebhookSecret` parameter sets."""

import os
import re
import time

from description import Signature
from http_request import Request

TOLERANCE = 300
"""Seconds between a signature's time and now, either way.
https://docs.stripe.com/webhooks#replay-attacks and https://docs.svix.com/receiving/verifying-payloads/how-manual"""

SCHEMES = ("github", "stripe", "svix", "generic")

MOST = 16
"""Signatures of one request that are compared: a sender that rolls its secret has two."""

_HEX = re.compile(r"[0-9a-f]{64}", re.IGNORECASE)
_TIME = re.compile(r"[0-9]{1,12}", re.ASCII)
_TIMED = re.compile(rb"[0-9]{1,12}\.")


class _Invalid(Exception):
    """A signature is not valid, and why."""


def check(scheme: str, request: Request) -> Signature:
    """Compare a request's signature with that of the holder of the secret, over the raw bytes.

    Args:
        scheme: One of `SCHEMES`.
        request: Whose body is signed.
    """
    secret = os.environ.get("ECHO_WEBHOOK_SECRET", "")
    try:
        if not secret:
            raise _Invalid("No secret is set: give the stack a WebhookSecret")
        _CHECKS[scheme](request, os.fsencode(secret))
    except _Invalid as invalid:
        return Signature(scheme=scheme, valid=False, reason=str(invalid))
    return Signature(scheme=scheme, valid=True, reason=None)


def _github(request: Request, secret: bytes) -> None:
    """Check `X-Hub-Signature-256: sha256=HEX`.

    https://docs.github.com/webhooks/using-webhooks/validating-webhook-deliveries
    """
    name = "x-hub-signature-256"
    scheme, _, signature = _header(request, name).partition("=")
    if scheme != "sha256" or not _HEX.fullmatch(signature):
        raise _Invalid(
            f"The header {name} is malformed: expected sha256= and 64 hexadecimal digits"
        )
    _compare([bytes.fromhex(signature)], secret, request.content or b"")


def _stripe(request: Request, secret: bytes) -> None:
    """Check `Stripe-Signature: t=SECONDS,v1=HEX,v1=HEX`, over `SECONDS.BODY`.

    https://docs.stripe.com/webhooks#verify-manually
    """
    name = "stripe-signature"
    items = [item.strip().partition("=") for item in _header(request, name).split(",")]
    times = [value for key, _, value in items if key == "t"]
    signatures = [value for key, _, value in items if key == "v1"]
    if len(times) != 1 or not signatures or not all(map(_HEX.fullmatch, signatures)):
        expected = "expected t=SECONDS and v1= with 64 hexadecimal digits"
        raise _Invalid(f"The header {name} is malformed: {expected}")
    _recent(times[0], name)
    signed = times[0].encode() + b"." + (request.content or b"")
    _compare([bytes.fromhex(signature) for signature in signatures], secret, signed)


def _svix(request: Request, secret: bytes) -> None:
    """Check `svix-signature: v1,BASE64 v1,BASE64`, over `ID.SECONDS.BODY`.

    Standard Webhooks call the same headers `webhook-…`.
    https://docs.svix.com/receiving/verifying-payloads/how-manual
    https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md
    """
    prefix = "webhook" if request.header("webhook-signature") else "svix"
    identity, seconds, sent = (
        _header(request, f"{prefix}-{name}") for name in ("id", "timestamp", "signature")
    )
    _recent(seconds, f"{prefix}-timestamp")
    signatures = [
        _base64(value.encode())
        for version, _, value in (item.partition(",") for item in sent.split())
        if version == "v1"
    ]
    known = [signature for signature in signatures if signature]
    if not known:
        expected = "expected v1, and the signature in base64"
        raise _Invalid(f"The header {prefix}-signature is malformed: {expected}")
    key = _base64(secret.removeprefix(b"whsec_"))
    if not key:
        raise _Invalid("The secret that is set is none of this scheme: expected whsec_ and base64")
    _compare(known, key, f"{identity}.{seconds}.".encode() + (request.content or b""))


def _generic(request: Request, secret: bytes) -> None:
    """Check `X-Signature: HEX`, `sha256=` before it or not: for senders with no scheme of theirs.

    Where there is an `X-Timestamp: SECONDS`, it is signed as well: `SECONDS.BODY`.
    """
    signature = _header(request, "x-signature").removeprefix("sha256=")
    if not _HEX.fullmatch(signature):
        raise _Invalid("The header x-signature is malformed: expected 64 hexadecimal digits")
    signed = request.content or b""
    if seconds := request.header("x-timestamp"):
        _recent(seconds, "x-timestamp")
        signed = seconds.encode() + b"." + signed
    elif _TIMED.match(signed):  # else who has seen a request could send it, its time in the body
        raise _Invalid("The body begins with SECONDS. and the request has no header x-timestamp")
    _compare([bytes.fromhex(signature)], secret, signed)


_CHECKS = {"github": _github, "stripe": _stripe, "svix": _svix, "generic": _generic}


def _header(request: Request, name: str) -> str:
    value = request.header(name).strip()
    if not value:
        raise _Invalid(f"The request has no header {name}")
    return value


def _recent(seconds: str, name: str) -> None:
    if not _TIME.fullmatch(seconds):
        raise _Invalid(f"The header {name} is malformed: expected a time in seconds since 1970")
    age = time.time() - int(seconds)
    if abs(age) > TOLERANCE:
        way = "old" if age > 0 else "new"
        raise _Invalid(f"The time {seconds} is too {way}: more than {TOLERANCE} seconds from now")


def _compare(signatures: list[bytes], key: bytes, signed: bytes) -> None:
    import hashlib  # loads OpenSSL, which only some requests need
    import hmac

    if len(signatures) > MOST:
        raise _Invalid(f"The request has more than {MOST} signatures")
    expected = hmac.digest(key, signed, hashlib.sha256)
    if not any(hmac.compare_digest(signature, expected) for signature in signatures):
        raise _Invalid("The signature is another one: a different secret, or a changed body")


def _base64(text: bytes) -> bytes | None:
    """Decode base64 in its standard alphabet, padded; None for anything else."""
    import binascii

    try:
        return binascii.a2b_base64(text, strict_mode=True)
    except ValueError:
        return None
