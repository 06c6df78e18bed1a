"""HTTP API and Function URL events, payload format 2.0, and the answers to them.

https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-integrations-lambda.html
https://docs.aws.amazon.com/lambda/latest/dg/urls-invocation.html
"""

import base64
import binascii
import json
from dataclasses import dataclass

import msgspec
from problems import refusal

TEXT = 1_000_000
"""Bytes of a text that is sent as it is. JSON may write a character of it in six bytes, so a larger
one is sent in base64, whose size is known."""


@dataclass(frozen=True, kw_only=True)
class WebRequest:
    """A request.

    Attributes:
        method: In upper case; empty where the event names none.
        path: Below the stage, such as `/plot`; empty where the event has none.
        query: Percent-encoded, without the question mark; all of it can be written in UTF-8.
        headers: By name in lower case.
        body: The body as the event has it; empty for none.
        is_base64: Whether `body` is base64.
    """

    method: str
    path: str
    query: str = ""
    headers: dict[str, str]
    body: str = ""
    is_base64: bool = False

    def content(self) -> bytes:
        """Return the body's bytes.

        Raises:
            Refusal: The body is not base64 though the event says so, or is no Unicode text.
        """
        try:
            if self.is_base64:
                return base64.b64decode(self.body, validate=True)
            return self.body.encode()
        except UnicodeEncodeError:
            raise refusal("$", "Expected a body in UTF-8, got half of a surrogate pair") from None
        except (binascii.Error, ValueError):
            detail = "Expected a base64 body, as the event says, got another"
            raise refusal("$", detail) from None


@dataclass(frozen=True, kw_only=True)
class WebResponse:
    """An answer.

    Attributes:
        status: The HTTP status.
        headers: By name in lower case.
        content: The body's bytes.
    """

    status: int = 200
    headers: dict[str, str]
    content: bytes = b""


class _Http(msgspec.Struct, frozen=True):
    method: str | None = None


class _Context(msgspec.Struct, frozen=True):
    http: _Http | None = None
    stage: str | None = None


class _Event(msgspec.Struct, frozen=True, rename="camel"):
    """The event, as far as Plot reads it: others' format, so fields unknown here are let be."""

    request_context: _Context
    route_key: str | None = None
    raw_path: str | None = None
    raw_query_string: str | None = None
    headers: dict[str, str | None] | None = None
    body: str | None = None
    is_base64_encoded: bool | None = None


def recognises(event: object) -> bool:
    """Tell whether an event is of payload 2.0, well-formed or not."""
    if not isinstance(event, dict) or event.get("version") != "2.0":
        return False
    context = event.get("requestContext")
    return isinstance(context, dict) and "http" in context


def read(event: object) -> WebRequest:
    """Read a recognised event. Any field of it may be null or absent.

    Raises:
        Refusal: A field has another type than the format gives it.
    """
    try:
        known = msgspec.convert(event, _Event)
    except msgspec.ValidationError as error:
        detail, _, path = str(error).partition(" - at `")
        raise refusal(path.removesuffix("`") or "$", f"The event is malformed: {detail}") from None
    except UnicodeEncodeError:  # msgspec looks at a text where a record belongs
        raise refusal("$", "The event is malformed: it has half of a surrogate pair") from None
    http = known.request_context.http
    headers = known.headers or {}
    return WebRequest(
        method=((http and http.method) or "").upper(),
        path=_path(known),
        query=(known.raw_query_string or "").encode(errors="replace").decode(),
        headers={name.lower(): value for name, value in headers.items() if value is not None},
        body=known.body or "",
        is_base64=bool(known.is_base64_encoded),
    )


def reply(response: WebResponse) -> dict[str, object]:
    """Put an answer into the form that API Gateway and Function URLs read: text as it is."""
    kind = response.headers.get("content-type", "")
    is_text = kind.startswith(
        ("text/", "application/json", "application/problem+json", "image/svg")
    )
    if "content-encoding" in response.headers:
        is_text = False
    body, encoded = written(response.content, is_text or not response.content)
    return {
        "statusCode": int(response.status),
        "headers": response.headers,
        "body": body,
        "isBase64Encoded": encoded,
    }


def written(content: bytes, is_text: bool) -> tuple[str, bool]:
    """Write bytes as a text in JSON.

    Returns:
        The text and False, or base64 and True where it is no text, or might grow too large as one.
    """
    if is_text and (
        len(content) <= TEXT or len(json.dumps(content.decode())) <= 4 / 3 * len(content)
    ):
        return content.decode(), False
    return base64.b64encode(content).decode(), True


def _path(event: _Event) -> str:
    """Return the path below the stage and below a custom domain's base path.

    A route without variables is the path; the path as sent may have the stage or a base path first.
    """
    _, _, route = (event.route_key or "").partition(" ")
    if route and "{" not in route:
        return route
    path, stage = event.raw_path or "", event.request_context.stage
    if stage and stage != "$default" and path.startswith(f"/{stage}/"):
        return path.removeprefix(f"/{stage}")
    return path
