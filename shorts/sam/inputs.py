"""The files that samcli reads: templates, configurations, and what they name."""

import os
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import click
from samcli.commands._utils.template import get_template_data

from shorts.errors import ShortsError

# The templates that samcli looks for; the first one that exists counts.
TEMPLATES = ("template.yaml", "template.yml", "template.json")
_CONFIGURATIONS = ("samconfig.toml", "samconfig.yaml", "samconfig.yml")


def check_form(path: str) -> None:
    """Refuse what is not a template at all, which SAM itself crashes on.

    Raises:
        ShortsError: it does not exist, or it has no resources, or they are not a mapping.
    """
    if not Path(path).exists():
        raise ShortsError(_missing(Path(path)))
    template = get_template_data(path)
    resources = template.get("Resources") if isinstance(template, dict) else None
    if not isinstance(resources, dict) or not resources:
        raise ShortsError(f"{path} is not a SAM template: it has no Resources.")


def _missing(path: Path) -> str:
    """Return the message about a template that does not exist; samcli names the last it tries."""
    if path.name not in TEMPLATES or path.parent != Path.cwd():
        return f"The template {os.path.relpath(path)} does not exist."
    above = (folder / name for folder in Path.cwd().parents for name in TEMPLATES)
    template = next((place for place in above if place.is_file()), None)
    way_out = "Go to the folder of your template, or name it with -t FILE."
    if template:
        way_out = f"There is one above: -t {os.path.relpath(template)}, or run the command there."
    return f"No template found: shorts looks for {', '.join(TEMPLATES)}.\n{way_out}"


def of(click_context: click.Context, stacks: Sequence[Any], arguments: Sequence[str]) -> set[str]:
    """Return the files that the answer was read from, and those that would be if they existed."""
    options = click_context.params
    folder = Path(options["template_file"]).parent
    files = {os.path.abspath(stack.location) for stack in stacks}
    files |= {os.path.abspath(name) for name in TEMPLATES}
    files |= {str(folder / name) for name in (*_CONFIGURATIONS, str(options["config_file"]))}
    texts = [*arguments, *_texts(click_context.default_map)]
    files |= {
        os.path.abspath(word.removeprefix("file://"))
        for word in texts
        if word.startswith("file://")
    }
    return files


def _texts(settings: Any) -> Iterator[str]:
    """Yield every word in a configuration."""
    if isinstance(settings, str):
        yield from settings.split()
    elif isinstance(settings, Mapping):
        for value in settings.values():
            yield from _texts(value)
    elif isinstance(settings, list | tuple):
        for value in settings:
            yield from _texts(value)
