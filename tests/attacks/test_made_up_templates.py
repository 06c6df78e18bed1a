"""Templates that are made up: a good one, some of its values replaced by any others."""

import contextlib
import copy
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from shorts.errors import ShortsError
from shorts.sam.read import read_invocation, read_serving
from tests.conftest import Shorts

GOOD: dict[str, Any] = {
    "Transform": "AWS::Serverless-2016-10-31",
    "Parameters": {"Size": {"Type": "Number", "Default": 256}},
    "Conditions": {"IsSmall": {"Fn::Equals": [{"Ref": "Size"}, "256"]}},
    "Globals": {"Function": {"Runtime": "python3.13", "Timeout": 2}},
    "Resources": {
        "F": {
            "Type": "AWS::Serverless::Function",
            "Metadata": {
                "Shorts": {"Keep": ["**"], "Drop": [], "SourceRoots": ["roots"]},
                "BuildMethod": "python3.13",
            },
            "Properties": {
                "CodeUri": "fn",
                "Handler": "app.handler",
                "MemorySize": {"Ref": "Size"},
                "Architectures": ["x86_64"],
                "Layers": [{"Ref": "L"}, "arn:aws:lambda:us-east-1:123456789012:layer:x:1"],
                "Environment": {"Variables": {"STAGE": "test", "N": 1}},
                "LoggingConfig": {"LogFormat": "JSON"},
                "FunctionUrlConfig": {"AuthType": "NONE", "Cors": {"AllowOrigins": ["*"]}},
                "Events": {
                    "Get": {
                        "Type": "Api",
                        "Properties": {"Path": "/x", "Method": "get", "RestApiId": {"Ref": "A"}},
                    },
                    "Any": {"Type": "HttpApi", "Properties": {"Path": "/y", "Method": "ANY"}},
                },
            },
        },
        "L": {
            "Type": "AWS::Serverless::LayerVersion",
            "Metadata": {"BuildMethod": "python3.13"},
            "Properties": {"ContentUri": "layer", "CompatibleRuntimes": ["python3.13"]},
        },
        "A": {
            "Type": "AWS::Serverless::Api",
            "Properties": {
                "StageName": {"Fn::If": ["IsSmall", "small", {"Ref": "AWS::NoValue"}]},
                "Variables": {"A": "b"},
                "BinaryMediaTypes": ["image~1png"],
                "Cors": {"AllowOrigin": "'*'"},
                "Auth": {
                    "DefaultAuthorizer": "AWS_IAM",
                    "Authorizers": {"T": {"FunctionArn": "x"}},
                },
                "DefinitionBody": {
                    "swagger": "2.0",
                    "securityDefinitions": {"k": {"type": "apiKey"}},
                    "paths": {"/z": {"get": {"security": [{"k": []}], "responses": {"200": {}}}}},
                },
            },
        },
        "N": {"Type": "AWS::Serverless::Application", "Properties": {"Location": "nested.yaml"}},
        "H": {
            "Type": "AWS::Serverless::HttpApi",
            "Properties": {
                "CorsConfiguration": {"AllowOrigins": ["*"], "ExposeHeaders": ["x"]},
                "DefinitionBody": {
                    "openapi": "3.0.1",
                    "components": {"securitySchemes": {"k": {"type": "apiKey"}}},
                    "paths": {"/w": {"get": {"security": [{"k": []}]}}},
                },
            },
        },
    },
}
NESTED = {
    "Resources": {
        "G": {
            "Type": "AWS::Serverless::Function",
            "Properties": {"CodeUri": "fn", "Handler": "app.handler", "Runtime": "python3.13"},
        }
    }
}


def deep(depth: int) -> Any:
    value: Any = 1
    for _ in range(depth):
        value = [value] if depth % 2 else {"a": value}
    return value


TEXTS = st.sampled_from(
    (
        "\ud800 /etc ../.. .. . - -x --help a\0b {{resolve:ssm:/x:1}} ** /**/* [z-a] python3.13 fn"
        " !Ref s3://a/b file:///dev/zero AWS::NoValue $ ${A} a/b nested.yaml template.yaml x\x1b[2J"
        " 1e999 ~ app.handler ANY Api arm64 Image Zip makefile esbuild true"
    ).split(" ")
)
SCALARS = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(10**20), 10**20),
    st.floats(),
    st.text(max_size=5),
    TEXTS,
)
VALUES = st.one_of(
    SCALARS,
    st.recursive(
        SCALARS,
        lambda inner: st.one_of(
            st.lists(inner, max_size=3),
            st.dictionaries(TEXTS | st.text(max_size=3), inner, max_size=3),
        ),
        max_leaves=6,
    ),
    st.sampled_from([deep(150), deep(601), {"Ref": "Nothing"}, {"Ref": ["a"]}, {"Fn::If": [1]}]),
    st.sampled_from([{"Fn::GetAtt": ["F", "Arn"]}, {"Fn::Sub": ["${A}", 1]}, {"Fn::Join": 1}]),
)


def places(value: Any, above: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Return the way to each value of a document."""
    inner = value.items() if isinstance(value, dict) else enumerate(value)
    found = []
    for key, one in inner:
        found.append((*above, key))
        if isinstance(one, dict | list):
            found += places(one, (*above, key))
    return found


@st.composite
def documents(draw: Callable[..., Any]) -> Any:
    """Return a good template with one to three values, or keys, replaced."""
    made = copy.deepcopy(GOOD)
    for _ in range(draw(st.integers(1, 3))):
        *above, key = draw(st.sampled_from(places(made)))
        within = made
        for one in above:
            within = within[one]
        if isinstance(within, dict) and draw(st.integers(0, 4)) == 0:
            within[draw(TEXTS | st.text(max_size=3))] = within.pop(key)
        else:
            within[key] = copy.deepcopy(draw(VALUES))
    return made


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with all that the good template names."""
    folder = tmp_path_factory.mktemp("made-up")
    for name in ("fn", "layer", "roots"):
        (folder / name).mkdir()
    (folder / "fn" / "app.py").write_text("def handler(event, context):\n    return event\n")
    (folder / "layer" / "one.py").write_text("X = 1\n")
    (folder / "nested.yaml").write_text(json.dumps(NESTED))
    return folder


def test_the_good_template_is_built(folder: Path, shorts: Shorts) -> None:
    """What the others are made from is built, so that each is refused for what was replaced."""
    (folder / "template.yaml").write_text(json.dumps(GOOD))
    done = shorts(["build"], folder)
    assert done.returncode == 0, done.stderr


@settings(
    max_examples=60,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)
@given(documents())
def test_no_template_ends_in_a_traceback(folder: Path, shorts: Shorts, document: Any) -> None:
    """Whatever stands where, the build ends well or says what is wrong; so do the others."""
    (folder / "template.yaml").write_text(json.dumps(document))
    done = shorts(["build", "--region", "us-east-1"], folder)
    assert done.returncode in (0, 1, 2)
    assert done.returncode == 0 or done.stderr.rpartition("shorts: ")[2].strip()
    with contextlib.chdir(folder):
        for read in (read_invocation, read_serving):
            with contextlib.suppress(ShortsError):
                read(["-t", "template.yaml"])
