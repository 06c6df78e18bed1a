"""What one chart may cost. Everything here is checked before there is a figure to draw on.

Each limit stands well below what was measured to hurt with matplotlib 3.11 on two cores: 16k by
16k pixels took 11 s and 1.1 GB, 5,000 text categories 21 s, 100,000 histogram bins over a minute,
a title of 100,000 characters 13 s.
"""

import math

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
"""Columns drawn."""

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

MAGNITUDE = 1e300
"""The largest number, either sign. Its reciprocal is the smallest that is told from zero."""

ANSWER = 4_500_000
"""Bytes of an image: base64 makes 6 MB of them, what Lambda answers with at most.

https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html
"""

RASTER_POINTS = 20_000
"""Points or cells up to which an SVG or PDF has each as a shape; more are pixels in it."""

RASTER_BYTES = 3_500_000
"""Bytes of any marks, about, up to which they stay shapes."""

SHARP = 2.0
"""Pixels of marks that are no shapes in an SVG or PDF, for each of the image's, a side."""


def sharpness(width: int, height: int) -> float:
    """Return `SHARP`, or in a large image as much as `PIXELS` allow."""
    return min(SHARP, math.sqrt(PIXELS / (width * height)))


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
