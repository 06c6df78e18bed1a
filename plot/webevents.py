"""HTTP API and Function URL events, payload format 2.0.

https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-integrations-lambda.html
https://docs.aws.amazon.com/lambda/latest/dg/urls-invocation.html
"""

import base64
import binascii
from http import HTTPStatus
from typing import Any

import msgspec
from drawing import Image
from problems import Fault, Problem, Refusal, refusal

DECODER = msgspec.json.Decoder()
ENCODER = msgspec.json.Encoder()


def recognises(event: object) -> bool:
    """Tell whether an event is of payload 2.0, well-formed or not."""
    if not isinstance(event, dict) or event.get("version") != "2.0":
        return False
    context = event.get("requestContext")
    return isinstance(context, dict) and "http" in context


def document(event: Any) -> object:
    """Return the JSON value in a recognised event's body.

    Raises:
        Refusal: The method is not POST (405), or the body is absent, not base64 though the event
            says so, or not JSON (RFC 8259, in UTF-8).
    """
    http = event["requestContext"]["http"]
    method = http.get("method") if isinstance(http, dict) else None
    if method != "POST":
        fault = Fault(path="$", detail="A chart is asked for with POST, its JSON in the body")
        raise Refusal([fault], HTTPStatus.METHOD_NOT_ALLOWED)
    body = event.get("body")
    if not isinstance(body, str) or not body:
        raise refusal("$", "Expected JSON in the body, got none")
    try:
        content = base64.b64decode(body, validate=True) if event.get("isBase64Encoded") else body
    except (binascii.Error, ValueError):
        raise refusal("$", "Expected a base64 body, as the event says, got another") from None
    try:
        return DECODER.decode(content)
    except RecursionError:
        raise refusal("$", "Expected JSON of a few levels, got too many") from None
    except (msgspec.DecodeError, UnicodeError) as error:
        raise refusal("$", f"The body is not JSON: {_reason(error)}") from None


def response(image: Image) -> dict[str, object]:
    """Answer with an image: an SVG as text, anything else in base64."""
    is_text = image.content_type == "image/svg+xml"
    body = image.content if is_text else base64.b64encode(image.content)
    return {
        "statusCode": 200,
        "headers": _headers(image.content_type),
        "body": body.decode(),
        "isBase64Encoded": not is_text,
    }


def problem_response(problem: Problem) -> dict[str, object]:
    """Answer with a problem and its status."""
    headers = _headers("application/problem+json")
    if problem.status == HTTPStatus.METHOD_NOT_ALLOWED:
        headers["allow"] = "POST"
    return {
        "statusCode": problem.status,
        "headers": headers,
        "body": ENCODER.encode(problem).decode(),
        "isBase64Encoded": False,
    }


def _headers(content_type: str) -> dict[str, str]:
    return {"content-type": content_type, "x-content-type-options": "nosniff"}


def _reason(error: Exception) -> str:
    return "it is not UTF-8" if isinstance(error, UnicodeError) else str(error)
