"""The application's template after AWS's transform: sound, and granting no more than it needs."""

import json
import tomllib
from collections.abc import Iterator
from typing import Any

import pytest

from tests.conftest import ROOT
from tests.e2e.cloud.transform import parsed, translated

REGION = "eu-central-1"
EVERYTHING = {
    "Alarms": "true",
    "AlarmTopic": "arn:aws:sns:eu-central-1:123456789012:alarms",
    "AuthType": "AWS_IAM",
    "Canary": "true",
    "CorsOrigin": "https://example.com",
    "EchoConcurrency": "5",
    "PlotConcurrency": "5",
    "SnapStart": "PublishedVersions",
    "Tracing": "Active",
}
# What has no resource that a policy could name.
UNNAMED = {"xray:PutTraceSegments", "xray:PutTelemetryRecords"}


def transformed(parameters: dict[str, str]) -> dict[str, Any]:
    template = parsed((ROOT / "template.yaml").read_text(encoding="utf-8"))
    for resource in template["Resources"].values():
        if resource["Type"] == "AWS::Serverless::Function":
            resource["Properties"]["CodeUri"] = "s3://the-artifacts/key"
    return translated(template, parameters, REGION)


def statements(template: dict[str, Any]) -> Iterator[dict[str, Any]]:
    for resource in template["Resources"].values():
        properties = resource.get("Properties", {})
        policies = [*properties.get("Policies", []), properties]
        for policy in policies:
            yield from policy.get("PolicyDocument", {}).get("Statement", [])


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


@pytest.mark.parametrize("parameters", [{}, EVERYTHING], ids=["default", "everything"])
def test_grants_nothing_on_everything(parameters: dict[str, str]) -> None:
    """No statement but tracing's has a wildcard for a resource, and none has one for an action."""
    granted = list(statements(transformed(parameters)))
    assert granted
    for statement in granted:
        actions = statement["Action"]
        for action in [actions] if isinstance(actions, str) else actions:
            assert "*" not in action
            assert statement["Resource"] != "*" or action in UNNAMED


def test_every_role_is_the_templates_own() -> None:
    """The transform makes no role with rights that nobody has read."""
    resources = transformed(EVERYTHING)["Resources"]
    roles = {name for name, one in resources.items() if one["Type"] == "AWS::IAM::Role"}
    assert roles == {"EchoRole", "PlotRole", "DeploymentRole"}
    assert not any(one["Properties"].get("ManagedPolicyArns") for one in resources.values())


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
