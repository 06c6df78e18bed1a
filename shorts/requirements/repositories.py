"""Requirements on git repositories: a ref resolved to a commit, built as a local project is."""

import re
from collections.abc import Iterable
from hashlib import sha256
from pathlib import Path

import msgspec

from shorts.errors import ShortsError
from shorts.requirements import local_projects, requirements_txt
from shorts.requirements.local_projects import LocalWheel
from shorts.requirements.requirements_txt import Repository
from shorts.system import download, files, process
from shorts.system.cache import Cache

_COMMIT = re.compile(r"[0-9a-f]{40}([0-9a-f]{24})?")
# Git asks nothing, and works in the clone even where a hook of another repository calls it.
_ENVIRONMENT: dict[str, str | None] = {
    "GIT_TERMINAL_PROMPT": "0",
    **dict.fromkeys(("GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_OBJECT_DIRECTORY")),
}


class Checkout(msgspec.Struct, frozen=True, kw_only=True):
    """A repository at a commit, and the wheel of its project.

    Attributes:
        url: as requirements name it, at the commit; environment variables are as they are written.
        exact: the same with the values of environment variables.
        commit: hexadecimal.
        wheel: built of it.
    """

    url: str
    exact: str
    commit: str
    wheel: LocalWheel


def is_commit(ref: str) -> bool:
    """Return whether a ref is a whole commit, which never means another one."""
    return _COMMIT.fullmatch(ref) is not None


def is_pinned(url: str) -> bool:
    """Return whether a URL, such as ``git+https://…@0123…``, names a whole commit."""
    return is_commit(url.partition("#")[0].rpartition("@")[2])


def check_out(wanted: Iterable[Repository], cache: Cache) -> dict[Repository, Checkout]:
    """Return what each repository has at its ref now."""
    return {repository: _checkout(repository, cache) for repository in wanted}


def wheel_of(name: str, url: str, cache: Cache) -> LocalWheel:
    """Return the wheel of a pinned commit; clone and build only what the store does not have.

    Args:
        name: of the distribution.
        url: with the commit, such as ``git+https://…@0123…``.
        cache: where wheels are kept.
    """
    (line,) = requirements_txt.parse(f"{name} @ {url}", Path("requirements.lock"))
    assert isinstance(line.content, Repository)
    return _checkout(line.content, cache).wheel


def _checkout(repository: Repository, cache: Cache) -> Checkout:
    """Return a checkout.

    Raises:
        ShortsError: git cannot fetch it, or it cannot be built for another machine.
    """
    if is_commit(repository.ref):
        key = _key(repository.ref, repository.subdirectory)
        built = local_projects.kept_wheel(key, cache)
        if built:
            return _described(repository, repository.ref, built)
    if download.is_offline() and not repository.url.startswith("file:"):
        raise ShortsError(f"{_named(repository)} cannot be fetched: UV_OFFLINE is set.")
    with files.scratch() as scratch:
        clone = scratch / "clone"
        try:
            _git("clone", "--quiet", "--no-checkout", "--", repository.url, str(clone))
            commit = _commit(clone, repository.ref)
            _git("-C", str(clone), "checkout", "--quiet", "--detach", commit)
            _git("-C", str(clone), "submodule", "--quiet", "update", "--init", "--recursive")
        except process.ProcessFailed as error:
            reason = " ".join(error.output.replace(repository.url, repository.written).split())
            raise ShortsError(
                f"{_named(repository)} cannot be fetched: {reason or 'git failed'}"
            ) from error
        project = (clone / repository.subdirectory).resolve()
        if not project.is_relative_to(clone.resolve()) or not requirements_txt.is_project(project):
            names = " nor a ".join(requirements_txt.PROJECTS)
            raise ShortsError(f"{_named(repository)} has neither a {names}.")
        key = _key(commit, repository.subdirectory)
        built = local_projects.build(project, key, cache, shown=_named(repository))
    return _described(repository, commit, built)


def _described(repository: Repository, commit: str, built: Path) -> Checkout:
    below = f"#subdirectory={repository.subdirectory}" if repository.subdirectory else ""
    return Checkout(
        url=f"git+{repository.written}@{commit}{below}",
        exact=f"git+{repository.url}@{commit}{below}",
        commit=commit,
        wheel=local_projects.described(built, commit, shown=_named(repository)),
    )


def _commit(clone: Path, ref: str) -> str:
    """Return the commit that a branch, a tag, a part of a commit or any other ref means now."""
    names = [f"refs/remotes/origin/{ref}", f"refs/tags/{ref}", ref] if ref else ["HEAD"]
    look = ["-C", str(clone), "rev-parse", "--verify", "--quiet", "--end-of-options"]
    for name in names:
        try:
            return _git(*look, f"{name}^{{commit}}").strip()
        except process.ProcessFailed:
            continue
    _git("-C", str(clone), "fetch", "--quiet", "origin", f"+{ref}:refs/shorts/wanted")
    return _git(*look, "refs/shorts/wanted^{commit}").strip()


def _git(*arguments: str) -> str:
    return process.run(["git", *arguments], env=_ENVIRONMENT)


def _key(commit: str, subdirectory: str) -> str:
    return sha256(f"git {commit} {subdirectory}".encode()).hexdigest()


def _named(repository: Repository) -> str:
    at = f"@{repository.ref}" if repository.ref else ""
    below = f"#subdirectory={repository.subdirectory}" if repository.subdirectory else ""
    return f"git+{repository.written}{at}{below}"
