"""Lambda authorizers: the events that they get, and what their answers mean.

https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-use-lambda-authorizer.html
https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-lambda-authorizer.html
"""

import fnmatch
import json
import re
import sys
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import parse_qsl

import msgspec

from shorts.errors import ShortsError
from shorts.model import Authorizer, Route
from shorts.start_api import events
from shorts.start_api.events import Request
from shorts.start_api.router import Match
from shorts.system import process

_MATCH = "import json, re, sys; print(bool(re.match(*json.load(sys.stdin))))"
_PATIENCE = 2  # seconds to match a pattern
_INVOKE = ("execute-api:Invoke", "execute-api:*", "*")


class Unauthorized(Exception):
    """The request lacks an identity source, or one does not match the authorizer's pattern."""


class Forbidden(Exception):
    """The authorizer does not allow the request."""


class _Simple(msgspec.Struct):
    isAuthorized: bool
    context: dict[str, Any] | None = None


class _Statement(msgspec.Struct):
    Effect: str
    Action: str | list[str] = []
    Resource: str | list[str] = []


class _Policy(msgspec.Struct):
    Statement: list[_Statement]


class _Answer(msgspec.Struct):
    policyDocument: _Policy
    principalId: str | None = None
    context: dict[str, Any] | None = None


def event(request: Request, match: Match) -> dict[str, Any]:
    """Return the event for the authorizer of a route.

    Raises:
        Unauthorized: the request lacks an identity source.
    """
    authorizer = _of(match.route)
    values = list(_identity(authorizer, request, match))
    name = events.arn(request, match.api)
    if authorizer.type == "token":
        return {"type": "TOKEN", "authorizationToken": values[0], "methodArn": name}
    route = msgspec.structs.replace(match.route, payload=authorizer.payload)
    whole = events.event(request, msgspec.structs.replace(match, route=route), None)
    for left_out in ("body", "isBase64Encoded"):  # the authorizer runs before the body is read
        whole.pop(left_out, None)
    if authorizer.payload == "2.0":
        return {**whole, "type": "REQUEST", "routeArn": name, "identitySource": values}
    event = {**whole, "type": "REQUEST", "methodArn": name}
    if match.api.kind == "http":
        event |= dict.fromkeys(("identitySource", "authorizationToken"), ",".join(values))
    return event


def context(returned: bytes, request: Request, match: Match) -> Mapping[str, Any]:
    """Return an authorizer's context of an allowed request, for the function's event.

    Raises:
        Forbidden: it does not allow the request, or its answer has the wrong form.
    """
    authorizer = _of(match.route)
    try:
        if authorizer.simple:
            simple = msgspec.json.decode(returned, type=_Simple)
            if not simple.isAuthorized:
                raise Forbidden(f"{authorizer.function} did not allow the request.")
            return simple.context or {}
        answer = msgspec.json.decode(returned, type=_Answer)
    except (ValueError, RecursionError) as error:
        raise Forbidden(
            f"{authorizer.function} did not answer in the right form: {error}."
        ) from error
    effects = set(_effects(answer.policyDocument, events.arn(request, match.api)))
    if effects != {"Allow"}:  # a Deny overrides all
        raise Forbidden(f"{authorizer.function} did not allow the request.")
    principal = {"principalId": answer.principalId} if answer.principalId else {}
    return {**(answer.context or {}), **principal}


def _of(route: Route) -> Authorizer:
    assert route.authorizer is not None
    return route.authorizer


def _identity(authorizer: Authorizer, request: Request, match: Match) -> Iterator[str]:
    """Yield the values of the identity sources, in the template's order.

    Raises:
        Unauthorized: the request lacks one, or it does not match the pattern.
    """
    for source in authorizer.sources:
        bare = source.removeprefix("method.").removeprefix("$").removeprefix("request.")
        kind, _, name = bare.partition(".")
        if kind == "header":
            value = request.header(name.lower())
        elif kind == "querystring":
            value = dict(reversed(parse_qsl(request.query))).get(name, "")
        elif kind == "stageVariables":
            value = match.api.variables.get(name, "")
        else:
            field: Any = events.event(request, match, None)["requestContext"]
            for part in name.split("."):
                field = field.get(part) if isinstance(field, dict) else None
            value = str(field or "")
        if not value or (authorizer.pattern and not _fits(authorizer.pattern, value)):
            raise Unauthorized(
                f"{authorizer.function} was not called: the request has no {source}."
            )
        yield value


def _effects(policy: _Policy, name: str) -> Iterator[str]:
    """Yield the effects of the statements that apply to a method."""
    for statement in policy.Statement:
        actions, resources = (
            [entry] if isinstance(entry, str) else entry
            for entry in (statement.Action, statement.Resource)
        )
        if any(action in _INVOKE for action in actions) and any(
            _names(each, name) for each in resources
        ):
            yield statement.Effect


def _names(resource: str, name: str) -> bool:
    """Return whether a policy's resource, with the wildcards ``*`` and ``?``, matches a method.

    `fnmatch` backtracks over the last asterisk only, so the cost is never exponential.
    """
    if len(resource) - resource.count("*") > len(name):
        return False
    resource = re.sub(r"\*+", "*", resource).replace("[", "[[]")
    return re.fullmatch(fnmatch.translate(resource), name) is not None


def _fits(pattern: str, value: str) -> bool:
    """Return whether a header matches a template's pattern.

    It runs in its own process, because some patterns never finish on some values.

    Raises:
        Unauthorized: it takes too long, or the pattern is not valid.
    """
    command = [sys.executable, "-I", "-S", "-c", _MATCH]
    try:
        output = process.run(command, stdin=json.dumps([pattern, value]), timeout=_PATIENCE)
    except ShortsError as error:
        raise Unauthorized(f"{pattern!r} cannot be used: {error}") from error
    return output == "True\n"
