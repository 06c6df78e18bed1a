"""The body of a request: its end must be unambiguous, and its length within the limit."""

import re
from collections.abc import Iterator
from email.message import Message
from io import BufferedIOBase

# The limit of a line between chunks, and of all trailers, in bytes.
_LINE = 10_240
_DECIMAL, _HEXADECIMAL = re.compile("[0-9]+"), re.compile(rb"[0-9A-Fa-f]+")
_LONGEST = 8  # digits of a size


class Unreadable(Exception):
    """A body that is not read to its end.

    Attributes:
        status: of the answer to the client.
    """

    def __init__(self, status: int) -> None:
        super().__init__(status)
        self.status = status


def read(headers: Message, stream: BufferedIOBase, limit: int) -> bytes:
    """Return the body of a request.

    https://httpwg.org/specs/rfc9112.html#message.body.length

    Args:
        headers: of the request.
        stream: what follows them.
        limit: in bytes.

    Raises:
        Unreadable: with 400, 413, 431 or 501.
        ConnectionResetError: the client has gone before the body's end.
    """
    encodings = headers.get_all("Transfer-Encoding", [])
    lengths = headers.get_all("Content-Length", [])
    if len(lengths) > 1 or (lengths and encodings):  # its end would be ambiguous
        raise Unreadable(400)
    if not encodings:
        length = lengths[0].strip(" \t") if lengths else "0"
        if not _DECIMAL.fullmatch(length):
            raise Unreadable(400)
        return _exactly(stream, _size(length, 10, limit))
    if [encoding.strip(" \t").lower() for encoding in encodings] != ["chunked"]:
        raise Unreadable(501)
    return b"".join(_chunks(stream, limit))


def _size(digits: str, base: int, limit: int) -> int:
    """Return the size that any number of digits names; refuse one over the limit."""
    digits = digits.lstrip("0") or "0"
    if len(digits) > _LONGEST or int(digits, base) > limit:
        raise Unreadable(413)
    return int(digits, base)


def _exactly(stream: BufferedIOBase, size: int) -> bytes:
    body = stream.read(size)
    if len(body) < size:
        raise ConnectionResetError(f"{len(body):,} of {size:,} bytes came")
    return body


def _chunks(stream: BufferedIOBase, limit: int) -> Iterator[bytes]:
    """Yield the chunks of a chunked body.

    https://httpwg.org/specs/rfc9112.html#chunked.encoding
    """
    total = around = 0
    while True:
        line = _line(stream)
        digits = line.partition(b";")[0].strip(b" \t")
        if not _HEXADECIMAL.fullmatch(digits):
            raise Unreadable(400)
        size = _size(digits.decode(), 16, limit)
        total += size
        around += len(line)
        if max(total, around) > limit:
            raise Unreadable(413)
        if size == 0:
            break
        yield _exactly(stream, size)
        if _line(stream):
            raise Unreadable(400)
    left = _LINE
    while line := _line(stream):  # trailers
        left -= len(line)
        if left < 0:
            raise Unreadable(431)


def _line(stream: BufferedIOBase) -> bytes:
    """Return a line between chunks, without its end."""
    line = stream.readline(_LINE)
    if not line.endswith(b"\n"):
        if len(line) < _LINE:
            raise ConnectionResetError("a body in chunks was cut short")
        raise Unreadable(400)
    return line.removesuffix(b"\n").removesuffix(b"\r")
