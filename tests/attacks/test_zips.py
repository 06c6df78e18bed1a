"""Hostile zips as layers: each is refused by name, or unpacked without harm."""

import zipfile
from contextlib import suppress
from pathlib import Path

import pytest

from shorts.emulator import layers
from shorts.errors import ShortsError
from shorts.targets import limits
from tests.attacks.conftest import inventory
from tests.attacks.hostile import Member, member, write_zip

LINK = 0o120777


@pytest.mark.parametrize(
    ("parts", "said"),
    [
        ([member("../out.py")], "'../out.py' lies outside"),
        ([member("a/../../out.py")], "lies outside"),
        ([member("/out.py")], "'/out.py' lies outside"),
        ([member("dev", "", 0o020666)], "'dev' is a device or a pipe"),
        ([member("disk", "", 0o060666)], "'disk' is a device or a pipe"),
        ([member("pipe", "", 0o010666)], "'pipe' is a device or a pipe"),
        ([member("socket", "", 0o140666)], "'socket' is a device or a pipe"),
        ([member("a", "/etc/passwd", LINK)], "'a' is a link that leads out of it, to /etc/passwd"),
        ([member("a", "../../x", LINK)], "'a' is a link that leads out"),
        ([member("a", "/opt/../etc", LINK)], "'a' is a link that leads out"),
        ([member("d/e/f"), member("d/l", "..", LINK), member("m", "d/l/..", LINK)], "'m' is a li"),
        ([member("a", "x\0y", LINK)], "'a' cannot be unpacked"),
        ([member("a", "x" * 5000, LINK)], "'a' cannot be unpacked"),
        ([member("a", "", LINK)], "'a' cannot be unpacked"),
        ([member("n" * 300)], "nnn…' cannot be unpacked: File name too long"),
        ([member("a/" * 101 + "x")], "lies more than 100 folders deep"),
        ([member("a"), member("a/b")], "'a/b' cannot be unpacked"),
        ([member("a/b"), member("a")], "'a' cannot be unpacked: Is a directory"),
    ],
)
def test_what_is_refused(tmp_path: Path, home: Path, parts: list[Member], said: str) -> None:
    """What leads out of a zip's folder, or is not a file, is named; nothing is written."""
    place = tmp_path / "work"
    place.mkdir()
    archive = write_zip(place / "layer.zip", [member("python/first.py"), *parts])
    before = inventory(home)
    with pytest.raises(ShortsError) as refused:
        layers.extract(archive, place / "layer")
    assert said in str(refused.value)
    assert str(archive) in str(refused.value)
    assert inventory(home) == before
    assert {path.name for path in place.iterdir()} == {"layer.zip", "layer"}
    assert not list(tmp_path.rglob("out.py"))


def test_what_is_unpacked(tmp_path: Path) -> None:
    """Odd names that Linux takes, links within and names written twice are unpacked."""
    names = [
        "a.py",
        "A.py",
        "caf\u00e9",
        "cafe\u0301",
        "back\\slash",
        "new\nline",
        "\x1b[31m",
        "b.txt",
    ]
    parts = [member(name, name) for name in names]
    parts += [member("./dot//b.txt", "b"), member("l", "dot/b.txt", LINK), member("b.txt", "again")]
    with pytest.warns(UserWarning, match="Duplicate name"):
        archive = write_zip(tmp_path / "layer.zip", parts)
    layers.extract(archive, tmp_path / "layer")
    found = {
        path.name: path.read_text() for path in (tmp_path / "layer").iterdir() if path.is_file()
    }
    assert found == {**{name: name for name in names}, "b.txt": "again", "l": "b"}


def test_links_within_the_layers(tmp_path: Path) -> None:
    """An absolute link into /opt leads into the layers, as it does in Lambda."""
    parts = [member("lib/a.so.1"), member("lib/a", "/opt/lib/a.so.1", LINK)]
    write_zip(tmp_path / "layer.zip", parts)
    layers.extract(tmp_path / "layer.zip", tmp_path / "layer")
    assert str((tmp_path / "layer/lib/a").readlink()) == "/opt/lib/a.so.1"


def test_a_bomb(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What unpacks to more than the limit is stopped there, whatever the zip says of its size."""
    monkeypatch.setattr(layers, "UNPACKED", 5_000_000)
    archive = write_zip(tmp_path / "layer.zip", [member("a"), member("zeros", bytes(50_000_000))])
    data = archive.read_bytes()
    archive.write_bytes(data.replace((50_000_000).to_bytes(4, "little"), bytes([9, 0, 0, 0])))
    with pytest.raises((ShortsError, zipfile.BadZipFile)):
        layers.extract(archive, tmp_path / "lying")
    archive.write_bytes(data)
    with pytest.raises(ShortsError, match=r"'zeros' and what lies before it in the zip hold more"):
        layers.extract(archive, tmp_path / "layer")
    for folder in ("lying", "layer"):
        assert sum(path.stat().st_size for path in (tmp_path / folder).iterdir()) <= 5_000_000


def test_many_files_are_one_bomb(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The limit is for all files of a zip together."""
    monkeypatch.setattr(layers, "UNPACKED", 5_000_000)
    parts = [member(f"zeros{number}", bytes(1_000_000)) for number in range(9)]
    with pytest.raises(ShortsError, match="'zeros5' and what lies before it"):
        layers.extract(write_zip(tmp_path / "layer.zip", parts), tmp_path / "layer")


@pytest.mark.parametrize(
    "data", [b"", b"PK", b"PK\5\6" + bytes(9), bytes(1000), b"PK\1\2" + b"\xff" * 500]
)
def test_what_is_no_zip(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, data: bytes) -> None:
    """What is damaged is named, with the way out."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "layer.zip").write_bytes(data)
    with pytest.raises(ShortsError, match=r"is not a zip: .*\nZip it again\."):
        layers.unzipped(tmp_path / "layer.zip", "layers", "Zip it again.")
    assert not list(tmp_path.glob(".aws-sam/shorts/layers/.*"))


def test_every_damage_of_a_zip(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A zip with any byte changed is unpacked or refused."""
    monkeypatch.chdir(tmp_path)
    archive = write_zip(tmp_path / "layer.zip", [member("caf\u00e9"), member("l", "x", LINK)])
    data = archive.read_bytes()
    for place in range(len(data)):
        for value in (0, 0xFF, data[place] ^ 1):
            archive.write_bytes(data[:place] + bytes([value]) + data[place + 1 :])
            with suppress(ShortsError):
                layers.unzipped(archive, "layers", "Zip it again.")


def test_a_vast_file(tmp_path: Path) -> None:
    """A sparse file of many gigabytes is not read."""
    with (tmp_path / "layer.zip").open("wb") as file:
        file.truncate(limits.UNPACKED * 5)
    with pytest.raises(ShortsError, match=r"is larger than 2\.0 GB"):
        layers.unzipped(tmp_path / "layer.zip", "layers", "Zip it again.")
