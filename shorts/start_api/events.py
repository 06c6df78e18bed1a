"""HTTP requests as events for functions; pure.

HTTP APIs and function URLs send payload 2.0. REST APIs, and HTTP APIs that are configured so, send
payload 1.0.
https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-integrations-lambda.html
https://docs.aws.amazon.com/lambda/latest/dg/urls-invocation.html
https://docs.aws.amazon.com/apigateway/latest/developerguide/set-up-lambda-proxy-integrations.html
"""

import base64
import time
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import parse_qsl, unquote

import msgspec

from shorts.model import Api, Kind
from shorts.start_api.router import Match

# Stand-ins for an account's values, the same as in `sam local start-api`.
ACCOUNT, API_ID = "123456789012", "1234567890"
REGION = "us-east-1"

# What HTTP APIs and function URLs pass as text. Everything else, including forms and bodies without
# a type, is base64. AWS documents the rule for load balancers only; all three do the same.
# https://docs.aws.amazon.com/elasticloadbalancing/latest/application/lambda-functions.html
_TEXTS = frozenset(("application/json", "application/xml", "application/javascript"))
# Headers of one connection, not of the request.
# https://httpwg.org/specs/rfc9110.html#field.connection
HOP_BY_HOP = frozenset(
    (
        "connection",
        "expect",
        "keep-alive",
        "proxy-authenticate",
        "proxy-authorization",
        "proxy-connection",
        "te",
        "trailer",
        "transfer-encoding",
        "upgrade",
    )
)
# What a REST API says of an unknown caller.
_NOBODY = dict.fromkeys(
    """accessKey accountId apiKey apiKeyId caller cognitoAuthenticationProvider
    cognitoAuthenticationType cognitoIdentityId cognitoIdentityPoolId principalOrgId user userArn
    """.split()
)


class Request(msgspec.Struct, frozen=True, kw_only=True):
    """A request as received.

    Attributes:
        method: in upper case.
        path: percent-encoded, from its first slash.
        query: what follows the question mark.
        headers: names and values, as received.
        body: without any transfer encoding.
        source: the client's address.
        protocol: such as ``HTTP/1.1``.
        scheme: ``http`` or ``https``.
        port: that received it.
        received: time, in seconds since 1970.
        id: of the request.
    """

    method: str
    path: str
    query: str
    headers: Sequence[tuple[str, str]]
    body: bytes
    source: str
    protocol: str
    scheme: str
    port: int
    received: float
    id: str

    def header(self, name: str) -> str:
        """Return a header's first value by its name in lower case; empty if there is none."""
        return next((value for key, value in self.headers if key.lower() == name), "")


def event(request: Request, match: Match, authorized: Mapping[str, Any] | None) -> dict[str, Any]:
    """Return the event of a request.

    Args:
        request: what the client sent.
        match: the route that it is for.
        authorized: the authorizer's context, if there is an authorizer.
    """
    if match.route.payload == "2.0":
        return _http_event(request, match, authorized)
    return _rest_event(request, match, authorized)


def arn(request: Request, api: Api) -> str:
    """Return the ARN of a method for policies, with stand-ins for an account's values."""
    path = unquote(request.path)
    where = f"arn:aws:execute-api:{REGION}:{ACCOUNT}:{API_ID}"
    return f"{where}/{api.stage}/{request.method}{path}"


def media_type(value: str) -> str:
    """Return a Content-Type without its parameters, in lower case."""
    return value.partition(";")[0].strip().lower()


def is_binary(name: str, types: Sequence[str]) -> bool:
    """Return whether a media type is one of an API's binary types, which may end in ``*``."""
    group = name.partition("/")[0]
    return "*/*" in types or name in types or f"{group}/*" in types


def _http_event(
    request: Request, match: Match, authorized: Mapping[str, Any] | None
) -> dict[str, Any]:
    api, route = match.api, match.route
    path = request.path if api.kind == "url" else unquote(request.path)
    cookies = [
        cookie.strip()
        for name, value in request.headers
        if name.lower() == "cookie"
        for cookie in value.split(";")
        if cookie.strip()
    ]
    headers: dict[str, str] = {}
    for name, value in _headers(request):
        key = name.lower()
        if key != "cookie":
            headers[key] = f"{headers[key]},{value}" if key in headers else value
    query: dict[str, str] = {}
    for name, value in _query(request):
        query[name] = f"{query[name]},{value}" if name in query else value
    host = _host(request)
    body, encoded = _body(request, api.kind, api.binary)
    context: dict[str, Any] = {
        "accountId": "anonymous" if api.kind == "url" else ACCOUNT,
        "apiId": API_ID,
        "domainName": host,
        "domainPrefix": host.partition(".")[0],
        "http": {
            "method": request.method,
            "path": path,
            "protocol": request.protocol,
            "sourceIp": request.source,
            "userAgent": request.header("user-agent"),
        },
        "requestId": request.id,
        "routeKey": route.key,
        "stage": api.stage,
        "time": _time(request),
        "timeEpoch": int(request.received * 1000),
    }
    if authorized is not None:
        context["authorizer"] = {"lambda": authorized}
    event: dict[str, Any] = {
        "version": "2.0",
        "routeKey": route.key,
        "rawPath": path,
        "rawQueryString": request.query,
        "headers": headers,
        "requestContext": context,
        "isBase64Encoded": encoded,
    }
    # What a request lacks is left out.
    more = {
        "cookies": cookies,
        "queryStringParameters": query,
        "pathParameters": match.parameters,
        "stageVariables": api.variables,
        "body": body,
    }
    return event | {name: value for name, value in more.items() if value}


def _rest_event(
    request: Request, match: Match, authorized: Mapping[str, Any] | None
) -> dict[str, Any]:
    api, route = match.api, match.route
    path = request.path if api.kind == "rest" else unquote(request.path)
    headers: dict[str, list[str]] = {}
    for name, value in _headers(request):
        headers.setdefault(name, []).append(value)
    query: dict[str, list[str]] = {}
    for name, value in _query(request):
        query.setdefault(name, []).append(value)
    host = _host(request)
    body, encoded = _body(request, api.kind, api.binary)
    context: dict[str, Any] = {
        "accountId": ACCOUNT,
        "apiId": API_ID,
        "domainName": host,
        "domainPrefix": host.partition(".")[0],
        "extendedRequestId": request.id,
        "httpMethod": request.method,
        "identity": {
            **_NOBODY,
            "sourceIp": request.source,
            "userAgent": request.header("user-agent") or None,
        },
        "path": path,
        "protocol": request.protocol,
        "requestId": request.id,
        "requestTime": _time(request),
        "requestTimeEpoch": int(request.received * 1000),
        "resourceId": "123456" if api.kind == "rest" else route.key,
        "resourcePath": route.path,
        "stage": api.stage,
    }
    if route.operation and api.kind == "rest":
        context["operationName"] = route.operation
    if authorized is not None:
        context["authorizer"] = authorized
    return {
        **({} if api.kind == "rest" else {"version": "1.0"}),
        "resource": route.path,
        "path": path,
        "httpMethod": request.method,
        "headers": _last(headers),
        "multiValueHeaders": headers or None,
        "queryStringParameters": _last(query),
        "multiValueQueryStringParameters": query or None,
        "requestContext": context,
        "pathParameters": match.parameters or None,
        "stageVariables": api.variables or None,
        "body": body or None,
        "isBase64Encoded": encoded,
    }


def _headers(request: Request) -> list[tuple[str, str]]:
    """Return the request's headers, and those that every gateway adds."""
    seconds = int(request.received)
    before = [value for name, value in request.headers if name.lower() == "x-forwarded-for"]
    added = {
        "X-Amzn-Trace-Id": f"Root=1-{seconds:08x}-{request.id.replace('-', '')[:24]}",
        "X-Forwarded-For": ", ".join([*before, request.source]),
        "X-Forwarded-Port": str(request.port),
        "X-Forwarded-Proto": request.scheme,
    }
    theirs = {name.lower() for name in added} | HOP_BY_HOP | {"content-length"}
    kept = [(name, value) for name, value in request.headers if name.lower() not in theirs]
    if request.body:
        kept.append(("Content-Length", str(len(request.body))))
    return [*kept, *added.items()]


def _query(request: Request) -> list[tuple[str, str]]:
    return parse_qsl(request.query, keep_blank_values=True, errors="replace")


def _last(values: Mapping[str, Sequence[str]]) -> dict[str, str] | None:
    return {name: each[-1] for name, each in values.items()} or None


def _host(request: Request) -> str:
    """Return the name that the client uses for this host, without the port."""
    host = request.header("host")
    return host if host.endswith("]") else host.rpartition(":")[0] or host


def _body(request: Request, kind: Kind, binary: Sequence[str]) -> tuple[str, bool]:
    """Return the body as an event holds it, and whether it is base64."""
    if not request.body:
        return "", False
    name = media_type(request.header("content-type"))
    if kind == "rest":
        if not is_binary(name, binary):
            return request.body.decode("utf-8", "replace"), False
    elif (name.startswith("text/") or name in _TEXTS) and not request.header("content-encoding"):
        try:
            return request.body.decode(), False
        except UnicodeDecodeError:
            pass
    return base64.b64encode(request.body).decode(), True


def _time(request: Request) -> str:
    return time.strftime("%d/%b/%Y:%H:%M:%S +0000", time.gmtime(request.received))
