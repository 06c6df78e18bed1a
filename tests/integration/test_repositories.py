"""Projects that a requirement of a requirement names by URL, in a repository and elsewhere."""

import tarfile
from pathlib import Path

import pytest

from tests.conftest import Shorts, require
from tests.integration.test_requirements import (
    built,
    commit,
    content,
    failed,
    git,
    project,
    repository,
    simple,
)

__all__ = ["repository"]

pytestmark = pytest.mark.usefixtures("uv_cache", "own_store")


def make_dynamic(repository: Path) -> str:
    """Have the project tell its requirements only where it is built; the commit."""
    described = repository / "pyproject.toml"
    described.write_text(f'{described.read_text()}dynamic = ["classifiers"]\n')
    commit(repository)
    return git(repository, "rev-parse", "HEAD")


def parent(kind: str, folder: Path, wheels: Path, url: str) -> str:
    """A distribution that requires the project at a URL; the line that requires it."""
    needs = f"Requires-Dist: lib @ {url}\n"
    if kind == "an index":
        simple(wheels, "top", "1.0", metadata=needs)
        return "top"
    if kind == "a wheel":
        return f"top @ {simple(folder / 'top', 'top', '1.0', metadata=needs).as_uri()}"
    made = project(folder / "top", more=f'dependencies = ["lib @ {url}"]\n')
    for name in ("pyproject.toml", "backend.py"):
        text = (made / name).read_text()
        for before, after in (('"lib"', '"top"'), ("Name: lib", "Name: top"), ("lib-0", "top-0")):
            text = text.replace(before, after)
        (made / name).write_text(text.replace("lib.py", "top.py"))
    (made / "lib.py").rename(made / "top.py")
    if kind == "a folder":
        return str(made)
    git(made, "init", "-q")
    commit(made)
    return f"top @ git+{made.as_uri()}"


@pytest.mark.parametrize("is_dynamic", [False, True])
@pytest.mark.parametrize("kind", ["an index", "a wheel", "a folder", "a repository"])
def test_it_is_built_as_one_that_is_named(
    function: Path,
    wheels: Path,
    repository: Path,
    shorts: Shorts,
    tmp_path: Path,
    kind: str,
    is_dynamic: bool,
) -> None:
    """It is pinned at its commit, wherever what requires it comes from."""
    simple(wheels, "one", "1.0")
    head = make_dynamic(repository) if is_dynamic else git(repository, "rev-parse", "HEAD")
    require(function, parent(kind, tmp_path, wheels, f"git+{repository.as_uri()}"))
    found = built(shorts(["build"], function), function)
    assert found - {"top-1.0", "top-0.1"} == {"lib-0.1", "one-1.0"}
    assert content(function, "lib.py") == "X = 2\n"
    assert shorts(["lock"], function).returncode == 0
    lock = (function / "fn" / "requirements.lock").read_text()
    assert f"\nlib @ git+{repository.as_uri()}@{head}\n" in lock
    (repository / "lib.py").write_text("X = 3\n")
    commit(repository)
    assert built(shorts(["build"], function), function) == found
    assert content(function, "lib.py") == "X = 2\n"


@pytest.mark.parametrize("ref", ["", "@main", "@{head}"])
def test_the_requirements_may_name_it_too(
    function: Path,
    wheels: Path,
    repository: Path,
    shorts: Shorts,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    ref: str,
) -> None:
    """The same commit under two refs is one, and the lock keeps the variables of the URL."""
    simple(wheels, "one", "1.0")
    head = make_dynamic(repository)
    monkeypatch.setenv("WHERE", str(repository))
    top = parent("a wheel", tmp_path, wheels, f"git+{repository.as_uri()}")
    require(function, top, "lib @ git+file://${WHERE}" + ref.format(head=head))
    assert built(shorts(["build"], function), function) == {"lib-0.1", "one-1.0", "top-1.0"}
    assert shorts(["lock"], function).returncode == 0
    lock = (function / "fn" / "requirements.lock").read_text()
    assert f"\nlib @ git+file://${{WHERE}}@{head}\n" in lock
    assert built(shorts(["build"], function), function) == {"lib-0.1", "one-1.0", "top-1.0"}


def test_two_commits_contradict_each_other(
    function: Path,
    wheels: Path,
    repository: Path,
    shorts: Shorts,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The message names both, the one of the requirements as they write it."""
    simple(wheels, "one", "1.0")
    monkeypatch.setenv("WHERE", str(repository))
    top = parent("a wheel", tmp_path, wheels, f"git+{repository.as_uri()}")
    require(function, top, "lib @ git+file://${WHERE}@v1")
    message = failed(shorts(["build"], function))
    first = git(repository, "rev-parse", "v1")
    assert "Requirements contain conflicting URLs for package `lib`" in message
    assert f"- git+{repository.as_uri()}" in message
    assert f"- git+file://${{WHERE}}@{first}" in message


@pytest.mark.parametrize("more", ["", 'dynamic = ["classifiers"]\n'])
@pytest.mark.parametrize("kind", ["a wheel", "a folder"])
def test_a_project_of_this_machine_has_to_be_named(
    function: Path, wheels: Path, shorts: Shorts, tmp_path: Path, kind: str, more: str
) -> None:
    """A URL of a folder in metadata is refused, unless the requirements name the folder, too."""
    lib = project(tmp_path / "lib", more=more)
    top = parent(kind, tmp_path, wheels, lib.as_uri())
    require(function, top)
    message = failed(shorts(["build"], function))
    assert message.endswith("name a project's path or its git repository in a requirements.txt.")
    require(function, top, str(lib))
    found = built(shorts(["build"], function), function)
    assert found - {"top-1.0", "top-0.1"} == {"lib-0.1"}


def test_a_wheel_of_this_machine(
    function: Path, wheels: Path, shorts: Shorts, tmp_path: Path
) -> None:
    """A URL of a wheel in metadata needs no other line."""
    lib = simple(tmp_path / "lib", "lib", "2.0")
    top = parent("a wheel", tmp_path, wheels, lib.as_uri())
    for lines in ([top], [top, str(lib)]):
        require(function, *lines)
        assert built(shorts(["build"], function), function) == {"lib-2.0", "top-1.0"}


@pytest.mark.parametrize("more", ["", 'dynamic = ["classifiers"]\n'])
def test_an_archive_of_sources_is_not_built(
    function: Path, wheels: Path, shorts: Shorts, tmp_path: Path, more: str
) -> None:
    """An archive that a requirement names is refused, whether or not it tells what it requires."""
    archive = tmp_path / "lib-0.1.tar.gz"
    with tarfile.open(archive, "w:gz") as packed:
        packed.add(project(tmp_path / "lib", more=more), "lib-0.1")
    require(function, parent("a wheel", tmp_path, wheels, archive.as_uri()))
    assert "\nshorts installs wheels only" in failed(shorts(["build"], function))
