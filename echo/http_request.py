"""An HTTP request, as each form of event is read into it."""

import binascii
from collections.abc import Iterator, Mapping, Sequence

import msgspec
from caller import Caller
from refusal import Fault, Refusal

MOST_PARAMETERS = 1_000
"""Parameters of a query or fields of a form that are taken apart."""

LONGEST_QUERY = 64 * 1024
"""Characters of a query. No front carries a longer one: an Application Load Balancer takes 16 KB of
request line, an HTTP API 10,240 bytes with all headers.
https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-limits.html
https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-quotas.html"""

LARGEST_HEADERS = 128 * 1024
"""Characters of all headers, and of all cookies. An Application Load Balancer takes 64 KB of them
and adds its own; others take less. See the pages above."""

Pairs = list[tuple[str, str]]
"""Names with their values, in the order sent; a name may come again."""


class Request(msgspec.Struct, frozen=True, kw_only=True):
    """An HTTP request. All its texts are valid Unicode.

    Attributes:
        event_form: Who sent it and in which form, such as `httpApi`.
        method: Such as `GET`.
        path: As the event has it.
        stage: Of the API; `$default` where it has none of its own.
        query: Decoded parameters.
        query_at: The JSON path of what the event has for a query.
        headers: As the event has them, a header for each value where it has lists.
        cookies: `name=value`, in the order sent.
        content: The body's bytes; None where there was none.
        source_ip: The address of the client.
        caller: Who called, as far as the event says.
    """

    event_form: str
    method: str | None
    path: str | None
    stage: str | None
    query: Pairs
    query_at: str
    headers: list[tuple[str, str | None]]
    cookies: list[str]
    content: bytes | None
    source_ip: str | None
    caller: Caller | None

    def header(self, name: str) -> str:
        """Return a header's values, joined by a comma as RFC 9110 section 5.3 has it; else ``""``.

        Args:
            name: In lower case.
        """
        return ", ".join(value for key, value in self.headers if value and key.lower() == name)


def parameters(query: str, path: str) -> Pairs:
    """Take a query string apart.

    Follows the URL Standard's form parser (https://url.spec.whatwg.org/#urlencoded-parsing): plus
    is a space, a blank value is kept, bytes that are not UTF-8 become U+FFFD.

    Args:
        query: Percent-encoded, without the question mark.
        path: Where the event has it.

    Raises:
        Refusal: It is longer than 64 KiB, or has more than 1,000 parameters.
    """
    if not query:
        return []
    _short(len(query), path)
    _counted(query.count("&") + 1, path)
    from urllib.parse import parse_qsl  # many a request has no query: for it, this is not imported

    return parse_qsl(query, keep_blank_values=True)


def encoded_parameters(pairs: Pairs, path: str) -> Pairs:
    """Decode parameters that are apart, but percent-encoded still.

    Raises:
        Refusal: They are longer than 64 KiB.
    """
    if not pairs:
        return []
    _short(sum(len(name) + len(value) + 1 for name, value in pairs), path)
    from urllib.parse import unquote_plus

    return [(unquote_plus(name), unquote_plus(value)) for name, value in pairs]


def single_values(pairs: Mapping[str, str | None] | None, path: str) -> Pairs:
    """Write a map of values, any of which may be null, as the pairs it stands for.

    Raises:
        Refusal: There are more than 1,000 pairs.
    """
    _counted(len(pairs or ()), path)
    return [(name, value or "") for name, value in (pairs or {}).items()]


def values(lists: Mapping[str, Sequence[str | None] | None] | None, path: str) -> Pairs:
    """Write a map of lists, any of which may be null, as the pairs it stands for.

    Raises:
        Refusal: There are more than 1,000 pairs.
    """
    known = lists or {}
    _counted(sum(len(many or ()) for many in known.values()), path)
    return [(name, value or "") for name, many in known.items() for value in many or ()]


def headers(
    single: Mapping[str, str | None] | None,
    lists: Mapping[str, Sequence[str | None] | None] | None = None,
) -> list[tuple[str, str | None]]:
    """Write headers as pairs, from the map of lists where there is one that is not null.

    Raises:
        Refusal: They have more than 128 Ki characters.
    """
    if lists is not None:
        found = [(name, value) for name, many in lists.items() for value in many or (None,)]
        return _bounded(found, "$.multiValueHeaders")
    return _bounded(list((single or {}).items()), "$.headers")


def listed_cookies(sent: Sequence[str] | None) -> list[str]:
    """Return the cookies that an event has apart from its headers.

    Raises:
        Refusal: They have more than 128 Ki characters.
    """
    return [cookie or "" for _, cookie in _bounded([("", one) for one in sent or ()], "$.cookies")]


def cookies(sent: Sequence[tuple[str, str | None]]) -> list[str]:
    """Take the cookies out of `Cookie` headers (RFC 6265, section 4.2.1)."""
    return list(_cookies(sent))


def content(body: str | None, is_base64: bool | None) -> bytes | None:
    """Return the bytes of an event's body; None where it has none.

    Raises:
        Refusal: It is not base64 though the event says so (RFC 4648, section 4: padded, no line
            breaks).
    """
    if body is None or not is_base64:
        return None if body is None else body.encode()
    try:
        return binascii.a2b_base64(body, strict_mode=True)
    except ValueError:
        raise Refusal([Fault(path="$.body", detail="Expected base64")]) from None


def _cookies(sent: Sequence[tuple[str, str | None]]) -> Iterator[str]:
    for name, value in sent:
        if value and name.lower() == "cookie":
            yield from filter(None, map(str.strip, value.split(";")))


def _bounded(pairs: list[tuple[str, str | None]], path: str) -> list[tuple[str, str | None]]:
    size = 2 * len(pairs)  # a line has a colon and an end
    if size <= LARGEST_HEADERS:
        size += sum(len(name) + len(value or "") for name, value in pairs)
    if size > LARGEST_HEADERS:
        detail = f"Expected at most {LARGEST_HEADERS} characters, got more"
        raise Refusal([Fault(path=path, detail=detail)])
    return pairs


def _short(length: int, path: str) -> None:
    if length > LONGEST_QUERY:
        detail = f"Expected at most {LONGEST_QUERY} characters, got {length}"
        raise Refusal([Fault(path=path, detail=detail)])


def _counted(count: int, path: str) -> None:
    if count > MOST_PARAMETERS:
        detail = f"Expected at most {MOST_PARAMETERS} parameters, got {count}"
        raise Refusal([Fault(path=path, detail=detail)])
