"""What Echo says of an HTTP request, whoever delivered it."""

import os
import sys
from typing import Any

import msgspec
import redaction
from http_answer import encoded
from http_events import Form, Headers, Pairs, Request
from msgspec import UNSET, UnsetType


class Part(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """A part of a `multipart/form-data` body (https://www.rfc-editor.org/rfc/rfc7578).

    Attributes:
        name: Of the field; null where the part has none.
        filename: Null where the part is not a file.
        content_type: Null where the part has none.
        size: Bytes.
        text: Null where the part is a file, or is not UTF-8.
    """

    name: str | None
    filename: str | None
    content_type: str | None
    size: int
    text: str | None


class Runtime(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """What has answered.

    Attributes:
        python: Its version.
        msgspec: Its version.
        function: The function's name; null outside Lambda, as are the rest.
        version: Of the function, such as `$LATEST`.
        memory_mb: That the function may use.
        region: Where it runs.
    """

    python: str
    msgspec: str
    function: str | None
    version: str | None
    memory_mb: int | None
    region: str | None


class Description(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """An HTTP request. JSON names are in camel case, like the event's own.

    What may be repeated is a list of `[name, value]`, which keeps the order and every value.

    Attributes:
        method: Such as `GET`.
        path: As the event has it.
        stage: Of the API; null where the event has none.
        query: Decoded parameters.
        headers: As the event has them, without secrets.
        cookies: Without their values, which are secrets too.
        body: The text, or base64 where the bytes are not UTF-8; null for no body.
        is_base64_encoded: Whether `body` is base64.
        body_size: Bytes.
        body_sha256: In hexadecimal; null for no body.
        json: The body, where its content type says JSON and it is.
        form_fields: The body's, where it is a form.
        multipart: The body's parts, where it has some.
        body_fault: Why the body is not what its content type says.
        source_ip: The address of the client.
        authorizer: What the API's authorizer says of the caller, without secrets; null for nothing.
        request_id: Lambda's id of the invocation, as the function's log shows it.
        event_form: Who sent the event, and in which form.
        cold_start: Whether this is the first invocation of its sandbox.
        runtime: What has answered.
    """

    method: str | None
    path: str | None
    stage: str | None
    query: Pairs
    headers: Headers
    cookies: Pairs
    body: str | None
    is_base64_encoded: bool
    body_size: int
    body_sha256: str | None
    json: msgspec.Raw | UnsetType = UNSET
    form_fields: Pairs | UnsetType = UNSET
    multipart: list[Part] | UnsetType = UNSET
    body_fault: str | UnsetType = UNSET
    source_ip: str | None
    authorizer: dict[str, Any] | None
    request_id: str
    event_form: Form
    cold_start: bool
    runtime: Runtime


def describe(
    request: Request, parts: dict[str, Any], request_id: str, cold_start: bool
) -> Description:
    """Describe a request, without its secrets unless the stack reveals them.

    The query and the body are described as they came: they are what a client wants to see.
    `parts` are the fields that `body_parts` makes of the body.
    """
    content = request.content
    headers, authorizer = request.headers, request.authorizer
    cookies = [_cookie(one) for one in request.cookies]
    if not redaction.reveals():
        headers, cookies = redaction.headers(headers), redaction.cookies(cookies)
        authorizer = authorizer and redaction.authorizer(authorizer)
    body, is_base64 = encoded(content or b"")
    return Description(
        method=request.method,
        path=request.path,
        stage=request.stage,
        query=request.query,
        headers=headers,
        cookies=cookies,
        body=None if content is None else body,
        is_base64_encoded=is_base64,
        body_size=len(content or b""),
        body_sha256=None if content is None else _digest(content),
        **parts,
        source_ip=request.source_ip,
        authorizer=authorizer,
        request_id=request_id,
        event_form=request.form,
        cold_start=cold_start,
        runtime=_runtime(),
    )


def _cookie(text: str) -> tuple[str, str]:
    """Split a cookie as browsers do: without a `=` it is a value that has no name."""
    name, equals, value = text.partition("=")
    return (name, value) if equals else ("", name)


def _digest(content: bytes) -> str:
    import hashlib  # loads OpenSSL, and many requests have no body

    return hashlib.sha256(content).hexdigest()


def _runtime() -> Runtime:
    # https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html
    memory = os.environ.get("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "")
    return Runtime(
        python=".".join(map(str, sys.version_info[:3])),
        msgspec=msgspec.__version__,
        function=os.environ.get("AWS_LAMBDA_FUNCTION_NAME"),
        version=os.environ.get("AWS_LAMBDA_FUNCTION_VERSION"),
        memory_mb=int(memory) if memory.isdecimal() else None,
        region=os.environ.get("AWS_REGION"),
    )
