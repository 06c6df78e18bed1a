"""Hostile wheels in real builds: each is refused by name, handled, or passed on."""

import json
import os
import zipfile
from pathlib import Path

import pytest

from tests.attacks.conftest import inventory
from tests.attacks.hostile import Member, member, write_wheel
from tests.conftest import Shorts, require

pytestmark = [
    pytest.mark.usefixtures("uv_cache", "own_store"),
    pytest.mark.filterwarnings("ignore:Duplicate name"),
]

# What a wheel's ``purelib`` holds is installed after its RECORD was read.
PURELIB = "bad-1.0.data/purelib"
UNACCEPTABLE = "Archive contains unacceptable filename"


def shipped(function: Path) -> dict[str, bytes]:
    """The members of the zip that was built, without bytecode."""
    with zipfile.ZipFile(function / ".aws-sam" / "build" / "F.zip") as archive:
        assert archive.testzip() is None
        return {
            name: archive.read(name) for name in archive.namelist() if "__pycache__" not in name
        }


def refusal(function: Path, shorts: Shorts, *names: str) -> str:
    """What a build says that refuses a wheel."""
    require(function, *(names or ["bad"]))
    done = shorts(["build"], function)
    assert done.returncode == 1, done.stdout + done.stderr
    assert "Traceback" not in done.stderr
    return done.stderr


def built(function: Path, shorts: Shorts, *names: str) -> dict[str, bytes]:
    """What a build ships that takes a wheel."""
    require(function, *(names or ["bad"]))
    done = shorts(["build"], function)
    assert done.returncode == 0, done.stderr
    return shipped(function)


@pytest.mark.parametrize(
    ("parts", "said"),
    [
        pytest.param([member("bad/a\0b.py")], UNACCEPTABLE, id="NUL"),
        pytest.param([member("bad/\x1b[31m.py")], UNACCEPTABLE, id="control characters"),
        pytest.param([member(f"bad/{'n' * 256}.py")], "File name too long", id="long name"),
        pytest.param([member(f"bad/{'deep/' * 900}x.py")], "too long", id="long path"),
        pytest.param([member(b"bad/\xff\xfe.py")], "does not use UTF-8", id="no UTF-8"),
        pytest.param([member("bad/x"), member("bad/x/y.py")], "File exists", id="file and folder"),
        pytest.param(
            [member("bad/x.py", "A = 1"), member("bad/x.py", "A = 2")],
            "multiple entries with different contents for: bad/x.py",
            id="twice",
        ),
        pytest.param([member("bad\\x.py")], r"outside site-packages: 'bad\\x.py'", id="backslash"),
        pytest.param(
            [member("bad-1.0.data/data/../../x")], "outside site-packages", id="data outside"
        ),
        pytest.param([member("bad-1.0.data/scripts/a\nb")], UNACCEPTABLE, id="script"),
        pytest.param(
            [member("bad-1.0.dist-info/entry_points.txt", "[console_scripts]\na\x1b = bad:\x07")],
            "invalid console script",
            id="entry point",
        ),
        pytest.param([member(f"bad/{'a/' * 300}x.py")], "more than 100 deep, in 'bad'", id="deep"),
        pytest.param(
            [member("other-2.0.dist-info/RECORD", "")],
            "Multiple .dist-info directories found: bad-1.0, other-2.0",
            id="two distributions",
        ),
        pytest.param(
            [member(f"{PURELIB}/Bad-9.dist-info/RECORD", "bad/__init__.py,,\n")],
            "bad==1.0 was installed with Bad-9.dist-info and bad-1.0.dist-info",
            id="metadata twice",
        ),
    ],
)
def test_members_that_are_refused(
    function: Path, wheels: Path, shorts: Shorts, home: Path, parts: list[Member], said: str
) -> None:
    """What cannot lie in a zip, or not where it says, is refused, and nothing is written."""
    before = inventory(home)
    write_wheel(wheels, *parts)
    assert said in refusal(function, shorts)
    assert inventory(home) == before
    assert not [path for path in function.parent.rglob("*.dist-info") if "uv" not in path.parts]


def test_names_that_linux_tells_apart(function: Path, wheels: Path, shorts: Shorts) -> None:
    """Names that differ by case or by Unicode form alone ship both."""
    names = ["bad/a.txt", "bad/A.txt", "bad/caf\u00e9.txt", "bad/cafe\u0301.txt"]
    write_wheel(wheels, *(member(name, name) for name in names))
    files = built(function, shorts)
    assert {name: files[name].decode() for name in names} == {name: name for name in names}


def test_names_with_needless_parts(function: Path, wheels: Path, shorts: Shorts) -> None:
    """A name that goes around ships as the plain one."""
    write_wheel(wheels, member("bad/./x.py"), member("bad//y.py"))
    files = built(function, shorts)
    assert {"bad/x.py", "bad/y.py"} <= files.keys()
    assert not [name for name in files if "/./" in name or "//" in name]


def test_modes_of_what_is_no_file(function: Path, wheels: Path, shorts: Shorts) -> None:
    """What calls itself a device, a pipe or a link is a file, and what has setuid has not."""
    modes = {"dev": 0o020666, "pipe": 0o010666, "link": 0o120777, "suid": 0o104755}
    write_wheel(wheels, *(member(f"bad/{name}", "/etc/passwd", m) for name, m in modes.items()))
    files = built(function, shorts)
    assert {files[f"bad/{name}"] for name in modes} == {b"/etc/passwd"}
    with zipfile.ZipFile(function / ".aws-sam" / "build" / "F.zip") as archive:
        found = {archive.getinfo(f"bad/{name}").external_attr >> 16 for name in modes}
    assert found <= {0o100644, 0o100755}


def test_nothing_of_a_wheel_runs(function: Path, wheels: Path, shorts: Shorts) -> None:
    """Modules called as the compiler's own, and what Python runs when it starts, ship unrun."""
    trap = function.parent / "ran"
    code = f"open({str(trap)!r}, 'a').write(__name__)\n"
    names = ["queue", "types", "json", "dis", "re", "bytecode", "imports", "worker", "warnings"]
    names += ["sitecustomize", "usercustomize", "site", "encodings/__init__", "zipfile"]
    parts = [member(f"{name}.py", code) for name in names]
    write_wheel(wheels, *parts, member("bad.pth", f"import os; {code}"))
    files = built(function, shorts)
    assert {"bad.pth", *(f"{name}.py" for name in names)} <= files.keys()
    assert not trap.exists()


ROWS = [
    pytest.param("bad/__init__.py,nosuch=abc,3\nbad/__init__.py,shake_128=abc,3\n", id="hash"),
    pytest.param("../../x.py,,\n/etc/passwd,,\nbad,,\n", id="elsewhere"),
    pytest.param(f"bad/{'x' * 200_000},,\nbad/\0.py,,\n,,\n\n", id="long"),
    pytest.param("bad/gone.py,sha256=abc,1\n" * 10_000, id="many"),
]


@pytest.mark.parametrize("rows", ROWS)
def test_a_record_of_lies(function: Path, wheels: Path, shorts: Shorts, rows: str) -> None:
    """Rows of what is not there, or of what the wheel does not hold, bring nothing into the zip."""
    write_wheel(wheels, record=f"{rows}bad-1.0.dist-info/RECORD,,\n")
    assert built(function, shorts).keys() == {
        "app.py",
        "requirements.txt",
        "bad/__init__.py",
        "bad-1.0.dist-info/METADATA",
        "bad-1.0.dist-info/RECORD",
        "bad-1.0.dist-info/WHEEL",
    }


@pytest.mark.parametrize(
    ("record", "said"),
    [
        ("", "RECORD`: No such file"),
        (bytes(range(128, 256)) * 9, "invalid utf-8"),
        ("bad/__init__.py\nbad/x.py,,\n", "`RECORD` file is invalid"),
    ],
)
def test_a_record_that_is_none(
    function: Path, wheels: Path, shorts: Shorts, record: str | bytes, said: str
) -> None:
    """A wheel without a RECORD, or with one that cannot be read, is refused."""
    write_wheel(wheels, record=record)
    assert said in refusal(function, shorts)


@pytest.mark.parametrize(
    ("wheel", "said"),
    [
        ("", "bad-1.0.dist-info/WHEEL`: No such file"),
        (b"Tag: \xff\n", "stream did not contain valid UTF-8"),
        ("x", "Invalid Wheel-Version"),
        ("Wheel-Version: 9.0\n", "Unsupported wheel major version"),
    ],
)
def test_wheel_files_that_are_none(
    function: Path, wheels: Path, shorts: Shorts, wheel: str | bytes, said: str
) -> None:
    """A WHEEL that is missing or says nothing is refused."""
    write_wheel(wheels, wheel=wheel)
    assert said in refusal(function, shorts)


def test_metadata_installed_over_metadata(function: Path, wheels: Path, shorts: Shorts) -> None:
    """Metadata that replaces the real one, or belongs to nothing, is read without harm."""
    nested = f"Requires-Dist: a; {'(' * 20_000}python_version<'3'{')' * 20_000}\n"
    odd = "Requires-Dist: a; python_version ~= 'x'\nRequires-Dist: !\n"
    text = f"License: M\x1b[31m\u202eT\n{nested}{odd}"
    write_wheel(
        wheels,
        member(f"{PURELIB}/bad-1.0.dist-info/METADATA", text),
        member(f"{PURELIB}/bad-1.0.dist-info/WHEEL", bytes(range(128, 256))),
        member(f"{PURELIB}/evil-1.0.dist-info/RECORD", bytes(range(128, 256))),
        member(f"{PURELIB}/file-1.0.dist-info", "no folder"),
        member(f"{PURELIB}/also-1.0.dist-info/METADATA", "Name: also\nLicense: Other\n"),
    )
    built(function, shorts)
    bill = json.loads((function / ".aws-sam" / "build" / "F.cdx.json").read_text())
    (component,) = bill["components"]
    assert component["licenses"][0]["license"]["name"] == "M [31m T"
    assert component["purl"] == "pkg:pypi/bad@1.0"


def test_metadata_in_the_own_code(function: Path, shorts: Shorts) -> None:
    """Metadata in a function's own code may be anything."""
    nested = f"Requires-Dist: a; {'(' * 20_000}python_version<'3'{')' * 20_000}\n"
    for number, text in enumerate([b"", b"\xff\0\n", nested.encode(), b"Name: \x1b/?#\n"]):
        info = function / "fn" / f"own{number}-1.0.dist-info"
        info.mkdir()
        (info / "METADATA").write_bytes(text)
    done = shorts(["build"], function)
    assert done.returncode == 0, done.stderr
    bill = json.loads((function / ".aws-sam" / "build" / "F.cdx.json").read_text())
    purls = {component["purl"] for component in bill["components"]}
    assert "pkg:pypi/%2F%3F%23@1.0" in purls
    assert all(purl.isprintable() for purl in purls)


def test_a_name_that_is_a_file_and_a_folder(function: Path, wheels: Path, shorts: Shorts) -> None:
    """What is a file of one distribution and a folder of another's is refused."""
    write_wheel(wheels, member("common", "a file"))
    write_wheel(wheels, member("common/x.py"), name="worse")
    built(function, shorts, "bad")
    built(function, shorts, "worse")
    assert "common" in refusal(function, shorts, "bad", "worse")


def test_a_library_that_needs_what_is_no_text(function: Path, wheels: Path, shorts: Shorts) -> None:
    """A library's names may hold any bytes."""
    from tests.unit.targets.test_elf import library

    image = library(needed=[b"lib\xed\xa0\x80\xff\x1b.so"], soname=b"\xff")
    write_wheel(wheels, member("bad/x.so", image), member("bad/y.so", b"\x7fELF" + os.urandom(999)))
    assert "bad/x.so" in built(function, shorts)
