"""The pure parts of `shorts check`: lines of requirements, and fixed files."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shorts.report import fix
from shorts.report.by_name import is_test_tool
from shorts.requirements import manifest, requirement_lines, requirements_txt
from shorts.slices.store import Store


def spans(text: str) -> list[tuple[str, int, int]]:
    return [(line.text, line.first, line.last) for line in requirements_txt.logical_lines(text)]


def test_says_where_each_line_stands() -> None:
    """A logical line is known by its first and last physical one."""
    text = "# head\n\na==1  # why\nb \\\n  ; x \\\n  --hash=sha256:0\n    # via a\n-r c.txt\nd \\"
    assert spans(text) == [
        ("a==1", 3, 3),
        ("b ; x --hash=sha256:0", 4, 6),
        ("-r c.txt", 8, 8),
        ("d", 9, 9),
    ]


pieces = st.sampled_from(
    ["a==1", "b", " ", "# c", "\\", "\n", "\r\n", "\r", "#", "é", "\ufeff", "\f"]
)
texts = st.one_of(st.text(), st.lists(pieces, max_size=12).map("".join))


@given(texts)
def test_lines_come_in_order(text: str) -> None:
    """Whatever the text, the physical lines of the logical ones are in order and apart."""
    found = list(requirements_txt.logical_lines(text))
    numbers = [number for line in found for number in (line.first, line.last)]
    assert numbers == sorted(numbers)


@given(texts, st.data(), st.lists(st.just("z>=1"), max_size=2))
def test_mends_what_it_is_told_and_nothing_else(
    text: str, data: st.DataObject, added: list[str]
) -> None:
    """What is left are the lines that were not removed, and the new ones, once each."""
    lines = list(requirements_txt.logical_lines(text))
    gone = data.draw(st.lists(st.sampled_from(lines), unique=True)) if lines else []
    mended = fix.edited(text, gone, added)
    kept = [line.text for line in lines if line not in gone]
    assert [line.text for line in requirements_txt.logical_lines(mended)] == [*kept, *added]
    if not gone and not added:
        assert mended == text


def test_keeps_comments_blank_lines_and_endings() -> None:
    """Every byte that is not of a removed line stays, and new lines end as the others do."""
    text = "a==1\r\n# on b\r\nb==2 \\\r\n  ; x\r\n\r\n# end"
    gone = [line for line in requirements_txt.logical_lines(text) if line.text.startswith("b")]
    assert fix.edited(text, gone, ["c==3"]) == "a==1\r\n# on b\r\n\r\n# end\r\nc==3\r\n"


def test_does_not_go_on_a_line_that_goes_on() -> None:
    """A last line that ends in a backslash is ended before a new one begins."""
    assert fix.edited("a \\", [], ["b"]) == "a \\\n\nb\n"
    assert fix.edited("a \\\r", [], ["b"]) == "a \\\r\n\nb\n"


@pytest.mark.parametrize(
    ("text", "versions", "asked"),
    [
        ("a==1\nb==2 ; x\n", ["2.9.0"], "==2.9.0"),
        ("", ["2.9.0"], "==2.9.0"),
        ("-r other.txt\n", ["2.9.0"], "==2.9.0"),
        ("a>=1\n", ["2.9.0.post0"], ">=2.9"),
        ("a==1\nb>=2\n", ["2.9.0"], ">=2.9"),
        ("a[x]~=1.0\n", ["2"], ">=2"),
        ("a==1\n", ["2.10.1", "2.9.0"], ">=2.9"),
        ("a\nb\n", ["2.9.0"], ""),
        ("a (>=1)\n", ["1!2.3.4"], ">=1!2.3"),
    ],
)
def test_asks_in_the_style_of_the_file(text: str, versions: list[str], asked: str) -> None:
    """A new line is exact where all others are, bare where they are, and else a lower bound."""
    assert fix.constraint(text, versions) == asked


@pytest.mark.parametrize("name", ["pytest", "pytest-cov", "types-requests", "moto", "pandas-stubs"])
def test_knows_tools_for_tests(name: str) -> None:
    """Tools for tests are known by their names, plug-ins and stubs by their family's."""
    assert is_test_tool(name)


@pytest.mark.parametrize("name", ["pandas", "pytester", "typesense", "blackbox", "mock-server"])
def test_takes_nothing_else_for_one(name: str) -> None:
    """A name that only begins alike is none."""
    assert not is_test_tool(name)


def test_names_what_each_line_asks_for(tmp_path: Path) -> None:
    """Names, URLs and wheels by path are known; options and constraints ask for nothing."""
    wheel = tmp_path / "Some_Lib-1.0-py3-none-any.whl"
    wheel.write_bytes(b"")
    (tmp_path / "more.txt").write_text("deep==1\n")
    (tmp_path / "limits.txt").write_text("limited==1\n")
    path = tmp_path / "requirements.txt"
    path.write_text(
        "--no-index\nPyYAML[x]>=1 ; python_version > '3'\n-r more.txt\n-c limits.txt\n"
        f"./{wheel.name}\nNamed @ https://host/named-1.0-py3-none-any.whl\n"
        "https://host/x/Bare.Url-2.0-py3-none-any.whl\n"
    )
    found = requirement_lines.read(manifest.load(path), Store(tmp_path / "store"))
    assert [(one.name, one.path.name, one.line.first) for one in found] == [
        ("pyyaml", "requirements.txt", 2),
        ("some-lib", "requirements.txt", 5),
        ("named", "requirements.txt", 6),
        ("bare-url", "requirements.txt", 7),
        ("deep", "more.txt", 1),
    ]


def test_names_what_a_project_asks_for(tmp_path: Path) -> None:
    """A project's dependency stands where its table has it."""
    project = tmp_path / "pyproject.toml"
    project.write_text('[project]\nname = "p"\ndependencies = [\n  "a>=1",\n  "b",\n]\n')
    found = requirement_lines.read(manifest.load(project), Store(tmp_path / "store"))
    assert [(one.name, one.line.first) for one in found] == [("a", 4), ("b", 5)]
