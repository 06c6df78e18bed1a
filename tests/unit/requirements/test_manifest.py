"""Requirements with all that belongs to them, read once."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from shorts.errors import ShortsError
from shorts.requirements import manifest

A, B = "sha256:" + "a" * 64, "sha256:" + "b" * 64


def written(folder: Path, **texts: str) -> Path:
    """Requirements files by their names; the first one's path."""
    for name, text in texts.items():
        path = folder / f"{name}.txt"
        path.write_text(text, encoding="utf-8")
    return folder / f"{next(iter(texts))}.txt"


def test_files_are_a_manifest_and_what_it_includes(tmp_path: Path) -> None:
    """Includes and constraints are followed, in every spelling, each file once."""
    top = written(
        tmp_path,
        top="-r a.txt\n-rb.txt\n--requirement c.txt\n--requirement=d.txt\n-c e.txt\nsix\n",
        a="--constraint=f.txt\n-r top.txt",
        b="--require-hashes\n",
        c="-r a.txt",
        d="",
        e="--constraint f.txt",
        f="idna<4",
    )
    found = manifest.load(top).paths
    assert found[0] == top
    assert sorted(path.name for path in found) == [f"{name}.txt" for name in "abcdef"] + ["top.txt"]


def test_includes_are_relative_to_their_file(tmp_path: Path) -> None:
    """An include is looked for next to the file that names it."""
    (tmp_path / "fn").mkdir()
    (tmp_path / "shared").mkdir()
    (tmp_path / "fn/requirements.txt").write_text("-r ../shared/base.txt\n")
    (tmp_path / "shared/base.txt").write_text("-r more.txt\n")
    (tmp_path / "shared/more.txt").write_text("six\n")
    found = manifest.load(tmp_path / "fn/requirements.txt").paths
    assert [path.name for path in found] == ["requirements.txt", "base.txt", "more.txt"]


def test_includes_may_go_in_a_circle_over_folders(tmp_path: Path) -> None:
    """Two files in two folders that include each other are read once each, as uv does."""
    for mine, other in (("a", "b"), ("b", "a")):
        (tmp_path / mine).mkdir()
        (tmp_path / mine / "r.txt").write_text(f"-r ../{other}/r.txt\n")
    assert len(manifest.load(tmp_path / "a/r.txt").paths) == 2


def test_refuses_a_missing_include(tmp_path: Path) -> None:
    """An include that is not there is named, with the file that asked for it."""
    top = written(tmp_path, top="-r gone.txt\n")
    with pytest.raises(ShortsError) as caught:
        manifest.load(top)
    assert str(caught.value) == f"{top} includes {tmp_path / 'gone.txt'}, which does not exist."


def test_refuses_what_is_no_text(tmp_path: Path) -> None:
    """A requirements file in another encoding is refused by its path."""
    path = tmp_path / "requirements.txt"
    path.write_bytes(b"six # caf\xe9\n")
    with pytest.raises(ShortsError, match=r"requirements\.txt is not UTF-8 text: 'utf-8' codec"):
        manifest.load(path)


def test_a_file_that_powershell_wrote(tmp_path: Path) -> None:
    """`pip freeze > requirements.txt` writes UTF-16 there, with its mark, and pip reads it."""
    path = tmp_path / "requirements.txt"
    path.write_bytes("six==1.17.0\r\nidna==3.10\r\n".encode("utf-16"))
    assert [line.text for line in manifest.load(path).lines] == ["six==1.17.0", "idna==3.10"]


def test_a_byte_order_mark_is_no_requirement(tmp_path: Path) -> None:
    """A file that starts with a byte order mark says what it says without."""
    plain, marked = tmp_path / "plain.txt", tmp_path / "marked.txt"
    plain.write_text("six\n", encoding="utf-8")
    marked.write_text("six\n", encoding="utf-8-sig")
    assert manifest.load(plain).digest == manifest.load(marked).digest


def test_digest_ignores_comments_and_spaces(tmp_path: Path) -> None:
    """What does not change the requirements does not change their digest."""
    one = written(tmp_path, one="six==1\nidna\n")
    two = written(tmp_path, two="# six and idna\n\n  six==1   # why\nidna")
    assert manifest.load(one).digest == manifest.load(two).digest
    assert re.fullmatch(r"[0-9a-f]{64}", manifest.load(one).digest)


@pytest.mark.parametrize("changed", ["six==2\n-r base.txt", "six==1\nidna\n-r base.txt", "six==1"])
def test_digest_changes_with_a_requirement(tmp_path: Path, changed: str) -> None:
    """Another version, one more requirement, or one include less is another digest."""
    before = manifest.load(written(tmp_path, top="six==1\n-r base.txt", base="certifi")).digest
    assert manifest.load(written(tmp_path, top=changed, base="certifi")).digest != before


def test_digest_changes_with_an_included_file(tmp_path: Path) -> None:
    """A change of a file that is only included is a change of the requirements."""
    before = manifest.load(written(tmp_path, top="-r base.txt", base="certifi")).digest
    assert manifest.load(written(tmp_path, top="-r base.txt", base="certifi<3")).digest != before


def test_digest_tells_files_apart(tmp_path: Path) -> None:
    """A requirement that moves from a constraint into the requirements is a change."""
    one = written(tmp_path, one="-c base.txt\nsix", base="idna<4")
    first = manifest.load(one).digest
    assert manifest.load(written(tmp_path, one="-c base.txt\nsix\nidna<4", base="")).digest != first
    whole = manifest.load(written(tmp_path, one="-c base.txt\nsix", base="")).digest
    assert manifest.load(written(tmp_path, one="-c base.txt\nsi", base="x")).digest != whole


@pytest.mark.parametrize(
    "text", ["six", "-r base.txt\nsix", "-e ./lib", "./lib", "six @ file:///x"]
)
def test_knows_what_asks_for_something(tmp_path: Path, text: str) -> None:
    """A requirement in any form asks for something."""
    (tmp_path / "lib").mkdir()
    text = text.replace("/x", str(tmp_path / "lib"))
    written(tmp_path, base="")
    assert not manifest.load(written(tmp_path, top=text)).is_empty


@pytest.mark.parametrize("text", ["", "# six", "-r base.txt", "--index-url x\n-c base.txt"])
def test_knows_what_asks_for_nothing(tmp_path: Path, text: str) -> None:
    """Comments, options, includes and constraints alone ask for nothing."""
    written(tmp_path, base="" if text.startswith("-r") else "six")
    assert manifest.load(written(tmp_path, top=text)).is_empty


def test_the_long_form_of_editable_asks_too(tmp_path: Path) -> None:
    """An editable requirement asks for something in its long form too."""
    (tmp_path / "lib").mkdir()
    assert not manifest.load(written(tmp_path, top="--editable ./lib")).is_empty


def project(folder: Path, text: str) -> Path:
    path = folder / "pyproject.toml"
    path.write_text(text)
    return path


FILES = ["requirements.txt", "requirements-dev.txt", "requirements-test.txt"]
FILES += ["requirements-prod.txt", "pyproject.toml"]


@pytest.mark.parametrize("first", range(len(FILES)))
def test_finds_the_first_manifest(tmp_path: Path, first: int) -> None:
    """A file for pip comes before a project; its variants count in SAM's order, if they are to."""
    assert manifest.find(tmp_path) is None
    project(tmp_path, "[project]\nname = 'a'\n")
    for name in FILES[first:-1]:
        (tmp_path / name).write_text("")
    found = manifest.find(tmp_path, variants=True)
    assert found and found.path == tmp_path / FILES[first]
    plain = manifest.find(tmp_path)
    assert plain and plain.path == tmp_path / (FILES[0] if first == 0 else FILES[-1])


def test_a_project_of_settings_is_no_manifest(tmp_path: Path) -> None:
    """A pyproject.toml without a project says nothing, whatever uv is told in it."""
    project(tmp_path, "[tool.uv.sources]\na = {path = 'a'}\n[tool.ruff]\n")
    assert manifest.find(tmp_path) is None


@pytest.mark.parametrize("name", ["requirements.txt", "pyproject.toml"])
def test_refuses_a_project_that_is_no_text(tmp_path: Path, name: str) -> None:
    """A manifest in another encoding is refused by its path, whichever it is."""
    (tmp_path / name).write_bytes(b"# caf\xe9\n")
    with pytest.raises(ShortsError, match="is not UTF-8 text"):
        manifest.find(tmp_path)


def test_a_projects_lock_is_uvs_first(tmp_path: Path) -> None:
    """uv.lock comes before pylock.toml, and neither belongs to a file for pip."""
    path = project(tmp_path, "[project]\nname = 'a'\n")
    assert manifest.load(path).project_lock is None
    for name in ("pylock.toml", "uv.lock"):
        (tmp_path / name).write_text("")
        lock = manifest.load(path).project_lock
        assert lock and lock.path == tmp_path / name
    assert manifest.load(written(tmp_path, requirements="")).project_lock is None


def test_digest_changes_with_a_projects_lock(tmp_path: Path) -> None:
    """The bytes of the lock that is used count, and those of one that is not do not."""
    path = project(tmp_path, "[project]\nname = 'a'\ndependencies = ['six']\n")
    digests = [manifest.load(path).digest]
    for name, text in (("pylock.toml", "a"), ("pylock.toml", "b"), ("uv.lock", "d")):
        (tmp_path / name).write_text(text)
        digests.append(manifest.load(path).digest)
    assert len({*digests}) == 4
    (tmp_path / "pylock.toml").write_text("c")
    assert manifest.load(path).digest == digests[-1]


def test_a_path_may_be_named_twice(tmp_path: Path) -> None:
    """A project that two lines name, each for other targets, is both."""
    (tmp_path / "lib").mkdir()
    one, two = "./lib ; python_version < '3.13'", "./lib[x] ; python_version >= '3.13'"
    top = written(tmp_path, top=f"{one}\n{two}\n{one}\n")
    assert [(named.extras, named.marker) for named in manifest.load(top).locals] == [
        ("", "; python_version < '3.13'"),
        ("[x]", "; python_version >= '3.13'"),
    ]
