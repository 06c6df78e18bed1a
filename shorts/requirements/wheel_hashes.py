"""The exact wheel of each distribution that a target gets, of all that a lock admits."""

from collections.abc import Iterable
from pathlib import Path

import msgspec

from shorts.errors import ShortsError
from shorts.requirements.lock_file import Pin
from shorts.requirements.wheel_tags import best, parse
from shorts.system import uv
from shorts.targets.target import Target


def exact(lines: Iterable[str], pins: Iterable[Pin], target: Target) -> dict[str, Pin]:
    """Return pins with the URL and the hash of their wheel for a target, by name.

    What has no wheel there, such as a source distribution, keeps all of its hashes; a local project
    keeps its tree's.

    Args:
        lines: the requirements file that is installed.
        pins: what is in it.
        target: what it is installed for.
    """
    by_name = {pin.name: pin for pin in pins}
    arguments = ["--format", "pylock.toml", "--no-deps", "--only-binary", ":all:"]
    arguments += ["--python-version", target.version, "--python-platform", target.platform, "-"]
    try:
        packages = parse(uv.pip("compile", arguments, stdin="".join(lines)))
    except ShortsError:
        return by_name
    for package in packages:
        wheel = best(package, target) if package.wheels else package.archive
        digest = f"sha256:{wheel.hashes.get('sha256')}" if wheel else ""
        pin = by_name.get(package.name)
        if wheel and pin and digest in pin.hashes:
            url = wheel.url or Path(wheel.path or "").absolute().as_uri()
            by_name[pin.name] = msgspec.structs.replace(pin, hashes=(digest,), url=pin.url or url)
    return by_name
