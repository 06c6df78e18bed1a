"""The routes of a template's APIs, and which of them a request is for.

As in API Gateway, of the routes with the method the most specific path wins: a literal segment
before a parameter, a parameter before the greedy one at the end, `$default` last.
https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-routes.html
"""

from collections.abc import Iterable, Iterator, Sequence
from urllib.parse import unquote

import msgspec

from shorts.model import ANY, DEFAULT, Api, Route


class Match(msgspec.Struct, frozen=True, kw_only=True):
    """A route for a request, and the path's parameters."""

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
    """The routes of some APIs, all on one host; the later of two equal ones wins."""

    def __init__(self, apis: Iterable[Api]) -> None:
        self._root = _Node()
        self._default: dict[str, tuple[Api, Route]] = {}
        self.apis = list(apis)
        for api in self.apis:
            for route in api.routes:
                self._place(route.path)[route.method] = (api, route)

    def find(self, method: str, path: str) -> Match | None:
        """Return the route that answers a request.

        Args:
            method: in upper case.
            path: percent-encoded, from its first slash.
        """
        for methods, segments in self._candidates(path):
            answering = methods.get(method) or methods.get(ANY)
            if answering:
                return _match(*answering, segments)
        return None

    def at(self, path: str) -> Match | None:
        """Return the most specific route of any method at a path."""
        for methods, segments in self._candidates(path):
            for answering in methods.values():
                return _match(*answering, segments)
        return None

    def _place(self, path: str) -> dict[str, tuple[Api, Route]]:
        """Return the routes by method at a path of the template; create an empty place if new."""
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
        """Yield all places that a path leads to, the most specific first."""
        segments = _segments(path)
        for methods in _walk(self._root, segments):
            yield methods, segments
        yield self._default, segments


def _walk(root: _Node, segments: Sequence[str]) -> Iterator[dict[str, tuple[Api, Route]]]:
    """Yield the routes that segments lead to; visit each node of the tree at most once."""
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
    """Return a path's segments; as in SAM, a slash at the end means nothing."""
    return path.strip("/").split("/") if path.strip("/") else []


def by_host(apis: Sequence[Api]) -> dict[str, list[Api]]:
    """Return the APIs under the empty name, and each function's URL under its own."""
    hosts: dict[str, list[Api]] = {}
    for api in apis:
        hosts.setdefault(api.name if api.kind == "url" else "", []).append(api)
    return hosts


def functions(apis: Sequence[Api]) -> Iterator[str]:
    """Yield the full paths of all functions that some APIs call."""
    for api in apis:
        for route in api.routes:
            yield route.function
            if route.authorizer:
                yield route.authorizer.function
