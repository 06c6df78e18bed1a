"""What a build says at its end."""

from pathlib import Path

import pytest

from shorts.cli import summary
from shorts.pipeline import Built


@pytest.mark.parametrize(
    ("count", "shown"),
    [
        (1, "f0.txt"),
        (3, "f0.txt, f1.txt, f2.txt"),
        (1000, "f0.txt, f1.txt, f2.txt and 997 more"),
    ],
)
def test_a_note_names_a_few_requirements_files(count: int, shown: str) -> None:
    """A thousand functions do not make a note of a thousand names."""
    resolved = [Path(f"f{number}.txt").absolute() for number in range(count)]
    built = Built(artifacts={}, handed=[], left_out={}, resolved=resolved)
    assert summary.unlocked(built) == (
        f"{shown}: no lock file, the next builds reuse these versions. `shorts lock` pins them, "
        "`--upgrade` refreshes them"
    )
