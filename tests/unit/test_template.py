"""The application's template after AWS's transform: sound, and granting no more than it needs."""

import json
import re
import tomllib
from typing import Any

import pytest

from tests.conftest import ROOT
from tests.e2e.cloud.transform import parsed, translated

REGION = "eu-central-1"
EVERYTHING = {
    "AlarmTopic": "arn:aws:sns:eu-central-1:123456789012:alarms",
    "AuthType": "AWS_IAM",
    "Canary": "true",
    "CorsOrigin": "https://example.com",
    "SnapStart": "PublishedVersions",
    "Tracing": "Active",
}
# What SAM gives to a function that is traced, and to CodeDeploy.
MANAGED = {
    "EchoFunctionRole": {"service-role/AWSLambdaBasicExecutionRole", "AWSXrayWriteOnlyAccess"},
    "PlotFunctionRole": {"service-role/AWSLambdaBasicExecutionRole", "AWSXrayWriteOnlyAccess"},
    "CodeDeployServiceRole": {"service-role/AWSCodeDeployRoleForLambda"},
}


def transformed(parameters: dict[str, str]) -> dict[str, Any]:
    template = parsed((ROOT / "template.yaml").read_text(encoding="utf-8"))
    for resource in template["Resources"].values():
        if resource["Type"] == "AWS::Serverless::Function":
            resource["Properties"]["CodeUri"] = "s3://the-artifacts/key"
    return translated(template, parameters, REGION)


@pytest.mark.parametrize("parameters", [{}, EVERYTHING], ids=["default", "everything"])
def test_is_sound_after_the_transform(parameters: dict[str, str]) -> None:
    """cfn-lint finds nothing in what CloudFormation gets, whatever the parameters say."""
    # Here, so that no other worker that collects it has to import it.
    from cfnlint.api import lint
    from cfnlint.config import ManualArgs

    # The transform has read the parameter `Canary`, so nothing refers to it afterwards.
    config = ManualArgs(regions=[REGION], ignore_checks=["W2001"])
    found = lint(json.dumps(transformed(parameters)), config=config)
    assert [str(match) for match in found] == []


def test_grants_only_logs_traces_and_deployments() -> None:
    """Every role is one that SAM makes, with AWS's own policy for its purpose and no other."""
    resources = transformed(EVERYTHING)["Resources"]
    granted = {
        name: {str(arn).partition(":policy/")[2].partition("'")[0] for arn in policies(resource)}
        for name, resource in resources.items()
        if resource["Type"] == "AWS::IAM::Role"
    }
    assert granted == MANAGED
    assert not any(one["Type"] == "AWS::IAM::Policy" for one in resources.values())


def policies(role: dict[str, Any]) -> list[object]:
    """The managed policies of a role that has no others."""
    assert not role["Properties"].get("Policies")
    found: list[object] = role["Properties"]["ManagedPolicyArns"]
    return found


def test_every_parameter_is_read() -> None:
    """No parameter is there for nothing."""
    text = (ROOT / "template.yaml").read_text(encoding="utf-8")
    declared = re.findall(r"^  (\w+):$", text.partition("Conditions:")[0], re.M)
    assert len(declared) > 5
    assert [name for name in declared if f"!Ref {name}" not in text] == []


def test_every_route_can_be_closed() -> None:
    """With `AuthType` AWS_IAM no route is open, and by default all are."""
    api = transformed({})["Resources"]["HttpApi"]["Properties"]["Body"]
    routes = [method for path in api["paths"].values() for method in path.values()]
    assert len(routes) >= 7
    for route in routes:
        assert "x-amazon-apigateway-integration" in route
        assert route["security"] == {
            "Fn::If": ["IsClosed", [{"AWS_IAM": []}], {"Ref": "AWS::NoValue"}]
        }


def test_every_override_has_its_parameter() -> None:
    """`samconfig.toml` sets no parameter that the template does not have."""
    template = parsed((ROOT / "template.yaml").read_text(encoding="utf-8"))
    configured = (ROOT / "samconfig.toml").read_text(encoding="utf-8")
    overrides = " ".join(re.findall(r'^parameter_overrides = "(.*)"$', configured, re.M))
    assert {pair.partition("=")[0] for pair in overrides.split()} < template["Parameters"].keys()


def test_only_production_shifts_a_tenth_at_a_time() -> None:
    """Versions are shifted by CodeDeploy where `Canary` says so, which only prod does."""
    configured = tomllib.loads((ROOT / "samconfig.toml").read_text(encoding="utf-8"))
    canaries = {
        name
        for name in ("default", "dev", "prod")
        if "Canary=true" in configured[name]["deploy"]["parameters"].get("parameter_overrides", "")
    }
    assert canaries == {"prod"}
    for canary, shifted in (("true", 2), ("false", 0)):
        resources = transformed({"Canary": canary})["Resources"].values()
        groups = [one for one in resources if one["Type"] == "AWS::CodeDeploy::DeploymentGroup"]
        assert len(groups) == shifted
