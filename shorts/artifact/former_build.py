"""What the last build left in the build folder, if nothing has changed it since."""

import os
from collections.abc import Iterable, Mapping
from pathlib import Path

from shorts.artifact import plan
from shorts.artifact.plan import Artifact, BuildUnit, sidecar_names
from shorts.errors import ShortsError
from shorts.model import artifact
from shorts.system import files


def untouched(remembered: Mapping[str, Artifact], build_dir: Path) -> dict[str, Artifact]:
    """Return the artifacts in the build folder that are as the last build left them."""
    return {
        name: known
        for name, known in remembered.items()
        # An artifact with warnings is made again: their cause may be gone.
        if not known.warnings and _is_untouched(build_dir, name, known)
    }


def _is_untouched(build_dir: Path, full_path: str, known: Artifact) -> bool:
    try:
        status = (build_dir / artifact(full_path)).stat()
        stamps = {(build_dir / name).stat().st_mtime_ns for name in sidecar_names(full_path)}
    except OSError:
        return False
    return status.st_size == known.size and stamps | {status.st_mtime_ns} == {known.stamp}


def holds(collected: Iterable[BuildUnit], known: Mapping[str, Artifact]) -> bool:
    """Return whether every artifact of some units is known, with the layers that it shares."""
    return all(
        full_path in known
        and known[full_path].key == unit.key
        and all(name in known for name in plan.siblings(full_path, known[full_path].layers))
        for unit in collected
        for full_path in unit.full_paths
    )


def has_only(build_dir: Path, templates: Mapping[str, str], artifacts: Iterable[str]) -> bool:
    """Return whether a build folder holds nothing but some templates and artifacts.

    Args:
        build_dir: the build folder.
        templates: their texts, by their paths in it.
        artifacts: the full paths of their functions and layers; they are there.
    """
    expected = {*templates}
    for full_path in artifacts:
        expected |= {artifact(full_path), *sidecar_names(full_path)}
    present = {
        os.path.relpath(os.path.join(folder, name), build_dir)
        for folder, _, names in os.walk(build_dir)
        for name in names
    }
    return present == expected and all(
        _holds(build_dir / name, text.encode()) for name, text in templates.items()
    )


def _holds(path: Path, content: bytes) -> bool:
    try:
        return files.read(path, len(content)) == content
    except ShortsError:
        return False
