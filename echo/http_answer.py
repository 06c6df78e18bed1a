"""An HTTP answer, before it is put into the form that its sender reads."""

import binascii
from collections.abc import Iterable, Sequence

import msgspec
from refusal import Problem

ENCODER = msgspec.json.Encoder()

WORTH = 1024
"""Bytes from which an answer is compressed: a smaller one fits one packet, compressed or not."""


class Answer(msgspec.Struct, frozen=True, kw_only=True):
    """An answer.

    Attributes:
        status: From 100 to 599.
        headers: Names in lower case; one may come again.
        content: The body's bytes.
    """

    status: int
    headers: list[tuple[str, str]]
    content: bytes


def of_document(document: msgspec.Struct, status: int = 200) -> Answer:
    """Answer with a document as JSON; a problem has its own status."""
    kind = "json"
    if isinstance(document, Problem):
        status, kind = document.status, "problem+json"
    return of_content(ENCODER.encode(document), f"application/{kind}", status)


def of_content(content: bytes, content_type: str, status: int = 200) -> Answer:
    """Answer with bytes that no browser guesses the type of and no cache keeps."""
    headers = [
        ("content-type", content_type),
        ("x-content-type-options", "nosniff"),
        ("cache-control", "no-store"),
    ]
    return Answer(status=status, headers=headers, content=content)


def shaped(answer: Answer, method: str | None, accept_encoding: str, compresses: bool) -> Answer:
    """Take away the body where the method or the status has none, and compress what is worth it.

    Args:
        answer: As it would answer a GET.
        method: Of the request.
        accept_encoding: The header of that name, empty for none.
        compresses: Whether the sender passes compressed bytes on.
    """
    # https://httpwg.org/specs/rfc9110.html#status.codes
    if answer.status < 200 or answer.status in (204, 205, 304):
        headers = [pair for pair in answer.headers if pair[0] != "content-type"]
        return msgspec.structs.replace(answer, headers=headers, content=b"")
    headers, content = answer.headers, answer.content
    if compresses and len(content) >= WORTH:
        headers = [*headers, ("vary", "accept-encoding")]
        if wants_gzip(accept_encoding):
            import zlib  # by far not every answer is compressed

            packed = zlib.compress(content, wbits=31)  # a gzip header with no time in it
            if len(packed) < 0.9 * len(content):
                headers, content = [*headers, ("content-encoding", "gzip")], packed
    return Answer(
        status=answer.status, headers=headers, content=b"" if method == "HEAD" else content
    )


def wants_gzip(accept_encoding: str) -> bool:
    """Tell whether a client prefers gzip to no encoding, or likes both the same.

    https://httpwg.org/specs/rfc9110.html#field.accept-encoding
    """
    weights: dict[str, float] = {}
    for choice in accept_encoding.lower().split(","):
        name, _, parameter = choice.partition(";")
        key, _, weight = parameter.partition("=")
        weights[name.strip()] = _weight(weight.strip()) if key.strip() == "q" else 1.0
    anything = weights.get("*", 0.0)
    gzip = weights.get("gzip", weights.get("x-gzip", anything))
    return gzip > 0 and gzip >= weights.get("identity", 0.0)


def carried(content: bytes) -> tuple[str, bool]:
    """Write bytes as an event or an answer carries them.

    Returns:
        The text and False, or base64 and True where they are not UTF-8.
    """
    try:
        return content.decode(), False
    except UnicodeDecodeError:
        return binascii.b2a_base64(content, newline=False).decode(), True


def single(headers: Iterable[tuple[str, str]]) -> dict[str, str]:
    """Write headers with one value each; those of one name are joined (RFC 9110, section 5.3)."""
    return {name: ", ".join(values) for name, values in lists(headers).items()}


def lists(headers: Iterable[tuple[str, str]]) -> dict[str, Sequence[str]]:
    """Write headers with the list of their values."""
    grouped: dict[str, list[str]] = {}
    for name, value in headers:
        grouped.setdefault(name, []).append(value)
    return {**grouped}


def _weight(text: str) -> float:
    """Read a q value: from 0 to 1, three digits at most behind the point; 0 for anything else."""
    try:
        return min(float(text), 1.0) if len(text) <= 5 and text[:1] in "01" else 0.0
    except ValueError:
        return 0.0
