"""The gateway: which function a request is for, and what its client gets."""

import contextlib
import mimetypes
import os
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any
from urllib.parse import unquote

import msgspec

from shorts.emulator.pool import Pool
from shorts.emulator.reply import FunctionTimeout, Reply
from shorts.errors import ShortsError
from shorts.model import Kind
from shorts.start_api import authorizers, events, responses
from shorts.start_api.events import Request
from shorts.start_api.http_server import Served
from shorts.start_api.responses import Answer, Malformed
from shorts.start_api.router import Match, Table
from shorts.targets.limits import ANSWER, EVENT

_STATIC = ("GET", "HEAD")


class Site(msgspec.Struct, frozen=True, kw_only=True):
    """What is served on one port at a time.

    Attributes:
        table: the routes.
        pools: where functions run, by full path; one that cannot run here has none.
        static: a folder of files to serve where there is no route.
        patience: how many seconds a function has through each kind of API.
    """

    table: Table
    pools: Mapping[str, Pool]
    static: Path | None = None
    patience: Mapping[Kind, float] = MappingProxyType(responses.PATIENCE)

    def respond(self, request: Request) -> Served:
        """Return the answer to a request."""
        answered, match, note = respond(self, request)
        if match is None:
            return Served(answered, note=note)
        identity = "Apigw-Requestid" if match.api.kind == "http" else "x-amzn-RequestId"
        return Served(answered, match.route.function, identity, note)

    def too_large(self) -> Answer:
        """Return the answer to a request with too large a body."""
        return responses.fault("large", self.table.apis[0].kind if self.table.apis else "http")


def respond(site: Site, request: Request) -> tuple[Answer, Match | None, str]:
    """Return the answer to a request, the route that it is for, and what else to log.

    Args:
        site: what is served.
        request: what the client sent.
    """
    match = site.table.find(request.method, request.path)
    answered = _preflight(site, request, match)
    if answered:
        return answered, None, ""
    if match is None:
        file = _file(site.static, request)
        kinds = {api.kind for api in site.table.apis}
        kind: Kind = "rest" if "rest" in kinds else "http" if "http" in kinds else "url"
        return file or responses.fault("route", kind), None, ""
    try:
        answered, note = _answer(site, request, match), ""
    except _Fault as fault:
        answered, note = responses.fault(fault.name, match.api.kind), str(fault)
    except Malformed as error:
        answered = responses.fault("failed", match.api.kind)
        note = f"{match.route.function} gave an answer that no gateway accepts: {error}."
    except FunctionTimeout as error:
        answered, note = responses.fault("late", match.api.kind), str(error)
    except ShortsError as error:
        answered, note = responses.fault("failed", match.api.kind), str(error)
    return responses.with_cors(answered, request, match.api), match, note


class _Fault(Exception):
    """The gateway answers instead of the function; its text is for the log."""

    def __init__(self, name: str, message: str) -> None:
        super().__init__(message)
        self.name = name


def _answer(site: Site, request: Request, match: Match) -> Answer:
    """Return the function's answer, if the authorizer allows the request."""
    authorized = None
    if match.route.authorizer:
        authorized = _authorized(site, request, match, match.route.authorizer.function)
    try:
        event = msgspec.json.encode(events.event(request, match, authorized))
    except (ValueError, RecursionError) as error:  # from an authorizer's context
        raise _Fault("failed", f"The event cannot be written: {error}.") from error
    if len(event) > EVENT:
        raise _Fault("large", f"The event is larger than the {EVENT:,} bytes that Lambda takes.")
    reply = _invoked(site, match.route.function, event, match.api.kind)
    return responses.answer(reply.body, request, match)


def _authorized(site: Site, request: Request, match: Match, function: str) -> Mapping[str, Any]:
    try:
        event = authorizers.event(request, match)
        reply = _invoked(site, function, msgspec.json.encode(event), match.api.kind)
        return authorizers.context(reply.body, request, match)
    except authorizers.Unauthorized as error:
        raise _Fault("unauthorized", str(error)) from error
    except authorizers.Forbidden as error:
        raise _Fault("forbidden", str(error)) from error


def _invoked(site: Site, function: str, event: bytes, kind: Kind) -> Reply:
    pool = site.pools.get(function)
    if pool is None:
        raise _Fault("elsewhere", f"{function} does not run here: see the notes at the start.")
    patience = site.patience[kind]
    reply = pool.invoke(event, patience)
    if reply.failure.startswith("Task timed out"):
        raise _Fault("late", f"{function}: {reply.failure}")
    if reply.failure:
        raise _Fault("failed", f"{function} failed: {reply.failure}")
    if len(reply.body) > ANSWER:
        raise _Fault(
            "failed",
            f"{function} answered with {len(reply.body):,} bytes; Lambda takes {ANSWER:,}.",
        )
    return reply


def _preflight(site: Site, request: Request, match: Match | None) -> Answer | None:
    """Return the gateway's own answer to a CORS preflight request; None if it has none."""
    if request.method != "OPTIONS":
        return None
    if match and match.route.method == "OPTIONS" and match.api.kind == "rest":
        return None  # the template has a method for it
    nearest = site.table.at(request.path)
    # A REST API's paths have a method for it, which beats a wider route of another API.
    is_rest = nearest is not None and nearest.api.kind == "rest" and nearest.api.cors is not None
    there = nearest if is_rest else match or nearest
    if there:
        return responses.preflight(request, there.api)
    # An HTTP API also answers for paths that it does not have.
    answers = (responses.preflight(request, api) for api in site.table.apis if api.kind == "http")
    return next((answered for answered in answers if answered), None)


def _file(folder: Path | None, request: Request) -> Answer | None:
    """Return a file of the static folder; None if there is none."""
    if folder is None or request.method not in _STATIC:
        return None
    with contextlib.suppress(OSError, ValueError):
        path = Path(os.path.realpath(folder / unquote(request.path).lstrip("/")))
        if path.is_relative_to(os.path.realpath(folder)) and path.is_file():
            type_ = mimetypes.guess_type(path.name)[0] or "application/octet-stream"
            headers = [("Content-Type", type_), ("Cache-Control", "no-cache")]
            return Answer(status=200, headers=headers, body=path.read_bytes())
    return None
