"""A remote in a folder: what is written is whole, and never replaced by chance."""

import os
from pathlib import Path

import pytest

from shorts.remote.folder import Folder
from shorts.remote.objects import Listed, Unavailable


@pytest.fixture
def folder(tmp_path: Path) -> Folder:
    """A remote in a folder that does not exist yet."""
    return Folder(str(tmp_path / "remote"))


def content(folder: Folder, name: str) -> bytes | None:
    """What is stored under a name."""
    stored = folder.get(name, lambda count: None)
    return stored.data if stored else None


def test_an_empty_remote_has_nothing(folder: Folder, tmp_path: Path) -> None:
    """Looking makes no folder."""
    assert content(folder, "slices/x") is None
    assert [*folder.list("slices/")] == []
    assert [*tmp_path.iterdir()] == []


def test_what_is_put_is_got_and_listed(folder: Folder) -> None:
    """An object has its bytes, its size and its name; other kinds are not listed with it."""
    assert folder.put("slices/b", b"second")
    assert folder.put("slices/a", b"1")
    assert folder.put("proofs/a", b"")
    assert content(folder, "slices/b") == b"second"
    assert [*folder.list("slices/")] == [
        Listed(name="slices/a", size=1),
        Listed(name="slices/b", size=6),
    ]
    assert [one.name for one in folder.list("slices/b")] == ["slices/b"]


def test_an_object_is_never_replaced_by_chance(folder: Folder, tmp_path: Path) -> None:
    """The first writer wins, and the second leaves nothing behind."""
    assert folder.put("slices/x", b"first")
    assert not folder.put("slices/x", b"second")
    assert content(folder, "slices/x") == b"first"
    assert [path.name for path in (tmp_path / "remote/slices").iterdir()] == ["x"]


def test_a_version_is_replaced_once(folder: Folder) -> None:
    """Whoever has seen an older version does not replace a newer one."""
    folder.put("slices/x", b"bad")
    seen = folder.get("slices/x", lambda count: None)
    assert seen is not None
    assert folder.put("slices/x", b"good", seen.version)
    assert not folder.put("slices/x", b"late", seen.version)
    assert content(folder, "slices/x") == b"good"


def test_what_is_not_a_file_is_not_read(folder: Folder, tmp_path: Path) -> None:
    """A FIFO, a folder or a link in an object's place is an object that is not valid."""
    (tmp_path / "remote/slices").mkdir(parents=True)
    os.mkfifo(tmp_path / "remote/slices/fifo")
    (tmp_path / "remote/slices/folder/inner").mkdir(parents=True)
    (tmp_path / "secret").write_text("secret")
    (tmp_path / "remote/slices/link").symlink_to(tmp_path / "secret")
    for name in ("fifo", "folder", "link"):
        seen = folder.get(f"slices/{name}", lambda count: None)
        assert seen is not None and seen.data == b""
        assert folder.put(f"slices/{name}", b"good", seen.version)
        assert content(folder, f"slices/{name}") == b"good"
    assert (tmp_path / "secret").read_text() == "secret"


def test_a_refusal_says_why(folder: Folder, tmp_path: Path) -> None:
    """A file in the folder's place is a reason, not a crash."""
    (tmp_path / "remote").write_text("")
    assert content(folder, "slices/x") is None
    with pytest.raises(Unavailable, match="Not a directory"):
        folder.put("slices/x", b"1")
