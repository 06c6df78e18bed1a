"""Full disks, and stores that cannot be written: said in a sentence, and nothing is lost."""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.conftest import ROOT, Done, Shorts, require, write_wheel

NOISE = os.urandom(3_000_000)  # it cannot be compressed


@pytest.fixture
def tmpfs(tmp_path: Path) -> Iterator[Path]:
    """A file system of 2 MB."""
    place = tmp_path / "tmpfs"
    place.mkdir()
    if sys.platform != "linux" or os.geteuid():
        pytest.skip("only root may mount a file system that can be filled")
    command = ["mount", "-t", "tmpfs", "-o", "size=2m", "tmpfs", str(place)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        pytest.skip(f"no file system can be mounted here: {done.stderr.strip()}")
    yield place
    subprocess.run(["umount", "--lazy", str(place)], check=True)


@pytest.fixture
def application(function: Path, wheels: Path) -> Path:
    """An application of one function with a distribution of more than 2 MB."""
    write_wheel(wheels, "small", {"small/__init__.py": "X = 1\n"})
    write_wheel(wheels, "large", {"large/__init__.py": "", "large/noise.bin": NOISE})
    require(function, "small")
    return function


@pytest.fixture
def built(application: Path, shorts: Shorts, tmp_path: Path) -> dict[str, bytes]:
    """What the application's build folder holds after a good build."""
    done = shorts(["build"], application, SHORTS_CACHE_DIR=str(tmp_path / "store"))
    assert done.returncode == 0, done.stderr
    return contents(application / ".aws-sam" / "build")


def contents(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in sorted(folder.iterdir())}


def failed(done: Done) -> str:
    """The message of a build that failed as it should: short, and no traceback."""
    assert "Traceback" not in done.stderr, done.stderr
    assert done.returncode == 1, done.stderr
    message = done.stderr[done.stderr.index("shorts: ") :].strip()
    assert len(message.splitlines()) <= 3, message
    return message


def test_a_store_on_a_full_disk(
    application: Path, built: dict[str, bytes], shorts: Shorts, tmpfs: Path, tmp_path: Path
) -> None:
    """A store without room is named, with the way out, and the former build stays."""
    require(application, "small", "large")
    store = tmpfs / "store"
    message = failed(shorts(["build"], application, SHORTS_CACHE_DIR=str(store)))
    assert str(store) in message
    assert "No space left on device" in message
    assert "SHORTS_CACHE_DIR" in message
    assert contents(application / ".aws-sam" / "build") == built
    assert [*(store / "work").glob("*")] == []
    done = shorts(["build"], application, SHORTS_CACHE_DIR=str(tmp_path / "store"))
    assert done.returncode == 0, done.stderr


def test_a_store_that_fills_up_at_the_end(
    application: Path, built: dict[str, bytes], shorts: Shorts, tmpfs: Path
) -> None:
    """A store with room for what uv unpacks, but not for a Slice of it, is named all the same."""
    require(application, "small", "large")
    subprocess.run(["mount", "-o", "remount,size=5m", str(tmpfs)], check=True)
    message = failed(shorts(["build"], application, SHORTS_CACHE_DIR=str(tmpfs / "store")))
    assert message == (
        f"shorts: The store at {tmpfs / 'store'} cannot be written: No space left on device.\n"
        "Set SHORTS_CACHE_DIR to a folder that can."
    )
    assert contents(application / ".aws-sam" / "build") == built
    assert [*(tmpfs / "store" / "work").glob("*")] == []
    assert [*(tmpfs / "store" / "slices").glob("*")] == []


def test_a_store_without_any_room(application: Path, shorts: Shorts, tmpfs: Path) -> None:
    """A store on a disk where not one file can be made is named."""
    fill(tmpfs, 0)
    subprocess.run(["mount", "-o", "remount,nr_inodes=2", str(tmpfs)], check=True)
    store = tmpfs / "store"
    message = failed(shorts(["build"], application, SHORTS_CACHE_DIR=str(store)))
    assert message == (
        f"shorts: The store at {store} cannot be written: No space left on device.\n"
        "Set SHORTS_CACHE_DIR to a folder that can."
    )


def fill(folder: Path, left: int) -> None:
    """Fill a disk up to some KB."""
    room = os.statvfs(folder)
    (folder / "filling").write_bytes(bytes(room.f_bavail * room.f_frsize - left * 1024))


def test_a_build_folder_on_a_full_disk(application: Path, shorts: Shorts, tmpfs: Path) -> None:
    """A build folder without room is named, and the former build stays as it was."""
    folder = tmpfs / "build"
    asked = ["build", "-b", str(folder)]
    assert shorts(asked, application).returncode == 0
    before = contents(folder)
    require(application, "small", "large")
    message = failed(shorts(asked, application))
    assert str(folder) in message
    assert "No space left on device" in message
    assert contents(folder) == before
    assert [path.name for path in tmpfs.iterdir()] == ["build"]
    require(application, "small")
    assert shorts(asked, application).returncode == 0
    assert contents(folder) == before


def test_an_application_on_a_full_disk(application: Path, shorts: Shorts, tmpfs: Path) -> None:
    """Where nothing can be noted next to the template, that is said, and not of the template."""
    for name in ("fn", "wheels", "template.yaml"):
        (tmpfs / name).symlink_to(application / name)
    fill(tmpfs, 0)
    message = failed(shorts(["build"], tmpfs))
    assert "No space left on device" in message
    assert "cannot read the template" not in message


def test_a_store_that_is_a_file(
    application: Path, built: dict[str, bytes], shorts: Shorts, tmp_path: Path
) -> None:
    """A store with a path that is a file's is named."""
    (application / "fn" / "new.py").write_text("")
    file = tmp_path / "file"
    file.write_text("kept")
    message = failed(shorts(["build"], application, SHORTS_CACHE_DIR=str(file)))
    assert message == (
        f"shorts: The store at {file} cannot be written: Not a directory.\n"
        "Set SHORTS_CACHE_DIR to a folder that can."
    )
    assert file.read_text() == "kept"
    assert contents(application / ".aws-sam" / "build") == built


def test_a_store_that_may_only_be_read(
    application: Path, built: dict[str, bytes], shorts: Shorts, tmpfs: Path
) -> None:
    """A store on a read-only disk serves what it has, and is named where something is missing."""
    where = {"SHORTS_CACHE_DIR": str(tmpfs / "store")}
    assert shorts(["build", "-b", "first"], application, **where).returncode == 0
    subprocess.run(["mount", "-o", "remount,ro", str(tmpfs)], check=True)
    done = shorts(["build", "-b", "second"], application, **where)
    assert done.returncode == 0, done.stderr
    assert contents(application / "second") == contents(application / "first")
    require(application, "small", "large")
    message = failed(shorts(["build"], application, **where))
    assert message == (
        f"shorts: The store at {tmpfs / 'store'} cannot be written: Read-only file system.\n"
        "Set SHORTS_CACHE_DIR to a folder that can."
    )
    assert contents(application / ".aws-sam" / "build") == built


def test_a_store_of_somebody_else(application: Path, shorts: Shorts, tmp_path: Path) -> None:
    """A user who may read the store but not write it is served, and told so of what is missing."""
    store = tmp_path / "store"
    assert shorts(["build"], application, SHORTS_CACHE_DIR=str(store)).returncode == 0
    before = contents(application / ".aws-sam" / "build")
    for folder in (store, *(path for path in store.rglob("*") if path.is_dir())):
        folder.chmod(0o555)
    # Root may write everywhere, unless it gives its capabilities away.
    bare = ["setpriv", "--bounding-set=-all", "--inh-caps=-all"] if os.geteuid() == 0 else []
    if bare and shutil.which("setpriv") is None:
        pytest.skip("root can give its rights away with setpriv alone, which is not installed")

    def build(*options: str) -> Done:
        done = subprocess.run(
            [*bare, sys.executable, "-m", "shorts", "build", *options],
            cwd=application,
            env={**os.environ, "PYTHONPATH": str(ROOT), "SHORTS_CACHE_DIR": str(store)},
            capture_output=True,
            text=True,
            check=False,
        )
        return Done(done.returncode, done.stdout, done.stderr)

    done = build("-b", "elsewhere")
    assert done.returncode == 0, done.stderr
    assert contents(application / "elsewhere") == before
    require(application, "small", "large")
    assert failed(build()) == (
        f"shorts: The store at {store} cannot be written: Permission denied.\n"
        "Set SHORTS_CACHE_DIR to a folder that can."
    )
    assert contents(application / ".aws-sam" / "build") == before
    for folder in (store, *(path for path in store.rglob("*") if path.is_dir())):
        folder.chmod(0o755)
