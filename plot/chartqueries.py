"""The chart that an HTTP request asks for: JSON or CSV in the body, or all of it in the query."""

import base64
import io
import zlib
from http import HTTPStatus
from urllib.parse import parse_qsl

import msgspec
from problems import check_count, member, refusal
from signing import PARAMETERS
from webevents import WebRequest

INFLATED = 6 * 1024 * 1024
"""Bytes that gzip may become: no more than Lambda takes of a request that is not compressed."""

MOST_PARAMETERS = 200  # of a query: a chart has fewer fields, and some may be repeated

TEXTS = frozenset(
    "kind csv x size color value aggregate resample legend title alt theme background".split()
) | {"format"}
NUMBERS = frozenset("width height scale bins top".split())
FLAGS = frozenset("stacked horizontal labels".split())
NAMES = frozenset("y y2 over error group_by colors".split())
"""Fields that a query may have by name: those of one value, and those of several by repetition.
Everything else goes into `chart`."""

CHARSETS = {"": "utf-8-sig", "utf-8": "utf-8-sig", "iso-8859-1": "cp1252", "windows-1252": "cp1252"}
"""What CSV may be written in, and Python's codec. https://encoding.spec.whatwg.org reads Latin 1
as Windows-1252."""

_UNSUPPORTED = HTTPStatus.UNSUPPORTED_MEDIA_TYPE
_UNSAID = "The body is not UTF-8: name its charset, as in `text/csv; charset=windows-1252`"


def document(request: WebRequest) -> object:
    """Put together the JSON value of a request's chart.

    A POST has the chart in its body as JSON, or its `csv` in the body and the rest in the query; a
    GET has all of it in the query. There, `chart` is the chart as JSON, as base64url of JSON, or as
    base64url of gzipped JSON; a field next to it takes the place of the chart's own.
    """
    fields = _parameters(request.query)
    given = fields.pop("chart", None)
    chart: object = {} if given is None else _unpacked(_only("chart", given))
    kind, *parameters = (
        part.strip().lower() for part in request.headers.get("content-type", "").split(";")
    )
    charsets = [text[8:].strip('"') for text in parameters if text.startswith("charset=")]
    charset = charsets[0] if charsets else ""
    defaults: dict[str, object] = {"kind": "line"}
    if request.method == "POST" and kind == "text/csv":
        fields["csv"] = [*fields.get("csv", []), _csv(_content(request), charset)]
    elif request.method == "POST":
        if given is not None:
            raise refusal("$.chart", "Expected one chart, got one in the query and a body")
        chart, defaults = _body(request, kind, charset), {}
    if not isinstance(chart, dict):
        return chart  # the decoder says what was expected
    return defaults | chart | {name: _value(name, fields[name]) for name in fields}


def _body(request: WebRequest, kind: str, charset: str) -> object:
    if kind not in ("", "application/json", "text/json") and not kind.endswith("+json"):
        raise refusal("$", f"Expected `application/json` or `text/csv`, got `{kind}`", _UNSUPPORTED)
    if charset not in ("", "utf-8"):
        raise refusal("$", f"Expected JSON in UTF-8, got `{charset}`", _UNSUPPORTED)
    content = _content(request)
    if not content:
        raise refusal("$", "Expected JSON in the body, got none")
    return _json(content, "$", "The body")


def _content(request: WebRequest) -> bytes:
    coding = request.headers.get("content-encoding", "").strip().lower()
    if coding in ("", "identity"):
        return request.content()
    if coding != "gzip":
        raise refusal("$", f"Expected a body as it is or in gzip, got `{coding}`", _UNSUPPORTED)
    return _inflated(request.content(), "$")


def _csv(content: bytes, charset: str) -> str:
    if charset not in CHARSETS:
        known = ", ".join(f"`{name}`" for name in CHARSETS if name)
        raise refusal("$", f"Expected CSV in one of {known}, got `{charset}`", _UNSUPPORTED)
    try:
        return content.decode(CHARSETS[charset])
    except UnicodeError:
        detail = f"The body is not {charset}, as it says" if charset else _UNSAID
        raise refusal("$.csv", detail) from None


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
    """Read a parameter as its field has it; what has another type is left to the decoder."""
    if name in NAMES:
        return values if len(values) > 1 or name == "colors" else values[0]
    text = _only(name, values)
    if name in TEXTS:
        return text
    if name in NUMBERS | FLAGS:
        try:
            return msgspec.json.decode(text)
        except msgspec.DecodeError:
            return text
    known = ", ".join(sorted(TEXTS | NUMBERS | FLAGS | NAMES))
    detail = f"Expected `chart`, which may have any field, or one of {known}"
    raise refusal(f"${member(name)}", detail)


def _unpacked(text: str) -> object:
    """Read the parameter `chart`."""
    if text.lstrip()[:1] in ("{", "[", '"', ""):
        return _json(text, "$.chart", "It")
    text = text.rstrip("=")
    try:
        content = base64.b64decode(text + "=" * (-len(text) % 4), b"-_", validate=True)
    except ValueError:
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
    check_count(path, len(inflated), INFLATED, "bytes of what gzip becomes")
    return inflated


def _json(content: bytes | str, path: str, subject: str) -> object:
    try:
        return msgspec.json.decode(content)
    except RecursionError:
        raise refusal(path, "Expected JSON of a few levels, got too many") from None
    except UnicodeError:
        raise refusal(path, f"{subject} is not JSON: it is not UTF-8") from None
    except msgspec.DecodeError as error:
        raise refusal(path, f"{subject} is not JSON: {error}") from None
