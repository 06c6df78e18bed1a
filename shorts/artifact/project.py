"""The project next to a template, from which a function without requirements infers its own."""

from functools import cached_property
from pathlib import Path

from shorts.errors import ShortsError
from shorts.requirements import manifest
from shorts.requirements.manifest import Requirements


class Project:
    """The project next to a template, read where a function would infer from it.

    Args:
        folder: of the template.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    @property
    def manifest(self) -> Requirements | None:
        """Its requirements; None without a lock: nothing is inferred."""
        return self._read[0]

    @property
    def fault(self) -> str:
        """Why it cannot be read; empty where it can, or where there is none."""
        return self._read[1]

    @cached_property
    def _read(self) -> tuple[Requirements | None, str]:
        lock = self._folder / manifest.LOCK_NAME
        try:
            requirements = manifest.find(self._folder)
            if requirements is None and lock.is_file():
                requirements = manifest.load(lock)
        except ShortsError as error:
            return None, str(error).partition("\n")[0]
        return requirements if requirements and requirements.is_locked else None, ""
