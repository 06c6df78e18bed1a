"""Files and folders that no reader sees half-written."""

from pathlib import Path

import pytest

from shorts.system import atomic


@pytest.fixture
def place(tmp_path: Path) -> Path:
    """Where a folder is to be."""
    return tmp_path / "place"


def fill(folder: Path, name: str) -> None:
    folder.mkdir(exist_ok=True)
    (folder / name).write_text(name)


def assert_holds(place: Path, name: str) -> None:
    assert [path.name for path in place.iterdir()] == [name]
    assert [path.name for path in place.parent.iterdir()] == [place.name]


def test_a_folder_is_there_when_it_is_complete(place: Path) -> None:
    """Nothing is in its place before, and nothing next to it afterwards."""
    with atomic.folder(place) as new:
        fill(new, "new")
        new.with_name("archive").write_text("")
        assert not place.exists()
    assert_holds(place, "new")


@pytest.mark.parametrize("kind", ["folder", "file", "link"])
def test_a_folder_replaces_what_is_there(place: Path, kind: str) -> None:
    """A damaged folder goes, and so does a file or a link that leads nowhere."""
    if kind == "folder":
        fill(place, "old")
    elif kind == "file":
        place.write_text("old")
    else:
        place.symlink_to("nowhere")
    with atomic.folder(place) as new:
        fill(new, "new")
    assert_holds(place, "new")


def test_a_failure_changes_nothing(place: Path) -> None:
    """What cannot be completed leaves what was there."""
    fill(place, "old")
    with pytest.raises(FileExistsError), atomic.folder(place) as new:
        new.mkdir()
    assert_holds(place, "old")


def test_the_folder_of_a_faster_process_stays(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where another process puts its folder there at the same time, that one is taken."""
    rename = Path.rename

    def late(self: Path, target: Path) -> Path:
        if target == place:
            fill(place, "theirs")
        return rename(self, target)

    monkeypatch.setattr(Path, "rename", late)
    with atomic.folder(place) as new:
        fill(new, "ours")
    assert_holds(place, "theirs")
