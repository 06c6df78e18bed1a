"""Wheels that unpack to more than a disk may hold."""

from pathlib import Path

import pytest

from tests.attacks.destructive.conftest import Sandboxed
from tests.attacks.hostile import member, write_wheel
from tests.conftest import require

LIMIT = 2_000_000_000


@pytest.mark.parametrize("files", [1, 9])
def test_a_wheel_of_zeros(tmp_path: Path, function: Path, sandboxed: Sandboxed, files: int) -> None:
    """A small wheel that holds gigabytes is stopped at the limit, and leaves nothing."""
    zeros = bytes(5 * LIMIT // 2 // files)
    write_wheel(
        function / "wheels", *(member(f"bad/{n}.bin", zeros) for n in range(files)), record="x,,\n"
    )
    require(function, "bad")
    done = sandboxed(["build"], function, UV_OFFLINE="1")
    assert done.returncode == 1, done.stderr
    assert "A wheel that holds 'bad' unpacks to 2." in done.stderr
    assert "GB so far; the limit is 2.0 GB" in done.stderr
    assert "Traceback" not in done.stderr
    left = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert sum(path.stat().st_size for path in left) < 100_000_000
