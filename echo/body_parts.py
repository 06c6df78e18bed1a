"""What a request's body holds, where its content type says that it is JSON or a form."""

import re
from collections.abc import Iterator

import msgspec
from description import Parsed, Part
from http_request import MOST_PARAMETERS, Pairs

PARSED = 256 * 1024
"""Bytes of a body that is taken apart: the answer has it twice then, once as it came."""

# https://httpwg.org/specs/rfc9110.html#parameter: a token, or a string in quotes.
_PARAMETER = re.compile(r';\s*([^\s=;"]+)=("(?:[^"\\]|\\.)*"|[^\s;"]*)')


def parsed(content: bytes, content_type: str) -> Parsed:
    """Take a body apart as its content type says; no body raises.

    Args:
        content: The body.
        content_type: The header of that name, empty for none.
    """
    kind = content_type.partition(";")[0].strip().lower()
    is_json = kind == "application/json" or kind.endswith("+json")
    if not is_json and kind not in ("application/x-www-form-urlencoded", "multipart/form-data"):
        return Parsed()
    if len(content) > PARSED:
        fault = f"Expected at most {PARSED} bytes to take apart, got {len(content)}"
        return Parsed(body_fault=fault)
    try:
        if is_json:
            msgspec.json.decode(content)
            return Parsed(json=msgspec.Raw(content))
        if kind == "multipart/form-data":
            boundary = parameter(content_type, "boundary")
            return Parsed(multipart=list(_parts(content, boundary)))
        return Parsed(form_fields=_fields(content))
    except RecursionError:
        return Parsed(body_fault="Expected JSON that is less deeply nested")
    except ValueError as error:  # msgspec's errors are such, and those of the decoding of UTF-8
        return Parsed(body_fault=str(error))


def parameter(header: str, name: str) -> str:
    """Return a parameter of a header's value, without its quotes; empty where there is none.

    Args:
        header: Such as `form-data; name="file"`.
        name: In lower case.
    """
    for key, value in _PARAMETER.findall(header[:1024]):
        if key.lower() == name:
            return re.sub(r"\\(.)", r"\1", value[1:-1]) if value.startswith('"') else str(value)
    return ""


def _fields(content: bytes) -> Pairs:
    if content.count(b"&") >= MOST_PARAMETERS:
        raise ValueError(f"Expected at most {MOST_PARAMETERS} fields, got more")
    from urllib.parse import parse_qsl

    return parse_qsl(content.decode(), keep_blank_values=True)


def _parts(content: bytes, boundary: str) -> Iterator[Part]:
    """Split a multipart body at its boundary (RFC 2046, section 5.1.1).

    Raises:
        ValueError: It is no such body, and why.
    """
    if not boundary or not boundary.isascii() or len(boundary) > 70:
        raise ValueError("Expected a boundary of 1 to 70 ASCII characters in the content type")
    pieces = (b"\r\n" + content).split(b"\r\n--" + boundary.encode(), MOST_PARAMETERS + 1)
    if len(pieces) > MOST_PARAMETERS + 1:
        raise ValueError(f"Expected at most {MOST_PARAMETERS} parts, got more")
    if len(pieces) < 2 or not pieces[-1].startswith(b"--"):
        raise ValueError("Expected parts between boundaries, and `--` behind the last boundary")
    for piece in pieces[1:-1]:
        head, blank, body = piece.lstrip(b" \t").partition(b"\r\n\r\n")
        if not blank or (head and not head.startswith(b"\r\n")):
            raise ValueError("Expected a part's headers, a blank line and its body")
        headers = {}
        for line in head.decode().split("\r\n")[1:]:
            name, _, value = line.partition(":")
            headers[name.strip().lower()] = value.strip()
        yield _part(headers, body)


def _part(headers: dict[str, str], body: bytes) -> Part:
    disposition = headers.get("content-disposition", "")
    filename = parameter(disposition, "filename") or None
    try:
        text = None if filename else body.decode()
    except UnicodeDecodeError:
        text = None
    return Part(
        name=parameter(disposition, "name") or None,
        filename=filename,
        content_type=headers.get("content-type"),
        size=len(body),
        text=text,
    )
