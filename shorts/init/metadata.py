"""Sample events that a template does not name yet, and the template with them."""

from collections.abc import Iterable, Iterator
from pathlib import Path

import msgspec
import yaml

from shorts.model import Application, Function
from shorts.system import atomic, files

_FOLDER = "events"
_STEP = "  "
# A byte order mark, which some editors write at the start of a file.
_MARK = "\ufeff"


class Addition(msgspec.Struct, frozen=True, kw_only=True):
    """Sample events of a function, for its ``Metadata: Shorts``.

    Attributes:
        name: the function's logical id.
        template: the path of its template.
        globs: of its events, relative to the template's folder.
    """

    name: str
    template: Path
    globs: list[str]

    @property
    def metadata(self) -> str:
        """Return the metadata as a template may have it, on one line."""
        return f"Metadata: {{Shorts: {{Events: [{', '.join(self.globs)}]}}}}"


def add(application: Application) -> tuple[list[Addition], list[Addition]]:
    """Write sample events into the template, in one go.

    Returns:
        What was added, and what the template has no place for, which its author has to decide.

    Raises:
        ShortsError: the template cannot be written.
    """
    wanted = additions(application)
    if not wanted:
        return [], []
    template = Path(application.template)
    old = files.read(template, files.TEXT).decode()
    mark = _MARK if old.startswith(_MARK) else ""
    text, left = added(old.removeprefix(mark), wanted)
    new = mark + text
    if new != old:
        atomic.rewrite(template, new.encode())
    return [addition for addition in wanted if addition not in left], left


def additions(application: Application) -> list[Addition]:
    """Return the events in `events/` that are named like a function which has none.

    That is by its logical id, with or without ``Function`` at its end, or by its code's folder: the
    name alone, or followed by a hyphen.
    """
    template = Path(application.template)
    additions = []
    for function in application.functions:
        settings, is_nested = function.settings, "/" in function.full_path
        if settings.events or not settings.slim or is_nested or not function.code_uri:
            continue
        if not function.runtime.startswith("python"):
            continue
        globs = sorted({*_globs(function, template.parent / _FOLDER)})
        if globs:
            additions.append(Addition(name=function.name, template=template, globs=globs))
    return additions


def _globs(function: Function, folder: Path) -> Iterator[str]:
    code = Path(function.code_uri).name
    names = {function.name, function.name.removesuffix("Function"), code}
    for name in sorted({name.lower() for name in names if name}):
        if (folder / f"{name}.json").is_file():
            yield f"{_FOLDER}/{name}.json"
        if any(folder.glob(f"{name}-*.json")):
            yield f"{_FOLDER}/{name}-*.json"


def added(text: str, additions: Iterable[Addition]) -> tuple[str, list[Addition]]:
    """Return a template's text with the metadata of functions, and those that it has no place for.

    A resource that has metadata, or is written on one line, is left as it is. All other lines stay
    as they are, comments included.
    """
    left: list[Addition] = []
    places: list[tuple[int, str]] = []
    end = "\r\n" if "\r\n" in text else "\n"
    resources = _value(yaml.compose(text, Loader=yaml.SafeLoader), "Resources")
    for addition in additions:
        resource = _value(resources, addition.name)
        if not isinstance(resource, yaml.MappingNode) or resource.flow_style:
            left.append(addition)
            continue
        if _value(resource, "Metadata") is not None or not resource.value:
            left.append(addition)
            continue
        key = _key(resource, "Properties")
        indent = " " * key.start_mark.column
        block = [
            f"{indent}Metadata:",
            f"{indent}{_STEP}Shorts:",
            f"{indent}{_STEP * 2}Events: [{', '.join(addition.globs)}]",
        ]
        at = key.start_mark.index - key.start_mark.column
        places.append((at, "".join(f"{line}{end}" for line in block)))
    for at, lines in sorted(places, reverse=True):
        text = text[:at] + lines + text[at:]
    return text, left


def _value(node: yaml.Node | None, name: str) -> yaml.Node | None:
    pairs = node.value if isinstance(node, yaml.MappingNode) else ()
    return next((value for key, value in pairs if key.value == name), None)


def _key(node: yaml.MappingNode, name: str) -> yaml.Node:
    """Return the key of a name, or else the first one."""
    keys: list[yaml.Node] = [key for key, _ in node.value]
    return next((key for key in keys if key.value == name), keys[0])
