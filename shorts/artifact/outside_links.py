"""Symbolic links among the code that lead out of the repository; a build warns of them."""

import os
from collections.abc import Iterable, Iterator
from pathlib import Path

from shorts.artifact.plan import BuildUnit
from shorts.system.source_tree import repository


def warnings(units: Iterable[BuildUnit]) -> Iterator[str]:
    """Yield a warning for each such link: another checkout may not have what it leads to."""
    for unit in units:
        for tree in (unit.tree, *(root.tree for root in unit.roots)):
            for link, target in tree.links:
                if not Path(target).is_relative_to(repository(Path(tree.root).resolve())):
                    yield (
                        f"{os.path.relpath(link)} is a symbolic link out of the repository, to "
                        f"{target}. The zip of {unit.full_paths[0]} holds its content"
                    )
