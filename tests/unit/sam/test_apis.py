"""The APIs of templates, as samcli's provider finds them, each with its own settings."""

from __future__ import annotations

import json
import warnings
from pathlib import Path
from typing import Any

import pytest

from shorts.model import Api, Cors, Serving
from shorts.sam.read import read_serving

FUNCTION = {
    "Type": "AWS::Serverless::Function",
    "Properties": {"Handler": "app.handler", "Runtime": "python3.13", "CodeUri": "fn/"},
}
INVOKE = "arn:aws:apigateway:us-east-1:lambda:path/2015-03-31/functions/"


@pytest.fixture(autouse=True)
def _here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def serving(resources: dict[str, Any], *arguments: str, **more: Any) -> Serving:
    template = {"Transform": "AWS::Serverless-2016-10-31", "Resources": resources, **more}
    Path("template.json").write_text(json.dumps(template))
    with warnings.catch_warnings(action="ignore"):  # samcli's own
        return read_serving(["-t", "template.json", *arguments])


def with_events(events: dict[str, Any], **properties: Any) -> dict[str, Any]:
    return {
        **FUNCTION,
        "Properties": {**FUNCTION["Properties"], "Events": events, **properties},  # type: ignore[dict-item]
    }


def event(kind: str, path: str, method: str = "get", **properties: Any) -> dict[str, Any]:
    return {"Type": kind, "Properties": {"Path": path, "Method": method, **properties}}


def keys(api: Api) -> list[str]:
    return [route.key for route in api.routes]


def document(path: str) -> str:
    integration = {
        "type": "aws_proxy",
        "httpMethod": "POST",
        "payloadFormatVersion": "2.0",
        "uri": {"Fn::Sub": INVOKE + "${F.Arn}/invocations"},
    }
    method = {"x-amazon-apigateway-integration": integration}
    return json.dumps({"openapi": "3.0.1", "info": {}, "paths": {path: {"get": method}}})


@pytest.mark.parametrize(
    "properties",
    [
        {"DefinitionUri": "openapi.json"},
        {
            "DefinitionBody": {
                "Fn::Transform": {
                    "Name": "AWS::Include",
                    "Parameters": {"Location": "openapi.json"},
                }
            }
        },
    ],
    ids=["named", "included"],
)
def test_reads_documents_anew(properties: dict[str, Any]) -> None:
    """A document in a file of its own is read again when it has changed."""
    resources = {"F": FUNCTION, "A": {"Type": "AWS::Serverless::HttpApi", "Properties": properties}}
    for path in ("/a", "/b"):
        Path("openapi.json").write_text(document(path))
        read = serving(resources)
        assert [keys(api) for api in read.apis] == [[f"GET {path}"]]
        assert str(Path("openapi.json").absolute()) in read.files


def test_reads_what_documents_say_of_other_origins() -> None:
    """An HTTP API's document may say who may ask; what its template says comes first."""
    said = {"allowOrigins": ["https://a.example"], "allowMethods": ["GET"], "maxAge": 5}
    body = {**json.loads(document("/a")), "x-amazon-apigateway-cors": said}
    properties: dict[str, Any] = {"DefinitionBody": body}
    resources = {"F": FUNCTION, "A": {"Type": "AWS::Serverless::HttpApi", "Properties": properties}}
    (api,) = serving(resources).apis
    assert api.cors == Cors(
        origins="https://a.example",
        methods="GET",
        headers=None,
        exposed=None,
        credentials=None,
        age="5",
    )
    properties["CorsConfiguration"] = {"AllowOrigins": ["https://b.example"]}
    (api,) = serving(resources).apis
    assert api.cors is not None
    assert api.cors.origins == "https://b.example"


def test_gives_each_api_its_own_settings() -> None:
    """Stages, origins and binary media types of one API are not another's."""
    read = serving(
        {
            "F": with_events(
                {
                    "One": event("HttpApi", "/one", ApiId={"Ref": "One"}),
                    "Two": event("Api", "/two", RestApiId={"Ref": "Two"}),
                    "Three": event("HttpApi", "/three"),
                }
            ),
            "One": {
                "Type": "AWS::Serverless::HttpApi",
                "Properties": {"StageName": "one", "CorsConfiguration": True},
            },
            "Two": {
                "Type": "AWS::Serverless::Api",
                "Properties": {"StageName": "two", "BinaryMediaTypes": ["image~1png"]},
            },
        }
    )
    apis = {api.name: api for api in read.apis}
    said = {name: (api.kind, api.stage, api.binary) for name, api in apis.items()}
    assert said == {
        "One": ("http", "one", []),
        "Two": ("rest", "two", ["image/png"]),
        "ServerlessHttpApi": ("http", "$default", []),
    }
    assert [name for name, api in apis.items() if api.cors] == ["One"]


def test_puts_what_events_imply_last() -> None:
    """The later of two routes wins, and that is the one that an event implies."""
    read = serving(
        {
            "F": with_events(
                {
                    "Implied": event("HttpApi", "/a"),
                    "Explicit": event("Api", "/a", RestApiId={"Ref": "Written"}),
                }
            ),
            "Written": {"Type": "AWS::Serverless::Api", "Properties": {"StageName": "s"}},
        }
    )
    assert [api.name for api in read.apis] == ["Written", "ServerlessHttpApi"]


def test_puts_methods_after_any() -> None:
    """A method's own route wins over ANY, in whichever order they stand."""
    read = serving(
        {"F": with_events({"A": event("HttpApi", "/a", "get"), "B": event("HttpApi", "/a", "any")})}
    )
    assert keys(read.apis[0]) == ["ANY /a", "GET /a"]


def test_reads_plain_cloudformation() -> None:
    """APIs that are written without SAM's resources are served as well."""
    read = serving(
        {
            "F": {
                "Type": "AWS::Lambda::Function",
                "Properties": {"Handler": "app.handler", "Runtime": "python3.13", "Code": "fn/"},
            },
            "A": {
                "Type": "AWS::ApiGatewayV2::Api",
                "Properties": {"ProtocolType": "HTTP", "Name": "A"},
            },
            "I": {
                "Type": "AWS::ApiGatewayV2::Integration",
                "Properties": {
                    "ApiId": {"Ref": "A"},
                    "IntegrationType": "AWS_PROXY",
                    "PayloadFormatVersion": "1.0",
                    "IntegrationUri": {"Fn::Sub": INVOKE + "${F.Arn}/invocations"},
                },
            },
            "R": {
                "Type": "AWS::ApiGatewayV2::Route",
                "Properties": {
                    "ApiId": {"Ref": "A"},
                    "RouteKey": "GET /a",
                    "Target": {"Fn::Join": ["/", ["integrations", {"Ref": "I"}]]},
                },
            },
        }
    )
    (api,) = read.apis
    (route,) = api.routes
    assert (api.kind, route.key, route.function, route.payload) == ("http", "GET /a", "F", "1.0")


def test_gives_functions_their_urls() -> None:
    """A function's URL is an API of its own, with its own origins."""
    config = {"AuthType": "AWS_IAM", "Cors": {"AllowOrigins": ["https://a.example"], "MaxAge": 5}}
    read = serving({"F": with_events({}, FunctionUrlConfig=config)})
    (api,) = read.apis
    assert (api.name, api.kind, keys(api)) == ("F", "url", ["$default"])
    assert api.cors is not None and (api.cors.origins, api.cors.age) == ("https://a.example", "5")
    assert "F: shorts does not check AWS_IAM: requests are let through" in read.notes


def test_notes_who_is_not_asked() -> None:
    """What a template asks of those who ask, and is not looked at here, is named."""
    auth = {
        "DefaultAuthorizer": "Users",
        "ApiKeyRequired": True,
        "Authorizers": {"Users": {"UserPoolArn": "arn:aws:cognito-idp:us-east-1:1:userpool/a"}},
    }
    read = serving(
        {
            "F": with_events({"A": event("Api", "/a", RestApiId={"Ref": "A"})}),
            "A": {"Type": "AWS::Serverless::Api", "Properties": {"StageName": "s", "Auth": auth}},
        }
    )
    assert "A: shorts does not check Users, ApiKeyRequired: requests are let through" in read.notes
    assert read.apis[0].routes[0].authorizer is None


def test_takes_of_a_condition_what_it_says() -> None:
    """What a document and a function's URL leave out by a condition is not there."""
    nothing = {"Ref": "AWS::NoValue"}
    method = {"security": {"Fn::If": ["IsClosed", [{"Iam": []}], nothing]}}
    body = {
        "openapi": "3.0.1",
        "info": {},
        "paths": {"/a": {"get": method}},
        "components": {"securitySchemes": {"Iam": {"type": "apiKey"}, "Other": {"type": "apiKey"}}},
        "x-amazon-apigateway-cors": {
            "Fn::If": ["IsClosed", nothing, {"allowOrigins": [{"Ref": "Origin"}]}]
        },
    }
    url = {"Fn::If": ["IsClosed", {"AuthType": "AWS_IAM"}, nothing]}
    template = {
        "Parameters": {
            "Closed": {"Type": "String", "Default": "no"},
            "Origin": {"Type": "String", "Default": "https://a.example"},
        },
        "Conditions": {"IsClosed": {"Fn::Equals": [{"Ref": "Closed"}, "yes"]}},
    }
    resources = {
        "F": with_events({"A": event("HttpApi", "/a", ApiId={"Ref": "A"})}, FunctionUrlConfig=url),
        "A": {"Type": "AWS::Serverless::HttpApi", "Properties": {"DefinitionBody": body}},
    }

    opened = serving(resources, **template)
    closed = serving(resources, "--parameter-overrides", "Closed=yes", **template)

    (api,) = opened.apis
    assert api.cors is not None and api.cors.origins == "https://a.example"
    assert opened.notes == []
    assert [(api.name, api.kind, api.cors) for api in closed.apis] == [
        ("A", "http", None),
        ("F", "url", None),
    ]
    assert closed.notes == [
        f"{name}: shorts does not check {check}: requests are let through"
        for name, check in (("F", "AWS_IAM"), ("A", "Iam"))
    ]
