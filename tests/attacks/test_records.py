"""What a RECORD may say once a wheel is installed; uv corrects some lies and not others."""

import csv
from pathlib import Path

import pytest

from shorts.errors import ShortsError
from shorts.requirements.lock_file import Pin
from shorts.slices import make

BAD, GOOD = (Pin(name=name, version="1.0", hashes=()) for name in ("bad", "good"))


def install(site: Path, name: str, record: str | bytes) -> None:
    info = site / f"{name}-1.0.dist-info"
    info.mkdir(parents=True)
    (info / "RECORD").write_bytes(record.encode() if isinstance(record, str) else record)
    (site / name).mkdir()
    (site / name / "x.py").write_text("X = 1\n")


@pytest.mark.parametrize(
    "row",
    [
        "bad/x.py",
        "bad/x.py,nosuch=abc,1",
        "bad/x.py,shake_128=abc,1",
        "bad/x.py,=,,,,,",
        "./bad//x.py,,",
        'bad/x.py,"a,b\nc",',
        "bad/x.py,,\n\n,,\nbad,,\nbad/gone.py,,\nbad/\x01.py,,",
        f"bad/x.py,,\nbad/{'n' * 9000},,",
        "bad/x.py,sha256=a,\nbad/x.py,sha256=b,",
    ],
)
def test_rows_that_are_taken(tmp_path: Path, row: str) -> None:
    """Of odd rows what is there counts."""
    install(tmp_path, "bad", f"{row}\n")
    assert make._split(tmp_path, [BAD]) == {"bad": ["bad/x.py"]}


@pytest.mark.parametrize(
    ("record", "said"),
    [
        (b"bad/\xff.py,,\n", "The RECORD of bad==1.0 cannot be read: 'utf-8' codec"),
        ("bad/" + "x" * 200_000, "The RECORD of bad==1.0 cannot be read: field larger"),
        ("../x.py,,", "bad==1.0 holds a file outside site-packages: '../x.py'"),
        ("/x.py,,", "outside site-packages: '/x.py'"),
        ("bad\\x.py,,", "outside site-packages"),
        ("x,,\n" * 17_000_000, "bad==1.0 has a RECORD of 68 MB"),
    ],
)
def test_records_that_are_refused(tmp_path: Path, record: str | bytes, said: str) -> None:
    """A RECORD that cannot be read, or that leads outside, is named."""
    install(tmp_path, "bad", record)
    with pytest.raises(ShortsError) as refused:
        make._split(tmp_path, [BAD])
    assert str(refused.value).startswith(said) or said in str(refused.value)


def test_no_record(tmp_path: Path) -> None:
    """A folder in its place is none, and a distribution may be missing."""
    (tmp_path / "bad-1.0.dist-info" / "RECORD").mkdir(parents=True)
    with pytest.raises(ShortsError, match=r"The RECORD of bad==1.0 cannot be read: .*directory"):
        make._split(tmp_path, [BAD])
    with pytest.raises(ShortsError, match=r"good==1.0 was installed without a RECORD"):
        make._split(tmp_path, [GOOD])


@pytest.mark.parametrize("digest", ["", "nosuch=abc", "sha256=abc"])
def test_a_file_of_another(tmp_path: Path, digest: str) -> None:
    """What two claim, and neither has the hash of, is for an installation alone to tell."""
    install(tmp_path, "bad", f"good/x.py,{digest},\n")
    install(tmp_path, "good", f"good/x.py,{digest},\n")
    assert make._split(tmp_path, [BAD, GOOD]) == {}
    assert make._split(tmp_path, [BAD]) == {"bad": ["good/x.py"]}


def test_too_large(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """All files of a distribution together have a limit; a sparse one counts whole."""
    install(tmp_path, "bad", "bad/x.py,,\nbad/y,,\n")
    with (tmp_path / "bad" / "y").open("wb") as file:
        file.truncate(2_000_000_000)
    with pytest.raises(ShortsError, match=r"bad==1.0 unpacks to 2.0 GB; the limit is 2.0 GB"):
        make._split(tmp_path, [BAD])
    assert csv.field_size_limit() == 131_072  # what the rows above rely on
