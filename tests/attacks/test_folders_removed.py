"""Folders that are removed: deep ones, such as a function may make, and such as may not be read."""

import os
from pathlib import Path

from shorts.system import files
from tests.attacks.conftest import inventory
from tests.conftest import Shorts

DEEP = 3000
HANDLER = f"""\
import os, tempfile

def handler(event, context):
    os.chdir(tempfile.gettempdir())
    for _ in range({DEEP}):
        os.mkdir("d")
        os.chdir("d")
    return "deep"
"""


def deep(top: Path) -> None:
    """Make folders in each other, deeper than Python calls itself and than any path is long."""
    top.mkdir()
    at = os.open(top, os.O_RDONLY)
    for _ in range(DEEP):
        os.mkdir("d", dir_fd=at)
        os.close(os.open("file", os.O_CREAT, dir_fd=at))
        below = os.open("d", os.O_RDONLY, dir_fd=at)
        os.close(at)
        at = below
    os.close(at)


def test_a_deep_folder_goes(tmp_path: Path, home: Path) -> None:
    """No depth is too much, and what a link in it leads to stays."""
    deep(tmp_path / "deep")
    (tmp_path / "deep" / "d" / "link").symlink_to(home)
    before = inventory(home)
    files.discard(tmp_path / "deep")
    assert not os.path.lexists(tmp_path / "deep")
    assert inventory(home) == before


def test_a_link_goes_alone(tmp_path: Path, home: Path) -> None:
    """Of a link to a folder nothing but the link goes."""
    (tmp_path / "link").symlink_to(home)
    before = inventory(home)
    files.discard(tmp_path / "link")
    assert not os.path.lexists(tmp_path / "link")
    assert inventory(home) == before


def test_a_scratch_folder_goes() -> None:
    """Also where what is put there is deep."""
    with files.scratch() as folder:
        deep(folder / "deep")
    assert not folder.exists()


def test_a_function_that_makes_deep_folders(function: Path, shorts: Shorts) -> None:
    """A build that runs it on its sample events ends well, and leaves nothing of them."""
    (function / "fn" / "app.py").write_text(HANDLER)
    (function / "one.json").write_text("{}")
    template = (function / "template.yaml").read_text().replace("Timeout: 2", "Timeout: 20")
    metadata = "    Metadata: {Shorts: {Events: [one.json]}}\n    Properties"
    (function / "template.yaml").write_text(template.replace("    Properties", metadata))
    done = shorts(["build"], function)
    assert (done.returncode, "Traceback" in done.stderr) == (0, False), done.stderr
    assert "warning" not in done.stderr
