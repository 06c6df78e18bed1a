"""Plot over HTTP: which path answers which method, and how."""

import base64
import hashlib
import re
import time
import zlib
from collections.abc import Callable
from dataclasses import replace
from functools import cache
from http import HTTPStatus
from pathlib import Path
from typing import TypeAlias
from urllib.parse import quote

import chartqueries
import deadline
import drawing
import msgspec
import negotiation
import problems
import signing
import webevents
from chartdata import plan
from chartspec import ChartSpec
from decoding import decode
from problems import Problem, Refusal, refusal
from webevents import WebRequest, WebResponse

MAX_AGE = 86_400  # seconds that caches keep a chart: a URL is drawn the same until a release
RETRY_AFTER = 5  # seconds after which a chart that took too long may be asked for again
ALT = 300  # characters of the alternative text in a header, each of at most 12 bytes there

MEDIA = {media: form for form, media in drawing.TYPES.items()}
"""The formats, the first of what a client likes alike first."""

SVG_POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src data:"
"""An SVG opened by itself is a document: nothing in it runs, and nothing is loaded."""

Answer: TypeAlias = Callable[[WebRequest, float | None], WebResponse]


def answer_event(event: object, end: float | None) -> WebResponse:
    """Answer an event of payload 2.0 until a time, by `time.monotonic`."""
    try:
        request = webevents.read(event)
    except Refusal as refused:
        return problem_response(refused.problem)
    return answer(request, end)


def answer(request: WebRequest, end: float | None) -> WebResponse:
    """Answer a request until a time; what cannot be answered is answered with a problem."""
    allowed = ROUTES.get(request.path)
    try:
        if allowed is None:
            detail = f"Nothing is here, but at {', '.join(ROUTES)}"
            raise refusal("$", detail, HTTPStatus.NOT_FOUND)
        if request.method not in allowed:
            detail = f"Expected {' or '.join(allowed)}"
            raise refusal("$", detail, HTTPStatus.METHOD_NOT_ALLOWED)
        response = allowed[request.method](request, end)
    except Refusal as refused:
        response = problem_response(refused.problem, request.headers.get("accept", ""))
        if response.status == HTTPStatus.METHOD_NOT_ALLOWED and allowed:
            response.headers["allow"] = ", ".join(allowed)
    response.headers["x-content-type-options"] = "nosniff"
    return replace(response, content=b"") if request.method == "HEAD" else response


def problem_response(problem: Problem, accept: str = "") -> WebResponse:
    """Answer with a problem and its status: as JSON, or as an SVG for who likes that better."""
    headers = {"cache-control": "no-store", "vary": "accept", "x-content-type-options": "nosniff"}
    if problem.status == HTTPStatus.SERVICE_UNAVAILABLE:
        headers["retry-after"] = str(RETRY_AFTER)
    types = ("application/problem+json", "application/json", "image/svg+xml")
    *json, svg = (negotiation.quality(accept, kind) for kind in types)
    if svg > max(json):
        headers |= {"content-type": "image/svg+xml", "content-security-policy": SVG_POLICY}
        content = problems.svg_of(problem)
    else:
        headers["content-type"] = "application/problem+json"
        content = msgspec.json.encode(problem)
    return WebResponse(status=problem.status, headers=headers, content=content)


def _chart(request: WebRequest, end: float | None) -> WebResponse:
    spec = decode(_negotiated(chartqueries.document(request), request))
    return _drawn(spec, request, end, {"cache-control": "no-store"})


def _chart_of_query(request: WebRequest, end: float | None) -> WebResponse:
    """Answer with a chart that caches may keep, or say that the client's is still the same."""
    age = _age(request.query)
    spec = decode(_negotiated(chartqueries.document(request), request))
    tag = negotiation.chart_tag(spec, _coding(request) if spec.format == "svg" else "")
    headers = {"cache-control": f"public, max-age={age}", "etag": tag}
    if negotiation.matches(request.headers.get("if-none-match", ""), tag):
        headers["vary"] = "accept, accept-encoding"
        return WebResponse(status=HTTPStatus.NOT_MODIFIED, headers=headers)
    return _drawn(spec, request, end, headers)


def _drawn(
    spec: ChartSpec, request: WebRequest, end: float | None, headers: dict[str, str]
) -> WebResponse:
    """Draw a chart; for HEAD only see that it can be drawn."""
    headers |= {"content-type": drawing.TYPES[spec.format], "vary": "accept, accept-encoding"}
    if spec.format == "svg":
        headers["content-security-policy"] = SVG_POLICY
    if request.method == "HEAD":
        deadline.within(end, lambda: plan(spec))
        response = WebResponse(headers=headers)
    else:
        image = deadline.within(end, lambda: drawing.draw(spec))
        headers["plot-alt"] = quote(image.alt[:ALT])
        if image.missing:
            headers["plot-missing-glyphs"] = " ".join(f"U+{ord(c):04X}" for c in image.missing)
        if image.left_out:
            headers["plot-left-out"] = quote("; ".join(image.left_out))
        response = WebResponse(headers=headers, content=image.content)
    return _compressed(response, request) if spec.format == "svg" else response


def _validation(request: WebRequest, end: float | None) -> WebResponse:
    spec = decode(chartqueries.document(request))
    content = msgspec.json.encode(deadline.within(end, lambda: plan(spec)))
    headers = {"content-type": "application/json", "cache-control": "no-store"}
    return WebResponse(headers=headers, content=content)


def _negotiated(document: object, request: WebRequest) -> object:
    """Settle the format: the request's own, else what the client accepts most."""
    if not isinstance(document, dict) or "format" in document:
        return document
    media = negotiation.best(request.headers.get("accept", ""), MEDIA)
    if media is None:
        detail = f"Expected a client that accepts {', '.join(MEDIA)}, or a `format`"
        raise refusal("$", detail, HTTPStatus.NOT_ACCEPTABLE)
    return document | {"format": MEDIA[media]}


def _age(query: str) -> int:
    """Return the seconds that a chart may be kept; refuse a URL that lacks its signature."""
    if not signing.secret():
        return MAX_AGE
    now = time.time()
    expires = signing.expiry(query, signing.secret(), now)
    if expires is None:
        detail = "Expected a signed URL that has not expired"
        raise refusal("$", detail, HTTPStatus.FORBIDDEN)
    return min(MAX_AGE, int(expires - now))


def _coding(request: WebRequest) -> str:
    """Return the content coding of a text; empty for none."""
    header = request.headers.get("accept-encoding", "")
    return "gzip" if header and negotiation.quality(header, "gzip") else ""


def _compressed(response: WebResponse, request: WebRequest) -> WebResponse:
    """Compress a text where the client takes it so. The same text becomes the same bytes."""
    if not _coding(request):
        return response
    engine = zlib.compressobj(wbits=31)
    content = engine.compress(response.content) + engine.flush()
    headers = response.headers | {"content-encoding": "gzip"}
    return replace(response, headers=headers, content=content)


@cache
def _file(name: str) -> WebResponse:
    """Read a file next to this module. A page loads and runs nothing but what is in it."""
    content = (Path(__file__).parent / name).read_bytes()
    headers = {"content-type": "application/json", "cache-control": "public, max-age=300"}
    if name.endswith(".html"):
        headers["content-type"] = "text/html; charset=utf-8"
        headers["referrer-policy"] = "no-referrer"
        headers["content-security-policy"] = (
            f"default-src 'none'; script-src {_hashes(content, 'script')}; "
            f"style-src {_hashes(content, 'style')}; img-src 'self' data: blob:; "
            "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
        )
    return WebResponse(headers=headers, content=content)


def _hashes(page: bytes, tag: str) -> str:
    """Return the policy's hashes of a page's inline scripts or styles."""
    inline = re.findall(rf"<{tag}\b[^>]*>(.*?)</{tag}>".encode(), page, re.DOTALL)
    digests = (base64.b64encode(hashlib.sha256(text).digest()).decode() for text in inline)
    return " ".join(f"'sha256-{digest}'" for digest in digests)


def _sent(name: str) -> dict[str, Answer]:
    """Make the answers that send a file."""

    def send(request: WebRequest, end: float | None) -> WebResponse:
        file = _file(name)
        tag = negotiation.tag(file.content, _coding(request))
        headers = file.headers | {"etag": tag, "vary": "accept-encoding"}
        if negotiation.matches(request.headers.get("if-none-match", ""), tag):
            return WebResponse(status=HTTPStatus.NOT_MODIFIED, headers=headers)
        return _compressed(replace(file, headers=headers), request)

    return {"GET": send, "HEAD": send}


ROUTES: dict[str, dict[str, Answer]] = {
    "/": _sent("page.html"),
    "/openapi.json": _sent("openapi.json"),
    "/plot": {"GET": _chart_of_query, "HEAD": _chart_of_query, "POST": _chart},
    "/plot/validate": {"POST": _validation},
}
