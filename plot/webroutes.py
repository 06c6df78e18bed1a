"""Plot over HTTP: which path answers which method, and how."""

import time
import zlib
from collections.abc import Callable
from dataclasses import replace
from http import HTTPStatus
from typing import TypeAlias
from urllib.parse import quote

import chartqueries
import deadline
import drawing
import msgspec
import negotiation
import problems
import signing
import staticpages
from chartdata import plan
from chartspec import ChartSpec, Format
from decoding import decode
from problems import Fault, Problem, Refusal
from webevents import WebRequest, WebResponse

MAX_AGE = 86_400
"""Seconds that a chart is kept by caches: the same URL is drawn the same until the next release."""

RETRY_AFTER = 5
"""Seconds after which a chart that took too long may be asked for again: an instance that is warm
draws faster."""

GLYPHS = 40
"""Missing characters that an answer names at most."""

SENTENCES = 5
"""Columns left out that an answer names at most."""

ALT = 300
"""Characters of the alternative text that a header carries, each of at most 12 bytes there."""

MEDIA: dict[str, Format] = {
    "image/png": "png",
    "image/svg+xml": "svg",
    "image/webp": "webp",
    "application/pdf": "pdf",
}
"""The formats, the first of what a client likes alike first."""

SVG_POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src data:"
"""An SVG opened by itself is a document: nothing in it runs, and nothing is loaded."""

Answer: TypeAlias = Callable[[WebRequest, float | None], WebResponse]


def answer(request: WebRequest, end: float | None) -> WebResponse:
    """Answer a request until a time, by `time.monotonic`; None for as long as it takes.

    What cannot be answered is answered with a problem: as JSON, or as an image where the client
    would rather have one.
    """
    allowed = ROUTES.get(request.path)
    try:
        if allowed is None:
            raise _refused(HTTPStatus.NOT_FOUND, f"Nothing is here, but at {', '.join(ROUTES)}")
        if request.method not in allowed:
            detail = f"Expected {' or '.join(allowed)}"
            raise _refused(HTTPStatus.METHOD_NOT_ALLOWED, detail)
        response = allowed[request.method](request, end)
    except Refusal as refusal:
        response = problem_response(refusal.problem, request.headers.get("accept", ""))
        if response.status == HTTPStatus.METHOD_NOT_ALLOWED and allowed:
            response.headers["allow"] = ", ".join(allowed)
    response.headers["x-content-type-options"] = "nosniff"
    return replace(response, content=b"") if request.method == "HEAD" else response


def problem_response(problem: Problem, accept: str = "") -> WebResponse:
    """Answer with a problem and its status, in the form that the client likes most.

    Args:
        problem: What is wrong.
        accept: The client's `Accept`; without one it likes JSON.
    """
    headers = {"cache-control": "no-store", "vary": "accept", "x-content-type-options": "nosniff"}
    if problem.status == HTTPStatus.SERVICE_UNAVAILABLE:
        headers["retry-after"] = str(RETRY_AFTER)
    svg = negotiation.quality(accept, "image/svg+xml") if accept else 0.0
    json = (negotiation.quality(accept, f"application/{kind}") for kind in ("problem+json", "json"))
    if svg > max(json):
        headers["content-security-policy"] = SVG_POLICY
        media, content = "image/svg+xml", problems.svg_of(problem)
    else:
        media, content = "application/problem+json", msgspec.json.encode(problem)
    headers = {"content-type": media} | headers
    return WebResponse(status=problem.status, headers=headers, content=content)


def _chart(request: WebRequest, end: float | None) -> WebResponse:
    """Answer with a chart."""
    spec = decode(_negotiated(chartqueries.document(request), request))
    return _drawn(spec, request, end, {"cache-control": "no-store"})


def _chart_of_query(request: WebRequest, end: float | None) -> WebResponse:
    """Answer with a chart that caches may keep, or say that the client's is still the same."""
    age = _age(request.query)
    spec = decode(_negotiated(chartqueries.document(request), request))
    tag = negotiation.chart_tag(spec, _coding(request) if spec.format == "svg" else "")
    headers = {"cache-control": f"public, max-age={age}", "etag": tag}
    if negotiation.matches(request.headers.get("if-none-match", ""), tag):
        vary = {"vary": "accept, accept-encoding"}
        return WebResponse(status=HTTPStatus.NOT_MODIFIED, headers=headers | vary)
    return _drawn(spec, request, end, headers)


def _drawn(
    spec: ChartSpec, request: WebRequest, end: float | None, headers: dict[str, str]
) -> WebResponse:
    """Draw a chart; for HEAD only see that it can be drawn."""
    media = next(media for media, name in MEDIA.items() if name == spec.format)
    headers = {"content-type": media, "vary": "accept, accept-encoding"} | headers
    if spec.format == "svg":
        headers["content-security-policy"] = SVG_POLICY
    content = b""
    if request.method == "HEAD":
        deadline.within(end, lambda: plan(spec))
    else:
        image = deadline.within(end, lambda: drawing.draw(spec))
        content = image.content
        headers["plot-alt"] = quote(image.alt[:ALT])
        if image.missing:
            headers["plot-missing-glyphs"] = _named(image)
        if image.left_out:
            headers["plot-left-out"] = _quoted(image.left_out)
    response = WebResponse(headers=headers, content=content)
    return _compressed(response, request) if spec.format == "svg" else response


def _validation(request: WebRequest, end: float | None) -> WebResponse:
    """Answer with what would be drawn and what it would cost."""
    spec = decode(chartqueries.document(request))
    found = deadline.within(end, lambda: plan(spec))
    headers = {"content-type": "application/json", "cache-control": "no-store"}
    return WebResponse(headers=headers, content=msgspec.json.encode(found))


def _static(file: Callable[[], staticpages.File]) -> Answer:
    """Make the answer that sends a file."""

    def send(request: WebRequest, end: float | None) -> WebResponse:
        known, coding = file(), _coding(request)
        tag = negotiation.tag(known.content, coding)
        headers = known.headers | {"etag": tag, "vary": "accept-encoding"}
        if negotiation.matches(request.headers.get("if-none-match", ""), tag):
            return WebResponse(status=HTTPStatus.NOT_MODIFIED, headers=headers)
        return _compressed(WebResponse(headers=headers, content=known.content), request)

    return send


ROUTES: dict[str, dict[str, Answer]] = {
    "/": {"GET": _static(staticpages.page), "HEAD": _static(staticpages.page)},
    "/openapi.json": {"GET": _static(staticpages.openapi), "HEAD": _static(staticpages.openapi)},
    "/plot": {"GET": _chart_of_query, "HEAD": _chart_of_query, "POST": _chart},
    "/plot/validate": {"POST": _validation},
}


def _negotiated(document: object, request: WebRequest) -> object:
    """Settle the format: the request's own, else what the client accepts most.

    Raises:
        Refusal: It accepts none (406).
    """
    if not isinstance(document, dict) or "format" in document:
        return document
    media = negotiation.best(request.headers.get("accept", ""), MEDIA)
    if media is None:
        detail = f"Expected a client that accepts {', '.join(MEDIA)}, or a `format`"
        raise _refused(HTTPStatus.NOT_ACCEPTABLE, detail)
    return document | {"format": MEDIA[media]}


def _age(query: str) -> int:
    """Return the seconds that a chart may be kept, no longer than its URL holds.

    Raises:
        Refusal: URLs need a signature, and this one has none that holds (403).
    """
    key = signing.secret()
    if not key:
        return MAX_AGE
    now = time.time()
    expires = signing.expiry(query, key, now)
    if expires is None:
        raise _refused(HTTPStatus.FORBIDDEN, "Expected a signed URL that has not expired")
    return min(MAX_AGE, int(expires - now))


def _coding(request: WebRequest) -> str:
    """Return the content coding of a text; empty for none."""
    header = request.headers.get("accept-encoding", "")
    return "gzip" if header and negotiation.quality(header, "gzip") else ""


def _compressed(response: WebResponse, request: WebRequest) -> WebResponse:
    """Compress a text where the client takes it so. The same text becomes the same bytes."""
    coding = _coding(request)
    if not coding:
        return response
    engine = zlib.compressobj(wbits=31)
    content = engine.compress(response.content) + engine.flush()
    return WebResponse(headers=response.headers | {"content-encoding": coding}, content=content)


def _named(image: drawing.Image) -> str:
    """Name the characters that no font has, in ASCII as headers are."""
    names = [f"U+{ord(character):04X}" for character in image.missing]
    return " ".join(names if len(names) <= GLYPHS else [*names[:GLYPHS], "..."])


def _quoted(sentences: tuple[str, ...]) -> str:
    """Percent-encode a few sentences, and say that there are more."""
    more = len(sentences) - SENTENCES
    return quote("; ".join([*sentences[:SENTENCES], *([f"and {more} more"] if more > 0 else [])]))


def _refused(status: HTTPStatus, detail: str) -> Refusal:
    return Refusal([Fault(path="$", detail=detail)], status)
