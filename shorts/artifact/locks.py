"""The lock files of an application, one next to each list of requirements."""

from collections.abc import Collection, Iterator
from pathlib import Path

from shorts.artifact import plan
from shorts.errors import ShortsError
from shorts.model import Application
from shorts.requirements import lock
from shorts.slices import store
from shorts.targets.target import TARGETS


def write(
    application: Application, sdists: Collection[str] = (), *, absent_only: bool = False
) -> Iterator[tuple[Path, list[str]]]:
    """Write `requirements.lock` next to each list, and yield its path and its runtimes.

    Args:
        application: its functions and layers list what they require.
        sdists: the names of distributions that may be built from their sources.
        absent_only: whether requirements that are locked already are left as they are.

    Raises:
        ShortsError: requirements cannot be read or resolved.
    """
    collected = plan.collect(application, upgrade=True)
    passed_over = [unit.passed_over for unit in collected if unit.passed_over]
    if passed_over and not absent_only:
        raise ShortsError(
            f"{passed_over[0]}\n"
            "Fix it, or write a requirements.txt next to it, which is read first."
        )
    manifests = {unit.manifest.path: unit.manifest for unit in collected if unit.manifest}
    for path, manifest in sorted(manifests.items()):
        if absent_only and (manifest.is_locked or manifest.is_empty):
            continue
        own = [unit.target for unit in collected if unit.manifest and unit.manifest.path == path]
        targets = lock.write(
            manifest, store.Store.default(), targets=[*TARGETS, *own], sdists=frozenset(sdists)
        )
        yield manifest.lock_path, [*dict.fromkeys(target.runtime for target in targets)]
