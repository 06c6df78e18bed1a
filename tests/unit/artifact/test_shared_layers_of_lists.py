"""Applications with other lists of requirements than those that chose the rule's numbers.

`distributions.json` has what the requirements of `bench.lists` and others bring, as their `RECORD`s
list it: roughly the kilobytes of each in a zip and on disk, and what it requires.
"""

import json
import random
from collections.abc import Collection, Iterator, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

import pytest

from bench import lists
from shorts.artifact.shared_layers import Part, arrange
from shorts.targets import limits

KNOWN: dict[str, tuple[int, int, list[str]]] = json.loads(
    Path(__file__).with_name("distributions.json").read_text()
)
REQUIRED = {name for _, _, requires in KNOWN.values() for name in requires}
# What a function names itself.
NAMES = sorted({*KNOWN} - REQUIRED | {name for names in lists.LISTS for name in names})
KB = 1000
SEEDS = range(4)
Lists = Sequence[Sequence[str]]


class Built(NamedTuple):
    """What an application uploads.

    Attributes:
        layers: the bytes of each, by the keys of what is in it.
        zips: of each function: its layers, the keys of what is in its zip, and the bytes of these.
    """

    layers: dict[frozenset[str], int]
    zips: list[tuple[frozenset[frozenset[str]], frozenset[str], int]]


def closure(names: Collection[str]) -> set[str]:
    """Return some distributions with all that they require."""
    found, waiting = set[str](), [*names]
    while waiting:
        name = waiting.pop()
        if name not in found:
            found.add(name)
            waiting += KNOWN[name][2]
    return found


def packed(keys: Collection[str]) -> int:
    return sum(KNOWN[key.partition("==")[0]][0] * KB for key in keys)


def fits(names: Collection[str]) -> bool:
    """Return whether Lambda takes a function that requires some distributions."""
    return sum(KNOWN[name][1] * KB for name in closure(names)) <= limits.UNZIPPED


def built(functions: Lists, versions: Mapping[str, int] | None = None) -> Built:
    """Return what an application uploads; some distributions may have other versions."""
    layers: dict[frozenset[str], int] = {}
    zips = []
    for names in functions:
        parts = [
            Part(
                key=f"{name}=={(versions or {}).get(name, 1)}",
                name=name,
                packed=KNOWN[name][0] * KB,
                unzipped=KNOWN[name][1] * KB,
                requires=tuple(KNOWN[name][2]),
                together=name,
            )
            for name in closure(names)
        ]
        arranged = arrange(parts, limits.LAYERS)
        layers |= {layer: packed(layer) for layer in arranged}
        zipped = frozenset(part.key for part in parts).difference(*arranged)
        zips.append((frozenset(arranged), zipped, packed(zipped)))
    return Built(layers, zips)


def uploaded(before: Built, after: Built) -> int:
    """Return the bytes of layers and zips that were not there before."""
    new = {layer: size for layer, size in after.layers.items() if layer not in before.layers}
    changed = (now for now, then in zip(after.zips, before.zips, strict=True) if now != then)
    return sum(new.values()) + sum(size for _, _, size in changed)


def written(seed: int) -> Lists:
    """Return the lists of twenty functions: some of what many have, and some of their own."""
    chance = random.Random(seed)
    common = chance.sample(NAMES, 4)
    functions: list[list[str]] = []
    while len(functions) < len(lists.LISTS):
        names = chance.sample(NAMES, chance.randint(1, 3))
        names += [name for name in common if chance.random() < 0.3 and name not in names]
        if fits(names):
            functions.append(names)
    return functions


def edits(functions: Lists, seed: int) -> Iterator[tuple[int, str, Lists]]:
    """Yield some functions and what an edit adds to each, with all lists after that."""
    chance = random.Random(seed)
    for number, names in enumerate(functions):
        others = [name for name in NAMES if name not in closure(names) and fits([*names, name])]
        for added in chance.sample(others, min(3, len(others))):
            changed = [*functions]
            changed[number] = [*names, added]
            yield number, added, changed


@pytest.mark.parametrize("functions", [lists.LISTS, *map(written, SEEDS)])
def test_all_together_upload_little_more_than_the_different_distributions(functions: Lists) -> None:
    made = built(functions)
    total = sum(made.layers.values()) + sum(size for _, _, size in made.zips)
    different = {name for names in functions for name in closure(names)}
    assert total <= 1.15 * packed(different)


@pytest.mark.parametrize("seed", SEEDS)
def test_an_edit_uploads_what_the_function_newly_requires_where_a_layer_is_left(seed: int) -> None:
    functions = written(seed)
    before = built(functions)
    for number, added, changed in edits(functions, seed):
        after = built(changed)
        new = packed(closure(changed[number]) - closure(functions[number]))
        if len(after.zips[number][0]) < limits.LAYERS:
            # What requires dozens of small distributions takes those that are known with it.
            assert uploaded(before, after) <= new + 5_000_000, (functions[number], added)


@pytest.mark.parametrize("functions", [lists.LISTS, *map(written, SEEDS)])
def test_most_edits_upload_little_more_than_what_the_application_lacks(functions: Lists) -> None:
    """Where all layers are taken, the smallest ones are one layer, which moves with an edit."""
    before = built(functions)
    there = {name for names in functions for name in closure(names)}
    free, full = list[int](), list[float]()
    for number, _, changed in edits(functions, 0):
        after = built(changed)
        more = uploaded(before, after) - packed(closure(changed[number]) - there)
        if len(after.zips[number][0]) < limits.LAYERS:
            free.append(more)
        else:
            full.append(more / packed(closure(changed[number])))
    assert sum(more <= 1_000_000 for more in free) >= 0.75 * len(free)
    assert sum(full) <= 0.15 * len(full)


@pytest.mark.parametrize("functions", [lists.LISTS, *map(written, SEEDS)])
def test_a_new_version_of_what_requires_nothing_uploads_the_layers_with_it_alone(
    functions: Lists,
) -> None:
    before = built(functions)
    large = 0
    for name in {name for names in functions for name in closure(names)}:
        if KNOWN[name][2]:
            continue
        after = built(functions, {name: 2})
        new = after.layers.keys() - before.layers.keys()
        assert all(f"{name}==2" in layer for layer in new)
        if KNOWN[name][0] * KB >= 4_000_000 and new:
            large += 1
            assert any(layer == {f"{name}==2"} for layer in new), name
    assert large
