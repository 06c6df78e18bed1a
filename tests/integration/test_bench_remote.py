"""The benchmark of remotes, on one small function and a remote in a folder."""

from pathlib import Path

import pytest

from bench import remote
from bench.remote import Bench, Remote
from shorts.remote.signature import SIGNING, TRUSTED
from tests.conftest import require, write_wheel
from tests.signing import PUBLIC, SECRET


def test_empty_machines_are_measured(function: Path, wheels: Path, tmp_path: Path) -> None:
    """Each run is timed with the remote and without it, and all zips are compared."""
    write_wheel(wheels, "demo", {"demo.py": ""})
    require(function, "demo")
    folder = tmp_path / "remote"
    variables = {"SHORTS_REMOTE": folder.as_uri(), SIGNING: SECRET, TRUSTED: PUBLIC}
    (tmp_path / "bench").mkdir()
    lines: list[str] = []
    bench = Bench(tmp_path / "bench", 1, lines.append)
    wall, cpu = bench.against_none(
        "small", function, Remote(server="folder", variables=variables), 9
    )
    assert (wall.what, wall.unit, cpu.unit) == ("small, folder", "s", "s of CPU")
    assert len(wall.ours) == len(wall.theirs) == len(cpu.ours) == len(cpu.theirs) == 1
    assert [path.name.partition("-1.0-")[0] for path in (folder / "slices").iterdir()] == ["demo"]
    assert bench.unequal == 0
    assert lines == ["small: filling the remote in folder", "small, folder: run 1 of 1"]


def test_every_list_is_another_one() -> None:
    """Twenty functions have twenty lists."""
    assert len({*remote.LISTS}) == 20


@pytest.mark.parametrize("arguments", [["--runs", "0"], ["--servers", "x"], ["--write", "x"]])
def test_a_wrong_call_is_refused(arguments: list[str]) -> None:
    """Options are checked before anything is measured."""
    with pytest.raises(SystemExit):
        remote.parser().parse_args(arguments)
