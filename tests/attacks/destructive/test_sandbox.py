"""The sandbox of the destructive attacks itself."""

import subprocess
from pathlib import Path

from tests.attacks.destructive.conftest import bwrap


def test_only_the_folder_of_the_test_can_be_written(tmp_path: Path, home: Path) -> None:
    """A command in the sandbox can write to the test's folder, and to nothing else."""
    script = f"touch {tmp_path}/in; touch {tmp_path.parent}/out /etc/out $OLDHOME/out; ls /tmp"
    done = subprocess.run(
        [*bwrap(tmp_path), "--setenv", "OLDHOME", str(Path(__file__).parent), "sh", "-c", script],
        capture_output=True,
        text=True,
        check=False,
    )
    assert (tmp_path / "in").exists()
    assert not (tmp_path.parent / "out").exists()
    assert done.stderr.count("Read-only file system") == 2, done.stderr
