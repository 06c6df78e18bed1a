"""HTTP answers, and the form in which each sender reads them."""

import binascii
import json

import msgspec
from http_events import Form, Pairs
from refusal import LARGEST_ANSWER, Problem, too_large

LARGEST_BALANCED = 1_000_000
"""Bytes of an answer that a load balancer passes on.
https://docs.aws.amazon.com/elasticloadbalancing/latest/application/lambda-functions.html"""

SANDBOX = ("content-security-policy", "default-src 'none'; sandbox")
"""What a browser lets bytes do that a client has chosen: nothing."""


class Answer(msgspec.Struct, frozen=True, kw_only=True):
    """An answer. The names of its headers are in lower case, and may come again."""

    status: int = 200
    headers: Pairs
    content: bytes


def of_document(document: msgspec.Struct) -> Answer:
    """Answer with a document as JSON; a problem has its own status."""
    content = msgspec.json.encode(document)
    if isinstance(document, Problem):
        headers = _headers("application/problem+json")
        return Answer(status=document.status, headers=headers, content=content)
    return Answer(headers=_headers("application/json"), content=content)


def of_chosen(content: bytes, content_type: str) -> Answer:
    """Answer with bytes that a client has chosen."""
    return Answer(headers=[*_headers(content_type), SANDBOX], content=content)


def reply(answer: Answer, form: Form, is_head: bool) -> dict[str, object]:
    """Write an answer in the form that its sender reads, or a problem where it is too large."""
    response = _response(answer, form, is_head)
    # Up to python3.11 the runtime writes ASCII; later ones write UTF-8, which is never longer.
    size = len(json.dumps(response))
    largest = LARGEST_BALANCED if form in ("alb", "albMultiValue") else LARGEST_ANSWER
    if size <= largest:
        return response
    return _response(of_document(too_large(size, largest)), form, is_head)


def encoded(content: bytes) -> tuple[str, bool]:
    """Write bytes as events carry them: as text, or as base64 and True if they are not UTF-8."""
    try:
        return content.decode(), False
    except UnicodeDecodeError:
        return binascii.b2a_base64(content, newline=False).decode(), True


def _headers(content_type: str) -> Pairs:
    return [
        ("content-type", content_type),
        ("x-content-type-options", "nosniff"),
        ("cache-control", "no-store"),
    ]


def _response(answer: Answer, form: Form, is_head: bool) -> dict[str, object]:
    # https://httpwg.org/specs/rfc9110.html#status.codes
    is_empty = answer.status < 200 or answer.status in (204, 205, 304)
    body, is_base64 = encoded(b"" if is_empty or is_head else answer.content)
    headers: dict[str, list[str]] = {}
    for name, value in answer.headers:
        if not (is_empty and name == "content-type"):
            headers.setdefault(name, []).append(value)
    response: dict[str, object] = {
        "statusCode": answer.status,
        "body": body,
        "isBase64Encoded": is_base64,
    }
    if form in ("alb", "albMultiValue"):
        response["statusDescription"] = _described(answer.status)
    if form in ("restApi", "httpApiPayload1", "albMultiValue"):
        return {**response, "multiValueHeaders": headers}
    if form in ("httpApi", "functionUrl") and "set-cookie" in headers:
        response["cookies"] = headers.pop("set-cookie")
    return {**response, "headers": {name: ", ".join(values) for name, values in headers.items()}}


def _described(status: int) -> str:
    """Write a status as a load balancer reads it, such as `200 OK`."""
    from http import HTTPStatus  # only a load balancer reads words

    try:
        return f"{status} {HTTPStatus(status).phrase}"
    except ValueError:
        return f"{status} Unknown"
