"""What the gateway does where a function has no answer, and what it lets authorizers say."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from shorts.emulator.pool import Pool
from shorts.emulator.reply import FunctionTimeout, Reply
from shorts.model import Api, Authorizer, Cors, Kind, Route
from shorts.start_api import gateway
from shorts.start_api.events import Request
from shorts.start_api.gateway import Site
from shorts.start_api.router import Table

ARN = "arn:aws:execute-api:us-east-1:123456789012:1234567890/s/GET/a"


class Function:
    """A sandbox with a function of Python's own."""

    def __init__(self, body: Callable[[dict[str, Any]], Any]) -> None:
        self.body = body

    def ask(self, event: bytes, patience: float, *, tail: bool = False) -> Reply:
        returned = self.body({**json.loads(event), "patience": patience})
        return Reply(
            request="", body=json.dumps(returned).encode(), failure="", init=None, duration=None
        )

    def stop(self) -> None:
        pass


def site(
    kind: Kind,
    *,
    does: Callable[[dict[str, Any]], Any] = lambda event: {"statusCode": 200, "body": "in"},
    authorizer: Authorizer | None = None,
    allows: Callable[[dict[str, Any]], Any] = lambda event: None,
) -> Site:
    route = Route(
        method="GET",
        path="/a",
        function="F",
        payload="1.0" if kind == "rest" else "2.0",
        authorizer=authorizer,
    )
    api = Api(
        name="A", kind=kind, stage="s", variables={"v": "1"}, binary=[], cors=None, routes=[route]
    )
    pools = {
        "F": Pool(lambda: Function(does), 1),
        "Who": Pool(lambda: Function(allows), 1),
    }
    return Site(table=Table([api]), pools=pools)


def request(method: str, path: str, query: str = "", **headers: str) -> Request:
    return Request(
        method=method,
        path=path,
        query=query,
        headers=list(headers.items()),
        body=b"",
        source="192.0.2.1",
        protocol="HTTP/1.1",
        scheme="http",
        port=3000,
        received=0,
        id="id",
    )


def asks(served: Site, query: str = "", **headers: str) -> tuple[int, bytes, str]:
    answered, _, note = gateway.respond(served, request("GET", "/a", query, **headers))
    return answered.status, answered.body, note


def late(event: dict[str, Any]) -> Any:
    raise FunctionTimeout(f"F gave no answer in {event['patience']:g} s.")


@pytest.mark.parametrize(
    ("kind", "expected"),
    [
        ("http", (503, b'{"message":"Service Unavailable"}', "F gave no answer in 30 s.")),
        ("rest", (504, b'{"message": "Endpoint request timed out"}', "F gave no answer in 29 s.")),
        ("url", (502, b"Internal Server Error", "F gave no answer in 900 s.")),
    ],
)
def test_waits_no_longer_than_api_gateway(kind: Kind, expected: tuple[int, bytes, str]) -> None:
    """Each kind of API has its patience, whatever the function's timeout, and its own words."""
    assert asks(site(kind, does=late)) == expected


def test_answers_preflights_beside_a_route_for_all() -> None:
    """A REST API answers for its own paths where an HTTP API on the same port has all others."""
    cors = Cors(origins="*", methods="GET", headers=None, exposed=None, credentials=None, age=None)
    paths: tuple[tuple[Kind, str, str, Cors | None], ...] = (
        ("http", "ANY", "$default", None),
        ("rest", "GET", "/a", cors),
    )
    apis = [
        Api(
            name=kind,
            kind=kind,
            stage="",
            variables={},
            binary=[],
            cors=said,
            routes=[Route(method=method, path=path, function="F", payload="2.0")],
        )
        for kind, method, path, said in paths
    ]
    pools = {"F": Pool(lambda: Function(lambda event: event["rawPath"]), 1)}
    served = Site(table=Table(apis), pools=pools)
    answered, _, _ = gateway.respond(served, request("OPTIONS", "/a"))
    assert answered.header("access-control-allow-methods") == "GET"
    answered, _, _ = gateway.respond(served, request("OPTIONS", "/b"))
    assert answered.body == b'"/b"'


def authorizer(**changes: Any) -> Authorizer:
    settings: dict[str, Any] = {
        "function": "Who",
        "type": "request",
        "payload": "2.0",
        "sources": [],
        "pattern": "",
        "simple": False,
    }
    return Authorizer(**{**settings, **changes})


def policy(effect: str, resource: str, action: str = "execute-api:Invoke") -> dict[str, Any]:
    statement = {"Effect": effect, "Action": action, "Resource": resource}
    return {"policyDocument": {"Version": "2012-10-17", "Statement": [statement]}}


@pytest.mark.parametrize(
    ("said", "status"),
    [
        (policy("Allow", ARN), 200),
        (policy("Allow", "*"), 200),
        (policy("Allow", ARN.replace("GET/a", "*")), 200),
        (policy("Allow", ARN.replace("GET", "G?T"), "execute-api:*"), 200),
        (policy("Deny", ARN), 403),
        (policy("Allow", ARN.replace("GET", "POST")), 403),
        (policy("Allow", ARN + "/b"), 403),
        (policy("Allow", ARN, "execute-api:Other"), 403),
        ({"isAuthorized": True}, 403),
        (None, 403),
    ],
)
def test_reads_policies(said: Any, status: int) -> None:
    """A policy lets in whom a statement allows the method, by name or by pattern."""
    assert asks(site("http", authorizer=authorizer(), allows=lambda event: said))[0] == status


def test_denies_before_it_allows() -> None:
    """A Deny outweighs every Allow."""
    both = policy("Allow", "*")
    both["policyDocument"]["Statement"] += policy("Deny", ARN)["policyDocument"]["Statement"]
    assert asks(site("http", authorizer=authorizer(), allows=lambda event: both))[0] == 403


@pytest.mark.parametrize(
    ("source", "values"),
    [
        ("$request.header.X-Key", ["k"]),
        ("method.request.header.x-key", ["k"]),
        ("$request.querystring.q", ["1"]),
        ("$stageVariables.v", ["1"]),
        ("stageVariables.v", ["1"]),
        ("$context.routeKey", ["GET /a"]),
        ("$context.http.method", ["GET"]),
        ("$request.header.None", None),
        ("$request.querystring.none", None),
        ("$context.none", None),
    ],
)
def test_finds_what_a_request_is_told_by(source: str, values: list[str] | None) -> None:
    """An identity source is a header, a query, a stage variable or part of the context."""
    seen: list[dict[str, Any]] = []

    def allows(event: dict[str, Any]) -> dict[str, Any]:
        seen.append(event)
        return {"isAuthorized": True}

    served = site("http", authorizer=authorizer(sources=[source], simple=True), allows=allows)
    status, _, note = asks(served, "q=1&q=2", **{"X-Key": "k"})
    if values is None:
        assert (status, seen) == (401, [])
        assert note == f"Who was not called: the request has no {source}."
    else:
        assert (status, seen[0]["identitySource"]) == (200, values)


def test_asks_with_payload_1() -> None:
    """An HTTP API's authorizer may want payload 1.0, with its sources as one text."""
    seen: list[dict[str, Any]] = []

    def allows(event: dict[str, Any]) -> dict[str, Any]:
        seen.append(event)
        return policy("Allow", event["methodArn"])

    sources = ["$request.header.x-a", "$request.querystring.q"]
    served = site("http", authorizer=authorizer(payload="1.0", sources=sources), allows=allows)
    assert asks(served, "q=1", **{"x-a": "a"})[0] == 200
    assert {name: seen[0][name] for name in ("version", "type", "methodArn", "identitySource")} == {
        "version": "1.0",
        "type": "REQUEST",
        "methodArn": ARN,
        "identitySource": "a,1",
    }
