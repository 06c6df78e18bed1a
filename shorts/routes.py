"""What a template's APIs look like to a client: their settings, their routes, and which is asked.

As in API Gateway, the route with the most specific path wins that has the method: a literal segment
before a parameter, a parameter before the greedy one at the end, `$default` last.
https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-routes.html
"""

from collections.abc import Iterable, Iterator, Sequence
from typing import Literal
from urllib.parse import unquote

import msgspec

ANY = "ANY"
DEFAULT = "$default"
# What SAM makes of ANY (samcli.local.apigw.route).
METHODS = ("GET", "DELETE", "PUT", "POST", "HEAD", "OPTIONS", "PATCH")

# A REST API, an HTTP API, or a function's own URL.
Kind = Literal["rest", "http", "url"]


class Cors(msgspec.Struct, frozen=True, kw_only=True):
    """What an API tells browsers of other origins; each as its header has it, None for no header.

    Attributes:
        origins: that may ask, with commas.
        methods: that they may ask with, with commas.
        headers: that they may send, with commas.
        exposed: headers that they may read, with commas.
        credentials: ``true`` where they may send credentials.
        age: for how many seconds they may remember it.
    """

    origins: str | None
    methods: str | None
    headers: str | None
    exposed: str | None
    credentials: str | None
    age: str | None


class Authorizer(msgspec.Struct, frozen=True, kw_only=True):
    """A function that says who may ask.

    Attributes:
        function: its full path.
        type: ``token`` gets one header's value, ``request`` gets the whole request.
        payload: the version of its event's form.
        sources: what a request must have, such as ``method.request.header.Authorization``.
        pattern: what a token must match; empty where any does.
        simple: whether it answers with ``isAuthorized`` in place of a policy.
    """

    function: str
    type: Literal["token", "request"]
    payload: Literal["1.0", "2.0"]
    sources: list[str]
    pattern: str
    simple: bool


class Route(msgspec.Struct, frozen=True, kw_only=True):
    """A path and method, and the function that answers there.

    Attributes:
        method: in upper case, or ``ANY``.
        path: with parameters in braces, or ``$default``.
        function: the full path of the function.
        payload: the version of its event's form.
        operation: what an OpenAPI document calls it, else empty.
        authorizer: who says who may ask, if anybody does.
    """

    method: str
    path: str
    function: str
    payload: Literal["1.0", "2.0"]
    operation: str = ""
    authorizer: Authorizer | None = None

    @property
    def key(self) -> str:
        """What API Gateway calls it."""
        return DEFAULT if self.path == DEFAULT else f"{self.method} {self.path}"


class Api(msgspec.Struct, frozen=True, kw_only=True):
    """One API of a template, or one function's URL.

    Attributes:
        name: the full path of its resource.
        kind: which of the three it is.
        stage: its name.
        variables: of the stage.
        binary: the media types whose bodies a REST API hands over in base64.
        cors: what it says of other origins, if anything.
        routes: in the order of their precedence, a later one's before an earlier one's.
    """

    name: str
    kind: Kind
    stage: str
    variables: dict[str, str]
    binary: list[str]
    cors: Cors | None
    routes: list[Route]


class Match(msgspec.Struct, frozen=True, kw_only=True):
    """A route that was asked for, and the parameters that the path has for it."""

    api: Api
    route: Route
    parameters: dict[str, str]


class _Node:
    """What may follow after some segments of a path."""

    def __init__(self) -> None:
        self.literal: dict[str, _Node] = {}
        self.parameter: _Node | None = None
        self.here: dict[str, tuple[Api, Route]] = {}
        self.below: dict[str, tuple[Api, Route]] = {}


class Table:
    """The routes of some APIs, all on one host; the later of two that are the same wins."""

    def __init__(self, apis: Iterable[Api]) -> None:
        self._root = _Node()
        self._default: dict[str, tuple[Api, Route]] = {}
        self.apis = list(apis)
        for api in self.apis:
            for route in api.routes:
                self._place(route.path)[route.method] = (api, route)

    def find(self, method: str, path: str) -> Match | None:
        """The route that answers a request.

        Args:
            method: in upper case.
            path: percent-encoded, from its first slash.
        """
        for found, segments in self._candidates(path):
            answering = found.get(method) or found.get(ANY)
            if answering:
                return _match(*answering, segments)
        return None

    def at(self, path: str) -> Match | None:
        """The most specific route of any method at a path."""
        for found, segments in self._candidates(path):
            for answering in found.values():
                return _match(*answering, segments)
        return None

    def _place(self, path: str) -> dict[str, tuple[Api, Route]]:
        """The routes by method that stand, or are to stand, at a path of the template."""
        if path == DEFAULT:
            return self._default
        node = self._root
        for segment in _segments(path):
            if segment.startswith("{") and segment.endswith("+}"):
                return node.below
            if segment.startswith("{") and segment.endswith("}"):
                node.parameter = node.parameter or _Node()
                node = node.parameter
            else:
                node = node.literal.setdefault(segment, _Node())
        return node.here

    def _candidates(self, path: str) -> Iterator[tuple[dict[str, tuple[Api, Route]], list[str]]]:
        """All places that a path leads to, the most specific first."""
        segments = _segments(path)
        for found in _walk(self._root, segments):
            yield found, segments
        yield self._default, segments


def _walk(root: _Node, segments: Sequence[str]) -> Iterator[dict[str, tuple[Api, Route]]]:
    """Return the routes that segments lead to; each node of the tree is looked at once at most."""
    waiting: list[tuple[_Node, int] | dict[str, tuple[Api, Route]]] = [(root, 0)]
    while waiting:
        item = waiting.pop()
        if isinstance(item, dict):
            yield item
            continue
        node, at = item
        if at == len(segments):
            yield node.here
            continue
        waiting.append(node.below)
        if node.parameter and segments[at]:  # a parameter is never empty
            waiting.append((node.parameter, at + 1))
        literal = node.literal.get(unquote(segments[at]))
        if literal:
            waiting.append((literal, at + 1))


def _match(api: Api, route: Route, segments: Sequence[str]) -> Match:
    parameters = {}
    for at, name in enumerate(_segments(route.path) if route.path != DEFAULT else []):
        if name.startswith("{"):
            greedy = name.endswith("+}")
            value = "/".join(segments[at:]) if greedy else segments[at]
            parameters[name.strip("{+}")] = unquote(value)
    return Match(api=api, route=route, parameters=parameters)


def _segments(path: str) -> list[str]:
    """What is between a path's slashes; as in SAM, one at the end means nothing."""
    return path.strip("/").split("/") if path.strip("/") else []
