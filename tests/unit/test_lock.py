from __future__ import annotations

import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shorts import lock
from shorts.errors import ShortsError
from shorts.lock import Pin
from shorts.target import Target

TARGET = Target.of("python3.13", "x86_64")
LOCK = Path("requirements.lock")
A, B = "sha256:" + "a" * 64, "sha256:" + "b" * 64


def lines(text: str) -> list[str]:
    return list(lock.logical_lines(text))


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


@pytest.mark.xfail(strict=True, reason="lines are joined before comments are left out")
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
    found = lock.files(top)
    assert found[0] == top
    assert sorted(path.name for path in found) == [f"{name}.txt" for name in "abcdef"] + ["top.txt"]


def test_includes_are_relative_to_their_file(tmp_path: Path) -> None:
    """An include is looked for beside the file that names it."""
    (tmp_path / "fn").mkdir()
    (tmp_path / "shared").mkdir()
    (tmp_path / "fn/requirements.txt").write_text("-r ../shared/base.txt\n")
    (tmp_path / "shared/base.txt").write_text("-r more.txt\n")
    (tmp_path / "shared/more.txt").write_text("six\n")
    found = lock.files(tmp_path / "fn/requirements.txt")
    assert [path.name for path in found] == ["requirements.txt", "base.txt", "more.txt"]


@pytest.mark.xfail(strict=True, raises=OSError, reason="the path grows with each round")
def test_includes_may_go_in_a_circle_over_folders(tmp_path: Path) -> None:
    """Two files in two folders that include each other are read once each, as uv does."""
    for mine, other in (("a", "b"), ("b", "a")):
        (tmp_path / mine).mkdir()
        (tmp_path / mine / "r.txt").write_text(f"-r ../{other}/r.txt\n")
    assert len(lock.files(tmp_path / "a/r.txt")) == 2


def test_refuses_a_missing_include(tmp_path: Path) -> None:
    """An include that is not there is named, with the file that asked for it."""
    top = written(tmp_path, top="-r gone.txt\n")
    with pytest.raises(ShortsError) as caught:
        lock.files(top)
    assert str(caught.value) == f"{top} includes {tmp_path / 'gone.txt'}, which does not exist."


def test_refuses_what_is_no_text(tmp_path: Path) -> None:
    """A requirements file in another encoding is refused by its path."""
    path = tmp_path / "requirements.txt"
    path.write_bytes(b"six # caf\xe9\n")
    with pytest.raises(ShortsError, match=r"requirements\.txt is no UTF-8 text: 'utf-8' codec"):
        lock.files(path)


def test_a_byte_order_mark_is_no_requirement(tmp_path: Path) -> None:
    """A file that starts with a byte order mark says what it says without."""
    plain, marked = tmp_path / "plain.txt", tmp_path / "marked.txt"
    plain.write_text("six\n", encoding="utf-8")
    marked.write_text("six\n", encoding="utf-8-sig")
    assert lock.digest(plain) == lock.digest(marked)


def test_digest_ignores_comments_and_spaces(tmp_path: Path) -> None:
    """What does not change the requirements does not change their digest."""
    one = written(tmp_path, one="six==1\nidna\n")
    two = written(tmp_path, two="# six and idna\n\n  six==1   # why\nidna")
    assert lock.digest(one) == lock.digest(two)
    assert re.fullmatch(r"[0-9a-f]{64}", lock.digest(one))


@pytest.mark.parametrize("changed", ["six==2\n-r base.txt", "six==1\nidna\n-r base.txt", "six==1"])
def test_digest_changes_with_a_requirement(tmp_path: Path, changed: str) -> None:
    """Another version, one more requirement, or one include less is another digest."""
    before = lock.digest(written(tmp_path, top="six==1\n-r base.txt", base="certifi"))
    assert lock.digest(written(tmp_path, top=changed, base="certifi")) != before


def test_digest_changes_with_an_included_file(tmp_path: Path) -> None:
    """A change of a file that is only included is a change of the requirements."""
    before = lock.digest(written(tmp_path, top="-r base.txt", base="certifi"))
    assert lock.digest(written(tmp_path, top="-r base.txt", base="certifi<3")) != before


def test_digest_tells_files_apart(tmp_path: Path) -> None:
    """A requirement that moves from a constraint into the requirements is a change."""
    one = written(tmp_path, one="-c base.txt\nsix", base="idna<4")
    first = lock.digest(one)
    assert lock.digest(written(tmp_path, one="-c base.txt\nsix\nidna<4", base="")) != first


def test_parses_pins_by_name() -> None:
    """Pins come sorted by normalized name, with their hashes sorted; options are no pins."""
    text = (
        "--index-url https://e.org/simple\n"
        f"six==1.17.0 \\\n    --hash={B} \\\n    --hash={A}\n"
        f"Python_Dateutil[extra]==2.9.0.post0 --hash={A}\n"
    )
    assert lock.parse(text, TARGET, LOCK) == [
        Pin(name="python-dateutil", version="2.9.0.post0", hashes=(A,)),
        Pin(name="six", version="1.17.0", hashes=(A, B)),
    ]
    assert str(Pin(name="six", version="1.17.0", hashes=(A,))) == "six==1.17.0"


def test_parses_only_what_applies_to_the_target() -> None:
    """A universal lock gives each target its own pins, by the markers."""
    text = "\n".join(
        [
            f"numpy==1.26 ; python_full_version < '3.12' --hash={A}",
            f"numpy==2.4 ; python_full_version >= '3.12' --hash={A}",
            f"colorama==1 ; sys_platform == 'win32' --hash={A}",
            f"arm==1 ; platform_machine == 'aarch64' --hash={A}",
        ]
    )

    def names(runtime: str, architecture: str) -> list[str]:
        return [str(pin) for pin in lock.parse(text, Target.of(runtime, architecture), LOCK)]

    assert names("python3.13", "x86_64") == ["numpy==2.4"]
    assert names("python3.11", "arm64") == ["arm==1", "numpy==1.26"]


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("six==1", "'six==1' names no exact version with hashes."),
        (f"six>=1 --hash={A}", "'six>=1' names no exact version with hashes."),
        (f"six===1 --hash={A}", "'six===1' names no exact version with hashes."),
        (f"six --hash={A}", "'six' is no exact requirement: "),
        (f"six>1,<2 --hash={A}", "'six>1,<2' is no exact requirement: "),
        ("./six.whl", "'./six.whl' is no exact requirement: Expected package name"),
    ],
)
def test_refuses_a_line_that_pins_nothing(line: str, said: str) -> None:
    """Every line of a lock is one exact version with hashes, else it is refused and shown."""
    with pytest.raises(ShortsError) as caught:
        lock.parse(f"idna==1 --hash={A}\n{line}\n", TARGET, LOCK)
    assert str(caught.value).startswith(f"requirements.lock: {said}")


@pytest.mark.xfail(strict=True, reason="== is taken for exact, whatever follows")
def test_refuses_a_version_with_a_star() -> None:
    """==1.* is no exact version."""
    with pytest.raises(ShortsError, match=r"'six==1\.\*' names no exact version with hashes"):
        lock.parse(f"six==1.* --hash={A}\n", TARGET, LOCK)


@pytest.mark.xfail(strict=True, reason="every line that begins with a dash is skipped")
@pytest.mark.parametrize("option", ["-e ./lib", "--editable ./lib"])
def test_refuses_an_editable_requirement(option: str) -> None:
    """A requirement that cannot be packed is an error; it never goes missing in silence."""
    with pytest.raises(ShortsError, match=r"^requirements\.lock: '-"):
        lock.parse(f"{option}\nsix==1 --hash={A}\n", TARGET, LOCK)


@given(st.text())
def test_parsing_any_text_says_what_is_wrong(text: str) -> None:
    """Whatever stands in a lock, the answer is pins or a ShortsError that names the file."""
    try:
        found = lock.parse(text, TARGET, LOCK)
    except ShortsError as error:
        assert str(error).startswith("requirements.lock: ")
    else:
        assert all(pin.hashes for pin in found)


def test_words_are_on_one_line_without_the_drawing() -> None:
    """What uv draws of a failure becomes one sentence."""
    drawn = (
        "  × No solution found when resolving dependencies:\n"
        "  ╰─▶ Because only six<=1.17.0 is available and you require\n"
        "      six>99, we can conclude that your requirements are\n"
        "      unsatisfiable.\n"
    )
    assert lock.words(drawn) == (
        "No solution found when resolving dependencies: Because only six<=1.17.0 is available "
        "and you require six>99, we can conclude that your requirements are unsatisfiable."
    )


def test_words_are_without_their_level() -> None:
    """The words error and warning at a line's start go, elsewhere they stay."""
    said = "warning: old\nerror: Failed: error: x\n  ├─▶ a\n  │   b"
    assert lock.words(said) == "old Failed: error: x a b"
