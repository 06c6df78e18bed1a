"""The APIs of a template: their routes, authorizers and CORS settings."""

from typing import Literal

import msgspec

ANY = "ANY"
DEFAULT = "$default"
# The methods that SAM expands ANY to (samcli.local.apigw.route).
METHODS = ("GET", "DELETE", "PUT", "POST", "HEAD", "OPTIONS", "PATCH")

# A REST API, an HTTP API, or a function's own URL.
Kind = Literal["rest", "http", "url"]


class Cors(msgspec.Struct, frozen=True, kw_only=True):
    """What an API tells browsers of other origins: header values, None where there is no header.

    Attributes:
        origins: the allowed origins, separated by commas.
        methods: the methods that they may use, separated by commas.
        headers: the headers that they may send, separated by commas.
        exposed: the headers that they may read, separated by commas.
        credentials: ``true`` where they may send credentials.
        age: for how many seconds they may cache it.
    """

    origins: str | None
    methods: str | None
    headers: str | None
    exposed: str | None
    credentials: str | None
    age: str | None


class Authorizer(msgspec.Struct, frozen=True, kw_only=True):
    """A function that decides who may call an API.

    Attributes:
        function: its full path.
        type: ``token`` gets one header's value, ``request`` gets the whole request.
        payload: the format version of its event.
        sources: what a request must have, such as ``method.request.header.Authorization``.
        pattern: what a token must match; empty where any does.
        simple: whether it answers with ``isAuthorized`` instead of a policy.
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
        payload: the format version of its event.
        operation: its name in an OpenAPI document, else empty.
        authorizer: the function that decides who may call it, if there is one.
    """

    method: str
    path: str
    function: str
    payload: Literal["1.0", "2.0"]
    operation: str = ""
    authorizer: Authorizer | None = None

    @property
    def key(self) -> str:
        """Return the name that API Gateway gives it."""
        return DEFAULT if self.path == DEFAULT else f"{self.method} {self.path}"


class Api(msgspec.Struct, frozen=True, kw_only=True):
    """One API of a template, or one function's URL.

    Attributes:
        name: the full path of its resource.
        kind: which of the three it is.
        stage: its name.
        variables: of the stage.
        binary: the media types that a REST API hands over in base64.
        cors: what it allows to other origins, if anything.
        routes: in ascending precedence: a later one wins over an earlier one.
    """

    name: str
    kind: Kind
    stage: str
    variables: dict[str, str]
    binary: list[str]
    cors: Cors | None
    routes: list[Route]
