"""Functions of templates as people write them: what has no value before deployment."""

from __future__ import annotations

import json
import warnings
from pathlib import Path
from typing import Any

import pytest

from shorts.errors import ShortsError
from shorts.model import Application, Function
from shorts.sam.read import read_application

# Every form of a value that only deployment knows; each of them once stood in a public template.
OPEN: dict[str, Any] = {
    "a parameter": {"Ref": "Text"},
    "a number": {"Ref": "Number"},
    "a mapping": {"Fn::FindInMap": ["Sizes", {"Ref": "Text"}, "memory"]},
    "another stack": {"Fn::ImportValue": {"Fn::Sub": "${Text}-x"}},
    "a secret": "{{resolve:ssm:/a/b:1}}",
    "an SSM parameter": {"Ref": "Stored"},
    "another resource": {"Fn::GetAtt": ["Other", "Value"]},
    "a condition": {"Fn::If": ["Met", {"Ref": "Text"}, {"Ref": "AWS::NoValue"}]},
    "a list": {"Fn::Split": [",", {"Ref": "Text"}]},
    "a choice": {"Fn::Select": [0, {"Ref": "Stored"}]},
    "text": {"Fn::Sub": "${Text}"},
    "a float": 512.5,
    "a boolean": True,
}
PARAMETERS = {
    "Text": {"Type": "String"},
    "Number": {"Type": "Number"},
    "Stored": {"Type": "AWS::SSM::Parameter::Value<List<String>>", "Default": "/a/b"},
    "Given": {"Type": "String", "Default": "app"},
}


@pytest.fixture(autouse=True)
def _here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "fn").mkdir()


def application(*arguments: str, **functions: dict[str, Any]) -> Application:
    """Read a template with some functions, by their properties."""
    known = {"CodeUri": "fn", "Handler": "app.handler", "Runtime": "python3.13"}
    template = {
        "Transform": "AWS::Serverless-2016-10-31",
        "Parameters": PARAMETERS,
        "Mappings": {"Sizes": {"dev": {"memory": 128}}},
        "Conditions": {"Met": {"Fn::Equals": [{"Ref": "Text"}, "x"]}},
        "Resources": {
            name: {"Type": "AWS::Serverless::Function", "Properties": {**known, **properties}}
            for name, properties in functions.items()
        },
    }
    Path("template.json").write_text(json.dumps(template, indent=1))
    with warnings.catch_warnings(action="ignore"):  # samcli's own
        return read_application(["-t", "template.json", *arguments])


def function(*arguments: str, **properties: Any) -> Function:
    (found,) = application(*arguments, F=properties).functions
    return found


def each_form(name: str, *, within: str = "") -> list[Function]:
    """Read a function for each form of a value that only deployment knows."""
    forms = [{name: value} for value in OPEN.values()]
    given = [{within: one} if within else one for one in forms]
    return application(**{f"F{number}": one for number, one in enumerate(given)}).functions


@pytest.mark.parametrize("name", ["MemorySize", "Timeout"])
def test_a_size_without_a_value_is_lambdas_default(name: str) -> None:
    """It is taken, and said where the function runs."""
    default = "128 MB" if name == "MemorySize" else "3 s"
    for found in each_form(name):
        assert (found.memory, found.timeout) == (128, 3)
        assert found.assumed == [f"{name} has no value before deployment, {default} is used"]


@pytest.mark.parametrize("value", ["512", 512, 512.0, {"Fn::Sub": "512"}])
def test_a_size_may_be_text(value: Any) -> None:
    """CloudFormation takes numbers as text, and YAML makes floats."""
    found = function(MemorySize=value)
    assert (found.memory, found.assumed) == (512, [])


def test_variables_without_a_value_are_none() -> None:
    """The variables of a function, or one of them, may be known at deployment alone."""
    for found in each_form("Variables", within="Environment"):
        assert found.variables == {}
    found = function(Environment={"Variables": {"A": OPEN["a choice"], "B": "b"}})
    assert found.variables == {"A": "", "B": "b"}
    assert found.assumed == ["the variable A has no value before deployment and is empty"]


def test_a_handler_without_a_value_is_not_known() -> None:
    """samcli has a parameter's name in its place, which is no handler."""
    assert {found.handler for found in each_form("Handler")} == {""}


def test_a_handler_of_a_parameter_is_known() -> None:
    """A default and a value on the command line are values."""
    sub = {"Fn::Sub": "${Given}.handler"}
    assert function(Handler=sub).handler == "app.handler"
    overrides = ("--parameter-overrides", "Given=main")
    assert function(*overrides, Handler=sub).handler == "main.handler"
    overrides = ("--parameter-overrides", "Text=main.run")
    assert function(*overrides, Handler={"Ref": "Text"}).handler == "main.run"


@pytest.mark.parametrize("value", [[{"Ref": "Text"}], {"Ref": "Stored"}, OPEN["a condition"]])
def test_an_architecture_without_a_value_is_lambdas_default(value: Any) -> None:
    """The build says so, for the zip depends on it."""
    read = application(F={"Architectures": value})
    assert read.functions[0].architecture == "x86_64"
    said = "F: Architectures has no value before deployment, x86_64 is used"
    assert said in read.notes
    assert said not in application(F={"Architectures": ["arm64"]}).notes


@pytest.mark.parametrize("value", [OPEN["a parameter"], OPEN["a mapping"], OPEN["a condition"]])
def test_a_runtime_without_a_value_is_refused(value: Any) -> None:
    """Nothing says what to build for; SAM ends in a traceback."""
    with pytest.raises(ShortsError) as caught:
        application(F={"Runtime": value})
    assert str(caught.value) == (
        "F: Runtime has no value before deployment (template.json:42).\n"
        "Give its parameter a default, or a value with --parameter-overrides."
    )


def test_an_unknown_runtime_is_refused_with_the_known_ones() -> None:
    """A typo gets its place and the name that was meant."""
    with pytest.raises(ShortsError) as caught:
        application(F={"Runtime": "pyhton3.13"})
    first, second = str(caught.value).splitlines()
    assert first == "F: SAM knows no runtime `pyhton3.13` (template.json:42)."
    assert second.startswith("Did you mean python3.13? It knows: ")
    assert "python3.14" in second and "nodejs22.x" in second


@pytest.mark.parametrize(
    "name",
    """LoggingConfig VpcConfig EphemeralStorage KmsKeyArn Description
    ReservedConcurrentExecutions RuntimeManagementConfig""".split(),
)
def test_what_no_zip_depends_on_may_have_any_value(name: str) -> None:
    """It is handed on as it is written."""
    assert len(each_form(name)) == len(OPEN)


def test_a_name_of_a_function_stands_for_its_logical_id() -> None:
    """`FunctionName` is a name on the command line, where it is known."""
    found = function(FunctionName="my-fn")
    assert [found.is_named(name) for name in ("F", "my-fn", "other")] == [True, True, False]
    assert function("my-fn", FunctionName="my-fn").name == "F"
    assert function(FunctionName={"Fn::Sub": "${Text}"}).function_name != ""


def test_properties_have_their_lines() -> None:
    """They are those of the template, also of its `Globals`."""
    template = """Transform: AWS::Serverless-2016-10-31
Globals:
  Function:
    Runtime: python3.13
Resources:
  F:
    Type: AWS::Serverless::Function
    Properties:
      CodeUri: fn
      Handler: app.handler
"""
    Path("template.yaml").write_text(template)
    with warnings.catch_warnings(action="ignore"):
        (found,) = read_application([]).functions
    assert found.lines == {
        "": "template.yaml:6",
        "Runtime": "template.yaml:4",
        "CodeUri": "template.yaml:9",
        "Handler": "template.yaml:10",
    }
