"""The pages of the documentation: what they say of shorts is so, and what they show runs."""

import ast
import re
import shlex
from collections.abc import Iterator
from pathlib import Path
from xml.etree import ElementTree

import pytest

from pages import commands, recording
from shorts.cli import parser
from shorts.cli.commands import COMMANDS
from shorts.model import Settings
from shorts.sam import options as sam_options
from tests.conftest import ROOT, copy_application
from tests.documents import DOCS, PAGES, blocks, follow

# samcli is imported in this process, and calls what is deprecated.
pytestmark = pytest.mark.filterwarnings("ignore")
# The others have tests of their own.
RUN = [
    page
    for page in PAGES
    if page.name not in ("echo.md", "plot.md", "zip.md")
    and page.parent.name != "guides"
    and any(block.language == "sh" for block in blocks(page))
]


def shown(page: Path) -> str:
    return page.relative_to(DOCS).as_posix()


@pytest.mark.parametrize("page", RUN, ids=shown)
def test_a_reader_can_do_what_a_page_says(page: Path, tmp_path: Path) -> None:
    if page.name == "fonts.md":  # of this repository's Plot
        copy_application(tmp_path)
    (tmp_path / "src").mkdir()
    (tmp_path / "src" / "app.py").write_text("def handler(event, context):\n    return event\n")
    assert follow(page, tmp_path)


def test_the_picture_is_of_commands_that_there_are_and_of_no_machine() -> None:
    """And every letter is where the screen is: lines are cut."""
    text = recording.PICTURE.read_text("utf-8")
    root = ElementTree.fromstring(text)
    lines = [one.text or "" for one in root.iter("{http://www.w3.org/2000/svg}text")]
    typed = [line.removeprefix("$ ") for line in lines if line.startswith("$ ")]
    assert typed == [*recording.COMMANDS, recording.SERVE, recording.ASK]
    assert max(map(len, lines)) <= 92
    assert not re.search(r"/(?:root|home|tmp|work)\b|https://", text)


def test_what_is_drawn_can_hold_anything() -> None:
    lines = [recording.Line("$ echo '<&>\"'", "command"), recording.Line("a " * 100, "out")]
    root = ElementTree.fromstring(recording.draw(lines))
    drawn = [one.text or "" for one in root.iter("{http://www.w3.org/2000/svg}text")]
    assert drawn[0] == "$ echo '<&>\"'"
    assert "".join(part.strip() for part in drawn[1:]).count("a") == 100


def calls() -> Iterator[tuple[str, str]]:
    """Each call of shorts in a block of a page, with the page's name."""
    for page in [ROOT / "README.md", *PAGES]:
        for block in blocks(page):
            for line in block.text.splitlines():
                found = re.search(r"(?:^|\$ |\| |<\(|uvx )shorts (?!:)([^)]*)", line)
                if found and block.language in ("", "sh", "bash", "text", "console"):
                    yield page.name, found[1]


def test_every_call_that_a_page_shows_is_one_that_the_command_takes() -> None:
    found = [*calls()]
    assert len(found) > 50
    for page, call in found:
        words = [word for word in shlex.split(call, comments=True) if word not in ("|", "source")]
        name = " ".join(words[:2]) if " ".join(words[:2]) in COMMANDS else words[0]
        if name not in COMMANDS:
            assert name in sam_options.commands(), f"{page}: {call}"
            continue
        given = parser.parse(name, [word for word in words[len(name.split()) :] if word[0] != "["])
        sam = {word.partition("=")[0] for word in given.sam if re.match("--?[a-z]", word)}
        known = sam_options.described(COMMANDS[name].sam) if sam else []
        assert sam <= {word for option in known for word in option.names}, f"{page}: {call}"


def test_the_page_of_commands_is_up_to_date() -> None:
    """`python -m pages` writes it."""
    assert (DOCS / "commands.md").read_text("utf-8") == commands.page()


def test_every_command_has_an_example() -> None:
    assert [name for name, command in COMMANDS.items() if not command.examples] == []


def test_the_page_of_metadata_has_every_key_and_its_default() -> None:
    text = (DOCS / "metadata.md").read_text("utf-8")
    table = text.partition("## Of a function")[2].partition("## Of the template")[0]
    rows = dict(re.findall(r"^\| `(\w+)` \| [^|]+ \| ([^|]+) \|", table, re.MULTILINE))
    shown = {"none": [], "`true`": True, "`false`": False}
    keys = zip(Settings.__struct_encode_fields__, Settings.__struct_fields__, strict=True)
    assert {key: shown[default] for key, default in rows.items()} == {
        key: getattr(Settings(), field) for key, field in keys
    }
    for key in rows:
        assert f"        {key}: " in table


def texts(node: ast.AST) -> str:
    """A text of the sources, with `…` for what is filled in."""
    if isinstance(node, ast.Constant):
        return node.value if isinstance(node.value, str) else "…"
    if isinstance(node, ast.JoinedStr):
        return "".join(map(texts, node.values))
    return "…"


def test_every_message_in_troubleshooting_is_one_of_the_code() -> None:
    messages = [
        texts(node)
        for path in (ROOT / "shorts").rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.Constant | ast.JoinedStr)
    ]
    page = (DOCS / "troubleshooting.md").read_text("utf-8")
    headings = re.findall(r"^### `(.*)`$", page, re.MULTILINE)
    assert len(headings) > 40
    unknown = []
    for heading in headings:
        parts = [re.escape(part) for part in heading.split("…")]
        pattern = re.compile(".*".join(parts), re.DOTALL)
        if not any(pattern.search(message.replace("`", "")) for message in messages):
            unknown.append(heading)
    assert unknown == []


def test_there_is_one_heading_for_each_message() -> None:
    page = (DOCS / "troubleshooting.md").read_text("utf-8")
    headings = re.findall(r"^### .*$", page, re.MULTILINE)
    assert len(headings) == len({*headings})
