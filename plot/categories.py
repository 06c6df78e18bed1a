"""Categories: their order, their names, and which of them share a place."""

from dataclasses import dataclass, replace
from typing import Any

import budgets
import numpy as np
import numpy.typing as npt
import pandas as pd
from captions import number
from chartspec import ChartSpec, Period
from tables import Column, type_of

Codes = npt.NDArray[np.int64]


@dataclass(frozen=True, kw_only=True)
class Categories:
    """The categories of a column.

    Attributes:
        codes: Each row's category, from 0; -1 for a gap.
        labels: Their names: numbers and dates ascend, texts stand in the order sent.
        others: How many share the last place, which has no label among these.
    """

    codes: Codes
    labels: tuple[str, ...]
    others: int = 0

    @property
    def count(self) -> int:
        """How many places there are."""
        return len(self.labels) + (self.others > 0)

    @property
    def names(self) -> tuple[str, ...]:
        """The name of each place."""
        return self.labels + ((f"other ({self.others:,})",) if self.others else ())

    def largest(self, weights: Column, kept: int) -> "Categories":
        """Keep the place of those with the largest weights; all others share the last."""
        order = weights.reindex(range(self.count)).fillna(0.0)
        places = sorted(order.sort_values(ascending=False, kind="stable").index[:kept])
        moved = np.full(self.count + 1, kept)
        moved[places] = np.arange(kept)
        moved[-1] = -1
        labels = tuple(self.labels[place] for place in places)
        return Categories(codes=moved[self.codes], labels=labels, others=self.count - kept)

    def sorted(self, key: Column, how: str, descending: bool) -> "Categories":
        """Put them into the order of another column; the last place stays the last.

        Args:
            key: One value for each row. Text is compared by its characters, first value first.
            how: What becomes of a category's numbers.
            descending: Whether the largest comes first. Gaps come last either way.
        """
        is_number = type_of(key) == "number"
        values = key if is_number else key.rank(method="dense")
        weights = aggregated(values.groupby(self.codes), how if is_number else "first")
        order = ordering(weights.reindex(range(len(self.labels))), descending)
        moved = np.full(self.count + 1, -1)
        moved[order] = np.arange(len(order))
        if self.others:
            moved[len(order)] = len(order)
        labels = tuple(self.labels[place] for place in order)
        return replace(self, codes=moved[self.codes], labels=labels)


def categorised(column: Column, period: Period | None = None) -> Categories:
    """Return the categories of a column."""
    codes, values = pd.factorize(column, sort=type_of(column) != "text")
    return Categories(codes=codes, labels=names_of(pd.Series(values), period))


def ordering(column: Column, descending: bool) -> Codes:
    """Return the rows in the order of a column; equal ones keep theirs, gaps come last."""
    ranks = column.rank(method="dense", ascending=not descending, na_option="bottom")
    return np.argsort(ranks.to_numpy(), kind="stable")


def aggregated(groups: Any, how: str) -> Column:
    """Make one number of the values of each group; a sum of nothing but gaps is a gap."""
    numbers: Column = groups.sum(min_count=1) if how == "sum" else groups.agg(how).astype(float)
    return numbers


def names_of(values: Column, period: Period | None = None) -> tuple[str, ...]:
    """Write numbers, and dates as far as they say anything; texts are their own names.

    Args:
        values: Each once.
        period: What the dates are the beginnings of.
    """
    if type_of(values) == "text":
        return tuple(values)
    if type_of(values) == "number":
        return tuple(map(number, values))
    if period == "quarter":
        return tuple(
            f"{year} Q{n}" for year, n in zip(values.dt.year, values.dt.quarter, strict=True)
        )
    form = "%Y-%m-%d %H:%M:%S"
    if (values == values.dt.floor("min")).all():
        form = "%Y-%m-%d %H:%M"
    if (values == values.dt.normalize()).all():
        form = "%Y-%m" if (values.dt.day == 1).all() else "%Y-%m-%d"
    return tuple(values.dt.strftime("%Y" if period == "year" else form))


def limit(spec: ChartSpec, count: int) -> int | None:
    """Return how many categories keep their place, or None where all do."""
    if spec.top is not None:
        return spec.top if count > spec.top else None
    return budgets.CATEGORIES - 1 if count > budgets.CATEGORIES else None
