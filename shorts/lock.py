"""Exact versions and hashes for one target: from a lock, else resolved by uv."""

import tempfile
from collections.abc import Mapping
from hashlib import sha256
from pathlib import Path

import msgspec

from shorts import RULES, atomic, local, requirements, uv
from shorts.errors import ShortsError
from shorts.local import LocalWheel
from shorts.store import Store
from shorts.target import TARGETS, Target

_EDITABLE = ("-e", "--editable")
_STAMP = "# requirements: sha256:"
_HOLDS_FOR = "# holds for "


class Pin(msgspec.Struct, frozen=True, kw_only=True):
    """One distribution, exactly.

    Attributes:
        name: normalized, such as ``python-dateutil``.
        version: such as ``2.9.0``.
        hashes: of every file that may be installed for it, sorted, ``sha256:…``; for a project of
            this machine, of its tree, ``tree:…``.
        wheel: where its wheel lies, for a project of this machine.
    """

    name: str
    version: str
    hashes: tuple[str, ...]
    wheel: Path | None = None

    def __str__(self) -> str:
        return f"{self.name}=={self.version}"


def pins(
    manifest: Path, target: Target, store: Store, *, kept: Path, upgrade: bool = False
) -> list[Pin]:
    """What to install for a target, by name.

    Args:
        manifest: a ``requirements.txt`` or ``pyproject.toml``; a ``requirements.lock`` beside it is
            used as it is, else a project's ``uv.lock``.
        target: where it will run.
        store: where the wheels of local projects are kept.
        kept: a folder where a resolution without a lock is kept until the requirements change.
        upgrade: resolve again.

    Raises:
        ShortsError: the lock is of other requirements, or uv finds no solution.
    """
    wheels = _local_wheels(manifest, store)
    mine = _local_pins(manifest, target, wheels)
    lock = manifest.with_name(requirements.LOCK_NAME)
    said = requirements.digest(manifest)
    if lock.is_file():
        text = requirements.text(lock)
        _check_is_current(text, said, target, lock)
        return _together(_remembered(text, target, lock, kept), mine)
    if manifest.name == requirements.PROJECT_NAME and _has_uv_lock(manifest):
        path = manifest.with_name(requirements.UV_LOCK_NAME)
        return _together(_remembered(_exported(manifest), target, path, kept), mine)
    resolved = kept / f"{said[:32]}-{target.runtime}-{target.architecture}.lock"
    if upgrade or not resolved.is_file():
        asks = any(map(requirements.asks, requirements.files(manifest)))
        text = _resolve(manifest, target, wheels) if asks else ""
        kept.mkdir(parents=True, exist_ok=True)
        atomic.write(resolved, text.encode())
    text = requirements.text(resolved)
    return _together(_remembered(text, target, resolved, kept), mine)


def _has_uv_lock(manifest: Path) -> bool:
    return manifest.with_name(requirements.UV_LOCK_NAME).is_file()


def _exported(manifest: Path) -> str:
    """A project's ``uv.lock`` as a requirements file with hashes and markers.

    Raises:
        ShortsError: uv cannot read it, or it is of another project.
    """
    without = ["--no-dev", "--no-emit-project", "--no-header", "--no-annotate"]
    project = ["--project", str(manifest.parent), "--format", "requirements.txt"]
    try:
        return uv.run(["export", "--frozen", *project, *without])
    except ShortsError as error:
        raise ShortsError(f"{manifest}: {error}") from error


def _remembered(text: str, target: Target, path: Path, kept: Path) -> list[Pin]:
    """The pins of a lock, parsed once: the parser takes longer to import than a build may take."""
    said = sha256(f"{RULES} {target}\0{text}".encode()).hexdigest()
    memory = kept / f"{said[:32]}.json"
    try:
        return msgspec.json.decode(memory.read_bytes(), type=list[Pin])
    except (OSError, msgspec.DecodeError):
        found = parse(text, target, path)
        kept.mkdir(parents=True, exist_ok=True)
        atomic.write(memory, msgspec.json.encode(found))
        return found


def _together(found: list[Pin], mine: list[Pin]) -> list[Pin]:
    names = {pin.name for pin in mine}
    others = [pin for pin in found if pin.name not in names]
    return sorted([*mine, *others], key=lambda pin: pin.name)


def _local_wheels(manifest: Path, store: Store) -> dict[Path, LocalWheel]:
    return {
        named.path: local.wheel(named.path, store) for named in requirements.locals_of(manifest)
    }


def _local_pins(manifest: Path, target: Target, wheels: Mapping[Path, LocalWheel]) -> list[Pin]:
    """The pins of the projects that the requirements name by path and want for the target."""
    if not wheels:
        return []
    from packaging.markers import Marker
    from packaging.utils import canonicalize_name

    return [
        Pin(
            name=canonicalize_name(wheels[named.path].name),
            version=wheels[named.path].version,
            hashes=(f"tree:{wheels[named.path].tree}",),
            wheel=wheels[named.path].path,
        )
        for named in requirements.locals_of(manifest)
        if not named.marker or Marker(named.marker.lstrip("; ")).evaluate(target.markers)
    ]


def _check_is_current(text: str, said: str, target: Target, path: Path) -> None:
    """Refuse a lock of ours that is of other requirements, or not for the target."""
    heads = text.splitlines()
    stamp = next((line for line in heads if line.startswith(_STAMP)), None)
    if stamp is None:  # somebody else's lock
        return
    if stamp != f"{_STAMP}{said}":
        raise ShortsError(
            f"{path} was made from other requirements than those beside it.\n"
            "Run `shorts lock` to make it anew."
        )
    if f"{_HOLDS_FOR}{target}" not in heads:
        raise ShortsError(
            f"{path} does not hold for {target}: some requirement has no wheel for it.\n"
            "Ask for versions that have one, and run `shorts lock`."
        )


def parse(text: str, target: Target, path: Path) -> list[Pin]:
    """The pins of a lock that apply to a target, by name.

    Raises:
        ShortsError: a line is no exact requirement with hashes.
    """
    from packaging.requirements import InvalidRequirement, Requirement
    from packaging.utils import canonicalize_name

    found = []
    for line in requirements.logical_lines(text):
        if "@ file:" in line or (line.startswith("-") and not line.startswith(_EDITABLE)):
            continue  # a project of this machine, an option
        bare, *hashes = line.split(" --hash=")
        try:
            requirement = Requirement(bare)
            (only,) = requirement.specifier
        except (InvalidRequirement, ValueError) as error:
            raise ShortsError(f"{path}: {bare!r} is no exact requirement: {error}") from error
        if only.operator != "==" or only.version.endswith("*") or not hashes:
            raise ShortsError(f"{path}: {bare!r} names no exact version with hashes.")
        if requirement.marker is None or requirement.marker.evaluate(target.markers):
            name = canonicalize_name(requirement.name)
            found.append(Pin(name=name, version=only.version, hashes=tuple(sorted(hashes))))
    return sorted(found, key=lambda pin: pin.name)


def write(manifest: Path, store: Store) -> list[Target]:
    """Write the lock beside a requirements file: the full closure for every target it allows.

    Each target is resolved by itself, from the wheels that run there, for the same version may have
    one for some targets only. Markers say which pin is for which.

    Returns:
        The targets that the lock holds for.

    Raises:
        ShortsError: the requirements can be resolved for none.
    """
    wheels = _local_wheels(manifest, store)
    resolved: dict[Target, list[Pin]] = {}
    failure: ShortsError | None = None
    for target in TARGETS:
        try:
            resolved[target] = parse(_resolve(manifest, target, wheels), target, manifest)
        except uv.Unsolvable as error:
            failure = error
    if failure and not resolved:
        raise failure
    holders: dict[Pin, list[Target]] = {}
    for target, found in resolved.items():
        for pin in found:
            holders.setdefault(pin, []).append(target)
    lines = [
        f"# Made by `shorts lock` from {manifest.name}.",
        f"{_STAMP}{requirements.digest(manifest)}",
    ]
    lines += [f"{_HOLDS_FOR}{target}" for target in resolved]
    for pin in sorted(holders, key=lambda pin: (pin.name, pin.version)):
        marker = _marker(holders[pin], list(resolved))
        lines.append(f"{pin}{f' ; {marker}' if marker else ''} \\")
        lines.append(" \\\n".join(f"    --hash={value}" for value in pin.hashes))
    atomic.write(manifest.with_name(requirements.LOCK_NAME), "\n".join([*lines, ""]).encode())
    return list(resolved)


def _marker(targets: list[Target], of: list[Target]) -> str:
    """The environment marker that holds for some targets of all; empty where it holds for all."""
    minors = list(dict.fromkeys(target.minor for target in of))
    clauses: dict[str, list[str]] = {}
    for machine in dict.fromkeys(target.machine for target in of):
        mine = [target.minor for target in targets if target.machine == machine]
        if mine:
            clauses.setdefault(_versions(mine, minors), []).append(machine)
    machines = len({target.machine for target in of})
    parts = []
    for versions, on in clauses.items():
        where = " or ".join(f"platform_machine == '{machine}'" for machine in on)
        if len(on) == machines:
            where = ""
        parts.append(" and ".join(clause for clause in (versions, where) if clause))
    return " or ".join(parts)


def _versions(minors: list[str], of: list[str]) -> str:
    """The marker of some Python versions among all, which are in ascending order."""
    if minors == of:
        return ""
    if minors == of[-len(minors) :]:
        return f"python_version >= '{minors[0]}'"
    if minors == of[: len(minors)]:
        return f"python_version < '{of[len(minors)]}'"
    either = " or ".join(f"python_version == '{minor}'" for minor in minors)
    return f"({either})" if len(minors) > 1 else either


def _resolve(manifest: Path, target: Target, wheels: Mapping[Path, LocalWheel]) -> str:
    """uv's resolution for a target, from wheels alone, as a requirements file with hashes.

    Raises:
        ShortsError: with uv's reason.
    """
    with tempfile.TemporaryDirectory() as scratch:
        out, flat = Path(scratch, "lock"), Path(scratch, "requirements.txt")
        named = {path: (wheel.name, wheel.path) for path, wheel in wheels.items()}
        flat.write_text(requirements.flattened(manifest, named), encoding="utf-8")
        asked = ["--generate-hashes", "--no-header", "--no-annotate", "--output-file", str(out)]
        asked += ["--python-version", target.minor, "--python-platform", target.platform]
        try:
            uv.pip("compile", [*asked, "--only-binary", ":all:", str(flat)])
        except uv.Unsolvable as error:
            raise uv.Unsolvable(
                f"{manifest}: {str(error).replace(str(flat), manifest.name)}\n"
                f"Resolved for {target}, from wheels alone: ask for a version that has one, or use "
                "`sam build --use-container`."
            ) from error
        except ShortsError as error:
            raise ShortsError(
                f"{manifest}: {str(error).replace(str(flat), manifest.name)}"
            ) from error
        return requirements.text(out)
