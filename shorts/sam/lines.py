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
        status = Path(template).stat()
        return _read(template, os.path.relpath(template), status.st_mtime_ns, status.st_size)
    except (OSError, ValueError, RecursionError, yaml.YAMLError):
        return {}


@lru_cache(maxsize=8)
def _read(template: str, shown: str, mtime: int, size: int) -> dict[str, dict[str, str]]:
    """Read a template; each of its functions asks for its own lines, so once for all of them."""
    root: yaml.Node | None = yaml.compose(
        Path(template).read_text(encoding="utf-8"), Loader=_Loader
    )
    shared = _places(_at(root, "Globals", "Function"), shown)
    return {
        name: {"": f"{shown}:{line}", **shared, **_places(_at(resource, "Properties"), shown)}
        for name, line, resource in _entries(_at(root, "Resources"))
    }


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
