"""AWS's own SAM transform."""

from typing import Any

import boto3
from samtranslator.parser.parser import Parser
from samtranslator.translator.translator import Translator
from samtranslator.yaml_helper import yaml_parse


def parsed(template: str) -> dict[str, Any]:
    """A template as it is."""
    read: dict[str, Any] = yaml_parse(template)
    return read


def defaults(template: dict[str, Any]) -> dict[str, str]:
    """What a template's parameters are where nothing else is said."""
    parameters = template.get("Parameters", {})
    return {name: str(one["Default"]) for name, one in parameters.items() if "Default" in one}


def translated(template: dict[str, Any], parameters: dict[str, str], region: str) -> dict[str, Any]:
    """A template as CloudFormation sees it after the transform; without one, as it is."""
    if "Transform" not in template:
        return template
    # The roles are the template's own, so no policy of AWS's is named that IAM would have to find.
    translator = Translator({}, Parser(), boto_session=boto3.Session(region_name=region))
    done: dict[str, Any] = translator.translate(template, {**defaults(template), **parameters})
    return done
