"""Requirements on local projects: built as wheels, identified by the content of their tree."""

import hashlib
import re
import shutil
from pathlib import Path

import msgspec

from shorts.errors import ShortsError
from shorts.requirements import requirements_txt
from shorts.system import files, source_tree, uv
from shorts.system.cache import Cache

# A distribution's name, its version, an optional build number, and three tags.
# https://packaging.python.org/en/latest/specifications/binary-distribution-format/
_WHEEL = re.compile(r"\w[\w.]*-\w[\w.+!]*(?:-\d\w*)?(?:-[\w.]+){3}")


class LocalWheel(msgspec.Struct, frozen=True, kw_only=True):
    """A wheel of a local project.

    Attributes:
        name: of the distribution, as its wheel writes it.
        version: of the distribution.
        path: of the wheel.
        tree: SHA-256 of the project's files, hexadecimal.
    """

    name: str
    version: str
    path: Path
    tree: str


def digest(path: Path) -> str:
    """Return the SHA-256 of a wheel or of all files of a project, hexadecimal."""
    if path.is_dir():
        return source_tree.read(path).digest
    return hashlib.sha256(files.read(path, files.ARCHIVE)).hexdigest()


def project_digest(path: Path) -> str:
    """Return the SHA-256 of a wheel or of all files of a project, hexadecimal.

    Raises:
        ShortsError: it is another folder, such as `/`, which is not read.
    """
    if path.is_dir() and not requirements_txt.is_project(path):
        raise ShortsError(
            f"{path} cannot be built: it has neither a {' nor a '.join(requirements_txt.PROJECTS)}."
        )
    return digest(path)


def wheel(path: Path, cache: Cache) -> LocalWheel:
    """Return the wheel of a project; build it where the store has none for its present content.

    Raises:
        ShortsError: it cannot be built, or its wheel is for one platform only, or a ``.whl`` file
            does not have the name of a wheel.
    """
    tree = project_digest(path)
    built = path if path.suffix == ".whl" else _kept(tree, cache) or _built(path, tree, cache)
    if not _WHEEL.fullmatch(built.stem):
        raise ShortsError(
            f"{path} has no wheel's name, such as lib-1.0-py3-none-any.whl.\n"
            "Name it as it was when it was built."
        )
    name, version, *_, platform = built.stem.split("-")
    if path.suffix != ".whl" and platform != "any":
        raise ShortsError(
            f"{path} builds a wheel for this machine alone, {built.name}.\n"
            "Only pure Python projects can be built for another: build its wheel for the target, "
            "and name that in the requirements."
        )
    return LocalWheel(name=name, version=version, path=built, tree=tree)


def _kept(tree: str, cache: Cache) -> Path | None:
    """Return the wheel that the store has of a tree, if it has one."""
    folder = cache.kept("wheels", tree)
    return next(folder.glob("*.whl"), None) if folder else None


def _built(path: Path, tree: str, cache: Cache) -> Path:
    """Build a project's wheel from a copy, because builds leave files in the source."""
    with cache.locked([tree]), cache.scratch() as work, files.scratch() as scratch:
        found = _kept(tree, cache)
        if found:  # another build was faster
            return found
        copy = scratch / path.name
        if path.is_dir():
            copy.mkdir()
            source_tree.copy(source_tree.read(path), copy)
        else:
            shutil.copy(path, copy)
        if digest(copy) != tree:
            raise ShortsError(f"{path} changed while it was built.\nBuild again.")
        try:
            uv.run(["build", "--wheel", "--out-dir", str(work), str(copy)], builds=True)
        except ShortsError as error:
            said = str(error).replace(str(copy), str(path))
            raise ShortsError(f"{path} cannot be built: {said}") from error
        wheels = list(work.glob("*.whl"))
        if not wheels:
            raise ShortsError(f"{path} was built without a wheel.")
        for other in work.iterdir():
            if other not in wheels:
                files.discard(other)
        return cache.keep(work, "wheels", tree) / wheels[0].name
