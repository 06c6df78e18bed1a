"""What the benchmark foretells of many functions, and what it makes of those it has measured."""

from __future__ import annotations

from bench.scale import Point, table


def _point(functions: int, clean: float, unchanged: float = 0.0, disk: int = 0) -> Point:
    return Point(
        system="sam build", functions=functions, clean=clean, unchanged=unchanged, disk=disk
    )


REFUSED = Point(system="sam build", functions=50, why="not run: about 9 minutes")


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
