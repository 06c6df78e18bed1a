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
