"""What Echo says of an HTTP request, whoever delivered it."""

import binascii
from urllib.parse import parse_qsl

import msgspec
from refusal import Fault, Refusal


class Description(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """An HTTP request. JSON names are in camel case, like the event's own.

    Attributes:
        method: Such as `GET`.
        path: As the event has it.
        query: Decoded parameters. Names stand in the order of their first appearance, the values
            of a repeated name in the order sent.
        headers: As the event has them.
        cookies: `name=value`, in the order sent.
        body: The text, or base64 where the bytes are not UTF-8; null where there was none.
        is_base64_encoded: Whether `body` is base64.
        source_ip: The address of the client.
        request_id: Lambda's id of the invocation, as the function's log shows it.
    """

    method: str | None
    path: str | None
    query: dict[str, list[str]]
    headers: dict[str, str | None]
    cookies: list[str]
    body: str | None
    is_base64_encoded: bool
    source_ip: str | None
    request_id: str


def parameters(query: str) -> dict[str, list[str]]:
    """Group a query string's values by name.

    Follows the URL Standard's form parser (https://url.spec.whatwg.org/#urlencoded-parsing): plus
    is a space, a blank value is kept, bytes that are not UTF-8 become U+FFFD.
    """
    grouped: dict[str, list[str]] = {}
    for name, value in parse_qsl(query, keep_blank_values=True):
        grouped.setdefault(name, []).append(value)
    return grouped


def readable(body: str) -> tuple[str, bool]:
    """Decode a base64 body where it holds text.

    Returns:
        The text and False, or the same base64 and True where its bytes are not UTF-8.

    Raises:
        Refusal: The body is not base64 (RFC 4648, section 4: padded, no line breaks).
    """
    try:
        content = binascii.a2b_base64(body, strict_mode=True)
    except ValueError:
        raise Refusal([Fault(path="$.body", detail="Expected base64")]) from None
    try:
        return content.decode(), False
    except UnicodeDecodeError:
        return body, True
