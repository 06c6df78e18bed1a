"""Exact versions and hashes for one target: from a lock, else resolved by uv."""

from collections.abc import Callable, Mapping, Sequence
from hashlib import sha256
from pathlib import Path

import msgspec

from shorts import RULES
from shorts.errors import ShortsError, writing
from shorts.requirements import local_projects, lock_file, repositories, resolve
from shorts.requirements.local_projects import LocalWheel
from shorts.requirements.lock_file import Pin
from shorts.requirements.manifest import PYLOCK_NAME, UV_LOCK_NAME, Requirements
from shorts.system import atomic, project_state, uv
from shorts.system.cache import Cache
from shorts.system.step import Step
from shorts.targets.target import TARGETS, Target

_GIT = "git+"


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
    local_pins = _local_pins(requirements, target, wheels)
    path, text = _lock_of(requirements, target, wheels, cache, kept, upgrade, sdists, report)
    names = {pin.name for pin in local_pins}
    others = [
        _complete(pin, cache, sdists)
        for pin in _remembered(text, target, path, kept, sdists)
        if pin.name not in names
    ]
    return sorted([*local_pins, *others], key=lambda pin: pin.name)


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
        lock_file.check_is_current(lock.text, requirements.digest, target, lock.path)
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
    remembered = project_state.recall(place, list[Pin])
    if remembered is None:
        remembered = _read(text, target, path, sdists)
        project_state.keep(place, remembered)
    return remembered


def _read(text: str, target: Target, path: Path, sdists: frozenset[str]) -> list[Pin]:
    if path.name == PYLOCK_NAME:
        from shorts.requirements import pylock

        text = pylock.as_requirements(text, target, path, sdists)
    return lock_file.parse(text, target, path)


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
            resolved[target] = lock_file.parse(text, target, requirements.path)
        except uv.Unsolvable as error:
            failure = error
    if failure and not resolved:
        raise failure
    holders: dict[Pin, list[Target]] = {}
    for target, resolved_pins in resolved.items():
        for pin in resolved_pins:
            holders.setdefault(pin, []).append(target)
    lines = [
        f"# Made by `shorts lock` from {requirements.path.name}.",
        f"{lock_file.STAMP}{requirements.digest}",
    ]
    lines += [f"{lock_file.HOLDS_FOR}{target}" for target in resolved]
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
