"""Functions' answers as the responses that clients get; pure.

https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-integrations-lambda.html
https://docs.aws.amazon.com/apigateway/latest/developerguide/set-up-lambda-proxy-integrations.html
"""

import base64
import binascii
import re
from collections.abc import Iterator
from typing import Any

import msgspec

from shorts.model import Api, Cors, Kind
from shorts.start_api.events import HOP_BY_HOP, Request, is_binary, media_type
from shorts.start_api.router import Match

JSON = "application/json"
# The keys of an answer to a REST API; any other is an error (samcli.local.apigw).
_KEYS = frozenset(
    "statusCode body headers multiValueHeaders isBase64Encoded base64Encoded cookies".split()
)
# The default type of an answer.
_TYPES: dict[Kind, str] = {"rest": JSON, "http": "text/plain; charset=utf-8", "url": JSON}
# A header's name, and the bytes that no header's value may hold.
# https://httpwg.org/specs/rfc9110.html#fields
_NAME = re.compile(r"[-!#$%&'*+.^_`|~0-9A-Za-z]+")
_CONTROL = re.compile(r"[\x00-\x08\x0a-\x1f\x7f]")
_STATUS = re.compile("[0-9]{3}")
# The headers that the gateway itself sets.
_OURS = HOP_BY_HOP | {"content-length", "date", "server"}
_CORS = "access-control-"

# What a gateway answers instead of the function, by what went wrong.
# https://docs.aws.amazon.com/apigateway/latest/developerguide/supported-gateway-response-types.html
_FAULTS: dict[str, dict[Kind, tuple[int, str]]] = {
    "route": {
        "rest": (403, '{"message":"Missing Authentication Token"}'),
        "http": (404, '{"message":"Not Found"}'),
        "url": (404, '{"Message":null}'),
    },
    "failed": {
        "rest": (502, '{"message": "Internal server error"}'),
        "http": (502, '{"message":"Internal Server Error"}'),
        "url": (502, "Internal Server Error"),
    },
    "late": {
        "rest": (504, '{"message": "Endpoint request timed out"}'),
        "http": (503, '{"message":"Service Unavailable"}'),
        "url": (502, "Internal Server Error"),
    },
    "large": {
        "rest": (413, '{"message":"Request Too Long"}'),
        "http": (413, '{"message":"Request Entity Too Large"}'),
        "url": (413, '{"Message":"Request Entity Too Large"}'),
    },
    "unauthorized": {
        "rest": (401, '{"message":"Unauthorized"}'),
        "http": (401, '{"message":"Unauthorized"}'),
        "url": (403, '{"Message":"Forbidden"}'),
    },
    "forbidden": {
        "rest": (403, '{"Message":"User is not authorized to access this resource"}'),
        "http": (403, '{"message":"Forbidden"}'),
        "url": (403, '{"Message":"Forbidden"}'),
    },
    "elsewhere": {
        "rest": (501, '{"message":"The function does not run here"}'),
        "http": (501, '{"message":"The function does not run here"}'),
        "url": (501, '{"Message":"The function does not run here"}'),
    },
}
# Seconds that a function has to answer through each API; a URL waits as long as it runs.
# https://docs.aws.amazon.com/apigateway/latest/developerguide/limits.html
PATIENCE: dict[Kind, float] = {"rest": 29, "http": 30, "url": 900}


class Answer(msgspec.Struct, frozen=True, kw_only=True):
    """A response.

    Attributes:
        status: from 200 to 599.
        headers: without those that describe the transfer.
        body: as sent.
    """

    status: int
    headers: list[tuple[str, str]]
    body: bytes

    def header(self, name: str) -> str:
        """Return a header's first value by its name in lower case; empty if there is none."""
        return next((value for key, value in self.headers if key.lower() == name), "")


class Malformed(ValueError):
    """A function's answer is not one that a gateway accepts."""


class _HttpAnswer(msgspec.Struct):
    """An answer of payload 2.0 that names its status."""

    statusCode: int | str
    headers: dict[str, str | int | float | bool | None] | None = None
    cookies: list[str] | None = None
    body: str | None = None
    isBase64Encoded: bool | None = None


class _RestAnswer(msgspec.Struct):
    """An answer of payload 1.0."""

    statusCode: int | str | None = None
    headers: dict[str, str | int | float | bool | None] | None = None
    multiValueHeaders: dict[str, list[str | int | float | bool]] | None = None
    body: str | None = None
    isBase64Encoded: bool | None = None
    base64Encoded: bool | None = None


_HTTP_ANSWER = msgspec.json.Decoder(_HttpAnswer)
_REST_ANSWER = msgspec.json.Decoder(_RestAnswer)


def answer(returned: bytes, request: Request, match: Match) -> Answer:
    """Return the response for what a function returned.

    Args:
        returned: JSON.
        request: what it answers.
        match: the route that the request was for.

    Raises:
        Malformed: a gateway would not accept it.
    """
    api, is_http = match.api, match.route.payload == "2.0"
    try:
        document = msgspec.json.decode(returned)
        if is_http and not (isinstance(document, dict) and "statusCode" in document):
            # Anything else is the body of a success, unchanged.
            return Answer(status=200, headers=[("Content-Type", JSON)], body=returned)
        decoded = _HTTP_ANSWER.decode(returned) if is_http else _REST_ANSWER.decode(returned)
    except (ValueError, RecursionError) as error:
        raise Malformed(str(error)) from error
    if isinstance(decoded, _RestAnswer):
        _check_rest_answer(document, api.kind)
    headers = list(_headers(decoded))
    if not any(name.lower() == "content-type" for name, _ in headers):
        headers.append(("Content-Type", _TYPES[api.kind]))
    return Answer(
        status=_status(decoded.statusCode), headers=headers, body=_body(decoded, request, api)
    )


def fault(name: str, kind: Kind) -> Answer:
    """Return what a gateway answers instead of the function.

    Args:
        name: what went wrong: ``route``, ``failed``, ``late``, ``large``, ``unauthorized``,
            ``forbidden`` or ``elsewhere``.
        kind: of the API that answers.
    """
    status, text = _FAULTS[name][kind]
    type_ = JSON if text.startswith("{") else "text/plain"
    return Answer(status=status, headers=[("Content-Type", type_)], body=text.encode())


def preflight(request: Request, api: Api) -> Answer | None:
    """Return the gateway's own answer to a CORS preflight request; None if it has none."""
    if request.method != "OPTIONS" or api.cors is None:
        return None
    if api.kind == "rest":  # its own method, with the same answer for all
        headers = [*_of_origin(api.cors, api.cors.origins), *_of_preflight(api.cors)]
        return Answer(status=200, headers=[("Content-Type", JSON), *headers], body=b"")
    if not request.header("origin") or not request.header("access-control-request-method"):
        return None
    headers = list(_of_origin(api.cors, _origin(request, api.cors)))
    if headers:
        headers += _of_preflight(api.cors)
    return Answer(status=204 if api.kind == "http" else 200, headers=headers, body=b"")


def with_cors(answered: Answer, request: Request, api: Api) -> Answer:
    """Return an answer with the API's CORS headers.

    A REST API leaves them to the function; the others replace the function's.
    """
    if api.cors is None or api.kind == "rest":
        return answered
    theirs = [pair for pair in answered.headers if not pair[0].lower().startswith(_CORS)]
    headers = list(_of_origin(api.cors, _origin(request, api.cors)))
    if headers and api.cors.exposed:
        headers.append(("Access-Control-Expose-Headers", api.cors.exposed))
    return msgspec.structs.replace(answered, headers=[*theirs, *headers])


def _of_origin(cors: Cors, origin: str | None) -> Iterator[tuple[str, str]]:
    if origin:
        yield "Access-Control-Allow-Origin", origin
        if origin != "*":
            yield "Vary", "Origin"
        if cors.credentials:
            yield "Access-Control-Allow-Credentials", cors.credentials


def _of_preflight(cors: Cors) -> Iterator[tuple[str, str]]:
    if cors.methods:
        yield "Access-Control-Allow-Methods", cors.methods
    if cors.headers:
        yield "Access-Control-Allow-Headers", cors.headers
    if cors.age:
        yield "Access-Control-Max-Age", cors.age


def _origin(request: Request, cors: Cors) -> str | None:
    """Return the allowed origin: the request's own, ``*`` for any, or None."""
    origin = request.header("origin")
    for allowed in (each.strip() for each in (cors.origins or "").split(",")):
        if not origin:
            return None
        if allowed == "*":
            return origin if cors.credentials else "*"
        if allowed == origin or (allowed.endswith("*") and origin.startswith(allowed[:-1])):
            return origin
    return None


def _check_rest_answer(document: Any, kind: Kind) -> None:
    """Refuse what a REST API or an HTTP API does not accept (as in samcli).

    Raises:
        Malformed: it has an unknown key, or lacks a required one.
    """
    if kind == "rest" and (unknown := document.keys() - _KEYS):
        raise Malformed(f"An answer has no {', '.join(sorted(unknown))[:200]}")
    if kind != "rest" and document.get("statusCode") is None:
        raise Malformed("An answer of payload 1.0 has a statusCode")


def _status(code: int | str | None) -> int:
    text = "200" if code is None else str(code)
    if not _STATUS.fullmatch(text) or not 200 <= int(text) <= 599:
        raise Malformed(f"A statusCode is a number from 200 to 599, not {text[:20]!r}")
    return int(text)


def _headers(decoded: _RestAnswer | _HttpAnswer) -> Iterator[tuple[str, str]]:
    """Yield the headers that a function names, without those that the gateway sets.

    Raises:
        Malformed: one cannot be sent.
    """
    pairs: list[tuple[str, Any]] = []
    if isinstance(decoded, _RestAnswer):
        several = decoded.multiValueHeaders or {}
        pairs += [(name, value) for name, values in several.items() for value in values]
    known = set(pairs)
    pairs += [pair for pair in (decoded.headers or {}).items() if pair not in known]
    if isinstance(decoded, _HttpAnswer):
        pairs += [("Set-Cookie", cookie) for cookie in decoded.cookies or []]
    for name, value in pairs:
        text = (
            str(value).lower() if isinstance(value, bool) else str("" if value is None else value)
        )
        if not _NAME.fullmatch(name) or _CONTROL.search(text):
            raise Malformed(f"A header cannot be sent: {name[:80]!r}: {text[:80]!r}")
        if name.lower() not in _OURS:
            yield name, text


def _body(decoded: _RestAnswer | _HttpAnswer, request: Request, api: Api) -> bytes:
    body = decoded.body or ""
    encoded = bool(decoded.isBase64Encoded)
    if isinstance(decoded, _RestAnswer) and api.kind == "rest":
        if decoded.base64Encoded is not None:
            encoded = decoded.base64Encoded
        # A REST API looks at the first type that the client accepts.
        # https://docs.aws.amazon.com/apigateway/latest/developerguide/lambda-proxy-binary-media.html
        accepted = media_type(request.header("accept").partition(",")[0])
        encoded = encoded and is_binary(accepted, api.binary)
    if not encoded:
        return body.encode("utf-8", "replace")
    try:
        return base64.b64decode(body, validate=True)
    except (binascii.Error, ValueError) as error:
        raise Malformed(f"The body is not base64: {error}") from error
