"""What the benchmark's programs share."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest

from bench import charts, scale
from bench.__main__ import main, parser
from bench.program import Marked

PAGE = Path(__file__).parents[3] / "docs" / "benchmark.md"


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
