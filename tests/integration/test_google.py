"""`shorts zip --format google`: the source runs under Google's own functions-framework."""

import os
import subprocess
import sys
import time
import zipfile
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen

import pytest

from tests.conftest import Shorts, require, write_wheel
from tests.documents import free_port

RUNTIME = f"python3.{sys.version_info.minor}"  # the framework is installed for this Python
CALL = ("zip", "fn", "--format", "google", "--runtime", RUNTIME, "-o", "out/f.zip")


@pytest.fixture
def source(function: Path, wheels: Path) -> Path:
    """A function for Google that requires a distribution."""
    write_wheel(wheels, "one", {"one.py": "VALUE = 'vendored'\n"})
    require(function, "one")
    text = "import one\n\n\ndef hello(request):\n    return one.VALUE + request.path\n"
    (function / "fn" / "app.py").write_text(text)
    return function


def names(path: Path) -> set[str]:
    with zipfile.ZipFile(path) as archive:
        return {name for name in archive.namelist() if "__pycache__" not in name}


@pytest.mark.usefixtures("own_store")
def test_it_runs_under_googles_framework(source: Path, shorts: Shorts) -> None:
    """With nothing installed next to it: what it requires is in the zip, and no list is."""
    done = shorts([*CALL, "--handler", "app.hello"], source)
    assert done.returncode == 0, done.stderr
    made = source / "out" / "f.zip"
    assert {"main.py", "app.py", "one.py"} <= names(made)
    assert "requirements.txt" not in names(made)
    with zipfile.ZipFile(made) as archive:
        archive.extractall(source / "unpacked")
    port = free_port()
    command = Path(sys.executable).with_name("functions-framework")
    framework = subprocess.Popen(
        [command, "--target", "hello", "--host", "127.0.0.1", "--port", str(port)],
        cwd=source / "unpacked",
        env=os.environ | {"PYTHONWARNINGS": "ignore"},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        assert _asked(f"http://127.0.0.1:{port}/path") == b"vendored/path"
    finally:
        framework.terminate()
        framework.wait()


def _asked(address: str) -> bytes:
    until = time.monotonic() + 60
    while True:
        try:
            with urlopen(address) as answer:
                content: bytes = answer.read()
                return content
        except URLError:
            assert time.monotonic() < until
            time.sleep(0.1)


@pytest.mark.usefixtures("own_store")
def test_a_second_call_changes_nothing(source: Path, shorts: Shorts) -> None:
    assert "built" in shorts([*CALL, "--handler", "app.hello"], source).stdout
    assert "unchanged" in shorts([*CALL, "--handler", "app.hello"], source).stdout


@pytest.mark.usefixtures("own_store")
def test_a_main_of_its_own_is_taken(source: Path, shorts: Shorts) -> None:
    (source / "fn" / "app.py").rename(source / "fn" / "main.py")
    done = shorts([*CALL, "--handler", "main.hello"], source)
    assert done.returncode == 0, done.stderr
    with zipfile.ZipFile(source / "out" / "f.zip") as archive:
        assert b"def hello" in archive.read("main.py")


@pytest.mark.usefixtures("own_store")
@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (
            ["--handler", "app.gone"],
            "fn/app.py has no `gone`.\n",
        ),
        (
            ["--handler", "hello"],
            "Handler 'hello': name a module and a function, such as main.hello.\n",
        ),
        (
            ["--handler", "app.hello", "--arch", "arm64"],
            "Google runs functions on x86_64.\nLeave out the architecture.\n",
        ),
        (
            ["--handler", "app.hello", "--event", "*.json"],
            "Sample events run under Lambda's emulator, which calls no function of Google's.\n"
            "Leave them out.\n",
        ),
        (
            ["--handler", "app.hello", "--format", "azure"],
            "'azure' is not a format of zips: lambda, google.\n",
        ),
        (
            ["--layer"],
            "--format is for functions: a layer holds all that it requires.\n",
        ),
    ],
)
def test_what_is_refused(source: Path, shorts: Shorts, arguments: list[str], message: str) -> None:
    done = shorts([*CALL, *arguments], source)
    assert done.returncode
    assert done.stderr[done.stderr.index("shorts: ") :].startswith(f"shorts: {message}")
    assert not (source / "out" / "f.zip").exists()


def test_another_main_is_refused(source: Path, shorts: Shorts) -> None:
    (source / "fn" / "main.py").write_text("")
    done = shorts([*CALL, "--handler", "app.hello"], source)
    assert done.stderr == (
        "shorts: fn has a main of its own, and Google calls a function in that.\n"
        "Name it: --handler main.hello.\n"
    )
