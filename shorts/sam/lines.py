"""Where a template has the properties of its resources: file and line."""

import os
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path

import yaml

# The parser in C is ten times faster; PyYAML may be without it.
_Loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


def of_properties(template: str) -> dict[str, dict[str, str]]:
    """Return the place of each property, such as ``template.yaml:6``, by logical id and name.

    The empty name stands for the resource itself. A property of ``Globals`` counts for every
    resource without it. A document that has no lines, such as a generated one, has no places.
    """
    try:
        root = _composed(Path(template).read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError, yaml.YAMLError):
        return {}
    shown = os.path.relpath(template)
    shared = _places(_at(root, "Globals", "Function"), shown)
    return {
        name: {"": f"{shown}:{line}", **shared, **_places(_at(resource, "Properties"), shown)}
        for name, line, resource in _entries(_at(root, "Resources"))
    }


@lru_cache(maxsize=4)
def _composed(text: str) -> yaml.Node | None:
    node: yaml.Node | None = yaml.compose(text, Loader=_Loader)
    return node


def _places(node: yaml.Node | None, shown: str) -> dict[str, str]:
    return {name: f"{shown}:{line}" for name, line, _ in _entries(node)}


def _at(node: yaml.Node | None, *names: str) -> yaml.Node | None:
    for wanted in names:
        node = next((value for name, _, value in _entries(node) if name == wanted), None)
    return node


def _entries(node: yaml.Node | None) -> Iterator[tuple[str, int, yaml.Node]]:
    """Yield the names, the lines and the values of a mapping; nothing for another node."""
    for key, value in node.value if isinstance(node, yaml.MappingNode) else ():
        yield str(key.value), key.start_mark.line + 1, value
