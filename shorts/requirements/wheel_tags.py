"""The wheel that a target gets, of all that a lock has of a distribution.

https://packaging.python.org/en/latest/specifications/platform-compatibility-tags/
"""

import tomllib
from collections.abc import Iterator
from typing import TYPE_CHECKING, cast

from packaging.pylock import (
    Package,
    PackageWheel,
    Pylock,
    PylockSelectError,
    PylockValidationError,
)
from packaging.tags import Tag, compatible_tags, cpython_tags
from packaging.version import Version

from shorts.targets.target import Target

if TYPE_CHECKING:
    from packaging.markers import Environment

# The oldest glibc that wheels for a machine name, and the other names of some versions.
_OLDEST = {"x86_64": 5, "aarch64": 17}
_ALIASES = {5: "manylinux1", 12: "manylinux2010", 17: "manylinux2014"}


def tags(target: Target) -> list[Tag]:
    """Return the tags of wheels that run on a target, the best first."""
    major, minor = (int(part) for part in target.minor.split("."))
    platforms = [*_platforms(target)]
    interpreter = f"cp{major}{minor}"
    return [
        *cpython_tags((major, minor), [interpreter], platforms),
        *compatible_tags((major, minor), interpreter, platforms),
    ]


def _platforms(target: Target) -> Iterator[str]:
    for minor in range(target.glibc[1], _OLDEST[target.machine] - 1, -1):
        yield f"manylinux_2_{minor}_{target.machine}"
        if minor in _ALIASES:
            yield f"{_ALIASES[minor]}_{target.machine}"
    yield f"linux_{target.machine}"


def best(package: Package, target: Target) -> PackageWheel | None:
    """Return the wheel of a package that a target gets; None where it has none for it."""
    wheels = Pylock(
        lock_version=Version("1.0"),
        created_by="shorts",
        packages=[Package(name=package.name, version=package.version, wheels=package.wheels)],
    )
    try:
        ((_, wheel),) = wheels.select(
            environment=cast("Environment", target.markers), tags=tags(target)
        )
    except PylockSelectError:
        return None
    return wheel if isinstance(wheel, PackageWheel) else None


def installed(package: Package, target: Target) -> str:
    """Return the hash of what a target gets of a package: its wheel, else its source."""
    file = best(package, target) if package.wheels else package.archive or package.sdist
    return f"sha256:{file.hashes['sha256']}" if file and "sha256" in file.hashes else ""


def unfit(lock: str, target: Target) -> dict[str, str]:
    """Return the versions in a ``pylock.toml`` that have no wheel that runs on a target, by name.

    What has no wheels at all is left out.
    """
    return {
        package.name: str(package.version)
        for package in parse(lock)
        if package.wheels and best(package, target) is None
    }


def parse(lock: str) -> list[Package]:
    """Return the packages of a ``pylock.toml`` that uv has written; none where it is another."""
    try:
        return list(Pylock.from_dict(tomllib.loads(lock)).packages)
    except (tomllib.TOMLDecodeError, PylockValidationError):
        return []
