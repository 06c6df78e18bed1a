"""The chart that an HTTP request asks for: JSON or CSV in the body, or all of it in the query."""

import base64
import binascii
import io
import zlib
from http import HTTPStatus
from urllib.parse import parse_qsl

import msgspec
from problems import Fault, Refusal, member, refusal, too_large
from signing import PARAMETERS
from webevents import WebRequest

INFLATED = 6 * 1024 * 1024
"""Bytes that gzip may become: no more than Lambda takes of a request that is not compressed.

https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html
"""

MOST_PARAMETERS = 200
"""Parameters of a query: a chart has fewer fields, and some may be repeated."""

TEXTS = frozenset(
    "kind csv x size color value aggregate resample legend title alt theme background".split()
) | {"format"}
NUMBERS = frozenset("width height scale bins top".split())
FLAGS = frozenset("stacked horizontal labels".split())
NAMES = frozenset("y y2 over error group_by colors".split())
"""Fields that a query may have by name: those of one value, and those of several by repetition.
Everything else goes into `chart`."""

CHARSETS = {"utf-8": "utf-8-sig", "iso-8859-1": "cp1252", "windows-1252": "cp1252"}
"""What CSV may be written in, and Python's codec. Latin 1 is read as https://encoding.spec.whatwg.org
has it."""

_UNSAID = "The body is not UTF-8: name its charset, as in `text/csv; charset=windows-1252`"

_DECODER = msgspec.json.Decoder()


def document(request: WebRequest) -> object:
    """Put together the JSON value of a request's chart.

    A POST has the chart in its body as JSON, or its `csv` in the body and the rest in the query; a
    GET has all of it in the query. There, `chart` is the chart as JSON, as base64url of JSON, or as
    base64url of gzipped JSON; a field beside it takes the place of the chart's own.

    Raises:
        Refusal: The body or the query is not what it says it is (400), larger than a chart may be
            (413), or of a type or coding that is not read (415).
    """
    fields = _parameters(request.query)
    given = fields.pop("chart", None)
    chart: object = {} if given is None else _unpacked(_only("chart", given))
    kind, charset = media_type(request.headers.get("content-type", ""))
    defaults: dict[str, object] = {"kind": "line"}
    if request.method == "POST" and kind == "text/csv":
        fields["csv"] = [*fields.get("csv", []), _text(_content(request), charset)]
    elif request.method == "POST":
        if given is not None:
            raise refusal("$.chart", "Expected one chart, got one in the query and a body")
        chart, defaults = _body(request, kind, charset), {}
    if not isinstance(chart, dict):
        return chart  # the decoder says what was expected
    return defaults | chart | {name: _value(name, fields[name]) for name in fields}


def media_type(header: str) -> tuple[str, str]:
    """Split `Content-Type` into the type and its charset, in lower case; empty for none."""
    kind, *parameters = (part.strip().lower() for part in header.split(";"))
    found = [text.removeprefix("charset=") for text in parameters if text.startswith("charset=")]
    return kind, found[0].strip('"') if found else ""


def _body(request: WebRequest, kind: str, charset: str) -> object:
    is_json = kind in ("", "application/json", "text/json") or kind.endswith("+json")
    if not is_json:
        raise _unsupported(f"Expected `application/json` or `text/csv`, got `{kind}`")
    if charset not in ("", "utf-8"):
        raise _unsupported(f"Expected JSON in UTF-8, got `{charset}`")
    content = _content(request)
    if not content:
        raise refusal("$", "Expected JSON in the body, got none")
    return _json(content, "$", "The body")


def _content(request: WebRequest) -> bytes:
    coding = request.headers.get("content-encoding", "").strip().lower()
    if coding in ("", "identity"):
        return request.content()
    if coding != "gzip":
        raise _unsupported(f"Expected a body as it is or in gzip, got `{coding}`")
    return _inflated(request.content(), "$")


def _text(content: bytes, charset: str) -> str:
    codec = CHARSETS.get(charset or "utf-8")
    if codec is None:
        known = ", ".join(f"`{name}`" for name in CHARSETS)
        raise _unsupported(f"Expected CSV in one of {known}, got `{charset}`")
    try:
        return content.decode(codec)
    except UnicodeError:
        said = f"The body is not {charset}, as it says" if charset else _UNSAID
        raise refusal("$.csv", said) from None


def _parameters(query: str) -> dict[str, list[str]]:
    """Group a query's values by name, without those of a signature."""
    try:
        pairs = parse_qsl(query, keep_blank_values=True, max_num_fields=MOST_PARAMETERS)
    except ValueError:
        detail = f"Expected a query of at most {MOST_PARAMETERS} parameters, got more"
        raise refusal("$", detail) from None
    grouped: dict[str, list[str]] = {}
    for name, value in pairs:
        if name not in PARAMETERS:
            grouped.setdefault(name, []).append(value)
    return grouped


def _only(name: str, values: list[str]) -> str:
    if len(values) > 1:
        raise refusal(f"${member(name)}", f"Expected one value, got {len(values)}")
    return values[0]


def _value(name: str, values: list[str]) -> object:
    """Read a parameter as its field has it; what is none of its type is left to the decoder."""
    if name in NAMES:
        return values if len(values) > 1 or name == "colors" else values[0]
    text = _only(name, values)
    if name in NUMBERS | FLAGS:
        try:
            return _DECODER.decode(text)
        except msgspec.DecodeError:
            return text
    if name in TEXTS:
        return text
    known = ", ".join(sorted(TEXTS | NUMBERS | FLAGS | NAMES))
    detail = f"Expected `chart`, which may have any field, or one of {known}"
    raise refusal(f"${member(name)}", detail)


def _unpacked(text: str) -> object:
    """Read the parameter `chart`."""
    if text.lstrip()[:1] in ("{", "[", '"', ""):
        return _json(text, "$.chart", "It")
    try:
        content = base64.b64decode(
            text.rstrip("=") + "=" * (-len(text.rstrip("=")) % 4), b"-_", True
        )
    except (binascii.Error, ValueError):
        raise refusal("$.chart", "Expected JSON, or base64url of it, got neither") from None
    if content.startswith(b"\x1f\x8b"):
        content = _inflated(content, "$.chart")
    return _json(content, "$.chart", "It")


def _inflated(content: bytes, path: str) -> bytes:
    """Decompress gzip, each of its members, and stop where it becomes too large."""
    import gzip

    try:
        with gzip.GzipFile(fileobj=io.BytesIO(content)) as file:
            inflated = file.read(INFLATED + 1)
    except (zlib.error, gzip.BadGzipFile):
        raise refusal(path, "Expected gzip, got what cannot be decompressed") from None
    except EOFError:
        raise refusal(path, "Expected gzip, got its beginning only") from None
    if len(inflated) > INFLATED:
        raise too_large(path, f"Expected gzip of at most {INFLATED:,} bytes, got more")
    return inflated


def _json(content: bytes | str, path: str, subject: str) -> object:
    try:
        return _DECODER.decode(content)
    except RecursionError:
        raise refusal(path, "Expected JSON of a few levels, got too many") from None
    except UnicodeError:
        raise refusal(path, f"{subject} is not JSON: it is not UTF-8") from None
    except msgspec.DecodeError as error:
        raise refusal(path, f"{subject} is not JSON: {error}") from None


def _unsupported(detail: str) -> Refusal:
    return Refusal([Fault(path="$", detail=detail)], HTTPStatus.UNSUPPORTED_MEDIA_TYPE)
