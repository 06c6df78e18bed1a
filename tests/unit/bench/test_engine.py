"""The benchmark's helpers. What it measures is shown by it, and asserted nowhere."""

from __future__ import annotations

import pytest

from bench.measure import Row, spread, table


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ([0.09, 0.5, 0.1], "0.100 s (0.0900–0.500)"),
        ([1.0, 4.0], "2.50 s (1.00–4.00)"),
        ([47115.8], "47,116 s"),
        ([3.0, 3.0], "3.00 s"),
        ([], "–"),
    ],
)
def test_a_spread_is_the_median_with_the_ends(values: list[float], said: str) -> None:
    """The median stands first; the ends are left out where they say no more."""
    assert spread(values, "s") == said


def test_ratios_are_of_figures_taken_together() -> None:
    """The median of the ratios is not the ratio of the medians: a slow run is slow for both."""
    row = Row(what="a", unit="s", ours=[1, 8, 3], theirs=[2, 16, 12], most_ratio=0.5)
    assert row.ratios == [0.5, 0.5, 0.25]
    assert row.reached is True


def test_the_table_is_markdown() -> None:
    """Columns are padded; what does not apply is a dash."""
    rows = [
        Row(what="quick", unit="s", ours=[0.1], theirs=[2.0], most=0.15, most_ratio=0.05),
        Row(what="alone", unit="MB", ours=[400.0], most=300),
        Row(what="free", unit="s", ours=[1.0, 2.0]),
    ]
    assert table(rows, "sam") == [
        "| what  | shorts             | sam    | ratio  | must reach             | reached |",
        "| ----- | ------------------ | ------ | ------ | ---------------------- | ------- |",
        "| quick | 0.100 s            | 2.00 s | 0.0500 | ≤ 0.15 s, ratio ≤ 0.05 | yes     |",
        "| alone | 400 MB             | –      | –      | ≤ 300 MB               | no      |",
        "| free  | 1.50 s (1.00–2.00) | –      | –      | –                      | –       |",
    ]
