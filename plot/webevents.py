"""HTTP API and Function URL events, payload format 2.0, and the answers to them.

https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-integrations-lambda.html
"""

import base64
from dataclasses import dataclass

import msgspec
from problems import refusal

TEXT = 1_000_000  # bytes sent as text; JSON may write each in six, base64 has a known size
TEXT_TYPES = ("text/", "application/json", "application/problem+json", "image/svg")


@dataclass(frozen=True, kw_only=True)
class WebRequest:
    """A request. The names of its headers are in lower case."""

    method: str  # in upper case
    path: str  # below the stage
    query: str = ""  # percent-encoded
    headers: dict[str, str]
    body: str = ""
    is_base64: bool = False

    def content(self) -> bytes:
        """Return the body's bytes, or refuse what is not base64 or not Unicode."""
        try:
            if self.is_base64:
                return base64.b64decode(self.body, validate=True)
            return self.body.encode()
        except UnicodeEncodeError:
            raise refusal("$", "Expected a body in UTF-8, got half of a surrogate pair") from None
        except ValueError:
            raise refusal("$", "Expected a base64 body, as the event says, got another") from None


@dataclass(frozen=True, kw_only=True)
class WebResponse:
    """An answer. The names of its headers are in lower case."""

    status: int = 200
    headers: dict[str, str]
    content: bytes = b""


class _Http(msgspec.Struct, frozen=True):
    method: str | None = None


class _Context(msgspec.Struct, frozen=True):
    http: _Http | None = None
    stage: str | None = None


class _Event(msgspec.Struct, frozen=True, rename="camel"):
    """The event, as far as Plot reads it."""

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
    """Read a recognised event, or refuse a field of another type. Any may be null or absent."""
    try:
        known = msgspec.convert(event, _Event)
    except msgspec.ValidationError as error:
        detail, _, path = str(error).partition(" - at `")
        raise refusal(path.removesuffix("`") or "$", f"The event is malformed: {detail}") from None
    except UnicodeEncodeError:  # msgspec looks at a text where a record belongs
        raise refusal("$", "The event is malformed: it has half of a surrogate pair") from None
    http = known.request_context.http
    return WebRequest(
        method=((http and http.method) or "").upper(),
        path=_path(known),
        query=(known.raw_query_string or "").encode(errors="replace").decode(),
        headers={name.lower(): text for name, text in (known.headers or {}).items() if text},
        body=known.body or "",
        is_base64=bool(known.is_base64_encoded),
    )


def _path(event: _Event) -> str:
    """Return the path below the stage, and below a custom domain's base path."""
    _, _, route = (event.route_key or "").partition(" ")
    if route and "{" not in route:
        return route
    path, stage = event.raw_path or "", event.request_context.stage
    return path.removeprefix(f"/{stage}") if path.startswith(f"/{stage}/") else path


def reply(response: WebResponse) -> dict[str, object]:
    """Put an answer into the form that API Gateway and Function URLs read."""
    kind = response.headers.get("content-type", "")
    is_text = kind.startswith(TEXT_TYPES) and "content-encoding" not in response.headers
    body, is_base64 = written(response.content, is_text or not response.content)
    status, headers = int(response.status), response.headers
    return {"statusCode": status, "headers": headers, "body": body, "isBase64Encoded": is_base64}


def written(content: bytes, is_text: bool) -> tuple[str, bool]:
    """Return bytes as a text in JSON, and whether that is base64."""
    if is_text and len(content) <= TEXT:
        return content.decode(), False
    return base64.b64encode(content).decode(), True
