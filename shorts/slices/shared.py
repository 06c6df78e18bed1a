"""Slices that come from the remote, and those that go there."""

import struct
from collections.abc import Callable, Iterable, Sequence
from functools import partial

from shorts.remote import Remote
from shorts.slices.recipe import Recipe
from shorts.slices.store import Slice, Store

KIND = "slices"


def fetch(
    store: Store, remote: Remote | None, recipes: Sequence[Recipe], report: Callable[[str], None]
) -> dict[str, Slice]:
    """Return those Slices that the remote has, by their recipes' keys; keep them in the store.

    Args:
        store: where they are missing.
        remote: None for none.
        recipes: of what is missing. One without an interpreter takes a Slice that any interpreter
            of the target's minor version has compiled.
        report: called with messages about the progress.
    """
    slices: dict[str, Slice] = {}
    if remote is None:
        return slices

    def take(wanted_key: str, key: str, content: bytes) -> None:
        try:
            store.put_packed(key, content)
        except struct.error:
            return
        if (slice := store.get(key)) is not None:
            slices[wanted_key] = slice

    wanted = {recipe.key: keys for recipe in recipes if (keys := _keys(recipe))}
    remote.fetch(KIND, wanted, take, report)
    return slices


def share(store: Store, remote: Remote | None, recipes: Iterable[Recipe]) -> None:
    """Upload Slices that the store holds, where the remote takes them."""
    if remote is None:
        return
    for recipe in recipes:
        if recipe.is_shared:
            remote.share(KIND, recipe.key, partial(store.packed, recipe.key))


def look(store: Store, recipe: Recipe) -> Slice | None:
    """Return a recipe's Slice from the store; without an interpreter, rather a compiled one."""
    if not recipe.python:
        for compiled in recipe.compiled():
            if (slice := store.get(compiled.key)) is not None:
                return slice
    return store.get(recipe.key)


def _keys(recipe: Recipe) -> list[str]:
    """Return the keys of the Slices that fit a recipe, the best one first."""
    recipes = [recipe] if recipe.python else recipe.compiled()
    return [recipe.key for recipe in recipes if recipe.is_shared]
