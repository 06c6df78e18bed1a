"""Builds side by side, on disks that are full or read-only, without a home, and killed."""

import os
import random
import subprocess
import sys
import zipfile
from collections.abc import Sequence
from pathlib import Path

import pytest

from tests.attacks.conftest import inventory
from tests.attacks.destructive import kills
from tests.attacks.destructive.conftest import Sandboxed, bwrap
from tests.conftest import ROOT, require, write_wheel

KILLS = 200

# Another handler than the function has at first.
EDITED = "import lib\n\n\ndef handler(event, context):\n    return lib\n"


@pytest.fixture
def app(function: Path, wheels: Path) -> Path:
    """An application of one function with one small wheel."""
    write_wheel(wheels, "lib", {"lib/__init__.py": "X = 1\n", "lib/data.bin": os.urandom(500_000)})
    require(function, "lib")
    return function


def environment(tmp_path: Path, **changes: str) -> dict[str, str]:
    return {
        **os.environ,
        "PYTHONPATH": str(ROOT),
        "SHORTS_CACHE_DIR": str(tmp_path / "store"),
        "UV_CACHE_DIR": str(tmp_path / "uv"),
        **changes,
    }


def built(app: Path) -> dict[str, bytes]:
    """Return the files of the build folder, once its zip has been read."""
    folder = app / ".aws-sam" / "build"
    with zipfile.ZipFile(folder / "F.zip") as archive:
        assert archive.testzip() is None
        assert "lib/__init__.py" in archive.namelist()
    return inventory(folder)


def shorts(
    tmp_path: Path, app: Path, mounts: Sequence[str] = (), **changes: str
) -> "subprocess.Popen[str]":
    return subprocess.Popen(
        [*bwrap(tmp_path), *mounts, "--chdir", str(app), sys.executable, "-m", "shorts", "build"],
        env=environment(tmp_path, **changes),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def ended(child: "subprocess.Popen[str]") -> tuple[int, str]:
    """Return what a build ended with, and what it wrote to standard error."""
    _, said = child.communicate(timeout=300)
    return child.returncode, said


def test_six_builds_of_one_application(app: Path, tmp_path: Path) -> None:
    """They take turns, and all end well."""
    children = [shorts(tmp_path, app) for _ in range(6)]
    ends = [ended(child) for child in children]
    assert [status for status, _ in ends] == [0] * 6, ends
    built(app)


def test_six_applications_on_one_store(app: Path, tmp_path: Path) -> None:
    """Each makes the same zip, from one Slice."""
    apps = [tmp_path / f"app{number}" / "small" for number in range(6)]
    for copy in apps:
        copy.mkdir(parents=True, exist_ok=True)
        subprocess.run(["cp", "-r", f"{app}/.", str(copy)], check=True)
    children = [shorts(tmp_path, copy) for copy in apps]
    ends = [ended(child) for child in children]
    assert [status for status, _ in ends] == [0] * 6, ends
    zips = {built(copy)["F.zip"] for copy in apps}
    assert len(zips) == 1
    assert len([*(tmp_path / "store" / "slices").iterdir()]) == 1


def test_two_hundred_kills(app: Path, tmp_path: Path) -> None:
    """Each kill leaves the former zip or the new one, and the next build is right."""
    seed = random.randrange(2**32)
    done = subprocess.run(
        [*bwrap(tmp_path), sys.executable, "-m", kills.__name__, str(app), str(KILLS), str(seed)],
        env=environment(tmp_path),
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    *wrong, last = done.stdout.splitlines()
    assert wrong == [], f"seed {seed}"
    assert int(last.split()[0]) > KILLS / 3, f"seed {seed}: {last}"


SECOND = """\
cd "$1" && "$2" -m shorts build && sha256sum .aws-sam/build/* > "$3/before" || exit 9
sed -i s/lib==1.0/lib==2.0/ fn/requirements.txt
"$2" -m shorts build
status=$?
sha256sum --check --quiet "$3/before" || exit 8
exit $status
"""


def second(app: Path, tmp_path: Path, *mounts: str) -> tuple[int, str]:
    """Build, and build again with another wheel; how that ends.

    The status is 8 where the former build is not as it was.
    """
    write_wheel(app / "wheels", "lib", {"lib/b": os.urandom(900_000)}, version="2.0")
    require(app, "lib==1.0")
    (tmp_path / "store").mkdir(mode=0o700)
    done = subprocess.run(
        [
            *bwrap(tmp_path),
            *mounts,
            *("sh", "-c", SECOND, "sh", str(app), sys.executable, str(tmp_path)),
        ],
        env=environment(tmp_path),
        capture_output=True,
        text=True,
        check=False,
    )
    assert "Traceback" not in done.stderr, done.stderr
    return done.returncode, done.stderr


@pytest.mark.parametrize("where", ["store", "small/.aws-sam"])
def test_a_full_disk(where: str, app: Path, tmp_path: Path) -> None:
    """A store or a build folder without room is named, and the former build stays."""
    place = str(tmp_path / where)
    status, said = second(app, tmp_path, "--size", "1200000", "--tmpfs", place)
    assert (status, "No space left on device" in said) == (1, True), said


def test_a_read_only_store(app: Path, tmp_path: Path) -> None:
    """What it has is used; what it lacks cannot be kept, and that is said."""
    assert ended(shorts(tmp_path, app))[0] == 0
    place = str(tmp_path / "store")
    for edited, status in ((EDITED, 0), ("", 1)):
        before = built(app)
        if edited:
            (app / "fn" / "app.py").write_text(edited)
        else:
            write_wheel(app / "wheels", "lib", {"lib/__init__.py": ""}, version="2.0")
            require(app, "lib==2.0")
        child = shorts(tmp_path, app, ["--ro-bind", place, place])
        code, said = ended(child)
        assert (code, "Traceback" in said) == (status, False), said
        assert (built(app) == before) == bool(status)
    assert "Read-only file system" in said


def test_a_read_only_application(app: Path, tmp_path: Path) -> None:
    """An application that cannot be written cannot be built, and says so."""
    assert ended(shorts(tmp_path, app))[0] == 0
    before = inventory(app)
    child = shorts(tmp_path, app, ["--ro-bind", str(app), str(app)])
    code, said = ended(child)
    assert (code, "Traceback" in said) == (1, False), said
    assert "Read-only file system" in said
    assert inventory(app) == before


def test_another_file_system(app: Path, tmp_path: Path) -> None:
    """Build folder, store and memory may each lie on a file system of their own."""
    (tmp_path / "other").mkdir()
    mounts = [word for name in ("other", "store") for word in ("--tmpfs", str(tmp_path / name))]
    script = f'cd "{app}" && for i in 1 2; do {sys.executable} -m shorts build -b ../other/b; done'
    (tmp_path / "store").mkdir(mode=0o700)
    done = subprocess.run(
        [*bwrap(tmp_path), *mounts, "sh", "-c", f"{script}; ls ../other/b; ls -A ../other"],
        env=environment(tmp_path),
        capture_output=True,
        text=True,
        check=False,
    )
    assert "Traceback" not in done.stderr, done.stderr
    assert done.stdout.split()[-5:] == [
        "F.cdx.json",
        "F.manifest.json",
        "F.zip",
        "template.yaml",
        "b",
    ]
    assert "unchanged" in done.stdout


@pytest.mark.parametrize("home", ["", "gone", "file", "/dev/null"])
def test_no_home(home: str, app: Path, tmp_path: Path, sandboxed: Sandboxed) -> None:
    """A home that is not there, or not a folder, stands in no way."""
    (tmp_path / "file").write_text("")
    where = home if home.startswith("/") or not home else str(tmp_path / home)
    done = sandboxed(["build"], app, HOME=where)
    assert (done.returncode, "Traceback" in done.stderr) == (0, False), done.stderr
    built(app)
    done = sandboxed(["build"], app, HOME=where, SHORTS_CACHE_DIR="")
    assert "Traceback" not in done.stderr, done.stderr


@pytest.mark.parametrize("year", ["1970-01-01", "2107-12-31"])
def test_clocks(year: str, app: Path, tmp_path: Path, sandboxed: Sandboxed) -> None:
    """Files of another time than the clock's are built like any others, edits included."""
    assert sandboxed(["build"], app).returncode == 0
    before = built(app)["F.zip"]
    for path in (app, tmp_path / "store"):
        command = ["find", str(path), "-exec", "touch", "-h", "-d", f"{year} 00:00Z", "{}", "+"]
        subprocess.run(command, check=True)
    assert sandboxed(["build"], app).returncode == 0
    assert built(app)["F.zip"] == before
    (app / "fn" / "app.py").write_text(EDITED)
    assert "built" in sandboxed(["build"], app).stdout
    assert built(app)["F.zip"] != before
    done = sandboxed(["cache", "prune", "--older-than", "1d"], app)
    assert (done.returncode, "Traceback" in done.stderr) == (0, False)
    assert sandboxed(["build"], app).returncode == 0
