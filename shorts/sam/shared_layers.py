"""Shared layers in a built template: resources for them, and the functions that refer to them."""

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import msgspec
from samcli.yamlhelper import yaml_dump, yaml_parse

from shorts.model import artifact, template_of
from shorts.targets.target import Target

# What language extensions call a loop over resources.
# https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/intrinsic-function-reference-foreach.html
_LOOP = "Fn::ForEach::"
_VARIABLE = re.compile(r"\$\{[^}]*\}|&\{[^}]*\}")
_SERVERLESS = "AWS::Serverless-2016-10-31"


class Place(msgspec.Struct, frozen=True, kw_only=True):
    """One function resource, or one loop that makes several functions.

    Attributes:
        functions: the full paths that it stands for; all of them get the same layers.
        why_not: why it cannot have more layers; empty where it can.
    """

    functions: list[str]
    why_not: str


def places(templates: Mapping[str, str], functions: Iterable[str]) -> list[Place]:
    """Return where built templates say which layers some functions have.

    Args:
        templates: their texts, by their paths in the build folder.
        functions: the full paths of functions in them.
    """
    by_template: dict[str, dict[str, str]] = defaultdict(dict)
    for full_path in functions:
        by_template[template_of(full_path)][full_path.rpartition("/")[2]] = full_path
    places = []
    for path, names in by_template.items():
        template = yaml_parse(templates[path])
        shared = _layers(mapping(template, "Globals", "Function"))
        for logical_ids, resource in _resources(template, [*names]):
            own = _layers(mapping(resource, "Properties"))
            why_not = "" if own is not None and shared is not None else "its Layers are not a list"
            places.append(Place(functions=[names[name] for name in logical_ids], why_not=why_not))
    return places


def add(text: str, users: Mapping[str, tuple[Target, Sequence[str]]]) -> str:
    """Return a built template with layers added to it.

    Args:
        text: of the template.
        users: the target and the layers' logical ids of each function that uses some, by its full
            path.
    """
    template = yaml_parse(text)
    serverless = _SERVERLESS in _listed(template.get("Transform"))
    layers = {full_path.rpartition("/")[2]: names for full_path, (_, names) in users.items()}
    for functions, resource in _resources(template, [*layers]):
        properties = resource.setdefault("Properties", {})
        before = _layers(properties) or []
        properties["Layers"] = [*before, *({"Ref": name} for name in layers[functions[0]])]
    targets = {name: target for target, names in users.values() for name in names}
    for name, target in sorted(targets.items()):
        template["Resources"][name] = _resource(name, target, serverless)
    return str(yaml_dump(template))


def mapping(value: Any, *names: str) -> Mapping[str, Any]:
    """Return the mapping under some names; an empty one where there is another value."""
    for name in names:
        value = value.get(name) if isinstance(value, dict) else None
    return value if isinstance(value, dict) else {}


def _layers(properties: Mapping[str, Any]) -> list[Any] | None:
    """Return the layers in a function's properties; None where they are not a list."""
    layers = properties.get("Layers", [])
    return layers if isinstance(layers, list) else None


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def _resources(template: Any, functions: Sequence[str]) -> list[tuple[list[str], dict[str, Any]]]:
    """Return the resources that make some functions, each with the functions' logical ids."""
    definitions = [*_definitions(template["Resources"])]
    literal = {key for key, _ in definitions}
    resources = []
    for key, resource in definitions:
        pattern = re.compile(".+".join(map(re.escape, _VARIABLE.split(key))))
        names = [
            name
            for name in functions
            if name == key or (name not in literal and pattern.fullmatch(name))
        ]
        if names:
            resources.append((names, resource))
    return resources


def _definitions(resources: Any) -> Iterable[tuple[str, dict[str, Any]]]:
    """Yield the name and definition of each resource, also of those in loops."""
    for name, resource in resources.items():
        if name.startswith(_LOOP) and isinstance(resource, list) and resource:
            yield from _definitions(resource[-1])
        elif isinstance(resource, dict):
            yield name, resource


def _resource(name: str, target: Target, serverless: bool) -> dict[str, Any]:
    """Return the definition of a layer.

    A version that no function names any more is deleted: functions and published versions that use
    it keep working, and a rollback of the stack comes before that.
    """
    about = {
        "CompatibleRuntimes": [target.runtime],
        "CompatibleArchitectures": [target.architecture],
        "Description": "Distributions that functions share, made by shorts",
    }
    if serverless:
        properties = {"ContentUri": artifact(name), "RetentionPolicy": "Delete", **about}
        return {"Type": "AWS::Serverless::LayerVersion", "Properties": properties}
    return {
        "Type": "AWS::Lambda::LayerVersion",
        "Properties": {"Content": artifact(name), **about},
    }
