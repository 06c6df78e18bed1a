"""What a client asks of its answer, by the query of any route."""

import json
import re
from collections.abc import Iterator

import header_rules
import msgspec
import webhooks
from http_request import Pairs, Request
from refusal import Fault, Refusal, member

LONGEST_DELAY = 10.0
"""Seconds."""

MOST_HEADERS = 32
LARGEST_HEADERS = 6_000
"""Bytes of all chosen headers: an HTTP API passes 10,240 bytes of an answer's headers on.
https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-quotas.html"""

_STATUS = re.compile(r"[1-5][0-9]{2}")
_SECONDS = re.compile(r"[0-9]{1,2}(\.[0-9]{0,6})?")
_FLAGS = {"": True, "1": True, "true": True, "0": False, "false": False}

ONCE = ("status", "delay", "body", "raw", "verify")


class Modifiers(msgspec.Struct, frozen=True, kw_only=True):
    """What a client asks for.

    Attributes:
        status: The answer's, from 100 to 599; None for what it would be.
        delay: Seconds before the answer, at most 10.
        headers: Further headers of the answer, names in lower case.
        body: The answer's body, instead of the description; None for that.
        raw: Whether the request's own body is the answer's.
        verify: The scheme by which the request is signed; None for not to look.
    """

    status: int | None
    delay: float
    headers: Pairs
    body: str | None
    raw: bool
    verify: str | None


def read(request: Request) -> Modifiers:
    """Read the modifiers of a request.

    Raises:
        Refusal: Some are not what they are to be; each is named.
    """
    sent: dict[str, list[str]] = {}
    for name, value in request.query:
        if name in ONCE or name == "header":
            sent.setdefault(name, []).append(value)
    if faults := list(_faults(sent, request)):
        raise Refusal(faults)
    first = {name: values[0] for name, values in sent.items()}
    return Modifiers(
        status=int(first["status"]) if "status" in first else None,
        delay=float(first.get("delay", 0)),
        headers=[_chosen(text) for text in sent.get("header", ())],
        body=first.get("body"),
        raw=_FLAGS[first.get("raw", "0")],
        verify=first.get("verify"),
    )


def _faults(sent: dict[str, list[str]], request: Request) -> Iterator[Fault]:
    def fault(name: str, expected: str, value: str) -> Fault:
        detail = f"Expected {expected}, got {json.dumps(value[:40])}"
        return Fault(path=request.query_at + member(name), detail=detail)

    for name in ONCE:
        if len(values := sent.get(name, [])) > 1:
            path = request.query_at + member(name)
            yield Fault(path=path, detail=f"Expected it once, got it {len(values)} times")
    for value in sent.get("status", [])[:1]:
        if not _STATUS.fullmatch(value):
            yield fault("status", "a status from 100 to 599", value)
    for value in sent.get("delay", [])[:1]:
        if not _SECONDS.fullmatch(value) or float(value) > LONGEST_DELAY:
            yield fault("delay", f"from 0 to {LONGEST_DELAY:.0f} seconds", value)
    for value in sent.get("verify", [])[:1]:
        if value not in webhooks.SCHEMES:
            yield fault("verify", f"one of {', '.join(webhooks.SCHEMES)}", value)
    for value in sent.get("raw", [])[:1]:
        if value not in _FLAGS:
            yield fault("raw", "true, false or nothing", value)
        elif _FLAGS[value] and "body" in sent:
            path = request.query_at + member("raw")
            yield Fault(path=path, detail="Expected `raw` or `body`, got both")
    yield from _header_faults(sent.get("header", []), request)


def _header_faults(sent: list[str], request: Request) -> Iterator[Fault]:
    path = request.query_at + member("header")
    if len(sent) > MOST_HEADERS:
        yield Fault(path=path, detail=f"Expected at most {MOST_HEADERS} headers, got {len(sent)}")
        return
    if (size := sum(map(len, sent))) > LARGEST_HEADERS:
        yield Fault(path=path, detail=f"Expected at most {LARGEST_HEADERS} bytes, got {size}")
        return
    names = []
    for index, text in enumerate(sent):
        name, value = _header(text)
        if detail := header_rules.fault(name, value) if ":" in text else "Expected Name:Value":
            yield Fault(path=f"{path}[{index}]", detail=f"{detail}, got {json.dumps(text[:40])}")
        elif name in names and name == "content-type":
            yield Fault(path=f"{path}[{index}]", detail="Expected one content type, got another")
        elif name in names and name == "set-cookie" and request.event_form == "alb":
            detail = "Expected one cookie: a target group without multi-value headers sends one"
            yield Fault(path=f"{path}[{index}]", detail=detail)
        names.append(name)


def _header(text: str) -> tuple[str, str]:
    name, _, value = text.partition(":")
    return name.lower(), value.strip(" \t")


def _chosen(text: str) -> tuple[str, str]:
    name, value = _header(text)
    return name, header_rules.inert(value) if name == "content-type" else value
