"""What is in a zip, to the byte, and what changed: on zips made by hand."""

import io
import json
import zipfile
from collections.abc import Mapping
from pathlib import Path

import pytest

from shorts.emulator import import_time
from shorts.emulator.import_time import Import
from shorts.errors import ShortsError
from shorts.report import compare, tables, zip_files, zip_report
from shorts.report.treemap import page
from shorts.report.zip_files import OWN, STRUCTURE, File
from shorts.report.zip_report import Report, SizeGroup
from shorts.slices import zip_format


def write_zip(path: Path, files: Mapping[str, bytes], comment: bytes = b"") -> Path:
    """A zip as anybody makes it, with a folder and an extra field of its own."""
    with zipfile.ZipFile(path, "w") as opened:
        opened.comment = comment
        opened.mkdir("folder")
        for name, content in files.items():
            member = zipfile.ZipInfo(name)
            member.extra = b"\x99\x99\x02\x00ab"
            opened.writestr(member, content)
    return path


def one(path: str, owner: str = OWN, size: int = 10, crc: int = 1) -> File:
    return File(path=path, owner=owner, zipped=size, unzipped=size * 2, crc=crc)


def reported(path: Path, against: Path | None = None) -> tuple[Report, list[File]]:
    """A report on a zip with its top-level folders as owners."""

    def owner(name: str) -> str:
        return name.partition("/")[0] if "/" in name else OWN

    files, structure = zip_files.read(path, owner, "Fix it.")
    former: list[File] = []
    change = None
    if against:
        former, rest = zip_files.read(against, owner, "Fix it.")
        before = {row.name: row.zipped for row in zip_report.rows(former, rest, {}, {})}
        after = {row.name: row.zipped for row in zip_report.rows(files, structure, {}, {})}
        unzipped = sum(file.unzipped for file in former)
        changes = compare.files(former, files)
        change = compare.compared(against, before, after, unzipped, changes)
    made = Report(
        name="F",
        zip=path.name,
        zipped=path.stat().st_size,
        unzipped=sum(file.unzipped for file in files),
        files=len(files),
        rows=zip_report.rows(files, structure, {"lib": "1.0"}, {"lib": "app.py:1 → lib"}),
        left_out=[SizeGroup(name="lib", unzipped=3000, files=2)],
        candidates=[SizeGroup(name="lib/data/**", unzipped=1500, files=1)],
        change=change,
        contents=files,
    )
    return made, former


def test_the_sum_is_the_size_of_a_zip_of_ours(tmp_path: Path) -> None:
    """An entry takes its headers and data; what is left is the end of the directory."""
    packed = [zip_format.pack(name, name.encode() * 50) for name in ("a/b.py", "é.txt", "c.py")]
    entries, blob = zip_format.join(packed)
    plan = zip_format.plan((0, entry) for entry in entries)
    path = tmp_path / "F.zip"
    path.write_bytes(b"".join(zip_format.merged([blob], plan)))
    files, structure = zip_files.read(path, lambda name: OWN, "")
    sizes = {entry.path: 30 + 46 + 2 * len(entry.path.encode()) + entry.packed for entry in entries}
    assert {file.path: file.zipped for file in files} == sizes
    assert structure == 22
    assert sum(sizes.values()) + structure == path.stat().st_size


def test_the_sum_is_the_size_of_any_zip(tmp_path: Path) -> None:
    """Comments, extra fields, folders and something before the zip are all counted."""
    path = write_zip(tmp_path / "any.zip", {"a.py": b"a" * 99, "b/c.so": b"c"}, b"a comment")
    path.write_bytes(b"#!/bin/sh\n" + path.read_bytes())
    files, structure = zip_files.read(path, lambda name: OWN, "")
    assert [file.path for file in files] == ["a.py", "b/c.so"]
    assert sum(file.zipped for file in files) + structure == path.stat().st_size
    assert structure == 10 + (30 + 46 + 2 * len("folder/")) + 22 + len("a comment")


class Pipe(io.BytesIO):
    """Where a writer cannot go back: zipfile puts the sizes behind the data then."""

    def seekable(self) -> bool:
        return False

    def tell(self) -> int:
        raise io.UnsupportedOperation


def test_the_sum_of_a_streamed_zip(tmp_path: Path) -> None:
    """A zip that was written to a pipe has sizes behind the data, and they are counted."""
    pipe = Pipe()
    with zipfile.ZipFile(pipe, "w", zipfile.ZIP_DEFLATED) as opened:
        opened.writestr("a.py", b"a" * 99)
    assert b"PK\7\x08" in pipe.getvalue()
    path = tmp_path / "streamed.zip"
    path.write_bytes(pipe.getvalue())
    files, structure = zip_files.read(path, lambda name: OWN, "")
    assert structure == 22
    assert files[0].zipped + structure == path.stat().st_size


def test_what_is_no_zip_is_said_so(tmp_path: Path) -> None:
    """A file that is missing or no zip is named, with the way out."""
    with pytest.raises(ShortsError, match=r"gone\.zip cannot be read: No such file.*\nFix it\."):
        zip_files.read(tmp_path / "gone.zip", lambda name: OWN, "Fix it.")
    text = tmp_path / "text.zip"
    text.write_text("no zip")
    with pytest.raises(ShortsError, match=r"text\.zip is not a zip: .*\nFix it\."):
        zip_files.read(text, lambda name: OWN, "Fix it.")


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("app.py", "source"),
        ("__pycache__/app.cpython-313.pyc", "bytecode"),
        ("lib/_core.cpython-313-x86_64-linux-gnu.so", "library"),
        ("lib.libs/libz-1234.so.1.2", "library"),
        ("lib-1.0.dist-info/METADATA", "metadata"),
        ("lib/data/table.csv", "data"),
    ],
)
def test_kinds_of_files(path: str, kind: str) -> None:
    """A file's kind is known by its path."""
    assert one(path).kind == kind


def test_rows_are_by_owner_and_the_largest_first() -> None:
    """Each owner is a row, what belongs to no file the last; shares are of all together."""
    files = [one("app.py", size=30), one("lib/a.py", "lib", 40), one("lib/b.py", "lib", 20)]
    rows = zip_report.rows(files, 10, {"lib": "1.0"}, {"lib": "app.py:1 → lib"})
    assert [(row.name, row.version, row.zipped, row.unzipped, row.files) for row in rows] == [
        ("lib", "1.0", 60, 120, 2),
        (OWN, "", 30, 60, 1),
        (STRUCTURE, "", 10, 0, 0),
    ]
    assert [row.share for row in rows] == [0.6, 0.3, 0.1]
    assert rows[0].why == "app.py:1 → lib"


def test_candidates_are_the_highest_folders_that_hold_nothing_else() -> None:
    """A folder with a file that is needed is not proposed; what of it is idle is, by itself."""
    files = [
        one("lib/__init__.py"),
        one("lib/data/a.csv", size=5),
        one("lib/data/deep/b.csv", size=7),
        one("lib/fonts/used.ttf"),
        one("lib/fonts/idle.ttf", size=4),
    ]
    idle = ["lib/data/a.csv", "lib/data/deep/b.csv", "lib/fonts/idle.ttf"]
    found = zip_report.candidates(files, idle)
    assert [(heap.name, heap.unzipped, heap.files) for heap in found] == [
        ("lib/data/**", 24, 2),
        ("lib/fonts/idle.ttf", 8, 1),
    ]


def test_files_that_are_new_gone_or_changed() -> None:
    """The content decides, not the size; the largest difference comes first."""
    before = [one("same"), one("gone", size=50), one("other", crc=1), one("less", size=40)]
    after = [one("same"), one("new", size=60), one("other", crc=2), one("less", size=10)]
    found = compare.files(before, after)
    assert [(change.path, change.state, change.difference) for change in found] == [
        ("new", "new", 60),
        ("gone", "gone", -50),
        ("less", "changed", -30),
        ("other", "changed", 0),
    ]


def test_owners_in_a_stock_zip_are_by_its_records(tmp_path: Path) -> None:
    """RECORD says which distribution has a path, in a layer too; the rest goes by its folder."""
    path = write_zip(
        tmp_path / "old.zip",
        {
            "python/Dash_Lib-1.0.dist-info/RECORD": b"dash/__init__.py,,\n../outside,,\n",
            "python/dash/__init__.py": b"",
            "python/other/x.py": b"",
            "python/six.py": b"",
        },
    )
    owner = compare.owner_in(path, {}, OWN)
    assert owner("python/dash/__init__.py") == "dash-lib"
    assert owner("python/Dash_Lib-1.0.dist-info/RECORD") == "dash-lib"
    assert owner("python/other/x.py") == "other"
    assert owner("python/six.py") == OWN


def test_owners_without_records_are_those_of_the_other_zip(tmp_path: Path) -> None:
    """A former zip by shorts has no RECORD: paths, then top-level folders, say which it is of."""
    path = write_zip(tmp_path / "old.zip", {"typing_extensions-4.0.dist-info/METADATA": b""})
    known = {"PIL/Image.py": "pillow", "PIL/_imaging.so": "pillow", "charts/a.py": OWN}
    owner = compare.owner_in(path, known, OWN)
    assert owner("PIL/Image.py") == "pillow"
    assert owner("PIL/Gone.py") == "pillow"
    assert owner("charts/gone.py") == OWN
    assert owner("typing_extensions.py") == "typing-extensions"
    assert owner("numpy.libs/libz.so") == "numpy"
    assert owner("app.py") == OWN


def test_the_table(tmp_path: Path) -> None:
    """The table, what was left out, candidates and the comparison, word for word."""
    new = write_zip(tmp_path / "F.zip", {"app.py": b"a" * 2000, "lib/a.py": b"b" * 4000})
    old = write_zip(tmp_path / "old.zip", {"app.py": b"a" * 2000, "lib/b.py": b"c" * 1000})
    made, _ = reported(new, old)
    assert tables.table(made) == [
        "F  6.3 KB zipped  6.0 KB unzipped  2 files  F.zip",
        "  distribution   zipped KB  unzipped KB   share  files  why",
        "  lib 1.0              4.1          4.0   65.0%      1  app.py:1 → lib",
        "  own code             2.1          2.0   33.2%      1",
        "  zip structure        0.1          0.0    1.8%      0",
        "  total                6.3          6.0  100.0%      2",
        "",
        "left out",
        "       unzipped KB  files",
        "  lib          3.0      2",
        "",
        "never opened by the events: candidates for Drop",
        "               unzipped KB  files",
        "  lib/data/**          1.5      1",
        "",
        f"against {old}  3.3 KB zipped  +3.0 KB",
        "  distribution  before KB  after KB  difference KB",
        "  lib                 1.1       4.1           +3.0",
        "",
        "files: 1 new, 1 gone, 0 changed",
        "              before KB  after KB  difference KB",
        "  + lib/a.py        0.0       4.1           +4.1",
        "  × lib/b.py        1.1       0.0           −1.1",
    ]


def test_json_has_all_but_the_files(tmp_path: Path) -> None:
    """The JSON names the fields of a report; sizes in it are bytes."""
    made, _ = reported(write_zip(tmp_path / "F.zip", {"app.py": b"x", "lib/a.py": b"y"}))
    (said,) = json.loads(tables.as_json([made]))
    assert set(said) == {*Report.__struct_fields__} - {"contents"}
    assert sum(row["zipped"] for row in said["rows"]) == said["zipped"]
    assert said["change"] is None
    assert said["left_out"] == [{"name": "lib", "unzipped": 3000, "files": 2}]


IMPORTTIME = """\
import time: self [us] | cumulative | imported package
import time:       100 |        100 | site
import time:        50 |         50 |     lib._core
import time:       300 |        350 |   lib
a line of the function's own
import time:        40 |         40 |   json
import time:      1000 |       1390 | app
import time:         7 |          7 | late
""".splitlines()


def test_import_times_are_those_below_the_handler() -> None:
    """The interpreter's own imports, before and after, do not count as the function's."""
    assert import_time.parsed(IMPORTTIME, "app") == [
        Import(name="app", total=1.39, own=1.0, chain=[]),
        Import(name="lib", total=0.35, own=0.3, chain=["app"]),
        Import(name="lib._core", total=0.05, own=0.05, chain=["app", "lib"]),
        Import(name="json", total=0.04, own=0.04, chain=["app"]),
    ]


def test_a_handler_that_was_not_imported_is_a_bug() -> None:
    """The interpreter ended well and does not name the handler."""
    with pytest.raises(ValueError, match="other was not imported"):
        import_time.parsed(IMPORTTIME, "other")


def test_the_table_of_imports() -> None:
    """Long chains show how they begin and how they end."""
    long = " → ".join("abcdefg")
    slow = Import(name="app", total=1390, own=1.0, chain=[])
    rows = [(slow, ""), (Import(name="lib", total=0.35, own=0.3, chain=["app"]), long)]
    assert tables.imports_table("F", rows) == [
        "F  1,390.0 ms of imports",
        "  import       ms  own ms  why",
        "  app     1,390.0     1.0",
        "  lib         0.3     0.3  a → b → c → … → e → f → g",
    ]
    (said,) = json.loads(tables.imports_as_json([("F", rows)]))
    assert said["name"] == "F"
    assert said["imports"][1] == {
        "name": "lib",
        "total": 0.35,
        "own": 0.3,
        "chain": ["app"],
        "why": long,
    }


def test_the_page_loads_nothing(tmp_path: Path) -> None:
    """The policy has hashes for its own style and script alone, and no address is named."""
    text = page([reported(write_zip(tmp_path / "F.zip", {"app.py": b"x"}))])
    policy = text.partition('Content-Security-Policy" content="')[2].partition('"')[0]
    assert policy.startswith("default-src 'none'; img-src data:; base-uri 'none'; ")
    assert policy.count("'sha256-") == 2
    assert "unsafe" not in policy
    assert "http://" not in text
    assert "https://" not in text


def test_the_page_escapes_what_is_in_a_zip(tmp_path: Path) -> None:
    """A file cannot end the data's element, nor stand in for a part of the page."""
    bad = "</script><b>@DATA@<!--"
    text = page([reported(write_zip(tmp_path / "F.zip", {bad: b"x"}))])
    assert bad not in text
    data = text.partition('id="data">')[2].partition("</script>")[0]
    assert "<" not in data
    (function,) = json.loads(data)["functions"]
    assert [file[0] for file in function["files"]] == [bad]
