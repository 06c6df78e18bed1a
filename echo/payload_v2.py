"""HTTP API and Function URL events, payload format 2.0.

https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-integrations-lambda.html
https://docs.aws.amazon.com/lambda/latest/dg/urls-invocation.html
"""

import msgspec
from description import Description, parameters, readable
from refusal import Problem, checked


class Http(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """`requestContext.http`, as far as Echo reads it."""

    method: str | None = None
    source_ip: str | None = None


class RequestContext(msgspec.Struct, frozen=True, kw_only=True):
    """`requestContext`, as far as Echo reads it."""

    http: Http | None = None


class HttpEvent(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """The event, as far as Echo reads it: others' format, so fields unknown here are let be."""

    request_context: RequestContext = RequestContext()
    raw_path: str | None = None
    raw_query_string: str | None = None
    headers: dict[str, str | None] | None = None
    cookies: list[str] | None = None
    body: str | None = None
    is_base64_encoded: bool | None = None


ENCODER = msgspec.json.Encoder()


def recognises(event: object) -> bool:
    """Tell whether an event is of payload 2.0, well-formed or not."""
    if not isinstance(event, dict) or event.get("version") != "2.0":
        return False
    context = event.get("requestContext")
    return isinstance(context, dict) and "http" in context


def read(event: object, request_id: str) -> Description:
    """Describe the request that an event carries.

    Args:
        event: A recognised event. Any field may be null or absent.
        request_id: Lambda's id of the invocation.

    Raises:
        Refusal: A field has another type than the format gives it, or the body is not base64
            though the event says so.
    """
    request = checked(event, HttpEvent)
    http = request.request_context.http or Http()
    body, is_base64_encoded = request.body, False
    if body is not None and request.is_base64_encoded:
        body, is_base64_encoded = readable(body)
    return Description(
        method=http.method,
        path=request.raw_path,
        query=parameters(request.raw_query_string or ""),
        headers=request.headers or {},
        cookies=request.cookies or [],
        body=body,
        is_base64_encoded=is_base64_encoded,
        source_ip=http.source_ip,
        request_id=request_id,
    )


def reply(document: msgspec.Struct) -> dict[str, object]:
    """Return the response to send: a problem with its own status, all else with 200."""
    status, kind = 200, "json"
    if isinstance(document, Problem):
        status, kind = document.status, "problem+json"
    return {
        "statusCode": status,
        "headers": {
            "content-type": f"application/{kind}",
            "x-content-type-options": "nosniff",
            "cache-control": "no-store",
        },
        "body": ENCODER.encode(document).decode(),
        "isBase64Encoded": False,
    }
