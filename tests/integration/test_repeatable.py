"""The same input gives the same bytes, and what compares them can tell when it does not."""

import itertools
import os
import shutil
import time
import zipfile
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from shorts.slices import zip_format
from shorts.system.project_state import FOLDER
from tests.conftest import ROOT, Done, Shorts, as_process, copy_application, require, write_wheel

FUNCTIONS = ("EchoFunction", "PlotFunction")
# What a zip's directory says of a member.
SAID = (
    *("filename", "CRC", "file_size", "compress_size", "compress_type", "date_time"),
    *("external_attr", "create_system", "create_version", "extract_version", "flag_bits"),
    *("extra", "comment", "header_offset"),
)
# The command, after the process has been given another umask or other processors.
CHANGED = "import os, sys; {}; from shorts.cli import command; sys.exit(command.main())"
ONE_CORE = "os.sched_setaffinity(0, [min(os.sched_getaffinity(0))])"


def difference(one: Path, other: Path) -> str:
    """What differs first between two zips, member by member and then by bytes; empty if nothing."""
    with zipfile.ZipFile(one) as mine, zipfile.ZipFile(other) as theirs:
        for left, right in itertools.zip_longest(mine.infolist(), theirs.infolist()):
            if left is None or right is None:
                return f"{(left or right).filename} is in one alone"
            for name in SAID:
                here, there = getattr(left, name), getattr(right, name)
                if here != there:
                    return f"{left.filename}: {name} {here!r} and {there!r}"
    same = one.read_bytes() == other.read_bytes()
    return "" if same else "the same members, other bytes around them"


def store_difference(one: Path, other: Path, keys: Iterable[str] = ("*",)) -> str:
    """What differs first between the Slices of two stores, or some of them; empty if nothing."""
    mine, theirs = (
        sorted(
            str(path.relative_to(store))
            for key in keys
            for path in (store / "slices").glob(f"{key}/**/*")
            if path.is_file()
        )
        for store in (one, other)
    )
    alone = sorted({*mine} ^ {*theirs})
    if alone:
        return f"{alone[0]} is in one alone"
    for name in (name for name in mine if name.endswith("/slice.zip")):
        found = difference(one / name, other / name)
        if found:
            return f"{name}: {found}"
    for name in (name for name in mine if name.endswith("/index")):
        if (one / name).read_bytes() != (other / name).read_bytes():
            return f"{name}: other bytes"
    return ""


class Built(NamedTuple):
    """An application that has been built, and the store it was built with."""

    folder: Path
    store: Path

    def zip(self, name: str) -> Path:
        return self.folder / ".aws-sam" / "build" / f"{name}.zip"


def good(done: Done) -> Done:
    assert done.returncode == 0, done.stderr
    return done


def copied_backwards(to: Path) -> Path:
    """The application's sources, made in the opposite order, with other times and modes."""
    sources = sorted(
        path
        for name in ("echo", "plot", "events")
        for path in (ROOT / name).rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    )
    for number, path in enumerate(reversed([ROOT / "template.yaml", *sources])):
        copy = to / path.relative_to(ROOT)
        copy.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(path, copy)
        copy.chmod(0o600)
        os.utime(copy, (number, 1_000_000_000 + number))
    return to


def test_another_machine_by_all_appearances(built: Path, store: Path, tmp_path: Path) -> None:
    """Folder, file order, times, umask, hash seed, locale, zone, cores and company change nothing.

    Here the functions are built by a process each and one after the other, so no Slice is made in
    one go with those that it is made with in the store of all tests.
    """
    again = Built(
        copied_backwards(tmp_path / "a folder with spaces" / ("long" * 20) / "é"),
        tmp_path / "store",
    )
    time.sleep(2.1)  # a zip's clock ticks every two seconds
    changes = {
        "EchoFunction": {"PYTHONHASHSEED": "1", "LC_ALL": "C.UTF-8", "TZ": "America/St_Johns"},
        "PlotFunction": {"PYTHONHASHSEED": "4711", "LC_ALL": "C", "TZ": "Pacific/Kiritimati"},
    }
    for name, changed in changes.items():
        good(
            as_process(
                ["-c", CHANGED.format(f"os.umask(0o077); {ONE_CORE}"), "build", name],
                again.folder,
                SHORTS_CACHE_DIR=str(again.store),
                **changed,
            )
        )
        assert difference(Built(built, store).zip(name), again.zip(name)) == ""
    assert store_difference(store, again.store, os.listdir(again.store / "slices")) == ""


def test_a_store_that_has_all(built: Path, store: Path, tmp_path: Path) -> None:
    """A zip merged from Slices made before is the one that was made with them."""
    again = Built(copy_application(tmp_path / "app"), store)
    proofs = FOLDER / "proofs"  # what the events have shown, which is not what is merged here
    shutil.copytree(built / proofs, again.folder / proofs)
    changed = {"SHORTS_CACHE_DIR": str(again.store), "SOURCE_DATE_EPOCH": "1000000000"}
    changed |= {"PYTHONHASHSEED": "2", "PYTHONOPTIMIZE": "2", "PYTHONDONTWRITEBYTECODE": "1"}
    done = good(as_process(["-m", "shorts", "build"], again.folder, **changed))
    assert "Packing" not in done.stderr
    for name in FUNCTIONS:
        assert difference(Built(built, store).zip(name), again.zip(name)) == ""


def small(folder: Path) -> Path:
    """An application of one function with all kinds of files, and a wheel next to it."""
    code = folder / "fn"
    code.mkdir(parents=True)
    (folder / "template.yaml").write_text(
        "Transform: AWS::Serverless-2016-10-31\n"
        "Resources:\n"
        "  F:\n"
        "    Type: AWS::Serverless::Function\n"
        "    Properties: {CodeUri: fn, Handler: app.handler, Runtime: python3.13}\n"
    )
    files = {"app.py": "import pack\ndef handler(e, c):\n    return {1, 'a', 'b', None}\n"}
    files |= {"naïve/größe.txt": "é", "run.sh": "#!/bin/sh\n", "a/b/c.py": "X = {'x', 'y'}\n"}
    for name, text in files.items():
        (code / name).parent.mkdir(parents=True, exist_ok=True)
        (code / name).write_text(text)
    (code / "run.sh").chmod(0o755)
    inside = {f"pack/m{number}.py": f"S = {{'a', 'b', {number}}}\n" for number in range(50)}
    inside |= {"pack/__init__.py": "from . import m1\n", "pack/tool": "#!/bin/sh\n"}
    write_wheel(folder / "wheels", "pack", inside, executable=["pack/tool"])
    require(folder, "pack")
    return folder


def build_small(folder: Path, code: str = "pass", **environment: str) -> Built:
    built = Built(folder, folder / "store")
    where = {"SHORTS_CACHE_DIR": str(built.store), "UV_FIND_LINKS": str(folder / "wheels")}
    where |= {"UV_OFFLINE": "1", "UV_CACHE_DIR": str(folder / "uv")}
    good(as_process(["-c", CHANGED.format(code), "build"], folder, **where, **environment))
    return built


def test_wheels_unpacked_anew(tmp_path: Path) -> None:
    """Modes and names survive a umask, an empty cache of uv's and a locale without any letters."""
    one = build_small(small(tmp_path / "one"))
    other = build_small(small(tmp_path / "two"), f"os.umask(0o077); {ONE_CORE}", LC_ALL="C")
    assert difference(one.zip("F"), other.zip("F")) == ""
    assert store_difference(one.store, other.store) == ""
    with zipfile.ZipFile(other.zip("F")) as zipped:
        modes = {member.filename: member.external_attr >> 16 for member in zipped.infolist()}
    executable = {name for name, mode in modes.items() if mode == 0o100755}
    assert executable == {"run.sh", "pack/tool"}
    assert {*modes.values()} == {0o100755, 0o100644}
    assert "naïve/größe.txt" in modes


def backwards(items: Iterable[Any], key: Callable[[Any], str]) -> list[Any]:
    return sorted(items, key=key, reverse=True)


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("_DATE", (1 << 5) | 2, "A.txt: date_time (1980, 1, 1, 0, 0, 0) and (1980, 1, 2, 0, 0, 0)"),
        ("sorted", backwards, "A.txt: filename 'A.txt' and 'app.py'"),
        ("_REGULAR_FILE", 0o100020, "A.txt: external_attr"),
        ("LEVEL", 0, "A.txt: compress_size"),
        ("_flags", lambda path: 1 << 11, "A.txt: flag_bits 0 and 2048"),
    ],
)
def test_a_broken_build_is_seen(
    function: Path,
    shorts: Shorts,
    monkeypatch: pytest.MonkeyPatch,
    name: str,
    value: object,
    said: str,
) -> None:
    """A build that kept a clock, an order, a mode or a level of its own would be named here."""
    (function / "fn" / "A.txt").write_text("pass\n" * 99)
    good(shorts(["build"], function))
    monkeypatch.setattr(zip_format, name, value, raising=name != "sorted")
    good(shorts(["build", "-b", "broken"], function))
    found = difference(function / ".aws-sam" / "build" / "F.zip", function / "broken" / "F.zip")
    assert found.startswith(said)


def test_a_broken_store_is_seen(tmp_path: Path) -> None:
    """A Slice with another byte is found, whether a member, the bytes around it or the index."""
    good_one = build_small(small(tmp_path / "one")).store
    for name, place, said in (
        ("slice.zip", -60, "/slice.zip: "),
        ("slice.zip", 12, "/slice.zip: the same members, other bytes around them"),
        ("index", 40, "/index: other bytes"),
    ):
        broken = tmp_path / "broken"
        shutil.copytree(good_one, broken)
        (path,) = broken.glob(f"slices/*/{name}")
        data = bytearray(path.read_bytes())
        data[place] ^= 1
        path.write_bytes(data)
        assert said in store_difference(good_one, broken)
        shutil.rmtree(path.parent)
        assert store_difference(good_one, broken).endswith(" is in one alone")
        shutil.rmtree(broken)
