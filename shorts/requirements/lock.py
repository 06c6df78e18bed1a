"""Exact versions and hashes for one target: from a lock, else resolved by uv."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from hashlib import sha256
from pathlib import Path
from urllib.parse import unquote, urlsplit

import msgspec

from shorts import RULES
from shorts.errors import ShortsError, writing
from shorts.requirements import local_projects, repositories, requirements_txt, resolve
from shorts.requirements.local_projects import LocalWheel
from shorts.requirements.manifest import PYLOCK_NAME, UV_LOCK_NAME, Requirements
from shorts.system import atomic, project_state, uv
from shorts.system.cache import Cache
from shorts.system.step import Step
from shorts.targets.target import TARGETS, Target

_GIT = "git+"
_EDITABLE = ("-e", "--editable")
STAMP = "# requirements: sha256:"
_HOLDS_FOR = "# holds for "
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


def pins(
    requirements: Requirements,
    target: Target,
    cache: Cache,
    *,
    kept: Path,
    upgrade: bool = False,
    sdists: frozenset[str] = frozenset(),
    report: Callable[[str], None] = lambda _: None,
) -> list[Pin]:
    """Return what to install for a target, by name.

    Args:
        requirements: their ``requirements.lock`` is used as it is, else a project's ``uv.lock``,
            else its ``pylock.toml``.
        target: where it will run.
        cache: where the wheels of local projects are kept.
        kept: a folder where a resolution without a lock is kept until the requirements change.
        upgrade: resolve again.
        sdists: normalized names of what may be built from source where it has no wheel.
        report: receives a line where uv resolves.

    Raises:
        ShortsError: the lock is of other requirements, or uv finds no solution.
    """
    wheels = _local_wheels(requirements, cache)
    mine = _local_pins(requirements, target, wheels)
    path, text = _lock_of(requirements, target, wheels, cache, kept, upgrade, sdists, report)
    names = {pin.name for pin in mine}
    others = [
        _complete(pin, cache, sdists)
        for pin in _remembered(text, target, path, kept, sdists)
        if pin.name not in names
    ]
    return sorted([*mine, *others], key=lambda pin: pin.name)


def _lock_of(
    requirements: Requirements,
    target: Target,
    wheels: Mapping[Path, LocalWheel],
    cache: Cache,
    kept: Path,
    upgrade: bool,
    sdists: frozenset[str],
    report: Callable[[str], None],
) -> tuple[Path, str]:
    """Return the file to name in errors, and the lock's text, resolved where there is no lock."""
    lock, theirs = requirements.lock, requirements.project_lock
    if lock and lock.path != requirements.path:
        check_is_current(lock.text, requirements.digest, target, lock.path)
    if lock:
        return lock.path, lock.text
    if theirs:
        exported = theirs.path.name == UV_LOCK_NAME
        return theirs.path, _exported(requirements.path) if exported else theirs.text
    # The same text means other wheels in another folder, and with other names built from source.
    depends = [requirements.digest, *requirements.sources, *sorted(sdists)]
    name = sha256("\n".join(depends).encode()).hexdigest()[:32]
    resolved = kept / f"{name}-python{target.version}-{target.architecture}.lock"
    known = None if upgrade else project_state.recall(resolved, str)
    if known is None:
        known = ""
        if not requirements.is_empty:
            report(Step(f"Resolving {requirements.path.name} for {target}"))
            checkouts = repositories.check_out(requirements.repositories, cache)
            known = resolve.resolve(requirements, target, wheels, checkouts, sdists)
        project_state.keep(resolved, known)
    return requirements.path, known


def _complete(pin: Pin, cache: Cache, sdists: frozenset[str]) -> Pin:
    """Return a pin with what is not in a lock: the wheel of a repository's project."""
    if not pin.url.startswith(_GIT):
        return msgspec.structs.replace(pin, sdist=pin.name in sdists)
    wheel = repositories.wheel_of(pin.name, pin.url, cache)
    hashes = (f"git:{wheel.tree}",)
    return msgspec.structs.replace(pin, version=wheel.version, hashes=hashes, wheel=wheel.path)


def _exported(manifest: Path) -> str:
    """Return a project's ``uv.lock`` as a requirements file with hashes and markers.

    Raises:
        ShortsError: uv cannot read it, or it is of another project.
    """
    without = ["--no-default-groups", "--no-emit-project", "--no-header", "--no-annotate"]
    project = ["--project", str(manifest.parent), "--format", "requirements.txt"]
    try:
        return uv.run(["export", "--frozen", *project, *without])
    except ShortsError as error:
        raise ShortsError(f"{manifest}: {error}") from error


def _remembered(
    text: str, target: Target, path: Path, kept: Path, sdists: frozenset[str]
) -> list[Pin]:
    """Return the pins of a lock, parsed once: importing the parser may take longer than a build."""
    depends = f"{RULES} {target} {target.version} {path.name} {sorted(sdists)}\0{text}"
    place = kept / f"{sha256(depends.encode()).hexdigest()[:32]}.json"
    found = project_state.recall(place, list[Pin])
    if found is None:
        found = _read(text, target, path, sdists)
        project_state.keep(place, found)
    return found


def _read(text: str, target: Target, path: Path, sdists: frozenset[str]) -> list[Pin]:
    if path.name == PYLOCK_NAME:
        from shorts.requirements import pylock

        text = pylock.as_requirements(text, target, path, sdists)
    return parse(text, target, path)


def _local_wheels(requirements: Requirements, cache: Cache) -> dict[Path, LocalWheel]:
    wheels = {}
    for named in requirements.locals:
        wheels[named.path] = local_projects.wheel(named.path, cache)
        if named.hashes and f"sha256:{wheels[named.path].tree}" not in named.hashes:
            raise ShortsError(
                f"{named.path} has none of the hashes that {requirements.path} gives: it is "
                f"sha256:{wheels[named.path].tree}."
            )
    return wheels


def _local_pins(
    requirements: Requirements, target: Target, wheels: Mapping[Path, LocalWheel]
) -> list[Pin]:
    """Return the pins of the projects that the requirements name by path and the target needs."""
    if not wheels:
        return []
    from shorts.requirements import markers

    wanted = {
        named.path: wheels[named.path]
        for named in requirements.locals
        if not named.marker or markers.holds(named.marker.lstrip("; "), target, requirements.path)
    }
    return [
        Pin(
            name=wheel.name,
            version=wheel.version,
            hashes=(f"tree:{wheel.tree}",),
            wheel=wheel.path,
            project=path.suffix != ".whl",
        )
        for path, wheel in wanted.items()
    ]


def check_is_current(text: str, said: str, target: Target, path: Path) -> None:
    """Refuse a lock by `shorts lock` that is for other requirements, or not for the target."""
    heads = text.splitlines()
    stamp = next((line for line in heads if line.startswith(STAMP)), None)
    if stamp is None:  # a lock from another tool
        return
    if stamp != f"{STAMP}{said}":
        raise ShortsError(
            f"{path} does not match the requirements next to it.\nRun `shorts lock` to update it."
        )
    if f"{_HOLDS_FOR}{target}" not in heads:
        raise ShortsError(
            f"{path} does not hold for {target}: some requirement has no wheel for it.\n"
            "Ask for versions that have one, and run `shorts lock`."
        )


def parse(text: str, target: Target, path: Path) -> list[Pin]:
    """Return the pins of a lock that apply to a target, by name.

    Raises:
        ShortsError: a line is not an exact requirement with hashes.
    """
    from packaging.utils import canonicalize_name, parse_wheel_filename

    from shorts.requirements import markers

    found: dict[str, Pin] = {}
    for line in requirements_txt.logical_lines(text):
        if line.text.startswith("-") and not line.text.startswith(_EDITABLE):
            continue  # an option
        # A variable in a URL may be a secret: it gets its value when the URL is used.
        said = " ".join(line.raw.split()) if " @ " in line.text else line.text
        bare, hashes = requirements_txt.split_hashes(said)
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
            if found.setdefault(name, pin) != pin:
                raise ShortsError(
                    f"{path} has {found[name]} and {pin} for {target}.\nLeave one of them."
                )
    return sorted(found.values(), key=lambda pin: pin.name)


def _check_hashes(hashes: Iterable[str], bare: str, path: Path) -> None:
    """Refuse what cannot be the hash of a file."""
    for value in hashes:
        algorithm, _, digest = value.strip().partition(":")
        if len(digest) != _DIGITS.get(algorithm) or not {*digest} <= {*"0123456789abcdef"}:
            raise ShortsError(
                f"{path}: {value.strip()[:200]!r} of {bare[:200]!r} is not a hash; those of wheels "
                "are written sha256: and 64 hexadecimal digits."
            )


def write(
    requirements: Requirements,
    cache: Cache,
    *,
    targets: Sequence[Target] = TARGETS,
    sdists: frozenset[str] = frozenset(),
) -> list[Target]:
    """Write the lock next to a requirements file: the full closure for every target it allows.

    Each target is resolved by itself, from the wheels that run there, because a version may have
    wheels for some targets only. Markers say which pin is for which target.

    Args:
        requirements: what to lock.
        cache: where the wheels of local projects are kept.
        targets: those to lock for.
        sdists: normalized names of what may be built from source where it has no wheel.

    Returns:
        The targets that the lock holds for.

    Raises:
        ShortsError: the requirements can be resolved for no target.
    """
    from shorts.requirements import markers

    wheels = _local_wheels(requirements, cache)
    checkouts = repositories.check_out(requirements.repositories, cache)
    resolved: dict[Target, list[Pin]] = {}
    failure: ShortsError | None = None
    for target in sorted(dict.fromkeys(targets), key=_by_version):
        try:
            text = resolve.resolve(requirements, target, wheels, checkouts, sdists)
            resolved[target] = parse(text, target, requirements.path)
        except uv.Unsolvable as error:
            failure = error
    if failure and not resolved:
        raise failure
    holders: dict[Pin, list[Target]] = {}
    for target, found in resolved.items():
        for pin in found:
            holders.setdefault(pin, []).append(target)
    lines = [
        f"# Made by `shorts lock` from {requirements.path.name}.",
        f"{STAMP}{requirements.digest}",
    ]
    lines += [f"{_HOLDS_FOR}{target}" for target in resolved]
    for pin in sorted(holders, key=lambda pin: (pin.name, pin.version)):
        marker = markers.of_targets(holders[pin], list(resolved))
        named = f"{pin.name} @ {pin.url}" if pin.url else str(pin)
        hashes = [f"    --hash={value}" for value in pin.hashes]
        lines.append(" \\\n".join([f"{named}{f' ; {marker}' if marker else ''}", *hashes]))
    place = requirements.lock_path
    with writing(str(place), "Make its folder writable, and remove what is in its place."):
        atomic.write(place, "\n".join([*lines, ""]).encode())
    return list(resolved)


def _by_version(target: Target) -> list[int]:
    return [int(part) for part in target.minor.split(".")]
