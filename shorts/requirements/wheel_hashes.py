"""The wheel that a target gets, of all that a lock admits."""

import tomllib
from collections.abc import Iterable, Mapping
from itertools import product
from pathlib import Path
from urllib.parse import unquote, urlsplit

import msgspec

from shorts.errors import ShortsError
from shorts.requirements.lock import Pin
from shorts.requirements.names import normalized
from shorts.system import uv
from shorts.targets.target import Target


class _File(msgspec.Struct):
    url: str = ""
    hashes: dict[str, str] = {}


class _Package(msgspec.Struct):
    name: str
    wheels: list[_File] = []
    archive: _File | None = None


class _Lock(msgspec.Struct):
    """The parts of a ``pylock.toml`` that are used here."""

    packages: list[_Package] = []


def hashes(
    lines: Iterable[str], pins: Iterable[Pin], target: Target, site: Path
) -> Mapping[str, tuple[str, ...]]:
    """Return the hash of each pin's wheel for a target, by name.

    An installation does not say which of the files in a lock it took. A resolution names those that
    run on the target, and of several the installed one has the tags in its distribution. What this
    does not find, such as a source distribution, gets all of its pin's hashes; a local project gets
    its tree's.

    Args:
        lines: the requirements file that was installed.
        pins: what is in it.
        target: what it was installed for.
        site: where it was installed.
    """
    asked = ["--format", "pylock.toml", "--no-deps", "--only-binary", ":all:"]
    asked += ["--python-version", target.version, "--python-platform", target.platform, "-"]
    admitted = {pin.name: pin.hashes for pin in pins}
    try:
        said = tomllib.loads(uv.pip("compile", asked, stdin="".join(lines)))
        lock = msgspec.convert(said, _Lock)
    except (ShortsError, tomllib.TOMLDecodeError, msgspec.ValidationError):
        return admitted
    installed = {
        normalized(info.parent.name.partition("-")[0]): tags(info)
        for info in site.glob("*.dist-info/WHEEL")
    }
    for package in lock.packages:
        files = [*package.wheels, *([package.archive] if package.archive else [])]
        named = [
            f"sha256:{file.hashes.get('sha256')}"
            for file in files
            if len(files) == 1 or _tags_of(file.url) == installed.get(package.name)
        ]
        if len(named) == 1 and named[0] in admitted.get(package.name, ()):
            admitted[package.name] = (named[0],)
    return admitted


def tags(wheel: Path) -> set[str]:
    """Return the tags in the ``WHEEL`` file of an installed distribution."""
    lines = wheel.read_text(encoding="utf-8", errors="replace").splitlines()
    return {line.partition(":")[2].strip() for line in lines if line.startswith("Tag:")}


def _tags_of(url: str) -> set[str]:
    """Return the tags in a wheel's file name, each written out.

    https://packaging.python.org/en/latest/specifications/platform-compatibility-tags/
    """
    name = unquote(urlsplit(url).path).rpartition("/")[2].removesuffix(".whl")
    return {"-".join(tag) for tag in product(*(part.split(".") for part in name.split("-")[-3:]))}
