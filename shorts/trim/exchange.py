"""What an application shares through a remote: fill the remote, take from it, check it."""

import random
import tempfile
from collections.abc import Callable, Iterator, Sequence
from itertools import groupby
from pathlib import Path

import msgspec

from shorts.artifact import plan
from shorts.artifact.plan import Options, TrimmedUnit
from shorts.artifact.recipes import recipes_of
from shorts.errors import ShortsError
from shorts.model import Application
from shorts.remote import Remote, named
from shorts.remote.address import FORMS, VARIABLE
from shorts.slices import make, shared
from shorts.slices.recipe import Recipe
from shorts.slices.store import Store
from shorts.system import interpreters
from shorts.targets.target import Target
from shorts.trim import record

Report = Callable[[str], None]


class Moved(msgspec.Struct, frozen=True, kw_only=True):
    """How many objects an application could share, and how many were moved now."""

    of: int
    moved: int


class _Parts:
    """What an application takes from a store, and could share."""

    def __init__(self, application: Application, options: Options) -> None:
        self.units = plan.collect(application, sdists=options.sdists)
        self.pythons: dict[Target, Path | None] = {
            target: interpreters.find(target.minor)
            for target in {unit.target: None for unit in self.units}
        }
        self.store = Store.default()
        recipes = recipes_of(self.units, self.pythons, self.store, options)
        by_key = {recipe.key: recipe for some in recipes.values() for recipe in some}
        self.recipes = [*by_key.values()]

    def trimmed(self) -> Iterator[TrimmedUnit]:
        """Yield the units that have a record, or could have one."""
        for unit in self.units:
            if isinstance(unit, TrimmedUnit):
                yield unit
                if unit.sharing and unit.sharing.trim:
                    yield record.without_layers(unit)


def connected(application: Application) -> Remote:
    """Return the remote of an application.

    Raises:
        ShortsError: it has none, or it cannot be used.
    """
    remote = named(application.remote)
    if remote is None:
        raise ShortsError(f"{VARIABLE} names no remote, and neither does the template.\n{FORMS}")
    return remote.require()


def push(application: Application, options: Options, remote: Remote, report: Report) -> Moved:
    """Upload an application's Slices and proofs that are on this machine and not in the remote.

    Objects that are there already are read, so that invalid ones are replaced.

    Raises:
        ShortsError: the remote cannot be used, or takes nothing from this machine.
    """
    if not remote.can_write:
        raise ShortsError(
            "SHORTS_REMOTE_SIGNING_KEY is not set, so nothing can be uploaded.\n"
            "`shorts cache keygen` makes a pair of keys."
        )
    parts = _Parts(application, options)
    wholes = (msgspec.structs.replace(recipe, kind="whole") for recipe in parts.recipes)
    slices = {
        recipe.key: recipe
        for recipe in (*parts.recipes, *wholes)
        if recipe.is_shared and parts.store.get(recipe.key) is not None
    }
    proofs = {
        record.shared_name(unit, kept.content): unit
        for unit in parts.trimmed()
        if (kept := record.record(unit)) and kept.steady
    }
    valid = _valid(remote, shared.KIND, [*slices], report)
    shared.share(parts.store, remote, [slice for key, slice in slices.items() if key not in valid])
    valid = _valid(remote, record.KIND, [*proofs], report)
    for name, unit in proofs.items():
        if name not in valid:
            record.share(unit, remote)
    return Moved(of=len(slices) + len(proofs), moved=remote.close())


def pull(application: Application, options: Options, remote: Remote, report: Report) -> Moved:
    """Fetch an application's Slices and proofs that are in the remote and not on this machine.

    Raises:
        ShortsError: the remote cannot be used.
    """
    parts = _Parts(application, options)
    missing = [recipe for recipe in parts.recipes if shared.look(parts.store, recipe) is None]
    moved = len(shared.fetch(parts.store, remote, missing, report))
    lacking = [unit for unit in parts.trimmed() if record.record(unit) is None]
    for unit in lacking:
        prefix = record.shared_prefix(unit)
        for listed in remote.list(record.KIND, prefix):
            content = listed.name.removeprefix(prefix)
            moved += record.fetch(unit, content, remote, report) is not None
    remote.close()
    return Moved(of=len(missing) + len(lacking), moved=moved)


def verify(
    application: Application, options: Options, count: int, remote: Remote, report: Report
) -> tuple[int, list[str]]:
    """Make some of an application's Slices again, and compare them with those in the remote.

    Args:
        application: takes the Slices.
        options: how to build.
        count: how many Slices; they are chosen at random.
        remote: holds them.
        report: receives a line about each step.

    Returns:
        How many were compared, and the names of those that differ.

    Raises:
        ShortsError: the remote cannot be used, or a Slice cannot be made.
    """
    parts = _Parts(application, options)
    there = {listed.name for listed in remote.list(shared.KIND)}
    known = [recipe for recipe in parts.recipes if recipe.is_shared and recipe.key in there]
    chosen = random.sample(known, min(count, len(known)))
    fetched: dict[str, bytes] = {}

    def take(wanted: str, name: str, content: bytes) -> None:
        fetched[name] = content

    remote.fetch(shared.KIND, {recipe.key: [recipe.key] for recipe in chosen}, take, report)
    chosen = sorted((recipe for recipe in chosen if recipe.key in fetched), key=_target)
    with tempfile.TemporaryDirectory(prefix="shorts-", ignore_cleanup_errors=True) as folder:
        store = Store(Path(folder, "store"))
        for _, some in groupby(chosen, key=_target):
            batch = [*some]
            make.ensure(store, batch, parts.pythons[batch[0].target], report)
        different = [
            recipe.key for recipe in chosen if store.packed(recipe.key) != fetched[recipe.key]
        ]
    return len(chosen), different


def _target(recipe: Recipe) -> str:
    return str(recipe.target)


def _valid(remote: Remote, kind: str, names: Sequence[str], report: Report) -> set[str]:
    """Return those of some objects that the remote has, and that are valid."""
    there = {listed.name for listed in remote.list(kind)}
    valid: set[str] = set()

    def take(wanted: str, name: str, content: bytes) -> None:
        valid.add(name)

    remote.fetch(kind, {name: [name] for name in names if name in there}, take, report)
    return valid
