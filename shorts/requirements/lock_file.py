"""The text of a lock: exact versions and hashes, and what it was made from."""

from collections.abc import Iterable
from pathlib import Path
from urllib.parse import unquote, urlsplit

import msgspec

from shorts.errors import ShortsError
from shorts.requirements import repositories, requirements_txt
from shorts.requirements.manifest import Requirements
from shorts.system import uv
from shorts.targets.target import Target

STAMP = "# requirements: sha256:"
HOLDS_FOR = "# holds for "
_GIT = "git+"
_EDITABLE = ("-e", "--editable")
# The most letters of a name and a version together, because they are part of a file's name.
_LONGEST = 200
# The number of hexadecimal digits of each hash that uv and pip know.
_DIGITS = {"md5": 32, "sha256": 64, "sha384": 96, "sha512": 128, "blake2b": 128}


class Pin(msgspec.Struct, frozen=True, kw_only=True):
    """One distribution, exactly.

    Attributes:
        name: normalized, such as ``python-dateutil``.
        version: such as ``2.9.0``.
        hashes: of every file that may be installed for it, sorted, ``sha256:…``; for a local
            project, of its tree, ``tree:…``; for one in a repository, the commit, ``git:…``.
        wheel: the path of its wheel, for a local project and one in a repository.
        project: whether it was built from a local project.
        url: of its wheel or its repository, for a requirement that names it; environment variables
            in it are as they are written.
        sdist: whether it may be built from its source distribution, if no wheel runs on the target.
    """

    name: str
    version: str
    hashes: tuple[str, ...]
    wheel: Path | None = None
    project: bool = False
    url: str = ""
    sdist: bool = False

    def __str__(self) -> str:
        return f"{self.name}=={self.version}"


def check_is_current(text: str, digest: str, target: Target, path: Path) -> None:
    """Refuse a lock by `shorts lock` that is for other requirements, or not for the target."""
    heads = text.splitlines()
    stamp = next((line for line in heads if line.startswith(STAMP)), None)
    if stamp is None:  # a lock from another tool
        return
    if stamp != f"{STAMP}{digest}":
        raise ShortsError(
            f"{path} does not match the requirements next to it.\nRun `shorts lock` to update it."
        )
    if f"{HOLDS_FOR}{target}" not in heads:
        raise ShortsError(
            f"{path} does not cover {target}: a requirement has no wheel for it.\n"
            "Ask for versions that have one, and run `shorts lock`."
        )


def as_it_is(requirements: Requirements) -> Requirements:
    """Return requirements with their lock, which `check_is_current` then accepts for any of them.

    Args:
        requirements: have a lock by `shorts lock`.
    """
    lock = requirements.lock
    assert lock is not None
    kept = [line for line in lock.text.splitlines() if not line.startswith(STAMP)]
    taken = msgspec.structs.replace(lock, text="\n".join([*kept, ""]))
    return msgspec.structs.replace(requirements, lock=taken)


def parse(text: str, target: Target, path: Path) -> list[Pin]:
    """Return the pins of a lock that apply to a target, by name.

    Raises:
        ShortsError: a line is not an exact requirement with hashes.
    """
    from packaging.utils import canonicalize_name, parse_wheel_filename

    from shorts.requirements import markers

    pins: dict[str, Pin] = {}
    for line in requirements_txt.logical_lines(text):
        if line.text.startswith("-") and not line.text.startswith(_EDITABLE):
            continue  # an option
        # A variable in a URL may be a secret: it gets its value when the URL is used.
        written = " ".join(line.raw.split()) if " @ " in line.text else line.text
        bare, hashes = requirements_txt.split_hashes(written)
        try:
            requirement = markers.requirement(bare)
            url = requirement.url or ""
            if url.startswith(_GIT):
                version, exact = "", repositories.is_pinned(url)
            elif url:
                _, built, *_ = parse_wheel_filename(unquote(urlsplit(url).path.rpartition("/")[2]))
                version, exact = str(built), True
            else:
                (only,) = requirement.specifier
                version, exact = only.version, only.operator == "==" and only.version[-1] != "*"
        except ValueError as error:
            reason = str(error).splitlines()[0]
            raise ShortsError(
                f"{path}: {bare[:200]!r} is not an exact requirement: {reason}\n{uv.ONLY_WHEELS}"
            ) from error
        if url.startswith(_GIT) and not exact:
            raise ShortsError(
                f"{path}: {bare[:200]!r} names no commit.\n`shorts lock` writes the commit."
            )
        if not exact or not (hashes or url.startswith(_GIT)):
            raise ShortsError(
                f"{path}: {bare!r} names no exact version with hashes.\n"
                "`shorts lock` writes both, and so does `uv pip compile --generate-hashes`."
            )
        if requirement.marker is None or markers.holds(requirement.marker, target, path):
            _check_hashes(hashes, bare, path)
            name = canonicalize_name(requirement.name)
            if len(name + version) > _LONGEST:
                raise ShortsError(f"{path}: {bare[:80]!r} … is too long for a distribution.")
            pin = Pin(name=name, version=version, hashes=tuple(sorted({*hashes})), url=url)
            if pins.setdefault(name, pin) != pin:
                raise ShortsError(
                    f"{path} has {pins[name]} and {pin} for {target}.\nLeave one of them."
                )
    return sorted(pins.values(), key=lambda pin: pin.name)


def _check_hashes(hashes: Iterable[str], bare: str, path: Path) -> None:
    """Refuse what cannot be the hash of a file."""
    for value in hashes:
        algorithm, _, digest = value.strip().partition(":")
        if len(digest) != _DIGITS.get(algorithm) or not {*digest} <= {*"0123456789abcdef"}:
            raise ShortsError(
                f"{path}: {value.strip()[:200]!r} of {bare[:200]!r} is not a hash; those of wheels "
                "are written sha256: and 64 hexadecimal digits."
            )
