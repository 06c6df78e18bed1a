"""What moto's CloudFormation lacks of what SAM's transform makes: aliases, and APIs by their id.

moto registers each class below where this module is imported.
"""

from typing import Any

from moto.awslambda.models import LambdaFunction, LambdaVersion, LayerVersion
from moto.awslambda.utils import get_backend
from moto.core.common_models import CloudFormationModel
from moto.moto_api._internal import mock_random


class _Named:
    """A resource with a `Ref` that is a text that it is made with."""

    def __init__(self, reference: str) -> None:
        self.reference = reference

    @property
    def physical_resource_id(self) -> str:
        """What a template's `Ref` gives."""
        return self.reference

    @staticmethod
    def cloudformation_name_type() -> str:
        """The property that names it is the template's to set."""
        return ""

    @classmethod
    def update_from_cloudformation_json(
        cls,
        original_resource: Any,
        new_resource_name: str,
        cloudformation_json: Any,
        account_id: str,
        region_name: str,
    ) -> Any:
        """Keep it as it is."""
        return original_resource

    @classmethod
    def delete_from_cloudformation_json(
        cls, resource_name: str, cloudformation_json: Any, account_id: str, region_name: str
    ) -> None:
        """Nothing but the stack knows of it."""


class Alias(_Named, CloudFormationModel):
    """`AWS::Lambda::Alias`: a name for one version of a function.

    https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-lambda-alias.html
    """

    @staticmethod
    def cloudformation_type() -> str:
        """The type in a template."""
        return "AWS::Lambda::Alias"

    @classmethod
    def create_from_cloudformation_json(
        cls,
        resource_name: str,
        cloudformation_json: Any,
        account_id: str,
        region_name: str,
        **kwargs: Any,
    ) -> "Alias":
        """Make the alias."""
        said = cloudformation_json["Properties"]
        place = get_backend(account_id, region_name).create_alias
        return cls(place(said["Name"], said["FunctionName"], said["FunctionVersion"], "", "").arn)

    @classmethod
    def update_from_cloudformation_json(
        cls,
        original_resource: Any,
        new_resource_name: str,
        cloudformation_json: Any,
        account_id: str,
        region_name: str,
    ) -> Any:
        """Point it at another version."""
        said = cloudformation_json["Properties"]
        place = get_backend(account_id, region_name).update_alias
        place(said["Name"], said["FunctionName"], said["FunctionVersion"], "", "")
        return original_resource


class Api(_Named, CloudFormationModel):
    """`AWS::ApiGatewayV2::Api`, as far as outputs name it.

    https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-apigatewayv2-api.html
    """

    @staticmethod
    def cloudformation_type() -> str:
        """The type in a template."""
        return "AWS::ApiGatewayV2::Api"

    @classmethod
    def create_from_cloudformation_json(
        cls,
        resource_name: str,
        cloudformation_json: Any,
        account_id: str,
        region_name: str,
        **kwargs: Any,
    ) -> "Api":
        """Give it an id."""
        return cls(mock_random.get_random_string(10, lower_case=True))

    @classmethod
    def has_cfn_attr(cls, attr: str) -> bool:
        """Whether `!GetAtt` gives something."""
        return attr in ("ApiEndpoint", "ApiId")

    def get_cfn_attribute(self, attribute_name: str) -> str:
        """What `!GetAtt` gives."""
        if attribute_name == "ApiId":
            return self.reference
        return f"https://{self.reference}.execute-api.localhost"


def _version(self: LambdaVersion, attribute_name: str) -> str:
    return str(self.version)


def _layers(self: LambdaFunction, layers: list[Any]) -> Any:
    """Find layers by their ARN; for an update, moto gives the resources themselves."""
    return _found_layers(self, [getattr(layer, "arn", layer) for layer in layers])


_found_layers = LambdaFunction._get_layers_data
_create_function = LambdaFunction.create_from_cloudformation_json


def _create_with_layers(name: str, said: Any, account: str, region: str, **kwargs: Any) -> Any:
    """Create a function with its layers, which moto leaves out."""
    function = _create_function(name, said, account, region, **kwargs)
    layers = said["Properties"].get("Layers")
    if layers:
        function.update_configuration({"Layers": layers})
    return function


def _arn(self: LayerVersion) -> str:
    return self.arn


def add_attributes() -> None:
    """Have `!GetAtt …Version` give a number, functions their layers, and layers name and ARN."""
    LambdaFunction.create_from_cloudformation_json = _create_with_layers  # type: ignore[method-assign,assignment]
    LambdaFunction._get_layers_data = _layers  # type: ignore[method-assign,assignment]
    LambdaVersion.get_cfn_attribute = _version  # type: ignore[attr-defined]
    LayerVersion.physical_resource_id = property(_arn)  # type: ignore[attr-defined]
    LayerVersion.cloudformation_name_type = lambda: "LayerName"  # type: ignore[method-assign]
