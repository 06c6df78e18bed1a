"""What requirements files say, in every form that pip and uv read."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shorts.errors import ShortsError
from shorts.requirements import requirements_txt
from shorts.requirements.requirements_txt import Content, Include, Local, Repository

A, B = "sha256:" + "a" * 64, "sha256:" + "b" * 64


def lines(text: str) -> list[str]:
    return [line.text for line in requirements_txt.logical_lines(text)]


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


def content(line: str, file: Path | str) -> Content:
    (parsed,) = requirements_txt.parse(line, file)
    return parsed.content


@pytest.mark.parametrize(
    ("line", "name"),
    [
        ('-r "my reqs.txt"', "my reqs.txt"),
        ("-r 'my reqs.txt'", "my reqs.txt"),
        (r"-r my\ reqs.txt", "my reqs.txt"),
        ('--requirement="two  spaces.txt"', "two  spaces.txt"),
        ("-rplain.txt", "plain.txt"),
        ("--constraint = plain.txt", "plain.txt"),
        ('-c "${WHERE}/x y.txt"', "in/x y.txt"),
        ('-r "not closed', '"not closed'),
    ],
)
def test_includes_in_quotes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, line: str, name: str
) -> None:
    """An included path may be in quotes, or have escaped spaces, as in a shell."""
    monkeypatch.setenv("WHERE", "in")
    found = content(line, tmp_path / "requirements.txt")
    assert found == Include(target=tmp_path / name, constrains=line.startswith(("-c", "--c")))


@pytest.mark.parametrize(
    ("file", "line", "url"),
    [
        (Path("r.txt"), "-r https://e.org/a.txt", "https://e.org/a.txt"),
        ("https://e.org/x/a.txt", "-c b.txt", "https://e.org/x/b.txt"),
        ("https://e.org/x/a.txt", "-r ../b.txt", "https://e.org/b.txt"),
        ("https://e.org/x/a.txt", "-r http://f.org/b.txt", "http://f.org/b.txt"),
    ],
)
def test_includes_by_url(file: Path | str, line: str, url: str) -> None:
    """What a URL includes is relative to the URL."""
    found = content(line, file)
    assert isinstance(found, Include) and found.target == url


A_REPOSITORY = {"subdirectory": "", "name": "", "extras": "", "marker": "", "ref": ""}


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        (
            "a @ git+https://e.org/a.git@v1",
            {"name": "a", "url": "https://e.org/a.git", "ref": "v1"},
        ),
        ("a[x]@git+ssh://git@e.org/a@f/x", {"name": "a", "extras": "[x]", "ref": "f/x"}),
        ("-e git+https://e.org/a.git#egg=a", {"name": "a", "url": "https://e.org/a.git"}),
        (
            "--editable=git+https://e.org/a@1#egg=a[x]&subdirectory=p/q",
            {"name": "a", "extras": "[x]", "ref": "1", "subdirectory": "p/q"},
        ),
        ("git+file:///a/b#subdirectory=c", {"url": "file:///a/b", "subdirectory": "c"}),
        ("a @ git+https://e.org/a ; os_name == 'nt'", {"name": "a", "marker": "; os_name == 'nt'"}),
        (
            "a@git+https://u:p@e.org/a@main",
            {"name": "a", "url": "https://u:p@e.org/a", "ref": "main"},
        ),
        ("git+ssh://git@e.org:org/a.git", {"url": "ssh://git@e.org:org/a.git"}),
    ],
)
def test_git_in_every_form(tmp_path: Path, line: str, expected: dict[str, str]) -> None:
    """A repository is known by its URL, and what follows it says which project of it."""
    found = content(line, tmp_path / "requirements.txt")
    assert isinstance(found, Repository)
    fields = {**A_REPOSITORY, **expected}
    assert {name: getattr(found, name) for name in fields} == fields


def test_a_secret_in_a_repositorys_url_stays_a_variable(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is written into a lock names the variable, not its value."""
    monkeypatch.setenv("TOKEN", "s3cret")
    found = content("a @ git+https://${TOKEN}@e.org/a.git@v1", tmp_path / "requirements.txt")
    assert isinstance(found, Repository)
    assert found.url == "https://s3cret@e.org/a.git"
    assert found.written == "https://${TOKEN}@e.org/a.git"


@pytest.mark.parametrize("line", ["-e svn+https://e.org/a", "-e https://e.org/a.zip"])
def test_refuses_to_edit_what_is_elsewhere(tmp_path: Path, line: str) -> None:
    """Only folders and git repositories can be editable."""
    with pytest.raises(ShortsError, match="names neither a folder nor a git repository"):
        content(line, tmp_path / "requirements.txt")


class TestPlaces:
    @pytest.fixture(autouse=True)
    def folders(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
        """A project with a function that is one, too; the working folder is the outer one."""
        for folder in (".", "fn", "fn/lib", "lib", "fn/requirements", "odd"):
            (tmp_path / folder).mkdir(exist_ok=True)
        for folder in (".", "fn", "fn/lib"):
            (tmp_path / folder / "pyproject.toml").write_text("")
        (tmp_path / "my lib").mkdir()
        monkeypatch.chdir(tmp_path)
        return tmp_path

    @pytest.mark.parametrize(
        ("file", "line", "place"),
        [
            ("fn/requirements.txt", ".", "fn"),
            ("fn/requirements.txt", "-e .", "fn"),
            ("fn/requirements.txt", "-e .[dev]", "fn"),
            ("fn/requirements.txt", ".[dev] ; os_name == 'posix'", "fn"),
            ("fn/requirements.txt", "file:.", "fn"),
            ("fn/requirements.txt", "-e ./", "fn"),
            ("fn/requirements.txt", "..", "."),
            ("fn/requirements/dev.txt", "-e .", "fn"),
            ("fn/requirements/dev.txt", "-e ..", "fn"),
            ("requirements.txt", "-e .", "."),
            ("odd/requirements.txt", ".", "."),
            ("fn/requirements.txt", "./lib", "fn/lib"),
            ("fn/requirements.txt", "-e ./odd", "odd"),
            ("fn/requirements.txt", '-e "./my lib"', "my lib"),
        ],
    )
    def test_a_path_is_of_the_files_project(
        self, folders: Path, file: str, line: str, place: str
    ) -> None:
        """`.` is the file's own project; other paths are the working folder's, if they are one."""
        found = content(line, Path(file))
        assert isinstance(found, Local)
        assert found.path == (folders / place).resolve()
