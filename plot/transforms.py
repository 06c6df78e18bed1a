"""What becomes of several rows: aggregates, periods, moving windows."""

from collections.abc import Callable
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt
from chartspec import Aggregate, Period, Rolling

Floats: TypeAlias = npt.NDArray[np.float64]
Codes: TypeAlias = npt.NDArray[np.int64]
Dates: TypeAlias = npt.NDArray[np.datetime64]


def aggregated(values: Floats, codes: Codes, groups: int, how: Aggregate) -> Floats:
    """Make one number of all values of a group.

    Args:
        values: Gaps (NaN) do not count.
        codes: Each value's group, from 0. One below 0 leaves the value out.
        groups: How many groups there are.
        how: By what. `std` is that of a sample (n - 1), so it needs two values.

    Returns:
        One number for each group, NaN where a group has no value; of `count`, 0.
    """
    kept = ~np.isnan(values) & (codes >= 0)
    values, codes = values[kept], codes[kept]
    counts = np.bincount(codes, minlength=groups)
    if how == "count":
        return counts.astype(np.float64)
    if how in ("sum", "mean"):
        sums = np.bincount(codes, values, minlength=groups)
        return _divided(sums, counts if how == "mean" else counts > 0)
    if how == "std":
        scale = np.abs(values).max(initial=0.0) or 1.0  # no square leaves the range of a float
        values = values / scale
        values = values - _picked(values, codes, counts, "first")[codes]  # equal ones have none
        means = _divided(np.bincount(codes, values, minlength=groups), counts)
        squares = np.bincount(codes, (values - means[codes]) ** 2, minlength=groups)
        return np.asarray(np.sqrt(_divided(squares, np.maximum(counts - 1, 0))) * scale)
    return _picked(values, codes, counts, how)


def _divided(sums: npt.NDArray[Any], counts: npt.NDArray[np.integer | np.bool_]) -> Floats:
    means: Floats = np.divide(sums, counts, out=np.full(len(sums), np.nan), where=counts > 0)
    return means


def _picked(values: Floats, codes: Codes, counts: Codes, how: Aggregate) -> Floats:
    """Pick a value of each group by its place in it."""
    by_value = how in ("min", "median", "max")
    order = np.lexsort((values, codes)) if by_value else np.argsort(codes, kind="stable")
    full = counts > 0
    ends = np.cumsum(counts)[full]
    starts = ends - counts[full]
    picked = values[order]
    result = np.full(len(counts), np.nan)
    if how == "median":
        middle = starts + (ends - starts - 1) // 2
        other = starts + (ends - starts) // 2
        result[full] = picked[middle] / 2 + picked[other] / 2
    else:
        result[full] = picked[ends - 1 if how in ("max", "last") else starts]
    return result


_UNITS: dict[Period, str] = {
    "minute": "m",
    "hour": "h",
    "day": "D",
    "week": "D",
    "month": "M",
    "quarter": "M",
    "year": "Y",
}
_SIZES: dict[Period, tuple[int, int]] = {"week": (7, 4), "quarter": (3, 0)}
"""Units that a period has, and the units after 1970-01-01 that one begins: a week at Monday."""


def periods(dates: Dates, period: Period) -> tuple[Codes, int, Callable[[Codes], Dates]]:
    """Divide dates into periods.

    Args:
        dates: At least one that is no gap (NaT).
        period: How long each is. A week begins on Monday.

    Returns:
        The number of each date's period, from 0 for the earliest (-1 for a gap), how many periods
        there are from the earliest to the latest, and what tells the start of some of them.
    """
    size, offset = _SIZES.get(period, (1, 0))
    unit = f"datetime64[{_UNITS[period]}]"
    known = ~np.isnat(dates)
    numbers = (dates[known].astype(unit).astype(np.int64) - offset) // size
    first = int(numbers.min())
    codes = np.full(len(dates), -1, dtype=np.int64)
    codes[known] = numbers - first

    def start(places: Codes) -> Dates:
        return ((places + first) * size + offset).astype(unit).astype("datetime64[us]")

    return codes, int(numbers.max()) - first + 1, start


def rolled(values: Floats, rolling: Rolling) -> Floats:
    """Move a window over values: each becomes the aggregate of itself and those before it.

    A window that reaches beyond the first value, or holds a gap, gives a gap.
    """
    if rolling.window > len(values):
        return np.full(len(values), np.nan)
    import pandas as pd

    window = pd.Series(values).rolling(rolling.window)
    moved: Floats = getattr(window, rolling.aggregate)().to_numpy()
    return moved
