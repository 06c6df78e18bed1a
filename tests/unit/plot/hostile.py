"""Plot events that Lambda would accept, of at most 6 MB: too much, too deep or too clever."""

import base64
import gzip
import json
from typing import Any
from urllib.parse import quote

MILLION = 1_000_000
NAMES = [f"category {number}" for number in range(5_000)]
CENTURIES = ["1700-01-01", "2199-01-01"]


def events() -> dict[str, dict[str, Any]]:
    """Return the events, by what is wrong with them; the same each time."""
    made = {what: {"kind": "line"} | chart for what, chart in _charts().items()}
    return made | _requests()


def _charts() -> dict[str, dict[str, Any]]:
    """Return direct invocations."""
    one: dict[str, Any] = {"columns": {"a": [1, 2, 3]}}
    bars: dict[str, Any] = {"kind": "bar", "columns": {"name": NAMES, "v": list(range(5_000))}}
    wide = [f"s{number}" for number in range(MILLION // 1_000)]
    long = {"name": [f"{number:03} " + "a very long name " * 11 for number in range(200)]}
    points = [number % 97 for number in range(MILLION)]
    return {
        "16,000 by 16,000 pixels": one | {"width": 16_000, "height": 16_000},
        "8,000 by 8,000 pixels": one | {"width": 8_000, "height": 8_000},
        "5,000 categories": bars,
        "5,000 categories as a pie": bars | {"kind": "pie"},
        "5,000 categories as boxes": bars | {"kind": "box"},
        "200 names of 190 characters": {"kind": "bar", "columns": long | {"v": list(range(200))}},
        "100,000 bins": one | {"kind": "histogram", "bins": 100_000},
        "a title of 100,000 characters": one | {"title": "W" * 100_000},
        "a column named by 100,000 characters": {"columns": {"W" * 100_000: [1]}},
        "1,900,000 rows of CSV": {"csv": "a\n" + "1\n" * 1_900_000},
        "2,900,000 empty lines": {"csv": "a\n1" + "\n" * 2_900_000},
        "one field of 5 MB": {"csv": 'a\n"' + "x" * (5 * MILLION)},
        "a CSV of 1,000,000 columns": {"csv": "," * MILLION + "\n1"},
        "900,000 records without a field": {"records": [{}] * 900_000},
        "480,000 records of a gap each": {"records": [{"a": None}] * 480_000},
        "a million points as a line": {"columns": {"v": points}},
        "a million points as an SVG": {
            "kind": "scatter",
            "format": "svg",
            "columns": {"v": points},
        },
        "a million points as a histogram": {"kind": "histogram", "columns": {"v": points}},
        "a million values as violins": {"kind": "violin", "columns": {"v": points}},
        "1,000 series": {"columns": {name: [1] for name in wide}},
        "1,000 by 1,000 cells": {
            "kind": "heatmap",
            "columns": {name: [0] * 1_000 for name in wide},
        },
        "1,000 notes": one | {"notes": [{"x": 1, "y": 1, "text": "note"}] * 1_000},
        "1,000 reference lines": one | {"lines": [{"y": 1}] * 1_000},
        "a period for each minute of five centuries": {
            "columns": {"d": CENTURIES, "v": [1, 2]},
            "x": "d",
            "resample": "minute",
        },
        "a window of 10^9": one | {"rolling": {"window": 10**9}},
        "numbers of 10^308": {"columns": {"v": [1e308, -1e308]}},
        "an axis of 200 decades": {
            "columns": {"v": [1e-100, 1e100]},
            "y_axis": {"log": True},
        },
        "an integer of 4,000 digits": {"columns": {"v": [10**3_999]}},
        "a formula": one | {"title": r"$\frac{1}{0}$" + r"$\sqrt{" * 20},
        "an expression": one | {"y": "__import__('os').system('true')"},
        "an aggregate that is code": one | {"group_by": "a", "aggregate": "lambda v: v"},
        "a style of another machine": one | {"theme": "http://192.0.2.1/x.mplstyle"},
        "a style of a file": one | {"theme": "/proc/self/environ"},
        "a CSV of a file": {"csv": "/etc/passwd"},
        "a link": one | {"url": "javascript:alert(1)"},
        "a colour that refers": one | {"colors": ["url(#x)"]},
        "a tick format": one | {"y_axis": {"format": "{0.__class__}"}},
        "halves of surrogate pairs": one | {"title": "\ud800", "x_axis": {"label": "\udfff\0"}},
        "letters that turn and pile up": one | {"title": "\u202e" + "a" + "\u0301" * 190},
        "every field as a list": {name: [] for name in ("kind", "columns", "title", "width")},
        "a PDF with 20,000 errors": {
            "kind": "errorbar",
            "format": "pdf",
            "columns": {"v": points[:20_000], "e": points[:20_000]},
            "y": "v",
            "error": "e",
        },
    }


def _requests() -> dict[str, dict[str, Any]]:
    """Return requests through an HTTP API."""
    bomb = gzip.compress(b'{"kind":"line","csv":"a\\n' + b"1\\n" * (20 * MILLION), mtime=0)
    packed = base64.urlsafe_b64encode(gzip.compress(b"[" * (7 * MILLION), mtime=0)).decode()
    binary = {"body": base64.b64encode(bomb).decode(), "isBase64Encoded": True}
    return {
        "a body that gzip makes 60 MB of": _posted(binary, {"content-encoding": "gzip"}),
        "a body of 3,000,000 brackets": _posted({"body": "[" * (3 * MILLION)}),
        "a body of 100,000 members called the same": _posted(
            {"body": '{"kind": "line"' + ', "title": ""' * 100_000 + "}"}
        ),
        "a body that is no UTF-8": _posted({"body": "gIGC", "isBase64Encoded": True}),
        "a query that gzip makes 7 MB of": _got(f"chart={packed}"),
        "a query of 3,000 parameters": _got("&".join(f"y={number}" for number in range(3_000))),
        "a query of nothing but %": _got("chart=" + "%" * 9_000),
        "a chart within a chart": _got(f"chart={quote(json.dumps({'chart': {'kind': 'line'}}))}"),
        "an Accept of 1,000 types": _got("csv=a%0A1", {"accept": "a/b;q=0.1," * 1_000}),
        "10,000 tags to compare": _got("csv=a%0A1", {"if-none-match": 'W/"x",' * 10_000}),
    }


def _got(query: str, headers: dict[str, str] | None = None) -> dict[str, Any]:
    return _event("GET", query, headers or {}, {})


def _posted(body: dict[str, Any], headers: dict[str, str] | None = None) -> dict[str, Any]:
    return _event("POST", "", {"content-type": "application/json"} | (headers or {}), body)


def _event(
    method: str, query: str, headers: dict[str, str], body: dict[str, Any]
) -> dict[str, Any]:
    """Return an event of payload 2.0."""
    return {
        "version": "2.0",
        "routeKey": "ANY /plot",
        "rawPath": "/plot",
        "rawQueryString": query,
        "headers": headers,
        "requestContext": {"http": {"method": method, "path": "/plot"}, "stage": "$default"},
        "isBase64Encoded": False,
    } | body


def status(answer: dict[str, Any]) -> int:
    """Return the status of an answer, direct or over HTTP; 200 for an image."""
    return int(answer.get("statusCode", answer.get("status", 200)))
