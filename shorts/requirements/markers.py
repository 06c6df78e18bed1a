"""Environment markers, evaluated for a target.

https://packaging.python.org/en/latest/specifications/dependency-specifiers/
"""

from pathlib import Path

from packaging.markers import InvalidMarker, Marker, UndefinedComparison, UndefinedEnvironmentName
from packaging.requirements import InvalidRequirement, Requirement

from shorts.errors import ShortsError
from shorts.targets.target import Target

_TOO_DEEP = "its parentheses are nested too deep"


def requirement(line: str) -> Requirement:
    """Parse a requirement.

    Raises:
        ValueError: it is not valid.
    """
    try:
        return Requirement(line)
    except (InvalidRequirement, RecursionError) as error:
        reason = _TOO_DEEP if isinstance(error, RecursionError) else str(error).splitlines()[0]
        raise ValueError(reason) from error


def holds(marker: Marker | str, target: Target, path: Path, *, lock: bool = False) -> bool:
    """Return whether a marker is true on a target.

    Args:
        marker: parsed, or as it is written.
        target: where it is evaluated.
        path: of the file that contains it.
        lock: whether it may use extras and groups, as in a ``pylock.toml``.

    Raises:
        ShortsError: it is not a marker, or cannot be evaluated.
    """
    try:
        parsed = Marker(marker) if isinstance(marker, str) else marker
        return parsed.evaluate(target.markers, context="lock_file" if lock else "metadata")
    except (InvalidMarker, UndefinedComparison, UndefinedEnvironmentName, ValueError) as error:
        reason = str(error).splitlines()[0]
    except RecursionError:
        reason = _TOO_DEEP
    raise ShortsError(f"{path}: the marker {str(marker)[:200]!r} cannot be used: {reason}")


def of_targets(targets: list[Target], of: list[Target]) -> str:
    """Return the environment marker that selects some targets of all; empty where it is all."""
    minors = list(dict.fromkeys(target.minor for target in of))
    clauses: dict[str, list[str]] = {}
    for machine in dict.fromkeys(target.machine for target in of):
        own_minors = [target.minor for target in targets if target.machine == machine]
        if own_minors:
            clauses.setdefault(_versions(own_minors, minors), []).append(machine)
    machines = len({target.machine for target in of})
    parts = []
    for versions, on in clauses.items():
        where = " or ".join(f"platform_machine == '{machine}'" for machine in on)
        if len(on) == machines:
            where = ""
        parts.append(" and ".join(clause for clause in (versions, where) if clause))
    return " or ".join(parts)


def _versions(minors: list[str], of: list[str]) -> str:
    """Return the marker that selects some Python versions of all, both in ascending order."""
    if minors == of:
        return ""
    if minors == of[-len(minors) :]:
        return f"python_version >= '{minors[0]}'"
    if minors == of[: len(minors)]:
        return f"python_version < '{of[len(minors)]}'"
    either = " or ".join(f"python_version == '{minor}'" for minor in minors)
    return f"({either})" if len(minors) > 1 else either
