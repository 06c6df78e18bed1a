"""Where in a requirements file the lines are that uv complains about."""

import os
from pathlib import Path

from packaging.requirements import InvalidRequirement, Requirement

from shorts.requirements.manifest import Requirements
from shorts.requirements.requirements_txt import Named


def unreadable(requirements: Requirements) -> str:
    """Return what is wrong with the first line that is not a requirement: its place, and a caret.

    It is empty where every line can be read.
    """
    for file in requirements.files:
        for line in file.lines:
            if not isinstance(line.content, Named) or "://" in line.text:
                continue
            text = line.text.partition(" --")[0]
            try:
                Requirement(text)
            except InvalidRequirement as error:
                reason, *drawing = str(error).splitlines()
                return "\n".join([f"{_shown(file.place)}:{line.first}: {reason}", *drawing])
    return ""


def contradicting(requirements: Requirements, reason: str) -> list[str]:
    """Return the lines that uv names in its reason, each with its place.

    Args:
        requirements: what was resolved.
        reason: why there is no solution, in uv's words.
    """
    return [
        f"{_shown(file.place)}:{line.first}: {line.raw}"
        for file in requirements.files
        for line in file.lines
        if isinstance(line.content, Named)
        and f"you require {line.text.partition(' --')[0].replace(' ', '')}" in reason
    ]


def _shown(place: Path | str) -> str:
    return os.path.relpath(place) if isinstance(place, Path) else place
