"""One unit's zip: its Slices and its own code, merged."""

import os
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

from shorts import archive, inference, interpreters, lock, slices
from shorts.application import MEMORY, artifact
from shorts.archive import Entry
from shorts.bytecode import pyc_path
from shorts.compiler import Module
from shorts.errors import ShortsError
from shorts.press import Job, Pressed, cores, run
from shorts.store import Slice, Store
from shorts.target import Target
from shorts.units import Artifact, Options, Unit

__all__ = ["Packer", "cores"]

# A function's code, unpacked, with its layers, in bytes.
# https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html
UNZIPPED_LIMIT = 250 * 1024 * 1024
# What two distributions may both ship with different content.
_LICENCES = ("LICENSE", "LICENCE", "COPYING", "NOTICE", "README", "AUTHORS", "CHANGELOG")


class Packer:
    """Makes zips for several units, with what they share found once.

    Args:
        units: all that will be packed.
        stage: the folder that their zips go into.
        options: how to build.
        report: told what is being done.

    Raises:
        ShortsError: requirements cannot be resolved or installed.
    """

    def __init__(
        self,
        units: Sequence[Unit],
        stage: Path,
        options: Options,
        report: Callable[[str], None],
    ) -> None:
        self._stage = stage
        self._store = Store.default()
        self._warnings: dict[Target, list[str]] = defaultdict(list)
        self._interpreters = {unit.target: self._interpreter(unit.target) for unit in units}
        self._pins = {
            unit.key: lock.pins(
                unit.manifest,
                unit.target,
                self._store,
                kept=MEMORY / "locks",
                upgrade=options.upgrade,
            )
            if unit.manifest
            else []
            for unit in units
        }
        self._slices: dict[str, Slice] = {}
        for target, interpreter in self._interpreters.items():
            recipes = {
                recipe.key: recipe
                for unit in units
                if unit.target == target
                for recipe in self._recipes(unit)
            }
            made = slices.ensure(self._store, list(recipes.values()), interpreter, report)
            self._slices |= made
        for key in self._store.damaged:
            report(f"warning: {key} in the store was damaged and has been made again")
        self._own = self._press_own(units)

    def pack(self, unit: Unit) -> Artifact:
        """Write one unit's zip.

        Raises:
            ShortsError: it would pass Lambda's limit, or two distributions disagree about a file.
        """
        own_entries, own_blob, own_modules = self._own[unit.key]
        chosen = [self._slices[recipe.key] for recipe in self._recipes(unit)]
        picked = _picked(unit, own_entries, own_modules, chosen)
        unzipped = sum(entry.size for _, entry in picked)
        if unzipped > UNZIPPED_LIMIT:
            raise ShortsError(_too_large(unit, picked, chosen, unzipped))
        plan = archive.plan(picked)
        path = self._stage / artifact(unit.functions[0].full_path)
        with path.open("wb") as file:
            file.writelines(archive.merged([own_blob, *(one.data for one in chosen)], plan))
        warnings = list(self._warnings[unit.target])
        for one in chosen:
            warnings += one.index.warnings
        return Artifact(
            key=unit.key,
            size=plan.size,
            unzipped=unzipped,
            files=len(picked),
            stamp=path.stat().st_mtime_ns,
            warnings=warnings,
            fresh=True,
        )

    def _interpreter(self, target: Target) -> Path | None:
        found = interpreters.find(target.minor)
        if found is None:
            self._warnings[target].append(
                f"no Python {target.minor} was found, so the zip holds sources alone: every cold "
                f"start compiles them again. {interpreters.how_to_get(target.minor)}"
            )
        return found

    def _recipes(self, unit: Unit) -> list[slices.Recipe]:
        compiled = self._interpreters[unit.target] is not None
        return [
            slices.Recipe(pin=pin, target=unit.target, compiled=compiled)
            for pin in self._pins[unit.key]
        ]

    def _press_own(
        self, units: Sequence[Unit]
    ) -> dict[str, tuple[list[Entry], bytes, dict[str, Module]]]:
        """Compile and compress the units' own code, with one set of workers a target."""
        done = {}
        for target, interpreter in self._interpreters.items():
            mine = [unit for unit in units if unit.target == target]
            jobs = [
                Job(
                    owner=unit.key,
                    file=os.path.join(unit.tree.root, file.path),
                    path=file.path,
                    size=len(file.content),
                    own=True,
                )
                for unit in mine
                for file in unit.tree.files
            ]
            pressed = {unit.key: Pressed() for unit in mine}
            run(jobs, pressed, interpreter, target.minor)
            for unit in mine:
                heap = pressed[unit.key]
                done[unit.key] = (*archive.join(heap.packed), heap.modules)
        return done


def _picked(
    unit: Unit,
    own_entries: Iterable[Entry],
    own_modules: dict[str, Module],
    chosen: Sequence[Slice],
) -> list[tuple[int, Entry]]:
    """What goes into the zip, each with the number of its blob: 0 is the function's own.

    The function's own file wins over a distribution's, as it does on SAM's copy. Bytecode goes
    along for the modules that an import statement can reach.
    """
    modules = dict(own_modules)
    for one in chosen:
        for path, module in one.index.modules.items():
            modules.setdefault(path, module)
    reached, _ = inference.Graph(modules).reached(
        root for function in unit.functions for root in _roots(function.handler)
    )
    minor = unit.target.minor
    unreached = {pyc_path(path, minor) for path in modules.keys() - reached if path.endswith(".py")}
    picked: dict[str, tuple[int, Entry]] = {entry.path: (0, entry) for entry in own_entries}
    for number, one in enumerate(chosen, start=1):
        for entry in one.index.entries:
            if entry.path in unreached:
                continue
            before = picked.setdefault(entry.path, (number, entry))
            if before[0] not in (0, number):
                _check_same(entry, one, before[1], chosen[before[0] - 1])
    return [item for item in picked.values() if item[1].path not in unreached]


def _roots(handler: str) -> list[str]:
    """The modules that the runtime imports for a handler such as ``src/app.handler``."""
    return [handler.rpartition(".")[0].replace("/", ".")]


def _check_same(entry: Entry, one: Slice, other_entry: Entry, other: Slice) -> None:
    """Two distributions may ship the same path if it is the same file, or only a licence.

    Raises:
        ShortsError: the contents differ.
    """
    name = entry.path.rpartition("/")[2].upper()
    mine = one.data[entry.offset : entry.end]
    if mine != other.data[other_entry.offset : other_entry.end] and not name.startswith(_LICENCES):
        raise ShortsError(
            f"{one.index.name} and {other.index.name} both install {entry.path}, with different "
            "content.\nRemove one of them from the requirements."
        )


def _too_large(
    unit: Unit, picked: Iterable[tuple[int, Entry]], chosen: Sequence[Slice], unzipped: int
) -> str:
    sizes: dict[int, int] = defaultdict(int)
    for number, entry in picked:
        sizes[number] += entry.size
    largest = sorted(sizes.items(), key=lambda item: -item[1])[:10]
    names = ["its own code", *(f"{one.index.name} {one.index.version}" for one in chosen)]
    listed = ", ".join(f"{names[number]} {size / 1e6:.1f} MB" for number, size in largest)
    return (
        f"{unit.functions[0].full_path} is {unzipped / 1e6:.1f} MB unzipped; Lambda takes "
        f"{UNZIPPED_LIMIT / 1e6:.1f} MB.\nThe largest parts: {listed}.\n"
        "Leave out what it does not use, or package it as an image."
    )
