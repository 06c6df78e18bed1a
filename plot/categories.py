"""Categories: their numbers, their names, their order, and which of them share a place."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias

import budgets
import numpy as np
import numpy.typing as npt
from captions import number
from chartspec import Aggregate, ChartSpec, Period
from frames import Column, Floats
from transforms import Codes, aggregated


@dataclass(frozen=True, kw_only=True)
class Categories:
    """The categories of a column.

    Attributes:
        codes: Each row's category, from 0; -1 for a gap.
        values: What they stand for, each once.
        ordered: Whether their order has a meaning: numbers and dates ascend, texts stand in the
            order sent.
        others: How many share the last place, behind those of `values`.
    """

    codes: Codes
    values: Column
    ordered: bool
    others: int = 0

    @property
    def count(self) -> int:
        """How many places there are."""
        return len(self.values.values) + (self.others > 0)

    def names(self, period: Period | None = None) -> tuple[str, ...]:
        """Write them for people: numbers, and dates as far as they say anything.

        Args:
            period: What the dates are the beginnings of.
        """
        last = (f"other ({self.others:,})",) if self.others else ()
        return _names(self.values, period) + last

    def largest(self, weights: Floats, kept: int) -> "Categories":
        """Keep the place of some; all others share the last.

        Args:
            weights: One for each. Of equal ones the first counts as the larger.
            kept: How many keep their place, in the order in which they stand.
        """
        places = np.sort(np.argsort(-weights, kind="stable")[:kept])
        moved = np.full(self.count + 1, kept, dtype=np.int64)
        moved[places] = np.arange(kept)
        moved[-1] = -1
        return Categories(
            codes=moved[self.codes],
            values=self.values.take(places),
            ordered=self.ordered,
            others=self.count - kept,
        )

    def sorted(self, key: Column, how: Aggregate, descending: bool) -> "Categories":
        """Put them into the order of another column; the last place stays the last.

        Args:
            key: One value for each row. Text is compared by its characters, first value first.
            how: What becomes of a category's numbers.
            descending: Whether the largest comes first. Gaps come last either way.
        """
        ranks = rank(key)
        by = how if key.type == "number" else "first"
        weights = aggregated(ranks, self.codes, self.count, by)
        places = ordering(weights[: len(self.values.values)], descending)
        moved = np.full(self.count + 1, -1, dtype=np.int64)
        moved[places] = np.arange(len(places))
        if self.others:
            moved[len(places)] = len(places)
        return Categories(
            codes=moved[self.codes],
            values=self.values.take(places),
            ordered=False,
            others=self.others,
        )


def categorised(column: Column) -> Categories:
    """Number the values of a column."""
    if column.type == "text":
        places = np.arange(len(column.names))
        values = Column(type="text", values=places, names=column.names)
        return Categories(codes=column.values, values=values, ordered=False)
    known = column.known
    distinct, places = np.unique(column.values[known], return_inverse=True)
    codes = np.full(len(known), -1, dtype=np.int64)
    codes[known] = places
    return Categories(codes=codes, values=Column(type=column.type, values=distinct), ordered=True)


Unit: TypeAlias = Literal["M", "D", "m", "s", "us"]
UNITS: tuple[Unit, ...] = ("M", "D", "m", "s")


def rank(column: Column) -> Floats:
    """Return numbers that ascend as a column's values do, texts by their characters."""
    if column.type != "text":
        return column.positions
    ranks = np.full(len(column.names) + 1, np.nan)
    ranks[np.argsort(np.array(column.names, dtype=object), kind="stable")] = np.arange(
        len(column.names)
    )
    return np.asarray(ranks[column.values])


def ordering(values: Floats, descending: bool) -> Codes:
    """Return the rows in ascending or descending order; equal ones keep theirs, gaps come last."""
    return np.argsort(-values if descending else values, kind="stable")


def _names(column: Column, period: Period | None) -> tuple[str, ...]:
    values: Any = column.values
    if column.type == "text":
        return tuple(column.names[place] for place in values.tolist())
    if column.type == "number":
        return tuple(map(number, values.tolist()))
    if period == "year":
        return tuple(np.datetime_as_string(values, "Y").tolist())
    if period == "quarter":
        months = np.datetime_as_string(values, "M").tolist()
        return tuple(f"{month[:4]} Q{(int(month[5:]) + 2) // 3}" for month in months)
    units: Iterator[Unit] = (unit for unit in UNITS if _are_whole(values, unit))
    texts = np.datetime_as_string(values, unit=next(units, "us")).tolist()
    return tuple(text.replace("T", " ") for text in texts)


def _are_whole(dates: npt.NDArray[np.datetime64], unit: str) -> bool:
    return bool((dates.astype(f"datetime64[{unit}]") == dates).all())


def limit(spec: ChartSpec, count: int) -> int | None:
    """Return how many categories keep their place, or None where all do."""
    if spec.top is not None:
        return spec.top if count > spec.top else None
    return budgets.CATEGORIES - 1 if count > budgets.CATEGORIES else None
