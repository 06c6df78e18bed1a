"""Wheels as they should not be, made by hand: refused in a few words, and nothing else is lost."""

import re
import shutil
import zipfile
from collections.abc import Callable, Mapping
from hashlib import sha256
from pathlib import Path

import pytest

from tests.conftest import Done, Shorts, require, write_wheel

MODULE = {"bad/__init__.py": "X = 1\n"}


pytestmark = pytest.mark.usefixtures("uv_cache", "own_store")


def contents(folder: Path) -> dict[str, bytes]:
    """Every file below a folder."""
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def built(done: Done, function: Path) -> list[str]:
    """The members of the zip that a build should have made."""
    assert done.returncode == 0, done.stderr
    with zipfile.ZipFile(function / ".aws-sam" / "build" / "F.zip") as archive:
        assert archive.testzip() is None
        return [name for name in archive.namelist() if "__pycache__" not in name]


@pytest.fixture
def refused(function: Path, wheels: Path, shorts: Shorts) -> Callable[..., str]:
    """Build with bad requirements over a good build; the message, once nothing else has changed.

    It has at most three lines and no traceback, the former build stays byte for byte, and the next
    good build has the same bytes again, with the same store.
    """
    write_wheel(wheels, "good", {"good/__init__.py": "X = 1\n"})
    require(function, "good")
    assert "good/__init__.py" in built(shorts(["build"], function), function)

    def run(*requirements: str) -> str:
        build = function / ".aws-sam" / "build"
        before = contents(build)
        require(function, "good", *requirements)
        done = shorts(["build"], function)
        assert done.returncode == 1, done.stdout + done.stderr
        message = done.stderr[done.stderr.index("shorts: ") :].strip()
        assert len(message.splitlines()) <= 3, message
        assert "Traceback" not in done.stderr
        assert contents(build) == before
        assert [
            path.name for path in build.parent.iterdir() if path.name.startswith(".build")
        ] == []
        require(function, "good")
        (function / "fn" / "requirements.lock").unlink(missing_ok=True)
        shutil.rmtree(build)
        built(shorts(["build"], function), function)
        assert contents(build) == before
        return message

    return run


def truncated(wheels: Path) -> None:
    wheel = write_wheel(wheels, "bad", MODULE)
    wheel.write_bytes(wheel.read_bytes()[:300])


def damaged(wheels: Path) -> None:
    """One bit of a member's content is another than its checksum is of."""
    noise = b"".join(sha256(bytes([number])).digest() for number in range(256))
    wheel = write_wheel(wheels, "bad", {**MODULE, "bad/noise.bin": noise})
    data = wheel.read_bytes()
    place = data.index(noise[4000:4100])
    wheel.write_bytes(data[:place] + bytes([data[place] ^ 1]) + data[place + 1 :])


def for_another_system(wheels: Path) -> None:
    write_wheel(wheels, "bad", MODULE, tag="cp313-cp313-macosx_11_0_arm64")


def for_a_newer_glibc(wheels: Path) -> None:
    write_wheel(wheels, "bad", MODULE, tag="cp313-cp313-manylinux_2_39_x86_64")


def for_another_python(wheels: Path) -> None:
    write_wheel(wheels, "bad", MODULE, tag="cp312-cp312-manylinux_2_17_x86_64")


def with_backslashes(wheels: Path) -> None:
    write_wheel(wheels, "bad", {**MODULE, "bad\\..\\outside.py": "1"})


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (truncated, "Failed to extract archive: bad-1.0-py3-none-any.whl"),
        (damaged, "Failed to extract archive: bad-1.0-py3-none-any.whl"),
        (for_another_system, "on the following platform: `macosx_11_0_arm64`"),
        (for_a_newer_glibc, "on the following platform: `manylinux_2_39_x86_64`"),
        (for_another_python, "no wheels with a matching Python"),
        (with_backslashes, r"bad==1.0 holds a file outside site-packages: 'bad\\..\\outside.py'."),
    ],
)
def test_a_wheel_that_cannot_be_used(
    wheels: Path, refused: Callable[..., str], make: Callable[[Path], None], said: str
) -> None:
    """A wheel that is broken or for something else is named, and why it cannot be used."""
    make(wheels)
    assert said in refused("bad")


@pytest.mark.parametrize("path", ["../../outside.py", "/outside.py", "bad/../../outside.py"])
def test_a_member_outside_is_left_there(
    function: Path, wheels: Path, own_store: Path, shorts: Shorts, path: str
) -> None:
    """What a wheel would put outside site-packages is neither written nor shipped."""
    write_wheel(wheels, "bad", {**MODULE, path: "1"})
    require(function, "bad")
    members = built(shorts(["build"], function), function)
    assert [name for name in members if "outside" in name] == []
    assert not [*function.parent.rglob("outside.py"), *own_store.rglob("outside.py")]
    assert not Path("/outside.py").exists()


@pytest.mark.parametrize("upwards", [True, False])
def test_a_link_is_not_followed(
    function: Path, wheels: Path, shorts: Shorts, upwards: bool
) -> None:
    """A link in a wheel to a file of this machine does not bring that file into the zip."""
    secret = function / "secret.txt"
    secret.write_text("SECRET")
    aim = f"{'../' * 20}{secret}" if upwards else str(secret)
    write_wheel(wheels, "bad", MODULE, links={"bad/secret.txt": aim})
    require(function, "bad")
    built(shorts(["build"], function), function)
    with zipfile.ZipFile(function / ".aws-sam" / "build" / "F.zip") as archive:
        assert archive.read("bad/secret.txt") == aim.encode()


def test_a_record_that_does_not_agree(function: Path, wheels: Path, shorts: Shorts) -> None:
    """What lies in a wheel counts, and not what its RECORD says of it."""
    write_wheel(
        wheels,
        "bad",
        {**MODULE, "bad/unnamed.py": "X = 1\n"},
        missing=["bad/gone.py"],
        unrecorded=["bad/unnamed.py"],
    )
    require(function, "bad")
    members = built(shorts(["build"], function), function)
    assert "bad/unnamed.py" in members
    assert "bad/gone.py" not in members


def test_a_hash_that_does_not_match(
    function: Path, wheels: Path, shorts: Shorts, refused: Callable[..., str]
) -> None:
    """A wheel that is not the one the lock has the hash of is not installed."""
    wheel = write_wheel(wheels, "bad", MODULE)
    digest = sha256(wheel.read_bytes()).hexdigest()
    require(function, "good", "bad")
    assert shorts(["lock"], function).returncode == 0
    lock = function / "fn" / "requirements.lock"
    assert digest in lock.read_text()
    lock.write_text(lock.read_text().replace(digest, "0" * 64))
    message = refused("bad")
    assert "Hash mismatch for `bad==1.0`" in message
    assert f"Computed: sha256:{digest}" in message


def test_a_wheel_that_was_changed(
    function: Path, wheels: Path, shorts: Shorts, refused: Callable[..., str]
) -> None:
    """A wheel changed under its name is not what was resolved; --upgrade takes what it is now."""
    write_wheel(wheels, "bad", MODULE)
    require(function, "good", "bad")
    assert "bad/__init__.py" in built(shorts(["build"], function), function)
    shutil.rmtree(function.parent / "store" / "slices")
    (function / "fn" / "new.py").write_text("")
    write_wheel(wheels, "bad", {**MODULE, "bad/new.py": ""})
    forgotten = str(function.parent / "uv")
    done = shorts(["build"], function, UV_CACHE_DIR=forgotten)
    assert done.returncode == 1, done.stdout
    assert "Hash mismatch for `bad==1.0`" in done.stderr
    again = shorts(["build", "--upgrade"], function, UV_CACHE_DIR=forgotten)
    assert "bad/new.py" in built(again, function)


def test_the_lines_of_the_requirements_are_heeded(
    function: Path, wheels: Path, shorts: Shorts, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The folder that requirements.txt names with --find-links is where wheels come from."""
    write_wheel(wheels, "named-here".replace("-", "_"), {"named_here.py": "X = 1\n"})
    require(function, "named-here")
    assert "named_here.py" in built(shorts(["build"], function), function)


def two(wheels: Path, path: str, one: str, other: str) -> None:
    write_wheel(wheels, "first", {path: one, "first.py": "X = 1\n"})
    write_wheel(wheels, "second", {path: other, "second.py": "X = 1\n"})


def test_the_same_file_twice(function: Path, wheels: Path, shorts: Shorts) -> None:
    """What two distributions both ship with the same bytes is in the zip once."""
    two(wheels, "common/shared.py", "X = 1\n", "X = 1\n")
    require(function, "first", "second")
    assert built(shorts(["build"], function), function).count("common/shared.py") == 1


@pytest.mark.parametrize("name", ["LICENSE", "LICENSE.txt", "COPYING", "NOTICE", "AUTHORS.rst"])
def test_two_licences(function: Path, wheels: Path, shorts: Shorts, name: str) -> None:
    """Licences of two distributions at one path do not clash."""
    two(wheels, name, "MIT", "BSD")
    require(function, "first", "second")
    assert built(shorts(["build"], function), function).count(name) == 1


def test_a_function_over_the_limit(
    wheels: Path, refused: Callable[..., str], own_store: Path
) -> None:
    """What is too large for Lambda is refused with its largest parts, the largest first."""
    write_wheel(wheels, "vast", {"vast/data.bin": bytes(258_000_000)})
    write_wheel(wheels, "wide", {"wide/data.bin": bytes(5_000_000)})
    assert refused("vast", "wide") == (
        "shorts: F is 263.0 MB unzipped; Lambda takes 262.1 MB.\n"
        "The largest parts: vast 1.0 258.0 MB, wide 1.0 5.0 MB, its own code 0.0 MB, "
        "good 1.0 0.0 MB.\n"
        "Leave out what it does not use, or package it as an image."
    )


TESTS = {"pack/tests/__init__.py": "", "pack/tests/test_it.py": "from pack import x\n"}


def kept(
    function: Path,
    wheels: Path,
    shorts: Shorts,
    files: Mapping[str, str],
    handler: str = "import pack\n",
    other: str = "",
) -> list[str]:
    """The members of a zip with a distribution called pack, without bytecode."""
    write_wheel(wheels, "pack", {"pack/__init__.py": "", "pack/x.py": "", **files})
    write_wheel(wheels, "other", {"other.py": other})
    (function / "fn" / "app.py").write_text(
        f"import other\n{handler}def handler(event, context):\n    pass\n"
    )
    require(function, "pack", "other")
    members = built(shorts(["build"], function), function)
    assert "pack/x.py" in members
    return members


def test_tests_are_left_out(function: Path, wheels: Path, shorts: Shorts) -> None:
    """A package of tests that nothing imports is left out, with its data."""
    files = {**TESTS, "pack/tests/data.json": "{}", "pack/sub/test/test_more.py": ""}
    members = kept(function, wheels, shorts, files)
    assert [name for name in members if "test" in name] == []


IMPORTS = [
    "import pack.tests\n",
    "import pack.tests.test_it\n",
    "from pack import tests\n",
    "from pack.tests.test_it import x\n",
    "import importlib\nimportlib.import_module('pack.tests')\n",
]


@pytest.mark.parametrize("statement", [*IMPORTS, "from . import tests\n", "from .tests import x\n"])
def test_tests_that_their_own_package_imports(
    function: Path, wheels: Path, shorts: Shorts, statement: str
) -> None:
    """A package of tests that a module next to it imports is kept."""
    members = kept(function, wheels, shorts, {**TESTS, "pack/user.py": statement})
    assert {*TESTS} <= {*members}


@pytest.mark.parametrize("statement", IMPORTS)
def test_tests_that_the_handler_imports(
    function: Path, wheels: Path, shorts: Shorts, statement: str
) -> None:
    """A package of tests that the function's own code imports is kept."""
    assert {*TESTS} <= {*kept(function, wheels, shorts, TESTS, handler=statement)}


@pytest.mark.parametrize("statement", IMPORTS)
def test_tests_that_another_distribution_imports(
    function: Path, wheels: Path, shorts: Shorts, statement: str
) -> None:
    """A package of tests that another distribution imports is kept."""
    assert {*TESTS} <= {*kept(function, wheels, shorts, TESTS, other=statement)}


LOOKING = {"pack/__init__.py": "import pkgutil\n[*pkgutil.iter_modules(__path__)]\n"}


def compiled(function: Path) -> set[str]:
    """The sources of pack that have bytecode in the zip."""
    with zipfile.ZipFile(function / ".aws-sam" / "build" / "F.zip") as archive:
        return {
            re.sub(r"__pycache__/(\w+)\.cpython-\d+\.pyc", r"\1.py", name)
            for name in archive.namelist()
            if name.startswith("pack/") and name.endswith(".pyc")
        }


def test_tests_that_code_may_look_for(function: Path, wheels: Path, shorts: Shorts) -> None:
    """Tests that nothing imports, in a package that looks for modules, ship as sources."""
    files = {**TESTS, **LOOKING, "pack/tests/data.json": "{}"}
    members = kept(function, wheels, shorts, files)
    assert {*files} <= {*members}
    assert compiled(function) == {"pack/__init__.py"}


@pytest.mark.parametrize("importer", ["handler", "other", "pack/user.py"])
def test_tests_that_are_looked_for_and_imported(
    function: Path, wheels: Path, shorts: Shorts, importer: str
) -> None:
    """What such tests import is followed where something imports them."""
    statement = "import pack.tests.test_it\n"
    files, texts = {**TESTS, **LOOKING}, {}
    if importer == "pack/user.py":
        files[importer] = statement
        texts["handler"] = "import pack.user\n"
    else:
        texts[importer] = statement
    texts["handler"] = texts.get("handler", "") + "import pack\n"
    kept(function, wheels, shorts, files, **texts)
    assert {"pack/tests/test_it.py", "pack/x.py"} <= compiled(function)


def test_tests_without_modules(function: Path, wheels: Path, shorts: Shorts) -> None:
    """A folder called tests that holds no modules is data, and kept."""
    files = {"pack/tests/a.json": "{}", "pack/tests/deep/b.csv": "1"}
    assert {*files} <= {*kept(function, wheels, shorts, files)}


def test_a_distribution_called_tests(function: Path, wheels: Path, shorts: Shorts) -> None:
    """A top-level package called tests is not taken for anybody's tests."""
    assert "tests/a.py" in kept(function, wheels, shorts, {"tests/a.py": ""})


def test_stubs_are_left_out(function: Path, wheels: Path, shorts: Shorts) -> None:
    """Stubs of modules that are there are left out."""
    files = {"pack/__init__.pyi": "", "pack/x.pyi": ""}
    assert {*files} & {*kept(function, wheels, shorts, files)} == set()


def test_stubs_that_are_read_are_kept(function: Path, wheels: Path, shorts: Shorts) -> None:
    """Stubs from which a package learns at run time what to import are kept."""
    lazy = "import lazy_loader\n__getattr__, *_ = lazy_loader.attach_stub(__name__, __file__)\n"
    files = {"pack/__init__.py": lazy, "pack/__init__.pyi": "from . import x\n"}
    assert "pack/__init__.pyi" in kept(function, wheels, shorts, files)


def test_an_executable_is_kept_so(function: Path, wheels: Path, shorts: Shorts) -> None:
    """A program inside a package may still be run; nothing else may."""
    write_wheel(
        wheels,
        "pack",
        {"pack/run": "#!/bin/sh\n", "pack/data": "", "pack-1.0.data/scripts/tool": "#!python\n"},
        executable=["pack/run"],
    )
    require(function, "pack")
    members = built(shorts(["build"], function), function)
    assert "bin/tool" not in members
    with zipfile.ZipFile(function / ".aws-sam" / "build" / "F.zip") as archive:
        modes = {member.filename: member.external_attr >> 16 for member in archive.infolist()}
    assert {name for name, mode in modes.items() if mode != 0o100644} == {"pack/run"}
    assert modes["pack/run"] == 0o100755
