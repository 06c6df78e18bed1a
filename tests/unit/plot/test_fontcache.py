"""The lists of fonts that Plot ships."""

import json
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[3] / "plot"))

import fontcache

ROOT = Path(__file__).parents[3]
LISTS = sorted(fontcache.BAKED.glob("fontlist-*.json"))


@pytest.mark.parametrize("path", LISTS, ids=[path.stem for path in LISTS])
def test_a_list_holds_on_any_machine(path: Path) -> None:
    """A list names the two fonts that a trimmed zip keeps, by their place in matplotlib."""
    fonts = json.loads(path.read_text())["ttflist"]

    assert [font["fname"] for font in fonts] == [f"fonts/ttf/{name}" for name in fontcache.FONTS]


def test_there_is_a_list_for_each_matplotlib() -> None:
    """Python 3.11 has another matplotlib than the later ones, with a list of its own."""
    assert len(LISTS) == 2


def test_installs_its_lists_where_matplotlib_looks(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The lists are copied to the folder that matplotlib reads; those that are there stay."""
    monkeypatch.setenv("MPLCONFIGDIR", str(tmp_path / "new"))
    fontcache.install()
    first, *_ = LISTS
    (tmp_path / "new" / first.name).write_text("own")

    fontcache.install()

    found = {path.name: path.read_text() for path in (tmp_path / "new").iterdir()}
    assert found == {path.name: path.read_text() for path in LISTS} | {first.name: "own"}
