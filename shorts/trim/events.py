"""What runs sample events in a build; it imports that only where a function has some."""

import threading
from collections.abc import Callable, Mapping
from pathlib import Path

from shorts.artifact.content import Content
from shorts.artifact.plan import Artifact
from shorts.artifact.trim_rules import Trim
from shorts.remote import Remote


class SampleEvents:
    """The sample events of an application's functions.

    Args:
        remote: where the records of other machines are looked for, and where this one's go.
    """

    def __init__(self, remote: Remote | None) -> None:
        self._remote = remote

    def pack(
        self,
        content: Content,
        stage: Path,
        layers: Mapping[str, Path],
        report: Callable[[str], None],
        interrupted: threading.Event,
    ) -> Artifact:
        """Write the zip of a function that its events trim."""
        from shorts.trim import packing

        return packing.pack(content, stage, layers, report, interrupted, self._remote)

    def trace(
        self,
        content: Content,
        stage: Path,
        layers: Mapping[str, Path],
        report: Callable[[str], None],
        interrupted: threading.Event,
    ) -> Trim | None:
        """Return what the events of a function show without shared layers."""
        from shorts.trim import packing

        return packing.trace(content, stage, layers, report, interrupted, self._remote)
