"""What one chart may cost. Everything here is checked before there is a figure to draw on.

Each limit stands well below what was measured to hurt with matplotlib 3.11 on two cores: 10,000
bars take 8 s, 5,000 text categories 21 s, a title of 100,000 characters 13 s.
"""

from problems import too_large

PIXELS = 8_000_000
"""Width times height, after scale."""

SIDE = 8_000
"""Pixels of width or height, before scale."""

ROWS = 1_000_000

COLUMNS = 1_000
"""Columns sent, drawn or not."""

CELLS = 5_000_000
"""Rows times columns: sparse records and short CSV rows grow when they become a table."""

SERIES = 50
"""Series drawn."""

CATEGORIES = 200
"""Categories drawn; the last of them stands for the rest."""

LINES = 20
"""Reference lines."""

NOTES = 50
"""Annotations."""

FAULTS = 20
"""Faults that one refusal names."""

BINS = 500
"""Bins of a histogram."""

TEXT = 200
"""Characters of a title, a label, a column's name. Text among the data is cut there."""

MAGNITUDE = 1e100
"""The largest number, either sign: squares and sums of such numbers are floats. Its reciprocal is
the smallest number that is told from zero."""

ANSWER = 4_500_000
"""Bytes of an image: base64 makes 6 MB of them, what Lambda answers with at most.

https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html
"""

SHAPES = 20_000
"""Points up to which an SVG or PDF has each as a shape; more are pixels in it."""


def check_table(path: str, rows: int, columns: int = 1) -> None:
    """Check how much data there is.

    Raises:
        Refusal: It is too much; named by the path.
    """
    for count, limit, unit in (
        (rows, ROWS, "rows"),
        (columns, COLUMNS, "columns"),
        (rows * columns, CELLS, "cells"),
    ):
        if count > limit:
            raise too_large(path, f"Expected at most {limit:,} {unit}, got {count:,}")
