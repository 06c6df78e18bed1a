"""What requirements files say, in every form that pip and uv read."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shorts.errors import ShortsError
from shorts.requirements import requirements_txt

A, B = "sha256:" + "a" * 64, "sha256:" + "b" * 64


def lines(text: str) -> list[str]:
    return list(requirements_txt.logical_lines(text))


def written(folder: Path, **texts: str) -> Path:
    """Requirements files by their names; the first one's path."""
    for name, text in texts.items():
        path = folder / f"{name}.txt"
        path.write_text(text, encoding="utf-8")
    return folder / f"{next(iter(texts))}.txt"


def test_lines_are_without_comments_and_blanks() -> None:
    """Comments, blank lines and spaces around are left out."""
    assert lines("# head\n\n  six == 1  # why\n\t\nidna\n#tail") == ["six == 1", "idna"]


def test_a_hash_sign_within_a_word_is_no_comment() -> None:
    """A URL's fragment stays, for a comment starts after a space."""
    assert lines("x @ https://e.org/x.zip#sha1=1 # no") == ["x @ https://e.org/x.zip#sha1=1"]


@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_continued_lines_are_one(end: str) -> None:
    """A backslash at the end of a line joins it with the next."""
    text = end.join(["six==1 \\", f"    --hash={A} \\", f"    --hash={B}", "idna==2"])
    assert lines(text) == [f"six==1 --hash={A} --hash={B}", "idna==2"]


def test_a_comment_is_not_continued() -> None:
    """A backslash at a comment's end is part of the comment, as pip and uv have it."""
    assert lines("# six \\\nidna==1\ncertifi==1 # why \\\nsix==2") == [
        "idna==1",
        "certifi==1",
        "six==2",
    ]


@given(st.text())
def test_lines_of_any_text_are_bare(text: str) -> None:
    """Whatever the text, no line is empty, padded, or holds two spaces in a row."""
    for line in lines(text):
        assert line and line == line.strip() and not re.search(r"\s\s", line)


@given(st.lists(st.from_regex(r"[a-z]{1,6}==[0-9]{1,2}", fullmatch=True)), st.data())
def test_comments_and_spaces_change_nothing(names: list[str], data: st.DataObject) -> None:
    """Comments, spaces and blank lines between requirements do not change what they say."""
    noise = st.sampled_from(["", "\n", "  \n", "# note\n", "\t# note\n\n"])
    ends = st.sampled_from(["\n", "  \n", "\r\n", " # note\n"])
    text = "".join(data.draw(noise) + name + data.draw(ends) for name in names)
    assert lines(text) == names


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
    found = requirements_txt.files(top)
    assert found[0] == top
    assert sorted(path.name for path in found) == [f"{name}.txt" for name in "abcdef"] + ["top.txt"]


def test_includes_are_relative_to_their_file(tmp_path: Path) -> None:
    """An include is looked for beside the file that names it."""
    (tmp_path / "fn").mkdir()
    (tmp_path / "shared").mkdir()
    (tmp_path / "fn/requirements.txt").write_text("-r ../shared/base.txt\n")
    (tmp_path / "shared/base.txt").write_text("-r more.txt\n")
    (tmp_path / "shared/more.txt").write_text("six\n")
    found = requirements_txt.files(tmp_path / "fn/requirements.txt")
    assert [path.name for path in found] == ["requirements.txt", "base.txt", "more.txt"]


def test_includes_may_go_in_a_circle_over_folders(tmp_path: Path) -> None:
    """Two files in two folders that include each other are read once each, as uv does."""
    for mine, other in (("a", "b"), ("b", "a")):
        (tmp_path / mine).mkdir()
        (tmp_path / mine / "r.txt").write_text(f"-r ../{other}/r.txt\n")
    assert len(requirements_txt.files(tmp_path / "a/r.txt")) == 2


def test_refuses_a_missing_include(tmp_path: Path) -> None:
    """An include that is not there is named, with the file that asked for it."""
    top = written(tmp_path, top="-r gone.txt\n")
    with pytest.raises(ShortsError) as caught:
        requirements_txt.files(top)
    assert str(caught.value) == f"{top} includes {tmp_path / 'gone.txt'}, which does not exist."


def test_refuses_what_is_no_text(tmp_path: Path) -> None:
    """A requirements file in another encoding is refused by its path."""
    path = tmp_path / "requirements.txt"
    path.write_bytes(b"six # caf\xe9\n")
    with pytest.raises(ShortsError, match=r"requirements\.txt is not UTF-8 text: 'utf-8' codec"):
        requirements_txt.files(path)


def test_a_byte_order_mark_is_no_requirement(tmp_path: Path) -> None:
    """A file that starts with a byte order mark says what it says without."""
    plain, marked = tmp_path / "plain.txt", tmp_path / "marked.txt"
    plain.write_text("six\n", encoding="utf-8")
    marked.write_text("six\n", encoding="utf-8-sig")
    assert requirements_txt.digest(plain) == requirements_txt.digest(marked)


def test_digest_ignores_comments_and_spaces(tmp_path: Path) -> None:
    """What does not change the requirements does not change their digest."""
    one = written(tmp_path, one="six==1\nidna\n")
    two = written(tmp_path, two="# six and idna\n\n  six==1   # why\nidna")
    assert requirements_txt.digest(one) == requirements_txt.digest(two)
    assert re.fullmatch(r"[0-9a-f]{64}", requirements_txt.digest(one))


@pytest.mark.parametrize("changed", ["six==2\n-r base.txt", "six==1\nidna\n-r base.txt", "six==1"])
def test_digest_changes_with_a_requirement(tmp_path: Path, changed: str) -> None:
    """Another version, one more requirement, or one include less is another digest."""
    before = requirements_txt.digest(written(tmp_path, top="six==1\n-r base.txt", base="certifi"))
    assert requirements_txt.digest(written(tmp_path, top=changed, base="certifi")) != before


def test_digest_changes_with_an_included_file(tmp_path: Path) -> None:
    """A change of a file that is only included is a change of the requirements."""
    before = requirements_txt.digest(written(tmp_path, top="-r base.txt", base="certifi"))
    assert requirements_txt.digest(written(tmp_path, top="-r base.txt", base="certifi<3")) != before


def test_digest_tells_files_apart(tmp_path: Path) -> None:
    """A requirement that moves from a constraint into the requirements is a change."""
    one = written(tmp_path, one="-c base.txt\nsix", base="idna<4")
    first = requirements_txt.digest(one)
    assert (
        requirements_txt.digest(written(tmp_path, one="-c base.txt\nsix\nidna<4", base="")) != first
    )
    whole = requirements_txt.digest(written(tmp_path, one="-c base.txt\nsix", base=""))
    assert requirements_txt.digest(written(tmp_path, one="-c base.txt\nsi", base="x")) != whole


@pytest.mark.parametrize(
    "text", ["six", "-r base.txt\nsix", "-e ./lib", "./lib", "six @ file:///x"]
)
def test_knows_what_asks_for_something(tmp_path: Path, text: str) -> None:
    """A requirement in any form asks for something."""
    assert requirements_txt.asks(written(tmp_path, top=text))


@pytest.mark.parametrize("text", ["", "# six", "-r base.txt", "--index-url x\n-c base.txt"])
def test_knows_what_asks_for_nothing(tmp_path: Path, text: str) -> None:
    """Comments, options and includes alone ask for nothing."""
    assert not requirements_txt.asks(written(tmp_path, top=text))


def test_the_long_form_of_editable_asks_too(tmp_path: Path) -> None:
    """An editable requirement asks for something in its long form too."""
    assert requirements_txt.asks(written(tmp_path, top="--editable ./lib"))


def project(folder: Path, text: str) -> Path:
    path = folder / "pyproject.toml"
    path.write_text(text)
    return path


FILES = ["requirements.txt", "requirements-dev.txt", "requirements-test.txt"]
FILES += ["requirements-prod.txt", "pyproject.toml"]


@pytest.mark.parametrize("first", range(len(FILES)))
def test_finds_the_first_manifest(tmp_path: Path, first: int) -> None:
    """A file for pip comes before a project; its variants count in SAM's order, if they are to."""
    assert requirements_txt.manifest_of(tmp_path) is None
    project(tmp_path, "[project]\nname = 'a'\n")
    for name in FILES[first:-1]:
        (tmp_path / name).write_text("")
    assert requirements_txt.manifest_of(tmp_path, variants=True) == tmp_path / FILES[first]
    plain = FILES[0] if first == 0 else FILES[-1]
    assert requirements_txt.manifest_of(tmp_path) == tmp_path / plain


def test_a_project_of_settings_is_no_manifest(tmp_path: Path) -> None:
    """A pyproject.toml without a project says nothing, whatever uv is told in it."""
    project(tmp_path, "[tool.uv.sources]\na = {path = 'a'}\n[tool.ruff]\n")
    assert requirements_txt.manifest_of(tmp_path) is None


@pytest.mark.parametrize("name", ["requirements.txt", "pyproject.toml"])
def test_refuses_a_project_that_is_no_text(tmp_path: Path, name: str) -> None:
    """A manifest in another encoding is refused by its path, whichever it is."""
    (tmp_path / name).write_bytes(b"# caf\xe9\n")
    with pytest.raises(ShortsError, match="is not UTF-8 text"):
        requirements_txt.text(requirements_txt.manifest_of(tmp_path) or tmp_path)


def test_a_projects_lock_is_uvs_first(tmp_path: Path) -> None:
    """uv.lock comes before pylock.toml, and neither belongs to a file for pip."""
    path = project(tmp_path, "[project]\nname = 'a'\n")
    assert requirements_txt.project_lock(path) is None
    for name in ("pylock.toml", "uv.lock"):
        (tmp_path / name).write_text("")
        assert requirements_txt.project_lock(path) == tmp_path / name
    assert requirements_txt.project_lock(written(tmp_path, requirements="")) is None


def test_digest_changes_with_a_projects_lock(tmp_path: Path) -> None:
    """The bytes of the lock that is used count, and those of one that is not do not."""
    path = project(tmp_path, "[project]\nname = 'a'\ndependencies = ['six']\n")
    digests = [requirements_txt.digest(path)]
    for name, text in (("pylock.toml", "a"), ("pylock.toml", "b"), ("uv.lock", "d")):
        (tmp_path / name).write_text(text)
        digests.append(requirements_txt.digest(path))
    assert len({*digests}) == 4
    (tmp_path / "pylock.toml").write_text("c")
    assert requirements_txt.digest(path) == digests[-1]


def test_hashes_by_name() -> None:
    """The hashes of a line belong to the name it begins with; a line without any has none."""
    text = f"six==1 \\\n --hash={A} --hash {B}\nsix==2;os_name=='nt' --hash={B}\nidna\n--hash={A}"
    assert requirements_txt.hashes_of(lines(text)) == {"six": [A, B, B]}


def test_flattened_is_one_text(tmp_path: Path) -> None:
    """Included files are put in their places, and what is not the file's to say is left out.

    So is a folder of wheels that is not there.
    """
    top = written(
        tmp_path,
        top="-r more.txt\n--no-binary :all:\n-c limits.txt\nsix\n--find-links .\n-f nowhere\n",
        more="--only-binary=six\n--prefer-binary\n-r top.txt\nidna\n",
        limits="six<2\n",
    )
    assert requirements_txt.flattened(top, {}).splitlines() == [
        "idna",
        f"-c {tmp_path}/limits.txt",
        "six",
        f"--find-links {tmp_path}",
    ]


def test_a_path_may_be_named_twice(tmp_path: Path) -> None:
    """A project that two lines name, each for other targets, is both."""
    (tmp_path / "lib").mkdir()
    one, two = "./lib ; python_version < '3.13'", "./lib[x] ; python_version >= '3.13'"
    top = written(tmp_path, top=f"{one}\n{two}\n{one}\n")
    assert [(named.extras, named.marker) for named in requirements_txt.locals_of(top)] == [
        ("", "; python_version < '3.13'"),
        ("[x]", "; python_version >= '3.13'"),
    ]
