"""HTTP requests, as each sender's events carry them.

https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-integrations-lambda.html
https://docs.aws.amazon.com/lambda/latest/dg/urls-invocation.html
https://docs.aws.amazon.com/apigateway/latest/developerguide/set-up-lambda-proxy-integrations.html
https://docs.aws.amazon.com/elasticloadbalancing/latest/application/lambda-functions.html
"""

import binascii
from typing import Any, Literal
from urllib.parse import parse_qsl, unquote_plus

import msgspec
from refusal import Fault, Refusal, checked

# More than any sender carries: a load balancer takes 64 KB of headers and 16 KB of request line.
# https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-limits.html
MOST_PARAMETERS = 1_000
LONGEST_QUERY = 64 * 1024  # characters
LARGEST_HEADERS = 128 * 1024  # characters of all headers, and of all cookies

Form = Literal["httpApi", "functionUrl", "restApi", "httpApiPayload1", "alb", "albMultiValue"]
Pairs = list[tuple[str, str]]
Headers = list[tuple[str, str | None]]
Values = dict[str, str | None]
Lists = dict[str, list[str | None] | None]


class Client(msgspec.Struct, frozen=True, rename="camel"):
    """`requestContext.http` of payload 2.0, `requestContext.identity` of payload 1.0."""

    method: str | None = None
    source_ip: str | None = None


class RequestContext(msgspec.Struct, frozen=True):
    """`requestContext`, as far as Echo reads it."""

    stage: str | None = None
    http: Client | None = None
    identity: Client | None = None
    authorizer: dict[str, Any] | None = None


class Event(msgspec.Struct, frozen=True, rename="camel"):
    """An event of any form, as far as Echo reads it. Other fields are ignored."""

    request_context: RequestContext | None = None
    http_method: str | None = None
    path: str | None = None
    raw_path: str | None = None
    query_string_parameters: Values | None = None
    multi_value_query_string_parameters: Lists | None = None
    raw_query_string: str | None = None
    headers: Values | None = None
    multi_value_headers: Lists | None = None
    cookies: list[str] | None = None
    body: str | None = None
    is_base64_encoded: bool | None = None


class Request(msgspec.Struct, frozen=True, kw_only=True):
    """An HTTP request. All its texts are valid Unicode."""

    form: Form
    method: str | None
    path: str | None
    stage: str | None
    query: Pairs  # decoded; a name may come again
    query_at: str  # the JSON path of the query in the event
    headers: Headers  # one for each value
    cookies: list[str]
    content: bytes | None  # None for no body
    source_ip: str | None
    authorizer: dict[str, Any] | None  # what the API's authorizer says of the caller

    def header(self, name: str) -> str:
        """Return the values of a header, joined as RFC 9110 section 5.3 has it; else ``""``."""
        return ", ".join(value for key, value in self.headers if value and key.lower() == name)


def form_of(event: object) -> Form | None:
    """Tell who sent an event, well-formed or not; None for one that is not HTTP."""
    if not isinstance(event, dict):
        return None
    context = event.get("requestContext")
    context = context if isinstance(context, dict) else {}
    if event.get("version") == "2.0" and "http" in context:
        domain = context.get("domainName")
        from_url = isinstance(domain, str) and ".lambda-url." in domain
        return "functionUrl" if from_url else "httpApi"
    if "elb" in context:
        names = ("multiValueHeaders", "multiValueQueryStringParameters")
        return "albMultiValue" if any(event.get(name) is not None for name in names) else "alb"
    if "httpMethod" in event:
        return "httpApiPayload1" if event.get("version") == "1.0" else "restApi"
    return None


def method_of(event: Any) -> object:
    """Return the method of an event that may be malformed: no answer to HEAD has a body."""
    context = event.get("requestContext")
    http = context.get("http") if isinstance(context, dict) else None
    return http.get("method") if isinstance(http, dict) else event.get("httpMethod")


def read(event: object, form: Form) -> Request:
    """Read the request that an event carries, or refuse it. Any field may be null or absent."""
    known = checked(event, Event)
    context = known.request_context or RequestContext()
    client = context.http or context.identity or Client()
    is_payload_2 = form in ("httpApi", "functionUrl")
    query, query_at = _raw_query(known) if is_payload_2 else _grouped_query(known)
    headers = _headers(known)
    if form in ("alb", "albMultiValue"):  # it leaves the query percent-encoded
        query = [(unquote_plus(name), unquote_plus(value)) for name, value in query]
        client = Client(source_ip=_address(headers))
    return Request(
        form=form,
        method=client.method if is_payload_2 else known.http_method,
        path=known.raw_path if is_payload_2 else known.path,
        stage=context.stage,
        query=query,
        query_at=query_at,
        headers=headers,
        cookies=_cookies(known, headers),
        content=_content(known),
        source_ip=client.source_ip,
        authorizer=context.authorizer,
    )


def _raw_query(event: Event) -> tuple[Pairs, str]:
    query, path = event.raw_query_string or "", "$.rawQueryString"
    _limit(len(query), LONGEST_QUERY, "characters", path)
    _limit(query.count("&") + 1, MOST_PARAMETERS, "parameters", path)
    return parse_qsl(query, keep_blank_values=True), path


def _grouped_query(event: Event) -> tuple[Pairs, str]:
    """Return the parameters of payload 1.0, which are grouped by name."""
    lists, path = event.multi_value_query_string_parameters, "$.multiValueQueryStringParameters"
    if lists is None:
        single, path = event.query_string_parameters or {}, "$.queryStringParameters"
        lists = {name: [value] for name, value in single.items()}
    query = [(name, value or "") for name, values in lists.items() for value in values or ()]
    _limit(len(query), MOST_PARAMETERS, "parameters", path)
    size = sum(len(name) + len(value) + 1 for name, value in query)
    _limit(size, LONGEST_QUERY, "characters", path)
    return query, path


def _headers(event: Event) -> Headers:
    if event.multi_value_headers is None:
        headers, path = list((event.headers or {}).items()), "$.headers"
    else:
        lists, path = event.multi_value_headers.items(), "$.multiValueHeaders"
        headers = [(name, value) for name, values in lists for value in values or (None,)]
    # A line of a header has a colon and an end.
    size = sum(len(name) + len(value or "") + 2 for name, value in headers)
    _limit(size, LARGEST_HEADERS, "characters", path)
    return headers


def _cookies(event: Event, headers: Headers) -> list[str]:
    """Return the cookies, which payload 2.0 takes out of the headers (RFC 6265, section 4.2.1)."""
    if event.cookies is not None:
        size = sum(len(cookie) + 2 for cookie in event.cookies)
        _limit(size, LARGEST_HEADERS, "characters", "$.cookies")
        return event.cookies
    sent = [value for name, value in headers if value and name.lower() == "cookie"]
    return [cookie for text in sent for part in text.split(";") if (cookie := part.strip())]


def _address(headers: Headers) -> str | None:
    """Return the address that a load balancer saw: the last of `X-Forwarded-For`, less its port."""
    sent = {name.lower(): value for name, value in headers}.get("x-forwarded-for") or ""
    source = sent.rpartition(",")[2].strip()
    if source.startswith("["):  # [2001:db8::7]:40612
        source = source[1:].partition("]")[0]
    elif source.count(":") == 1:  # 203.0.113.7:40612
        source = source.partition(":")[0]
    return source or None


def _content(event: Event) -> bytes | None:
    """Return the bytes of the body. Its base64 is strict: padded, without line breaks."""
    if event.body is None or not event.is_base64_encoded:
        return None if event.body is None else event.body.encode()
    try:
        return binascii.a2b_base64(event.body, strict_mode=True)
    except ValueError:
        raise Refusal([Fault(path="$.body", detail="Expected base64")]) from None


def _limit(count: int, most: int, unit: str, path: str) -> None:
    if count > most:
        raise Refusal([Fault(path=path, detail=f"Expected at most {most} {unit}, got {count}")])
