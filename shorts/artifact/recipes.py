"""The recipes of the Slices that build units need."""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import msgspec

from shorts.artifact.plan import BuildUnit, Options
from shorts.requirements import lock
from shorts.slices.recipe import Kind, Recipe
from shorts.slices.store import Store
from shorts.system import interpreters
from shorts.system.project_state import FOLDER
from shorts.targets.target import Target


def recipes_of(
    units: Sequence[BuildUnit],
    pythons: Mapping[Target, Path | None],
    store: Store,
    options: Options,
    report: Callable[[str], None] = lambda _: None,
) -> dict[str, list[Recipe]]:
    """Return the recipes of each unit by its key; the same requirements are read once.

    Args:
        units: a unit without requirements of its own gets the recipes of the project's lock.
        pythons: the interpreter of each target, as far as there is one.
        store: where the wheels of local projects are kept.
        options: how to build.
        report: receives a line about each step.

    Raises:
        ShortsError: requirements cannot be read or resolved.
    """
    read: dict[tuple[str, Target], list[Recipe]] = {}
    recipes: dict[str, list[Recipe]] = {unit.key: [] for unit in units}
    for unit in units:
        if unit.manifest is None:
            continue
        key = (unit.requirements, unit.target)
        if key not in read:
            pins = lock.pins(
                unit.manifest,
                unit.target,
                store,
                kept=FOLDER / "locks",
                upgrade=options.upgrade,
                sdists=options.sdists,
                report=report,
            )
            python = pythons[unit.target]
            version = interpreters.version(python) if python else ""
            read[key] = [
                Recipe(pin=pin, target=unit.target, python=version, sources=unit.manifest.sources)
                for pin in pins
            ]
        recipes[unit.key] = [
            msgspec.structs.replace(recipe, kind=_kind(unit)) for recipe in read[key]
        ]
    return recipes


def _kind(unit: BuildUnit) -> Kind:
    """Return which files of its distributions a unit may need."""
    if not unit.settings.slim:
        return "installed"
    return "whole" if unit.handlers is None else "slim"  # any function may import a layer's tests
