"""The requirements of code folders, and a digest of all that they depend on."""

from hashlib import sha256
from pathlib import Path

import msgspec

from shorts.errors import ShortsError
from shorts.requirements import manifest, pyproject
from shorts.requirements.manifest import Requirements


class Manifests:
    """The requirements of code folders, each read once.

    Args:
        named: the file that `--manifest` names, for all folders.
        sdists: normalized names of what may be built from source where it has no wheel.
        upgrade: download included URLs again.
    """

    def __init__(self, named: str | None, sdists: frozenset[str], upgrade: bool) -> None:
        self._named = Path(named) if named else None
        self._sdists = sdists
        self._upgrade = upgrade
        self._known: dict[tuple[Path, bool], Requirements | None] = {}
        self._digests: dict[Path, str] = {}
        self._faults: dict[str, str] = {}

    def of(self, folder: str, *, uv: bool) -> Requirements | None:
        """Return the requirements of the code in a folder.

        A project that cannot be read is passed over, as SAM does: `fault` says why. Only the build
        method of uv asks for it.

        Raises:
            ShortsError: a file cannot be read.
        """
        key = (self._named or Path(folder), uv)
        if key not in self._known:
            if self._named and not self._named.is_file():
                raise ShortsError(f"{self._named}, which --manifest names, does not exist.")
            self._known[key] = (
                manifest.load(self._named, upgrade=self._upgrade)
                if self._named
                else self._find(Path(folder), uv)
            )
        return self._known[key]

    def fault(self, folder: str) -> str:
        """Return why the project in a folder is passed over; empty where none is."""
        return self._faults.get(folder, "")

    def _find(self, folder: Path, uv: bool) -> Requirements | None:
        try:
            return manifest.find(folder, variants=uv, upgrade=self._upgrade)
        except pyproject.ProjectError as error:
            if uv:
                raise
            self._faults[str(folder)] = str(error).partition("\n")[0]
            return None

    def digest(self, required: Requirements | None) -> str:
        """Return a digest of requirements, the projects they name, and the lock."""
        if required is None:
            return ""
        if required.path not in self._digests:
            self._digests[required.path] = digest_of(required, self._sdists)
        return self._digests[required.path]


def digest_of(required: Requirements, sdists: frozenset[str]) -> str:
    """Return a digest of requirements, the projects they name, and the lock.

    Raises:
        ShortsError: a project cannot be read.
    """
    digest = sha256(required.digest.encode())
    for named in required.locals:
        from shorts.requirements import local_projects

        digest.update(local_projects.project_digest(named.path).encode())
    if required.lock:
        digest.update(required.lock.text.encode())
    digest.update(msgspec.json.encode([sorted(sdists), required.sources]))
    return digest.hexdigest()
