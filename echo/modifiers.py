"""What a client asks of its answer, by the query of any route."""

import json
import re
import time
from collections.abc import Callable
from typing import Any

import http_answer
import msgspec
from description import Description
from http_answer import Answer
from http_events import Pairs, Request
from refusal import Fault, Refusal, member

LONGEST_DELAY = 10.0  # seconds
MARGIN = 0.5  # seconds of an invocation that no delay takes: the answer has to get out

LARGEST_HEADERS = 6_000
"""Bytes of all chosen headers: an HTTP API passes 10,240 bytes of an answer's headers on.
https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-quotas.html"""

STATUS = r"[1-5][0-9]{2}(:[1-9][0-9]{0,2})?"
"""A status, and its weight: 1 without one."""

CHOSEN = frozenset(
    "age allow cache-control content-disposition content-language content-range content-type "
    "date deprecation etag expires last-modified link location pragma retry-after server-timing "
    "set-cookie sunset vary warning www-authenticate".split()
)
"""Headers that a client may choose, with those that begin with `x-` or `access-control-`."""

ECHOS = frozenset(("x-content-type-options", "x-echo-delay"))
"""Headers that begin with `x-` and that Echo alone sets."""

# https://httpwg.org/specs/rfc9110.html#fields.names and #fields.values. Bytes beyond ASCII are left
# out: the services before the function do not pass them on unchanged.
_NAME = re.compile(r"[a-z0-9-]{1,64}")
_VALUE = re.compile(r"(?:[!-~](?:[\t -~]*[!-~])?)?")
# https://mimesniff.spec.whatwg.org/#mime-type-groups
_INERT = re.compile(
    r"text/(?:plain|csv)|application/(?:octet-stream|zip|gzip|(?:[a-z0-9.-]+\+)?json)"
    r"|(?:image|audio|video|font)/(?![a-z0-9.+-]*xml)[a-z0-9.+-]+"
)
_UTF_8 = re.compile(r';\s*charset\s*=\s*"?utf-8"?\s*(?:;|$)', re.IGNORECASE)

_SECONDS = re.compile(r"[0-9]{1,2}(\.[0-9]{0,6})?")
_FLAGS = {"": True, "1": True, "true": True, "0": False, "false": False}


class Modifiers(msgspec.Struct, frozen=True, kw_only=True):
    """What a client asks for."""

    status: dict[int, int] = {}  # with their weights
    delay: float = 0.0  # seconds
    header: Pairs = []
    body: str | None = None
    raw: bool = False  # whether the request's own body comes back


def read(request: Request) -> Modifiers:
    """Read the modifiers of a request, or refuse it for each that is malformed."""
    sent: dict[str, list[str]] = {}
    for name, value in request.query:
        if name in _READERS or name == "header":
            sent.setdefault(name, []).append(value)
    values: dict[str, Any] = {}
    faults: list[Fault] = []
    for name, texts in sent.items():
        path = request.query_at + member(name)
        if name == "header" and (size := sum(map(len, texts))) > LARGEST_HEADERS:
            detail = f"Expected at most {LARGEST_HEADERS} bytes, got {size}"
            faults.append(Fault(path=path, detail=detail))
        elif name == "header":
            values[name] = [
                _value(header, text, f"{path}[{index}]", faults) for index, text in enumerate(texts)
            ]
        elif len(texts) > 1:
            detail = f"Expected it once, got it {len(texts)} times"
            faults.append(Fault(path=path, detail=detail))
        else:
            values[name] = _value(_READERS[name], texts[0], path, faults)
    types = [text for text in sent.get("header", ()) if text.lower().startswith("content-type:")]
    if len(types) > 1:
        path = request.query_at + member("header")
        faults.append(Fault(path=path, detail=f"Expected one content type, got {len(types)}"))
    if values.get("raw") and "body" in values:
        path = request.query_at + member("raw")
        faults.append(Fault(path=path, detail="Expected `raw` or `body`, got both"))
    if faults:
        raise Refusal(faults)
    return Modifiers(**values)


def answer(request: Request, description: Description, context: Any) -> Answer:
    """Answer as the query asks for: late, or with another status, body or further headers."""
    chosen = read(request)
    if chosen.raw:
        kind = made_inert(request.header("content-type"))
        plain = http_answer.of_chosen(request.content or b"", kind)
    elif chosen.body is not None:
        plain = http_answer.of_chosen(chosen.body.encode(), "text/plain; charset=utf-8")
    else:
        plain = http_answer.of_document(description)
    replaced = {name for name, _ in chosen.header} & {"content-type", "cache-control"}
    headers = [pair for pair in plain.headers if pair[0] not in replaced] + chosen.header
    if chosen.delay:
        left = context.get_remaining_time_in_millis() / 1000 - MARGIN
        seconds = max(0.0, min(chosen.delay, left))
        time.sleep(seconds)
        headers.append(("x-echo-delay", f"{seconds:.3f}"))
    status = _drawn(chosen.status, context.aws_request_id) if chosen.status else plain.status
    return Answer(status=status, headers=headers, content=plain.content)


def _drawn(statuses: dict[int, int], request_id: str) -> int:
    """Draw a status by its weight; the same invocation draws the same one."""
    if len(statuses) == 1:
        return next(iter(statuses))
    import random  # loads OpenSSL

    (status,) = random.Random(request_id).choices(list(statuses), list(statuses.values()))
    return status


def _statuses(text: str) -> dict[int, int]:
    if not re.fullmatch(f"{STATUS}(,{STATUS})*", text):
        raise ValueError("Expected a status from 100 to 599, or several such as 200:9,503")
    weights: dict[int, int] = {}
    for one in text.split(","):
        status, _, weight = one.partition(":")
        weights[int(status)] = weights.get(int(status), 0) + int(weight or 1)
    return weights


def _seconds(text: str) -> float:
    if not _SECONDS.fullmatch(text) or float(text) > LONGEST_DELAY:
        raise ValueError(f"Expected from 0 to {LONGEST_DELAY:.0f} seconds")
    return float(text)


def _flag(text: str) -> bool:
    if text not in _FLAGS:
        raise ValueError("Expected true, false or nothing")
    return _FLAGS[text]


_READERS: dict[str, Callable[[str], object]] = {
    "status": _statuses,
    "delay": _seconds,
    "body": str,
    "raw": _flag,
}
"""By the name of a modifier that may be there once: reads it, or raises ValueError."""


def _value(read: Callable[[str], object], text: str, path: str, faults: list[Fault]) -> object:
    """Read a value, or add what is wrong with it to the faults."""
    try:
        return read(text)
    except ValueError as error:
        faults.append(Fault(path=path, detail=f"{error}, got {json.dumps(text[:40])}"))
        return None


def header(text: str) -> tuple[str, str]:
    """Read a header that a client chooses, `Name:Value`, or raise ValueError."""
    name, colon, value = text.partition(":")
    name, value = name.lower(), value.strip(" \t")
    if not colon or not _NAME.fullmatch(name):
        raise ValueError("Expected Name:Value, the name of letters, digits and hyphens, at most 64")
    is_free = name.startswith(("x-", "access-control-")) and name not in ECHOS
    if not is_free and name not in CHOSEN:
        raise ValueError(f"Expected x-…, access-control-… or one of {', '.join(sorted(CHOSEN))}")
    if not _VALUE.fullmatch(value):
        raise ValueError("Expected a value of printable ASCII characters")
    if name == "content-type" and not (value := inert(value)):
        raise ValueError("Expected a content type that no browser runs, such as text/plain")
    return name, value


def inert(content_type: str) -> str:
    """Write a content type without parameters other than UTF-8; empty if a browser may run it."""
    kind = content_type.partition(";")[0].strip().lower()
    if not _INERT.fullmatch(kind):
        return ""
    return f"{kind}; charset=utf-8" if _UTF_8.search(content_type[:256]) else kind


def made_inert(content_type: str) -> str:
    """Write a content type that no browser runs: other text becomes plain text, the rest bytes."""
    kind, semicolon, parameters = content_type.partition(";")
    is_text = kind.strip().lower().startswith("text/")
    other = inert(f"text/plain{semicolon}{parameters}") if is_text else "application/octet-stream"
    return inert(content_type) or other
