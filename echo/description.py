"""What Echo says of an HTTP request, whoever delivered it."""

import os
import sys

import msgspec
import redaction
from caller import Caller
from http_answer import carried
from http_request import Pairs, Request
from msgspec import UNSET, UnsetType


class Part(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """A part of a `multipart/form-data` body (https://www.rfc-editor.org/rfc/rfc7578).

    Attributes:
        name: Of the field; null where the part has none.
        filename: Null where the part is no file.
        content_type: Null where the part has none.
        size: Bytes.
        text: Null where the part is a file, or is not UTF-8.
    """

    name: str | None
    filename: str | None
    content_type: str | None
    size: int
    text: str | None


class Parsed(msgspec.Struct, frozen=True, kw_only=True):
    """A body, taken apart: at most one of these is set.

    Attributes:
        json: The document, as its sender wrote it.
        form_fields: Of an `application/x-www-form-urlencoded` body, decoded.
        multipart: The parts of a `multipart/form-data` body.
        body_fault: Why the body is not what its content type says.
    """

    json: msgspec.Raw | msgspec.UnsetType = msgspec.UNSET
    form_fields: Pairs | msgspec.UnsetType = msgspec.UNSET
    multipart: list[Part] | msgspec.UnsetType = msgspec.UNSET
    body_fault: str | msgspec.UnsetType = msgspec.UNSET


class Signature(msgspec.Struct, frozen=True, kw_only=True):
    """What has become of a request's signature.

    Attributes:
        scheme: One of `github`, `stripe`, `svix` and `generic`.
        valid: Whether the holder of the secret has signed the body.
        reason: Why not; null for a valid one. The signature that would be is never told.
    """

    scheme: str
    valid: bool
    reason: str | None


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
        cookies: Their values are secrets, too.
        body: The text, or base64 where the bytes are not UTF-8; null where there was none.
        is_base64_encoded: Whether `body` is base64.
        body_size: Bytes.
        body_sha256: In hexadecimal; null where there was no body.
        json: The body, where its content type says JSON and it is.
        form_fields: The body's, where it is a form's.
        multipart: The body's parts, where it has some.
        body_fault: Why the body is not what its content type says.
        signature: What `verify` has found.
        source_ip: The address of the client.
        caller: Every identity that the event has; null for none.
        request_id: Lambda's id of the invocation, as the function's log shows it.
        event_form: `httpApi`, `functionUrl`, `restApi`, `httpApiPayload1`, `alb` or
            `albMultiValue`.
        cold_start: Whether this is the first invocation of its sandbox.
        runtime: What has answered.
    """

    method: str | None
    path: str | None
    stage: str | None
    query: Pairs
    headers: list[tuple[str, str | None]]
    cookies: Pairs
    body: str | None
    is_base64_encoded: bool
    body_size: int
    body_sha256: str | None
    json: msgspec.Raw | UnsetType = UNSET
    form_fields: Pairs | UnsetType = UNSET
    multipart: list[Part] | UnsetType = UNSET
    body_fault: str | UnsetType = UNSET
    signature: Signature | UnsetType = UNSET
    source_ip: str | None
    caller: Caller | None
    request_id: str
    event_form: str
    cold_start: bool
    runtime: Runtime


def describe(
    request: Request,
    parts: Parsed,
    signature: Signature | UnsetType,
    request_id: str,
    cold_start: bool,
) -> Description:
    """Describe a request, without its secrets unless the stack reveals them.

    Args:
        request: What to describe. Its query and its body are described as they came: what a
            sender writes there, it writes to be read.
        parts: Its body, taken apart.
        signature: What `verify` has found.
        request_id: Lambda's id of the invocation.
        cold_start: Whether this is the first invocation of its sandbox.
    """
    content = request.content
    body, is_base64 = (None, False) if content is None else carried(content)
    headers, caller = request.headers, request.caller
    cookies = [_cookie(one) for one in request.cookies]
    if not redaction.reveals():
        headers, cookies = redaction.headers(headers), redaction.cookies(cookies)
        caller = _discreet(caller)
    return Description(
        method=request.method,
        path=request.path,
        stage=request.stage,
        query=request.query,
        headers=headers,
        cookies=cookies,
        body=body,
        is_base64_encoded=is_base64,
        body_size=len(content or b""),
        body_sha256=None if content is None else _digest(content),
        json=parts.json,
        form_fields=parts.form_fields,
        multipart=parts.multipart,
        body_fault=parts.body_fault,
        signature=signature,
        source_ip=request.source_ip,
        caller=caller,
        request_id=request_id,
        event_form=request.event_form,
        cold_start=cold_start,
        runtime=_runtime(),
    )


def _cookie(text: str) -> tuple[str, str]:
    """Take a cookie apart as browsers do: without a `=` it is a value that has no name."""
    name, equals, value = text.partition("=")
    return (name, value) if equals else ("", name)


def _discreet(caller: Caller | None) -> Caller | None:
    if caller is None or caller.authorized is None or caller.authorized.context is None:
        return caller
    context = redaction.members(caller.authorized.context)
    authorized = msgspec.structs.replace(caller.authorized, context=context)
    return msgspec.structs.replace(caller, authorized=authorized)


def _digest(content: bytes) -> str:
    import hashlib  # loads OpenSSL, and many a request has no body

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
