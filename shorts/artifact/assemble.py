"""What each zip will hold: Slices, and the own code compiled and compressed."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import msgspec

from shorts.artifact import infer, layer_modules, overlaps, own_code, readings
from shorts.artifact.content import Content, FunctionCode
from shorts.artifact.plan import BuildUnit, Options
from shorts.artifact.recipes import recipes_of
from shorts.artifact.select import Selection, select
from shorts.modules.compiler import Module
from shorts.remote import Remote
from shorts.slices import make, zip_format
from shorts.slices.compress import CompressedFiles, run
from shorts.slices.recipe import Recipe
from shorts.slices.store import Index, Slice, Store
from shorts.system import interpreters
from shorts.targets import stdlib
from shorts.targets.target import Target

# The compressed form of each file, by its path in the zip.
_Files = dict[str, CompressedFiles]


def gather(
    units: Sequence[BuildUnit],
    options: Options,
    report: Callable[[str], None],
    remote: Remote | None = None,
) -> dict[str, Content]:
    """Return the content of each unit's zip, by the unit's key; shared parts are read once.

    Args:
        units: all that will be packed, and those that make their layers.
        options: how to build.
        report: receives a line about each step.
        remote: where Slices that the store lacks are looked for.

    Raises:
        ShortsError: requirements cannot be resolved or installed.
    """
    return _Gatherer(options, report, remote).gather(units)


class _Gatherer:
    """The parts that several units share, while they are gathered."""

    def __init__(
        self, options: Options, report: Callable[[str], None], remote: Remote | None
    ) -> None:
        self._options = options
        self._report = report
        self._remote = remote
        self._store = Store.default()
        self._warnings: dict[Target, list[str]] = defaultdict(list)
        self._interpreters: dict[Target, Path | None] = {}
        self._own: dict[str, FunctionCode] = {}
        self._selections: dict[tuple[str, ...], Selection] = {}

    def gather(self, units: Sequence[BuildUnit]) -> dict[str, Content]:
        """Return the content of each unit's zip, by the unit's key."""
        for target in {unit.target: None for unit in units}:
            self._interpreters[target] = self._interpreter(target)
        with ThreadPoolExecutor(1) as executor:  # the own code is compiled while Slices are read
            compressing = executor.submit(self._compress_own, units)
            recipes = self._recipes([unit for unit in units if not unit.inferred])
            made = self._ensure(recipe for some in recipes.values() for recipe in some)
            compressed = compressing.result()
        layers = {unit.key: self._layers(unit, compressed, recipes, made) for unit in units}
        for unit in units:
            own, others = compressed[unit.key]
            if unit.inferred:
                recipes[unit.key] = self._inferred(unit, {**others, **own}, layers[unit.key][0])
                made |= self._ensure(recipes[unit.key])
            parts = [made[recipe.key] for recipe in recipes[unit.key]]
            self._own[unit.key] = _function_code(unit, own, others, parts)
        contents = {
            unit.key: self._content(unit, recipes[unit.key], made, *layers[unit.key])
            for unit in units
        }
        for key in self._store.damaged:
            self._report(f"warning: {key} in the store was damaged and has been made again")
        return contents

    def _content(
        self,
        unit: BuildUnit,
        recipes: Sequence[Recipe],
        made: Mapping[str, Slice],
        provided: dict[str, Module],
        unknown: list[str],
    ) -> Content:
        selection, wanted = self._selection(unit, recipes, made)
        warnings = list(self._warnings[unit.target])
        for slice in selection.slices:
            warnings += slice.index.warnings
        return Content(
            unit=unit,
            own=self._own[unit.key],
            selection=selection,
            wanted=wanted,
            warnings=warnings,
            lasting=[overlap.warning for overlap in selection.overlaps if overlap.matters],
            provided=provided,
            unknown=unknown,
            compiled=self._interpreters[unit.target] is not None,
        )

    def _interpreter(self, target: Target) -> Path | None:
        python = interpreters.find(target.minor)
        if python is None:
            self._warnings[target].append(
                f"no Python {target.minor} was found, so nothing is compiled here: every cold "
                f"start compiles the sources again. {interpreters.how_to_get(target.minor)}"
            )
        return python

    def _recipes(self, units: Sequence[BuildUnit]) -> dict[str, list[Recipe]]:
        return recipes_of(units, self._interpreters, self._store, self._options, self._report)

    def _inferred(
        self, unit: BuildUnit, compressed: _Files, layers: Mapping[str, Module]
    ) -> list[Recipe]:
        """Return what a unit without requirements takes from the project's lock."""
        modules = _modules(compressed)
        _, unknown = infer.reached(modules, (), unit.handlers or (), layers)
        if all(stdlib.has(name, unit.target.minor) for name in unknown):
            return []
        recipes = self._recipes([unit])[unit.key]
        made = self._ensure(recipes)
        parts = [made[recipe.key] for recipe in recipes]
        paths, _ = infer.reached(modules, parts, unit.handlers or (), layers)
        names = infer.part(paths, parts, layers)
        return [recipe for recipe in recipes if recipe.pin.name in names]

    def _layers(
        self,
        unit: BuildUnit,
        own: Mapping[str, tuple[_Files, _Files]],
        recipes: Mapping[str, Sequence[Recipe]],
        made: Mapping[str, Slice],
    ) -> tuple[dict[str, Module], list[str]]:
        """Return the modules of a unit's layers, and the names of the layers that are not known."""
        modules: dict[str, Module] = {}
        unknown: list[str] = []
        for layer in unit.layers:
            imported = layer_modules.of_folder(layer.folder) if layer.folder else None
            if layer.unit in own:
                imported = _modules(own[layer.unit][0])
                for recipe in recipes[layer.unit]:
                    imported |= layer_modules.of_slice(made[recipe.key])
            if imported is None and layer.name not in unknown:
                unknown.append(layer.name)
            modules |= imported or {}
        return modules, unknown

    def _ensure(self, recipes: Iterable[Recipe]) -> dict[str, Slice]:
        """Make the Slices of all recipes, target by target, and return them by key."""
        made: dict[str, Slice] = {}
        by_target: dict[Target, dict[str, Recipe]] = defaultdict(dict)
        for recipe in recipes:
            by_target[recipe.target].setdefault(recipe.key, recipe)
        for target, batch in by_target.items():
            interpreter = self._interpreters[target]
            made |= make.ensure(
                self._store, list(batch.values()), interpreter, self._report, self._remote
            )
        return made

    def _selection(
        self,
        unit: BuildUnit,
        recipes: Sequence[Recipe],
        made: Mapping[str, Slice],
        wanted: frozenset[str] = frozenset(),
    ) -> tuple[Selection, frozenset[str]]:
        """Return what a unit takes from its Slices, and what it needs of what they leave out."""
        keys = (*(recipe.key for recipe in recipes), *sorted(wanted))
        selection = self._selections.get(keys)
        own = self._own[unit.key]
        if selection is None:
            slices = [made[recipe.key] for recipe in recipes]

            def order() -> list[str]:
                names = self._names(unit)
                return overlaps.order(names, slices)

            selection = select(slices, unit.target.minor, wanted, order, own.modules)
            if not selection.shared:  # else the order of the requirements and the own code count
                self._selections[keys] = selection
        needed = wanted | selection.wanted(
            own.modules, unit.handlers, own.programs, unit.settings.keep
        )
        needed |= {*readings.paths(unit, selection.slices)}
        if needed == wanted:
            return selection, wanted
        whole = [
            msgspec.structs.replace(recipe, kind="whole")
            if recipe.kind == "slim" and _lacks(made[recipe.key].index, needed)
            else recipe
            for recipe in recipes
        ]
        return self._selection(unit, whole, {**made, **self._ensure(whole)}, needed)

    def _names(self, unit: BuildUnit) -> list[str]:
        """Return the distributions that a unit's requirements name, in their order."""
        from shorts.requirements import requirement_lines

        assert unit.manifest is not None
        return [
            requirement.name for requirement in requirement_lines.read(unit.manifest, self._store)
        ]

    def _compress_own(self, units: Sequence[BuildUnit]) -> dict[str, tuple[_Files, _Files]]:
        """Compile and compress the units' own code, and what they may import from elsewhere.

        A file that several of them share is compressed once.
        """
        done = {}
        for target, interpreter in self._interpreters.items():
            served = [unit for unit in units if unit.target == target]
            own = {unit.key: own_code.jobs(unit) for unit in served}
            others = {unit.key: own_code.other_jobs(unit, own[unit.key]) for unit in served}
            everything = [*own.values(), *others.values()]
            jobs = {job.owner: job for some in everything for job in some.values()}
            results = {owner: CompressedFiles() for owner in jobs}
            run(jobs.values(), results, interpreter, target)
            for unit in served:
                done[unit.key] = (
                    {path: results[job.owner] for path, job in own[unit.key].items()},
                    {path: results[job.owner] for path, job in others[unit.key].items()},
                )
        return done


def _lacks(index: Index, wanted: frozenset[str]) -> bool:
    """Return whether a Slice leaves out any of some paths, or holds one without its imports."""
    return not index.left_out.keys().isdisjoint(wanted) or not wanted.isdisjoint(index.sought)


def _function_code(
    unit: BuildUnit, own: _Files, others: _Files, parts: Sequence[Slice]
) -> FunctionCode:
    """Return a unit's own code, with what it imports from its source roots."""
    if others:
        paths, _ = infer.reached(_modules({**others, **own}), parts, unit.handlers or ())
        kept = infer.with_data(paths & others.keys(), others)
        own = {**own, **{path: others[path] for path in kept}}
    files = own.values()
    entries, blob = zip_format.join(packed for file in files for packed in file.packed)
    return FunctionCode(
        entries=entries,
        blob=blob,
        modules=_modules(own),
        faults={path: fault for file in files for path, fault in file.faults.items()},
        libraries={path: library for file in files for path, library in file.libraries.items()},
        programs=set().union(*(file.programs for file in files), readings.programs(unit, parts)),
    )


def _modules(compressed: _Files) -> dict[str, Module]:
    return {path: module for heap in compressed.values() for path, module in heap.modules.items()}
