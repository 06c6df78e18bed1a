"""The lines of requirements files that require something: which distribution, and where."""

from pathlib import Path

import msgspec

from shorts.requirements import local_projects, repositories
from shorts.requirements.manifest import Requirements
from shorts.requirements.names import normalized
from shorts.requirements.requirements_txt import Line, Local, Named, Repository
from shorts.system.cache import Cache


class RequirementLine(msgspec.Struct, frozen=True, kw_only=True):
    """A requirement as it is written.

    Attributes:
        name: of the distribution, normalized.
        path: of the file; of what a URL holds, of the file that includes it.
        line: its line there; its number is 0 where it is not known.
    """

    name: str
    path: Path
    line: Line


def read(requirements: Requirements, cache: Cache) -> list[RequirementLine]:
    """Return the requirements in a file and those it includes, without constraints.

    Args:
        requirements: what is required.
        cache: where the wheels of local projects are kept.

    Raises:
        ShortsError: a local project cannot be built.
    """
    lines: list[RequirementLine] = []
    for file in requirements.files:
        remote = isinstance(file.place, str)
        path = file.place if isinstance(file.place, Path) else requirements.path
        for line in () if file.constrains else file.lines:
            name = _name(line, cache) if line.requires else ""
            if name and remote:
                line = msgspec.structs.replace(line, first=0, last=0)
            if name:
                lines.append(RequirementLine(name=normalized(name), path=path, line=line))
    return lines


def _name(line: Line, cache: Cache) -> str:
    """Return the name of what a line requires, as it is written there or in its wheel."""
    content = line.content
    if isinstance(content, Local):
        return local_projects.wheel(content.path, cache).name
    if isinstance(content, Repository) and not content.name:
        (checkout,) = repositories.check_out([content], cache).values()
        return checkout.wheel.name
    return content.name if isinstance(content, Named | Repository) else ""
