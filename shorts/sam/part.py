"""A part of an application: one function or layer, from what was read of the whole."""

import re
from collections.abc import Collection, Mapping, Sequence
from pathlib import Path

import msgspec

from shorts.model import Application

# A resource of a template, as samcli writes templates: its logical id, and all of its lines.
_RESOURCE = re.compile(r"^  (\S+):\n(?:   .*\n|\n)*", re.MULTILINE)
_RESOURCES = "\nResources:\n"
# YAML's references from one place of a document to another.
_REFERENCE = re.compile(r"[:-] [&*]\w+\n")


def of(whole: Application, names: Sequence[str]) -> Application | None:
    """Return what is built if one function or layer is named; None where only SAM can tell.

    A function is built with its layers. In the templates the other resources stay as they are if
    nothing is built.

    Args:
        whole: all of the application.
        names: what was named on the command line.
    """
    if len(names) != 1 or whole.handed:
        return None
    (name,) = names
    functions = [function for function in whole.functions if function.is_named(name)]
    layers = [layer for layer in whole.layers if name in (layer.full_path, layer.name)]
    if len(functions) + len(layers) != 1:
        return None
    known = {layer.full_path: layer for layer in whole.layers}
    used = [layer.full_path for function in functions for layer in function.layers]
    layers += [known[full_path] for full_path in used if full_path in known]
    built = {function.full_path for function in functions} | {layer.full_path for layer in layers}
    templates = _merged(whole.templates, whole.unbuilt, built)
    if templates is None:
        return None
    return msgspec.structs.replace(
        whole, functions=functions, layers=layers, templates=templates, unbuilt={}
    )


def _merged(
    built: Mapping[str, str], unbuilt: Mapping[str, str], full_paths: Collection[str]
) -> dict[str, str] | None:
    """Return the templates in which some resources are built, and the others are not."""
    if built.keys() != unbuilt.keys():
        return None
    merged = {}
    for place, text in built.items():
        stack = Path(place).parent
        named = {Path(path).name for path in full_paths if Path(path).parent == stack}
        parts, others = _parts(text), _parts(unbuilt[place])
        if parts is None or others is None or parts.resources.keys() != others.resources.keys():
            return None
        if (parts.before, parts.after) != (others.before, others.after):
            return None
        if not named <= parts.resources.keys():
            return None
        chosen = [(parts if name in named else others).resources[name] for name in parts.resources]
        merged[place] = "".join((parts.before, *chosen, parts.after))
    return merged


class _Parts(msgspec.Struct):
    """A template: the text of each resource, and what is around them."""

    before: str
    resources: dict[str, str]
    after: str


def _parts(text: str) -> _Parts | None:
    before, mark, resources_text = f"\n{text}".partition(_RESOURCES)
    if not mark or _REFERENCE.search(text):
        return None
    resources = {}
    at = 0
    while match := _RESOURCE.match(resources_text, at):
        resources[match[1]] = match[0]
        at = match.end()
    return _Parts(f"{before}{mark}"[1:], resources, resources_text[at:])
