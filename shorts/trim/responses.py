"""Compare two answers to one event, except for what differs every time; pure."""

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

# Headers with a date as their value, and the form of dates in others, such as a cookie's.
# https://httpwg.org/specs/rfc9110.html#http.date
_DATES = frozenset(("date", "expires", "last-modified"))
_DATE = re.compile(r"[A-Z][a-z]{2}, \d\d[ -][A-Z][a-z]{2}[ -]\d{2,4} \d\d:\d\d:\d\d GMT")
_HEADERS = frozenset(("headers", "multiValueHeaders", "cookies"))

Answer = Mapping[str, object]


def read(body: bytes, request: str) -> Answer:
    """Return each value of an answer by its JSON path.

    Strings that hold JSON are read as well. A failure keeps only its type and its message, because
    the place where it was raised may differ.

    Args:
        body: what the function returned, or Lambda's description of its failure.
        request: the invocation's id, which differs every time.
    """
    text = body.decode("utf-8", "surrogateescape")
    if request:
        text = text.replace(request, "REQUEST")
    try:
        return dict(_leaves(_bare(json.loads(text, parse_constant=str)), "$"))
    except (ValueError, RecursionError):
        return {"$": text}


def difference(answer: Answer, other: Answer) -> str:
    """Return the path of the first value that differs; empty where none does."""
    return next(iter(differences(answer, other)), "")


def differences(answer: Answer, other: Answer) -> list[str]:
    """Return the paths of the values that differ, in their order."""
    return [path for path in {**answer, **other} if answer.get(path, ...) != other.get(path, ...)]


def _bare(document: Any) -> Any:
    """Return an answer without what differs every time."""
    if not isinstance(document, dict):
        return document
    if {"errorType", "errorMessage"} <= document.keys():
        document = {name: document[name] for name in ("errorType", "errorMessage")}
    return {
        name: _dateless(value) if name in _HEADERS else value for name, value in document.items()
    }


def _leaves(value: Any, path: str) -> Iterator[tuple[str, object]]:
    if isinstance(value, str) and value[:1] in ("{", "["):
        try:
            value = json.loads(value, parse_constant=str)
        except (ValueError, RecursionError):
            pass
        else:
            path += " as JSON: $"
    if isinstance(value, dict) and value:
        for name, inner in value.items():
            yield from _leaves(inner, f"{path}.{name}")
    elif isinstance(value, list) and value:
        for number, inner in enumerate(value):
            yield from _leaves(inner, f"{path}[{number}]")
    else:
        yield path, (type(value).__name__, value)


def _dateless(headers: Any, name: str = "") -> Any:
    """Return headers with every date replaced by a word."""
    if isinstance(headers, dict):
        return {name: _dateless(value, name) for name, value in headers.items()}
    if isinstance(headers, list):
        return [_dateless(value, name) for value in headers]
    if isinstance(headers, str):
        return "DATE" if name.lower() in _DATES else _DATE.sub("DATE", headers)
    return headers
