"""What the benchmark foretells of many functions, and what it makes of those it has measured."""

from __future__ import annotations

from pathlib import Path

import pytest

from bench import scale
from bench.scale import Point, foretold, growth, table


def _point(functions: int, clean: float, unchanged: float = 0.0, disk: int = 0) -> Point:
    return Point(
        system="sam build", functions=functions, clean=clean, unchanged=unchanged, disk=disk
    )


REFUSED = Point(system="sam build", functions=50, why="not run: about 9 minutes")


def test_a_size_is_foretold_by_the_last_two() -> None:
    """A line goes through them; what did not run has no part in it."""
    points = [_point(1, 2, 1, 100), _point(10, 20, 1, 1000), REFUSED]
    assert foretold(points, 100) == (21 + 10 * 18, 1000 + 10 * 900)


def test_a_second_size_is_foretold_in_proportion() -> None:
    """One size alone says nothing of what does not grow."""
    assert foretold([_point(2, 3, 1, 50)], 10) == (20, 250)


def test_what_shrank_is_not_foretold_to_vanish() -> None:
    """A size that took less by chance makes the next take as much, not less than nothing."""
    assert foretold([_point(1, 9, 0, 5), _point(10, 3, 0, 4)], 100) == (3, 4)


def test_growth_is_between_the_smallest_and_the_largest() -> None:
    """Seconds and bytes of each function more; a single size shows none."""
    assert growth([_point(1, 2, 1, 10), _point(5, 4, 3, 50), REFUSED]) == (0.5, 0.5, 10)
    assert growth([_point(1, 2), REFUSED]) is None


def test_a_row_that_was_not_run_says_why() -> None:
    """It stands below the table, with the figures that were expected of it."""
    lines = table([_point(1, 2, 1, 10_000_000), _point(10, 20, 1, 100_000_000), REFUSED])
    assert lines == [
        "| Build system | Functions | From nothing (s) | Nothing changed (s) | Disk (MB) |",
        "| ------------ | --------- | ---------------- | ------------------- | --------- |",
        "| sam build    | 1         | 2.00             | 1.00                | 10.0      |",
        "| sam build    | 10        | 20.0             | 1.00                | 100       |",
        "| sam build    | each more | 2.00             | 0                   | 10.0      |",
        "",
        "- sam build, 50 functions: not run: about 9 minutes",
    ]


@pytest.mark.parametrize(
    ("expected", "left", "said"),
    [
        ((600, 1), 300, "not run: about 10.0 minutes, and 5.00 minutes is the most"),
        ((60, 1), 300, ""),
        ((1, 10**18), 300, "not run: about 1000000000 GB, and "),
    ],
)
def test_what_would_pass_the_time_or_the_disk_is_not_begun(
    expected: tuple[float, float], left: float, said: str, tmp_path: Path
) -> None:
    """The disk is asked first, for a full one stops everything else too."""
    prevented = scale._prevented(expected, left, tmp_path)
    assert prevented.startswith(said)
    assert bool(prevented) == bool(said)


def test_an_interrupted_run_prints_the_sizes_that_were_done(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Of the one that was not, nothing is printed; and nothing is written anywhere."""

    def take(system: scale.System, functions: int, root: Path, seconds: float) -> Point:
        if functions == 10:
            raise KeyboardInterrupt
        return _point(functions, 2.0)

    monkeypatch.setattr(scale, "take", take)
    monkeypatch.setattr(scale, "machine", dict)
    monkeypatch.setattr(scale, "SYSTEMS", scale.SYSTEMS[1:2])
    figures = tmp_path / "scale.json"
    assert scale.main(["--sizes", "10", "1", "--json", str(figures)]) == 130
    said = capsys.readouterr()
    assert [line.split()[4] for line in said.out.splitlines()[2:]] == ["1"]
    assert said.err.endswith("bench: interrupted\n")
    assert not figures.exists()
