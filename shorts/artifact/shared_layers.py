"""Which distributions of a function go into layers that functions share; pure.

What a function's layers hold depends on its own distributions alone, never on other functions. So
adding a function moves nothing, and two functions with the same distribution share its layer:

- A large distribution is a layer of its own. One that requires more than a function has layers for
  takes the smaller ones that it requires with it.
- Small distributions are grouped by what requires them, as they come and go together.
- All other distributions go into one layer for the rest, or into the function's zip.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from functools import cached_property
from typing import TypeVar

import msgspec

from shorts.targets import limits

# Sizes in compressed bytes. They were chosen by comparing what first deployments and edits upload
# (`python -m bench deploy`).
# A distribution of this size is a layer of its own.
_LARGE = 1_000_000
# The largest distribution that another one takes into its layer.
_MEMBER = 4_000_000
# The smallest group of small distributions that is a layer of its own.
_GROUP = 100_000
# What may stay in a function's zip, and is uploaded with each edit: where a layer is left for it,
# where none is, and of a rest that is too large to be uploaded for one more import.
_ZIPPED, _ZIPPED_FULL, _ZIPPED_REST = 64_000, 250_000, 500_000
_REST = 1_000_000

_Key = TypeVar("_Key")


class Part(msgspec.Struct, frozen=True, kw_only=True):
    """A distribution as a layer would hold it.

    Attributes:
        key: unique to its content.
        name: of the distribution, normalized.
        packed: its compressed bytes.
        unzipped: its bytes on disk.
        requires: the names of distributions that it requires.
        together: a name that it has in common with all parts of its function that it must not be
            separated from, by one being in a layer and another in the zip.
    """

    key: str
    name: str
    packed: int
    unzipped: int
    requires: tuple[str, ...]
    together: str


def needed(
    users: Iterable[tuple[Iterable[_Key], frozenset[str] | None]],
) -> dict[_Key, frozenset[str] | None]:
    """Return the paths that functions need of what they share; None where one needs all of them.

    Args:
        users: of each function the keys of its distributions, and the paths that it needs of them;
            None for all.
    """
    needed_paths: dict[_Key, frozenset[str] | None] = {}
    for keys, paths in users:
        for key in keys:
            former = needed_paths.get(key, frozenset())
            needed_paths[key] = None if former is None or paths is None else former | paths
    return needed_paths


def arrange(parts: Iterable[Part], slots: int, most: int = limits.UNZIPPED) -> list[frozenset[str]]:
    """Return the keys of the parts in each layer of a function, the largest layer first.

    Args:
        parts: the function's distributions that may be in a layer; no name comes twice.
        slots: how many layers it may have.
        most: how many bytes all of them may have on disk.
    """
    return _Arrangement({part.name: part for part in parts}, slots, most).layers


class _Arrangement:
    """The layers of one function."""

    def __init__(self, parts: Mapping[str, Part], slots: int, most: int) -> None:
        self._parts = parts
        self._slots = slots
        self._most = most

    @property
    def layers(self) -> list[frozenset[str]]:
        """The keys of the parts in each layer."""
        chosen = self._whole(self._fitting(self._chosen()))
        chosen.sort(key=self._order)
        return [frozenset(self._parts[name].key for name in layer) for layer in chosen]

    @cached_property
    def _closures(self) -> dict[str, frozenset[str]]:
        """The names of each part and of all that it requires, directly or not."""
        closures = {}
        for name in self._parts:
            seen, waiting = {name}, [name]
            while waiting:
                for other in self._parts[waiting.pop()].requires:
                    if other in self._parts and other not in seen:
                        seen.add(other)
                        waiting.append(other)
            closures[name] = frozenset(seen)
        return closures

    def _size(self, names: Iterable[str]) -> int:
        return sum(self._parts[name].packed for name in names)

    def _order(self, names: Collection[str]) -> tuple[int, list[str]]:
        """Return a key that sorts the larger group first."""
        return -self._size(names), sorted(names)

    def _is_large(self, name: str) -> bool:
        return self._parts[name].packed >= _LARGE

    def _chosen(self) -> list[frozenset[str]]:
        """Return the layers without a limit for their bytes on disk."""
        everything = frozenset(self._parts)
        large = self._large_groups()
        small = self._small_groups(everything.difference(*large))
        groups = [*sorted(large, key=self._order), *sorted(small, key=self._order)]
        layers = groups[: self._slots]
        full = len(layers) == self._slots
        remaining = everything.difference(*layers)
        if self._size(remaining) <= (_ZIPPED_FULL if full else _ZIPPED) and not self._splits(
            remaining
        ):
            return layers
        if full:
            layers = layers[:-1]
            remaining = everything.difference(*layers)
        return [*layers, self._most_of(remaining)] if self._slots else []

    def _large_groups(self) -> list[frozenset[str]]:
        """Return the large distributions, each with what it takes into its layer."""
        groups = {name: self._large_group(name) for name in self._parts if self._is_large(name)}
        large: list[frozenset[str]] = []
        covered: set[str] = set()
        for name in sorted(groups, key=lambda name: (-len(groups[name]), self._order([name]))):
            if name not in covered:
                large.append(groups[name])
                covered |= groups[name]
        return large

    def _large_group(self, name: str) -> frozenset[str]:
        """Return a large distribution with what it takes into its layer.

        That depends on what it requires alone, so that all functions agree.
        """
        required = self._closures[name]
        large = {other for other in required if self._is_large(other)}
        small = self._size(required - large)
        if len(large) + (small > _ZIPPED) <= limits.LAYERS and small <= _LARGE:
            return frozenset([name])
        members = {other for other in required if self._parts[other].packed < _MEMBER}
        return frozenset({name, *members})

    def _small_groups(self, names: frozenset[str]) -> list[frozenset[str]]:
        """Return groups of small distributions, each required by one that nothing else requires."""
        groups: list[frozenset[str]] = []
        covered: set[str] = set()
        for root in self._roots(names):
            group = frozenset(name for name in self._closures[root] if not self._is_large(name))
            if self._size(group & names - covered) >= _GROUP:
                groups.append(group)
                covered |= group
        return groups

    def _roots(self, names: frozenset[str]) -> list[str]:
        """Return those that none of the others requires, the largest group first."""
        required = {other for name in names for other in self._closures[name] - {name}}
        roots = names - required
        covered = frozenset().union(*(self._closures[name] for name in roots))
        for name in sorted(names - covered):  # those that require each other in a circle
            if name not in covered:
                roots |= {name}
                covered |= self._closures[name]
        return sorted(roots, key=lambda root: self._order(self._closures[root] & names))

    def _most_of(self, remaining: frozenset[str]) -> frozenset[str]:
        """Return what a layer for the rest holds; the zip has room for what is left."""
        if self._size(remaining) <= _REST or self._splits(remaining):
            return remaining
        held = {name for name in remaining if self._is_large(name)}
        for root in self._roots(remaining):
            if self._size(remaining - held) <= _ZIPPED_REST:
                break
            held |= self._closures[root] & remaining
        return frozenset(held if not self._splits(remaining - held) else remaining)

    def _splits(self, zipped: Collection[str]) -> bool:
        """Return whether some names in the zip belong to others that would be in a layer."""
        inside = {self._parts[name].together for name in zipped}
        outside = {part.together for name, part in self._parts.items() if name not in zipped}
        return not inside.isdisjoint(outside)

    def _fitting(self, layers: Sequence[frozenset[str]]) -> list[frozenset[str]]:
        """Return the layers that fit into the bytes on disk, the first ones first."""
        fitting: list[frozenset[str]] = []
        taken: set[str] = set()
        for layer in layers:
            held = taken | layer
            if sum(self._parts[name].unzipped for name in held) <= self._most:
                fitting.append(layer)
                taken = held
        return fitting

    def _whole(self, layers: list[frozenset[str]]) -> list[frozenset[str]]:
        """Leave out layers until none holds a part of what must stay together."""
        while True:
            zipped = self._parts.keys() - frozenset().union(*layers)
            inside = {self._parts[name].together for name in zipped}
            kept = [
                layer
                for layer in layers
                if inside.isdisjoint(self._parts[name].together for name in layer)
            ]
            if kept == layers:
                return kept
            layers = kept
