"""The APIs that samcli's provider finds in the templates, each with its own settings.

samcli serves all APIs together, with the stage and the CORS settings of the last one for all. Here
each API has its own.
"""

import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Literal

from samcli.commands.local.lib.swagger.reader import SwaggerReader
from samcli.lib.providers.api_collector import ApiCollector
from samcli.lib.providers.api_provider import ApiProvider
from samcli.lib.providers.provider import get_full_path
from samcli.lib.providers.sam_api_provider import SamApiProvider
from samcli.local.apigw.authorizers.lambda_authorizer import LambdaAuthorizer
from samcli.local.apigw.route import Route as SamRoute

from shorts.model import ANY, METHODS, Api, Authorizer, Cors, Route
from shorts.sam import conditions
from shorts.sam.values import mapping, text

_IMPLICIT = (
    SamApiProvider.IMPLICIT_API_RESOURCE_ID,
    SamApiProvider.IMPLICIT_HTTP_API_RESOURCE_ID,
)
# ANY in OpenAPI documents.
_ANY_METHOD = "X-AMAZON-APIGATEWAY-ANY-METHOD"
_EVERY_METHOD = ",".join(sorted(METHODS))
# The values of AuthType that let every request through.
_OPEN = (None, "NONE")


class _Collector(ApiCollector):  # type: ignore[misc]
    """A collector of each API's own settings: samcli sets them right after the API's routes."""

    def __init__(self) -> None:
        self.settings: dict[str, dict[str, Any]] = {}
        self._last = ""
        super().__init__()

    def __setattr__(self, name: str, value: Any) -> None:
        if name in ("cors", "stage_name", "stage_variables") and self._last and value is not None:
            self.settings.setdefault(self._last, {})[name] = value
        super().__setattr__(name, value)

    def add_routes(self, logical_id: str, routes: list[Any]) -> None:
        self._last = logical_id
        super().add_routes(logical_id, routes)

    def add_binary_media_types(self, logical_id: str, types: list[Any] | None) -> None:
        normalized = (self.normalize_binary_media_type(each) for each in types or [])
        kept = self.settings.setdefault(logical_id, {}).setdefault("binary", [])
        kept += [each for each in normalized if each and each not in kept]


def read(stacks: Sequence[Any], disable_authorizer: bool) -> list[Api]:
    """Return all APIs and function URLs of some templates.

    Of two routes with the same path and method the later API's wins, as in samcli. Explicit APIs
    come before those that events imply, and nested templates come before the root template.

    Args:
        stacks: samcli's.
        disable_authorizer: whether no authorizer is asked.
    """
    provider = ApiProvider.find_api_provider(stacks)
    read: list[tuple[bool, int, Api]] = []
    for stack in stacks:
        collector = _Collector()
        provider.extract_resources(
            [stack],
            collector,
            cwd=_folder(stack),
            disable_authorizer=disable_authorizer,
        )
        collector._link_authorizers()
        for name, routes in collector:
            if routes:
                api = _api(stack, name, routes, collector.settings.get(name, {}))
                read.append((name in _IMPLICIT, -len(Path(stack.stack_path).parts), api))
    read.sort(key=lambda ranked: ranked[:2])
    return [*(api for _, _, api in read), *_urls(stacks)]


def openapi_files(stacks: Iterable[Any]) -> set[str]:
    """Return the paths of these templates' OpenAPI documents that are separate files."""
    return {
        os.path.abspath(os.path.join(_folder(stack), place))
        for stack in stacks
        # samcli replaces an include with its content; the raw template still has its path.
        for _, properties in (*_resources(stack), *_resources(stack, raw=True))
        for place in (
            properties.get("DefinitionUri"),
            properties.get("BodyS3Location"),
            *map(_included, (properties.get("DefinitionBody"), properties.get("Body"))),
        )
        if isinstance(place, str) and not place.startswith("s3://")
    }


def _included(body: Any) -> Any:
    """Return the path that a document includes by ``AWS::Include``, or None."""
    for name in ("Fn::Transform", "Parameters", "Location"):
        body = body.get(name) if isinstance(body, dict) else None
    return body


def notes(stacks: Iterable[Any], known_apis: Iterable[Api]) -> list[str]:
    """Return notes about the access checks in the templates that shorts does not run."""
    texts = []
    served = {api.name for api in known_apis if api.kind != "url"}
    for stack in stacks:
        for name, properties in _resources(stack):
            full_path = get_full_path(stack.stack_path, name)
            auth = mapping(properties.get("Auth"))
            others = [
                str(each)
                for each, settings in mapping(auth.get("Authorizers")).items()
                if not (isinstance(settings, dict) and settings.get("FunctionArn"))
            ]
            if auth.get("DefaultAuthorizer") == "AWS_IAM":
                others.append("AWS_IAM")
            if auth.get("ApiKeyRequired"):
                others.append("ApiKeyRequired")
            url = _url_config(stack, properties)
            if url is not None and url.get("AuthType") not in _OPEN:
                others.append(str(url["AuthType"]))
            if full_path in served:
                others += [
                    each
                    for each in _access_checks(_document(stack, properties))
                    if each not in others
                ]
            if others:
                texts.append(
                    f"{full_path}: shorts does not check {', '.join(others)}: "
                    "requests are let through"
                )
    return texts


def _api(stack: Any, name: str, routes: Sequence[Any], settings: Mapping[str, Any]) -> Api:
    is_http = routes[0].event_type == SamRoute.HTTP
    converted = [
        converted_route for route in routes for converted_route in _routes(stack, route, is_http)
    ]
    resource = dict(_resources(stack)).get(name, {})
    variables = mapping(settings.get("stage_variables"))
    return Api(
        name=get_full_path(stack.stack_path, name),
        kind="http" if is_http else "rest",
        stage=str(settings.get("stage_name") or ("$default" if is_http else "Prod")),
        variables={str(key): str(value) for key, value in variables.items()},
        binary=settings.get("binary", []),
        cors=_cors(settings.get("cors"), resource.get("CorsConfiguration"))
        or (_document_cors(stack, resource) if is_http else None),
        # An explicit method wins over ANY, wherever it stands.
        routes=sorted(converted, key=lambda route: route.method != ANY),
    )


def _routes(stack: Any, route: Any, is_http: bool) -> Iterator[Route]:
    """Yield one route for each method of a samcli route."""
    if not route.function_name:
        return
    version = str(route.payload_format_version or "2.0")
    payload: Literal["1.0", "2.0"] = "2.0" if is_http and version != "1.0" else "1.0"
    methods = {str(method).upper() for method in route.methods}
    if methods.issuperset(METHODS) or _ANY_METHOD in methods:
        methods = {ANY}
    for method in sorted(methods):
        yield Route(
            method=method,
            path=text(route.path),
            function=_function(stack, route.function_name),
            payload=payload,
            operation=str(route.operation_name or ""),
            authorizer=_authorizer(stack, route.authorizer_object),
        )


def _function(stack: Any, name: str) -> str:
    return str(get_full_path(stack.stack_path, str(name).rpartition(":")[2]))


def _authorizer(stack: Any, authorizer: Any) -> Authorizer | None:
    if not isinstance(authorizer, LambdaAuthorizer):
        return None
    return Authorizer(
        function=_function(stack, authorizer.lambda_name),
        type="token" if authorizer.type == LambdaAuthorizer.TOKEN else "request",
        payload="2.0" if authorizer.payload_version == LambdaAuthorizer.PAYLOAD_V2 else "1.0",
        sources=[str(each) for each in authorizer._identity_sources_raw or ()],
        pattern=str(authorizer.validation_string or ""),
        simple=bool(authorizer.use_simple_response),
    )


def _cors(cors: Any, declared: Any) -> Cors | None:
    """Return samcli's CORS settings, with the exposed headers, which it does not read."""
    if cors is None:
        return None
    exposed = declared.get("ExposeHeaders") if isinstance(declared, dict) else None
    return Cors(
        origins=_text(cors.allow_origin),
        methods=_text(cors.allow_methods),
        headers=_text(cors.allow_headers),
        exposed=_text(exposed),
        credentials=_text(cors.allow_credentials),
        age=_text(cors.max_age),
    )


def _document(stack: Any, resource: Mapping[str, Any]) -> dict[str, Any]:
    """Return an API's OpenAPI document; empty where it has none."""
    body = resource.get("DefinitionBody") or resource.get("Body")
    place = resource.get("DefinitionUri") or resource.get("BodyS3Location")
    read = SwaggerReader(body, place, _folder(stack)).read() if body or place else None
    return conditions.settled(stack, read) if isinstance(read, dict) else {}


def _items(value: Any) -> Sequence[Any]:
    return value if isinstance(value, list) else []


def _access_checks(document: Mapping[str, Any]) -> list[str]:
    """Return the access checks that a document's paths use, except for Lambda authorizers."""
    components = mapping(document.get("components"))
    declared = document.get("securityDefinitions") or components.get("securitySchemes")
    known = {
        str(name)
        for name, scheme in mapping(declared).items()
        if "authorizerUri" not in mapping(mapping(scheme).get("x-amazon-apigateway-authorizer"))
    }
    required = {
        str(name)
        for methods in mapping(document.get("paths")).values()
        for method in mapping(methods).values()
        if isinstance(method, dict)
        for each in _items(method.get("security", document.get("security")))
        for name in mapping(each)
    }
    return sorted(known & required)


def _document_cors(stack: Any, resource: Mapping[str, Any]) -> Cors | None:
    """Return the CORS settings in an HTTP API's OpenAPI document, which samcli does not read.

    https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-extensions-cors.html
    """
    settings = _document(stack, resource).get("x-amazon-apigateway-cors")
    if not isinstance(settings, dict):
        return None
    return _written_cors(
        {f"{str(name)[:1].upper()}{str(name)[1:]}": value for name, value in settings.items()}
    )


def _urls(stacks: Iterable[Any]) -> Iterator[Api]:
    """Yield the functions' own URLs, which samcli does not serve."""
    for stack in stacks:
        for name, properties in _resources(stack):
            config = _url_config(stack, properties)
            if config is not None:
                full_path = get_full_path(stack.stack_path, name)
                route = Route(method=ANY, path="$default", function=full_path, payload="2.0")
                yield Api(
                    name=full_path,
                    kind="url",
                    stage="$default",
                    variables={},
                    binary=[],
                    cors=_written_cors(config.get("Cors")),
                    routes=[route],
                )


def _url_config(stack: Any, properties: Mapping[str, Any]) -> dict[str, Any] | None:
    config = properties.get("FunctionUrlConfig")
    resolved = conditions.settled(stack, {"it": config}) if isinstance(config, dict) else {}
    settled = resolved.get("it")
    return settled if isinstance(settled, dict) else None


def _written_cors(settings: Any) -> Cors | None:
    if not isinstance(settings, dict):
        return None
    methods = _text(settings.get("AllowMethods")) or "*"
    return Cors(
        origins=_text(settings.get("AllowOrigins")),
        methods=_EVERY_METHOD if methods == "*" else methods,
        headers=_text(settings.get("AllowHeaders")),
        exposed=_text(settings.get("ExposeHeaders")),
        credentials="true" if settings.get("AllowCredentials") in (True, "true") else None,
        age=_text(settings.get("MaxAge")),
    )


def _text(value: Any) -> str | None:
    if value is None:
        return None
    return ",".join(map(str, value)) if isinstance(value, list) else str(value)


def _folder(stack: Any) -> str:
    """Return the folder of a stack's template."""
    return str(Path(stack.location).absolute().parent)


def _resources(stack: Any, *, raw: bool = False) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield the resources of a template that have properties, resolved or raw."""
    for name, resource in (stack.raw_resources if raw else stack.resources).items():
        properties = resource.get("Properties") if isinstance(resource, dict) else None
        if isinstance(properties, dict):
            yield name, properties
