"""A folder in which a system packages a function, and the seconds that its builds take."""

import sys
import zipfile
from collections.abc import Callable
from pathlib import Path

from bench import ground, systems
from bench.measure import timed
from bench.subjects import handler_module
from bench.systems import System
from shorts.errors import ShortsError
from shorts.model import Function


class Site:
    """A folder in which a system packages a function.

    Args:
        system: packages it.
        function: to package; its sources are in the folder as in its template's.
        work: the folder, which is created.
        template: of the application that replaces the project's sources, if any.
        say: called with each step.

    Raises:
        ShortsError: what the system needs cannot be prepared.
    """

    def __init__(
        self,
        system: System,
        function: Function,
        work: Path,
        template: Path | None,
        say: Callable[[str], None],
    ) -> None:
        work.mkdir(parents=True)
        self._system = system
        self._name = function.full_path
        self.work = work
        self._variables = systems.prepare(system, work, say, template)
        code = work / Path(function.code_uri).relative_to(function.folder)
        self._handler = code / handler_module(function)
        self._source = self._handler.read_bytes()
        self._edits = 0

    @property
    def artifact(self) -> Path:
        """Return the zip that a build leaves."""
        return self.work / self._system.place / f"{self._name}.zip"

    def from_nothing(self) -> float:
        """Build with warm download caches only; return the seconds to the zip."""
        self._handler.write_bytes(self._source)
        systems.forget(self._system, self.work)
        self.artifact.unlink(missing_ok=True)
        return self.again()

    def again(self) -> float:
        """Build what is there; return the seconds to the zip.

        Raises:
            ShortsError: the system failed, or left no zip.
        """
        argv = ["bash", str(self._system.home / "build.sh"), self._name]
        seconds = timed(argv, cwd=self.work, env=self._variables).seconds
        if self._system.leaves == "folder":
            zipping = [sys.executable, "-c", ground.ZIP, str(self.artifact.with_suffix(""))]
            seconds += float(timed(zipping, cwd=self.work, env={}).output)
        if not self.artifact.is_file():
            raise ShortsError(f"it left no {self.artifact.relative_to(self.work)}")
        return seconds

    def edited(self) -> float:
        """Build after an edit of the handler's module; return the seconds to the zip.

        Raises:
            ShortsError: the system failed, or the edit is not in its zip.
        """
        self._edits += 1
        line = b"# Edit %d of this module.\n" % self._edits
        self._handler.write_bytes(self._source + b"\n" + line)
        seconds = self.again()
        with zipfile.ZipFile(self.artifact) as archive:
            names = [name for name in archive.namelist() if name.endswith(self._handler.name)]
            if not any(archive.read(name).endswith(line) for name in names):
                raise ShortsError(f"an edit of {self._handler.name} is not in the zip built after")
        return seconds

    def close(self) -> None:
        """Stop what the system has left running."""
        systems.close(self._system, self.work)
