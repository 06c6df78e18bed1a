"""Requirements on local projects: built as wheels, identified by the content of their tree."""

import hashlib
import shutil
from pathlib import Path

import msgspec

from shorts.errors import ShortsError
from shorts.requirements import requirements_txt
from shorts.system import files, source_tree, uv
from shorts.system.cache import Cache


class LocalWheel(msgspec.Struct, frozen=True, kw_only=True):
    """A wheel of a local project.

    Attributes:
        name: of the distribution, normalized.
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
    if path.suffix == ".whl":
        return described(path, tree, shown=str(path), given=True)
    built = kept_wheel(tree, cache) or _copied_and_built(path, tree, cache)
    return described(built, tree, shown=str(path))


def described(built: Path, tree: str, *, shown: str, given: bool = False) -> LocalWheel:
    """Return what a wheel's name says.

    Args:
        built: the wheel.
        tree: identifies what it was built of.
        shown: the project, as errors name it.
        given: whether it is the user's own file, which may be for one platform.

    Raises:
        ShortsError: it does not have the name of a wheel, or is for this machine only.
    """
    from packaging.utils import InvalidWheelFilename, parse_wheel_filename

    try:
        name, version, _, tags = parse_wheel_filename(built.name)
    except InvalidWheelFilename as error:
        raise ShortsError(
            f"{shown} is not named like a wheel, such as lib-1.0-py3-none-any.whl.\n"
            "Name it as it was when it was built."
        ) from error
    if not given and any(tag.platform != "any" for tag in tags):
        raise ShortsError(
            f"{shown} builds a wheel for this machine only, {built.name}.\n"
            "Only pure Python projects can be built for another: build its wheel for the target, "
            "and name that in the requirements."
        )
    return LocalWheel(name=name, version=str(version), path=built, tree=tree)


def kept_wheel(key: str, cache: Cache) -> Path | None:
    """Return the wheel that the store has under a key; None where it has none."""
    folder = cache.kept("wheels", key)
    return next(folder.glob("*.whl"), None) if folder else None


def build(source: Path, key: str, cache: Cache, *, shown: str) -> Path:
    """Build the wheel of a project and keep it in the store.

    Args:
        source: the project, or its archive; the build may leave files in it.
        key: of the wheel in the store.
        cache: the store.
        shown: the project, as errors name it.

    Raises:
        ShortsError: it cannot be built.
    """
    with cache.locked([key]), cache.scratch() as work:
        wheel = kept_wheel(key, cache)
        if wheel:  # another build was faster
            return wheel
        try:
            uv.run(["build", "--wheel", "--out-dir", str(work), str(source)], builds=True)
        except ShortsError as error:
            reason = str(error).replace(str(source), shown)
            raise ShortsError(f"{shown} cannot be built: {reason}") from error
        wheels = list(work.glob("*.whl"))
        if not wheels:
            raise ShortsError(f"{shown} was built without a wheel.")
        for other in work.iterdir():
            if other not in wheels:
                files.discard(other)
        return cache.keep(work, "wheels", key) / wheels[0].name


def _copied_and_built(path: Path, tree: str, cache: Cache) -> Path:
    """Build a project's wheel from a copy, because builds leave files in the source."""
    with files.scratch() as scratch:
        copy = scratch / path.name
        if path.is_dir():
            copy.mkdir()
            source_tree.copy(source_tree.read(path), copy)
        else:
            shutil.copy(path, copy)
        if digest(copy) != tree:
            raise ShortsError(f"{path} changed while it was built.\nBuild again.")
        return build(copy, tree, cache, shown=str(path))
