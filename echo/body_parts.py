"""What a request's body holds, where its content type says that it is JSON or a form."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl

import msgspec
from description import Part

if TYPE_CHECKING:
    from email.message import Message

LARGEST_PARSED = 256 * 1024
"""Bytes of a body that is taken apart: the answer repeats it then."""

MOST_PARTS = 1_000
"""Fields or parts of a form."""

LONGEST_HEAD = 2_048
"""Characters of a part's headers: the time to parse a header grows with its square."""


def parsed(content: bytes, content_type: str) -> dict[str, Any]:
    """Take a body apart as its content type says; no body raises.

    Returns:
        At most one field of the description: `json`, `form_fields`, `multipart` or `body_fault`.
    """
    kind = content_type.partition(";")[0].strip().lower()
    is_json = kind == "application/json" or kind.endswith("+json")
    is_form = kind in ("application/x-www-form-urlencoded", "multipart/form-data")
    if not content or not (is_json or is_form):
        return {}
    try:
        _limit(len(content), LARGEST_PARSED, "bytes to take apart")
        if is_json:
            msgspec.json.decode(content)
            return {"json": msgspec.Raw(content)}
        if kind == "multipart/form-data":
            return {"multipart": list(_parts(content, content_type))}
        _limit(content.count(b"&") + 1, MOST_PARTS, "fields")
        return {"form_fields": parse_qsl(content.decode(), keep_blank_values=True)}
    except RecursionError:
        return {"body_fault": "Expected JSON that is less deeply nested"}
    except ValueError as error:  # msgspec's errors are such, and those of the decoding of UTF-8
        return {"body_fault": str(error)}


def _parts(content: bytes, content_type: str) -> Iterator[Part]:
    """Split a multipart body at its boundary (RFC 2046, section 5.1.1).

    `email.parser` reads the headers alone: of a whole body, it would take parts apart that are
    e-mails or multipart themselves.

    Raises:
        ValueError: It is not such a body, and why.
    """
    message = _headers(f"content-type:{content_type[:LONGEST_HEAD]}")
    boundary = message.get_boundary("")
    if not boundary.isascii() or not 1 <= len(boundary) <= 70:
        raise ValueError("Expected a boundary of 1 to 70 ASCII characters in the content type")
    _, *pieces = (b"\r\n" + content).split(b"\r\n--" + boundary.encode())
    if not pieces or not pieces[-1].startswith(b"--"):
        raise ValueError("Expected parts between boundaries, and `--` after the last boundary")
    _limit(len(pieces) - 1, MOST_PARTS, "parts")
    for piece in pieces[:-1]:
        head, blank, body = piece.lstrip(b" \t").partition(b"\r\n\r\n")
        if not blank or (head and not head.startswith(b"\r\n")):
            raise ValueError("Expected a part's headers, a blank line and its body")
        _limit(len(head), LONGEST_HEAD, "bytes of a part's headers")
        yield _part(_headers(head.decode().lstrip("\r\n")), body)


def _headers(text: str) -> "Message":
    from email.parser import HeaderParser  # slow to load, and for multipart alone

    return HeaderParser().parsestr(text)


def _part(headers: "Message", body: bytes) -> Part:
    filename = _parameter(headers, "filename")
    try:
        text = None if filename else body.decode()
    except UnicodeDecodeError:
        text = None
    return Part(
        name=_parameter(headers, "name"),
        filename=filename,
        content_type=headers.get("content-type"),
        size=len(body),
        text=text,
    )


def _parameter(headers: "Message", name: str) -> str | None:
    """Return a parameter of the `Content-Disposition`; None for none or an empty one."""
    value = headers.get_param(name, header="content-disposition")
    if isinstance(value, tuple):  # RFC 2231: with a charset, which may give half of a surrogate
        from email.utils import collapse_rfc2231_value

        value = collapse_rfc2231_value(value).encode(errors="replace").decode()
    return value or None


def _limit(count: int, most: int, unit: str) -> None:
    if count > most:
        raise ValueError(f"Expected at most {most} {unit}, got {count}")
