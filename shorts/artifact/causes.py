"""Why a zip was built again: the parts of its unit's key, against those of the last build."""

from collections.abc import Collection, Mapping
from hashlib import sha256
from typing import Any

import msgspec

from shorts import RULES
from shorts.artifact.plan import Artifact, BuildUnit, TrimmedUnit

# The reasons other than names of parts.
NEW, UPGRADE, LAYERS = "new", "upgrade", "layers"
WARNINGS, FOLDER = "warnings", "build folder"


def parts(unit: BuildUnit) -> dict[str, str]:
    """Return a digest of each part of a unit's key, by the name of the part."""
    code = (unit.tree.digest, [(root.tree.digest, root.name) for root in unit.roots])
    settings = [unit.target, sorted(unit.handlers or ()), unit.folder, unit.prefix, unit.settings]
    settings += [unit.called, unit.inferred, unit.sharing]
    if unit.inferred:
        settings.append([layer.unit or layer.name for layer in unit.layers])
    digests = {"rules": _digest(RULES), "code": _digest(code), "requirements": unit.requirements}
    if isinstance(unit, TrimmedUnit):
        function = unit.function
        settings += [function.variables, function.memory, function.timeout]
        contents = (sha256(content).hexdigest() for content in unit.events.values())
        digests["events"] = _digest([*contents])
    return {**digests, "settings": _digest(settings)}


def reasons(
    artifacts: Mapping[str, Artifact],
    parts: Mapping[str, Mapping[str, str]],
    former: Mapping[str, Artifact],
    former_parts: Mapping[str, Mapping[str, str]],
    known: Collection[str],
    *,
    upgrade: bool,
) -> dict[str, list[str]]:
    """Return why each artifact that is fresh was built, by its full path.

    Args:
        artifacts: all of this build.
        parts: of their units' keys.
        former: the artifacts of the last build.
        former_parts: of their units' keys.
        known: the names of those that could be used again.
        upgrade: whether requirements without a lock were to be resolved again.
    """
    causes: dict[str, list[str]] = {}
    for name, artifact in artifacts.items():
        if not artifact.fresh:
            continue
        before = former.get(name)
        if before is None:
            causes[name] = [NEW]
        elif before.key == artifact.key:
            again = WARNINGS if before.warnings else FOLDER if name not in known else LAYERS
            causes[name] = [UPGRADE if upgrade else again]
        elif name not in parts:
            causes[name] = [LAYERS]
        elif name not in former_parts:  # another version of shorts has built it
            causes[name] = ["rules"]
        else:
            now, then = parts[name], former_parts[name]
            names = dict.fromkeys((*now, *then))
            causes[name] = [part for part in names if now.get(part) != then.get(part)] or [LAYERS]
    return causes


def _digest(value: Any) -> str:
    return sha256(msgspec.json.encode(value)).hexdigest()
