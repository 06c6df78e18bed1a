"""SAM's configuration file: keys that no option has, which samcli ignores in silence."""

import difflib
import os
import re
import tomllib
from pathlib import Path
from typing import Any

import click


def unknown(click_context: click.Context, command: str) -> list[str]:
    """Return a note for each key of a command's own section that is not one of its options.

    Only TOML files are read. Keys of ``global`` may be those of another command.
    """
    options = click_context.params
    place = Path(getattr(click_context, "samconfig_dir", "."), str(options["config_file"]))
    try:
        text = place.read_text(encoding="utf-8")
        section: Any = tomllib.loads(text)
    except (OSError, ValueError):
        return []
    for name in (str(options["config_env"]), command.replace(" ", "_"), "parameters"):
        section = section.get(name) if isinstance(section, dict) else None
    names = {
        word
        for option in click_context.command.params
        for word in (*option.opts, option.name or "")
    }
    known = sorted({name.lstrip("-").replace("-", "_") for name in names})
    notes = []
    for key in section if isinstance(section, dict) else ():
        if str(key).replace("-", "_") not in known:
            close = difflib.get_close_matches(str(key), known, 1)
            hint = f". Did you mean `{close[0]}`?" if close else ""
            where = f"{os.path.relpath(place)}:{_line(text, str(key))}"
            notes.append(f"{where}: `{key}` is not an option of `sam {command}`{hint}")
    return notes


def _line(text: str, key: str) -> int:
    pattern = re.compile(rf"\s*[\"']?{re.escape(key)}[\"']?\s*=")
    lines = text.splitlines()
    return next((number for number, line in enumerate(lines, 1) if pattern.match(line)), 1)
