"""Files and folders that a command line names: each is looked at before it is read or written."""

import os
from pathlib import Path

import pytest

from tests.attacks.conftest import inventory
from tests.conftest import Shorts


@pytest.mark.parametrize(
    ("named", "said"),
    [
        ("pipe", "it is a pipe or a device"),
        ("/dev/zero", "it is a pipe or a device"),
        ("fn", "fn has no zips: name a build folder, or a zip: --against OLD."),
        ("sparse", "it holds 10,737"),
        ("gone", "No such file or directory"),
        ("template.yaml", "is not a zip"),
    ],
)
def test_a_zip_to_compare_with(function: Path, shorts: Shorts, named: str, said: str) -> None:
    """What `size --against` names is refused by its kind and size, before it is read."""
    os.mkfifo(function / "pipe")
    with (function / "sparse").open("wb") as file:
        file.truncate(10 * 1024**3)
    assert shorts(["build"], function).returncode == 0
    done = shorts(["size", "F", "--against", named], function)
    assert (done.returncode, said in done.stderr) == (1, True), done.stderr


def test_a_folder_in_the_place_of_a_lock(function: Path, shorts: Shorts) -> None:
    """It stays, and is named."""
    (function / "fn" / "requirements.txt").write_text("")
    (function / "fn" / "requirements.lock").mkdir()
    (function / "fn" / "requirements.lock" / "mine.txt").write_text("mine")
    before = inventory(function / "fn")
    done = shorts(["lock"], function)
    assert done.returncode == 1
    assert "fn/requirements.lock cannot be written: Is a directory" in done.stderr
    assert inventory(function / "fn") == before


@pytest.mark.parametrize("named", ["b" * 300, "b/" * 3000, "b" * 5000])
def test_build_folders_that_no_system_takes(function: Path, shorts: Shorts, named: str) -> None:
    """A name that is too long is refused, and nothing is made."""
    done = shorts(["build", "-b", named], function)
    assert (done.returncode, "File name too long" in done.stderr) == (1, True), done.stderr
    assert not (function / "b").exists()


def test_a_pipe_among_what_was_built(function: Path, shorts: Shorts) -> None:
    """It is not waited for: the build folder is made again."""
    assert shorts(["build"], function).returncode == 0
    (function / ".aws-sam" / "build" / "template.yaml").unlink()
    os.mkfifo(function / ".aws-sam" / "build" / "template.yaml")
    assert shorts(["build"], function).returncode == 0
    assert (function / ".aws-sam" / "build" / "template.yaml").is_file()
