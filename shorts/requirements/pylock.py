"""A project's ``pylock.toml`` as a requirements file with hashes, for one target.

https://packaging.python.org/en/latest/specifications/pylock-toml/
"""

from collections.abc import Iterable
from pathlib import Path

from packaging.pylock import Package, Pylock, PylockValidationError
from packaging.specifiers import SpecifierSet

from shorts.errors import ShortsError
from shorts.requirements import toml
from shorts.requirements.markers import holds
from shorts.requirements.repositories import is_commit
from shorts.requirements.wheel_tags import best
from shorts.targets.target import Target

_EXPORT_AGAIN = "Export it again, for example with `uv export --format pylock.toml -o pylock.toml`."
_FROM_AN_INDEX = (
    "Lock released versions of them, or write a requirements.txt, which may name a project's path."
)


def as_requirements(text: str, target: Target, path: Path, sdists: frozenset[str]) -> str:
    """Return what a lock installs on a target, without extras and dependency groups.

    Args:
        text: of the lock.
        target: the markers are evaluated for its environment.
        path: of the lock.
        sdists: normalized names for which source distributions count as well as wheels; that of a
            package without any wheel always counts, because the installation reports it.

    Raises:
        ShortsError: it is not a lock, or not for the target, or holds what is not from an index.
    """
    lock = _parsed(text, path)
    if not _allows(lock.requires_python, target):
        raise ShortsError(
            f"{path} is for Python {lock.requires_python}, not {target}.\n{_EXPORT_AGAIN}"
        )
    if lock.environments and not any(holds(marker, target, path) for marker in lock.environments):
        raise ShortsError(f"{path} has no environment like {target}.\n{_EXPORT_AGAIN}")
    wanted = [package for package in lock.packages if _is_wanted(package, target, path)]
    _check_sources(wanted, path)
    _check_versions(wanted, target, path)
    return "\n".join(
        _commit(package)
        or " ".join([f"{package.name}=={package.version}", *_hashes(package, target, path, sdists)])
        for package in wanted
    )


def _commit(package: Package) -> str:
    """Return the requirement of a git repository at its commit; empty where it is none."""
    vcs = package.vcs
    if vcs is None or vcs.type != "git" or "://" not in (vcs.url or ""):
        return ""
    if not is_commit(vcs.commit_id):
        return ""
    below = f"#subdirectory={vcs.subdirectory}" if vcs.subdirectory else ""
    return f"{package.name} @ git+{vcs.url}@{vcs.commit_id}{below}"


def _parsed(text: str, path: Path) -> Pylock:
    try:
        return Pylock.from_dict(toml.loads(text))
    except PylockValidationError as error:
        raise ShortsError(
            f"{path} is not a lock file of PEP 751: {error}.\n{_EXPORT_AGAIN}"
        ) from error
    except ValueError as error:
        raise ShortsError(f"{path} is not valid TOML: {error}.\n{_EXPORT_AGAIN}") from error


def _allows(specifiers: SpecifierSet | None, target: Target) -> bool:
    """Return whether the target's Python is allowed."""
    return specifiers is None or specifiers.contains(target.version)


def _is_wanted(package: Package, target: Target, path: Path) -> bool:
    """Return whether a package is installed on a target; the locked project itself is not."""
    if package.marker and not holds(package.marker, target, path, lock=True):
        return False
    folder = path.absolute().parent
    project = package.directory
    return project is None or (folder / project.path).resolve() != folder.resolve()


def _check_sources(packages: Iterable[Package], path: Path) -> None:
    """Refuse what is not from an index, all at once."""
    named = [f"{package.name} from {where}" for package in packages if (where := _where(package))]
    if named:
        raise ShortsError(f"{path} takes {', '.join(named)}.\n{_FROM_AN_INDEX}")


def _where(package: Package) -> str:
    """Return the source of a package that is not from an index; empty where it is from one."""
    if package.directory:
        return f"the folder {package.directory.path}"
    direct = package.vcs or package.archive
    if direct is None or _commit(package):
        return ""
    return f"the {'repository' if package.vcs else 'archive'} {direct.url or direct.path}"


def _check_versions(packages: Iterable[Package], target: Target, path: Path) -> None:
    """Refuse what has no version, has two, or has one that is not for the target's Python."""
    seen = set()
    for package in packages:
        name = f"{package.name} {package.version or ''}".strip()
        if package.version is None and not _commit(package):
            raise ShortsError(f"{path} names no version of {name}.\n{_EXPORT_AGAIN}")
        if package.name in seen:
            raise ShortsError(
                f"{path} has more than one {package.name} for {target}.\n{_EXPORT_AGAIN}"
            )
        if not _allows(package.requires_python, target):
            wanted = f"{name} for {target}, which is for Python {package.requires_python}"
            raise ShortsError(f"{path} has {wanted}.\n{_EXPORT_AGAIN}")
        seen.add(package.name)


def _hashes(package: Package, target: Target, path: Path, sdists: frozenset[str]) -> list[str]:
    """Return the hashes of the files that may be installed, as options of a requirements file."""
    wheel = best(package, target) if package.wheels else None
    all_hashes = [wheel.hashes] if wheel else [wheel.hashes for wheel in package.wheels or ()]
    if package.sdist and (not all_hashes or (package.name in sdists and not wheel)):
        all_hashes.append(package.sdist.hashes)
    if not all("sha256" in hashes for hashes in all_hashes):
        raise ShortsError(
            f"{path} lacks a sha256 of {package.name} {package.version}.\n{_EXPORT_AGAIN}"
        )
    return [f"--hash=sha256:{hashes['sha256']}" for hashes in all_hashes]
