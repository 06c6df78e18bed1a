"""What the benchmark's programs share."""

from __future__ import annotations

import argparse
import re
import shlex
from pathlib import Path

import pytest

from bench import charts, scale
from bench.__main__ import TABLES, main, parser
from bench.measure import in_turn
from bench.program import Marked, on_one_line

PAGE = Path(__file__).parents[3] / "docs" / "benchmark.md"


def test_each_system_is_first_in_its_turn() -> None:
    """Who came first in a run comes last in the next, and all take part in each."""
    assert [in_turn("abc", run) for run in (1, 2, 3, 4)] == [
        ["a", "b", "c"],
        ["b", "c", "a"],
        ["c", "a", "b"],
        ["a", "b", "c"],
    ]
    assert in_turn([], 1) == []


def test_a_failure_is_said_on_one_line() -> None:
    """Its colours and line breaks go, and of many words the first and the last stay."""
    assert on_one_line("\x1b[33mno\x1b[0m\n  such thing ") == "no such thing"
    assert on_one_line("a" * 300 + "b" * 300) == f"{'a' * 200} … {'b' * 200}"


def test_a_table_is_put_between_its_marks(tmp_path: Path) -> None:
    """What stood there goes, all else stays, and it can be done again."""
    document = tmp_path / "page.md"
    document.write_text("above\n<!-- here -->\nold\n<!-- /here -->\nbelow\n", encoding="utf-8")
    place = Marked("here")
    assert place.document(str(document)) == document
    for lines in (["a \\1", "b"], ["c"]):
        place.fill(document, lines)
        said = "\n".join(lines)
        expected = f"above\n<!-- here -->\n{said}\n<!-- /here -->\nbelow\n"
        assert document.read_text(encoding="utf-8") == expected


def test_a_document_without_the_marks_is_refused(tmp_path: Path) -> None:
    """Before anything is measured, and with the lines that it lacks."""
    document = tmp_path / "page.md"
    document.write_text("nothing\n", encoding="utf-8")
    with pytest.raises(argparse.ArgumentTypeError) as caught:
        Marked("here").document(str(document))
    assert str(caught.value) == (
        f"{document} has no line `<!-- here -->` with `<!-- /here -->` below"
    )


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--runs", "0"], "at least one is needed"),
        (["--systems", "bazel"], "invalid choice: 'bazel'"),
        (["--json", "nowhere/at/all.json"], "there is no folder nowhere/at"),
        (["--write", "nowhere.md"], "nowhere.md has no line `<!-- benchmark -->`"),
        (["scale", "--sizes", "0"], "at least one is needed"),
        (["scale", "--minutes", "0"], "at least one is needed"),
        (["scale", "--write", "nowhere.md"], "nowhere.md has no line `<!-- scale -->`"),
    ],
)
def test_a_wrong_call_is_refused_at_once(
    arguments: list[str], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """Nothing is measured for a call that cannot be answered."""
    with pytest.raises(SystemExit) as caught:
        main(arguments)
    assert caught.value.code == 2
    assert said in capsys.readouterr().err


def test_the_page_shows_commands_that_are_understood() -> None:
    """Each line of it that runs a program names options that the program has."""
    parsers = {"bench": parser, "bench scale": scale.parser, "bench.charts": charts.parser}
    shown = re.findall(r"^\.venv/bin/python -m (.+)$", PAGE.read_text("utf-8"), re.MULTILINE)
    assert len(shown) == 4
    for line in shown:
        module, *words = shlex.split(line, comments=True)
        if words[0] == "scale":
            module = f"{module} {words.pop(0)}"
        assert parsers[module]().parse_args(words)


def test_the_page_has_places_for_both_tables() -> None:
    """What fills them finds them."""
    assert TABLES.document(str(PAGE)) == scale.TABLE.document(str(PAGE)) == PAGE
