"""Which route of which API a request is for."""

from __future__ import annotations

from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shorts.model import Api, Kind, Route
from shorts.start_api.router import Table


def api(*keys: str, name: str = "Http", kind: Kind = "http") -> Api:
    """An API with routes such as ``GET /a/{b}``, each with a function of the same name."""
    routes = []
    for key in keys:
        method, _, path = key.rpartition(" ")
        method = method or "ANY"
        routes.append(Route(method=method, path=path, function=f"{name} {key}", payload="2.0"))
    return Api(name=name, kind=kind, stage="", variables={}, binary=[], cors=None, routes=routes)


def found(table: Table, method: str, path: str) -> str | None:
    match = table.find(method, path)
    return match.route.function if match else None


@pytest.mark.parametrize(
    ("method", "path", "key"),
    [
        ("GET", "/", "ANY /"),
        ("GET", "/pets", "GET /pets"),
        ("POST", "/pets", "ANY /pets"),
        ("GET", "/pets/", "GET /pets"),
        ("GET", "/pets/dog", "GET /pets/dog"),
        ("GET", "/pets/d%6Fg", "GET /pets/dog"),
        ("GET", "/pets/cat", "GET /pets/{id}"),
        ("PUT", "/pets/dog", "PUT /pets/{name}"),
        ("DELETE", "/pets/dog", "ANY /pets/{rest+}"),
        ("GET", "/pets/dog/1", "GET /pets/{id}/{n}"),
        ("GET", "/pets/dog/1/2", "ANY /pets/{rest+}"),
        ("GET", "/pets//1", "ANY /pets/{rest+}"),
        ("PATCH", "/other", "$default"),
    ],
)
def test_finds_the_most_specific_route(method: str, path: str, key: str) -> None:
    """A literal comes before a parameter, that before a greedy one, the default last."""
    keys = (
        *("ANY /", "GET /pets", "ANY /pets", "GET /pets/dog", "GET /pets/{id}"),
        *("PUT /pets/{name}", "ANY /pets/{rest+}", "GET /pets/{id}/{n}", "$default"),
    )
    assert found(Table([api(*keys)]), method, path) == f"Http {key}"


def test_finds_nothing() -> None:
    """A path without a route, and one without the method, lead nowhere."""
    table = Table([api("GET /a", "ANY /b/{rest+}")])
    for method, path in (("POST", "/a"), ("GET", "/b"), ("GET", "/c"), ("GET", "/a/b")):
        assert table.find(method, path) is None


def test_takes_the_later_of_two_apis() -> None:
    """Of two APIs with the same path and method the later one's route answers."""
    table = Table([api("GET /a", "GET /b", name="First"), api("GET /a", name="Second")])
    assert (found(table, "GET", "/a"), found(table, "GET", "/b")) == (
        "Second GET /a",
        "First GET /b",
    )


def test_finds_a_path_of_any_method() -> None:
    """What stands at a path is found whatever its method, for a browser that asks first."""
    table = Table([api("POST /a/{b}")])
    match = table.at("/a/1")
    assert match is not None and match.route.path == "/a/{b}"
    assert table.at("/b") is None


@given(st.lists(st.text(min_size=1).filter(lambda part: "/" not in part), min_size=3, max_size=5))
def test_decodes_parameters(parts: list[str]) -> None:
    """Each parameter is the text that was encoded into the path; a greedy one keeps slashes."""
    table = Table([api("ANY /{first}/x/{rest+}")])
    encoded = [quote(part, safe="") for part in parts]
    match = table.find("GET", "/".join(["", encoded[0], "x", *encoded[1:]]))
    assert match is not None
    assert match.parameters == {"first": parts[0], "rest": "/".join(parts[1:])}


@given(st.text(), st.sampled_from(["GET", "POST"]))
def test_takes_any_path(path: str, method: str) -> None:
    """Whatever a client asks for leads to a route or nowhere."""
    table = Table([api("GET /a/{b}", "ANY /a/{rest+}", "GET /")])
    match = table.find(method, path)
    assert match is None or match.route in table.apis[0].routes


def test_names_a_route_as_api_gateway_does() -> None:
    """A route's key is its method and path; the default's is its name alone."""
    first, default = api("GET /a", "$default").routes
    assert (first.key, default.key) == ("GET /a", "$default")
