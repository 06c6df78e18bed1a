"""Makes Slices that the store does not have yet."""

import base64
import csv
import hashlib
import os
import re
import stat
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from posixpath import normpath

import msgspec

from shorts.errors import ShortsError
from shorts.remote import Remote
from shorts.requirements.lock_file import Pin
from shorts.requirements.names import normalized
from shorts.slices import record_file, shared
from shorts.slices.compress import compress
from shorts.slices.recipe import Recipe
from shorts.slices.store import Slice, Store
from shorts.system import interpreters, uv
from shorts.system.step import Step
from shorts.targets.limits import DEPTH, UNPACKED

# How uv says that a distribution has a file where another one has a folder: EEXIST, ENOTDIR,
# EISDIR and ENOTEMPTY.
_CLASH = re.compile(r"\(os error (?:17|20|21|39)\)")
# The most bytes of a ``RECORD``, which has a line for each file.
_LONGEST_RECORD = 64_000_000


def ensure(
    store: Store,
    recipes: Sequence[Recipe],
    interpreter: Path | None,
    report: Callable[[str], None],
    remote: Remote | None = None,
) -> dict[str, Slice]:
    """Return every recipe's Slice by its key, and fetch or make those that are missing.

    Args:
        store: where they are looked for and kept.
        recipes: of one target.
        interpreter: of the target's minor version.
        report: called with messages about the progress.
        remote: where missing ones are looked for, and where those that are made go.

    Raises:
        ShortsError: a distribution cannot be installed for the target.
    """
    slices, missing = _look(store, recipes)
    if missing:
        with store.locked([recipe.key for recipe in missing]):
            here, missing = _look(store, missing)
            slices |= here | shared.fetch(store, remote, missing, report)
            missing = [recipe for recipe in missing if recipe.key not in slices]
            for batch in _batches(missing):
                _make(store, batch, interpreter, report)
            slices |= {recipe.key: _made(store, recipe) for recipe in missing}
            shared.share(store, remote, missing)
    return slices


def _look(store: Store, recipes: Iterable[Recipe]) -> tuple[dict[str, Slice], list[Recipe]]:
    slices, missing = {}, []
    for recipe in recipes:
        opened = shared.look(store, recipe)
        if opened is None:
            missing.append(recipe)
        else:
            slices[recipe.key] = opened
    return slices, missing


def _made(store: Store, recipe: Recipe) -> Slice:
    opened = store.get(recipe.key)
    if opened is None:
        raise ShortsError(f"The store at {store.root} does not keep what is written to it.")
    return opened


def _batches(recipes: Iterable[Recipe]) -> list[list[Recipe]]:
    """Return batches that can be installed into one folder: no distribution twice.

    What may be built from its source is a batch of its own.
    """
    batches: list[dict[str, Recipe]] = []
    for recipe in recipes:
        for batch in batches:
            first = next(iter(batch.values()))
            alone = recipe.pin.sdist or first.pin.sdist
            if not alone and recipe.pin.name not in batch and recipe.sources == first.sources:
                batch[recipe.pin.name] = recipe
                break
        else:
            batches.append({recipe.pin.name: recipe})
    return [list(batch.values()) for batch in batches]


def _make(
    store: Store, recipes: list[Recipe], interpreter: Path | None, report: Callable[[str], None]
) -> None:
    names = ", ".join(str(recipe.pin) for recipe in recipes)
    line = f"Packing {names} for {recipes[0].target}"
    report(Step(line))

    def count(done: int, total: int) -> None:
        report(Step(line, done, total))

    try:
        left = _make_together(store, recipes, interpreter, count)
    except ShortsError as error:
        if len(recipes) == 1 or not _CLASH.search(str(error)):
            raise
        left = recipes  # each installs alone, and the choice of entries names the path
    for recipe in left:
        _make_together(store, [recipe], interpreter, count)


def _make_together(
    store: Store,
    recipes: list[Recipe],
    interpreter: Path | None,
    count: Callable[[int, int], None],
) -> list[Recipe]:
    """Install all into one folder, and make the Slices of those that were not overwritten.

    Returns:
        The recipes of the others.
    """
    from shorts.requirements import wheel_hashes

    with store.scratch() as site, ThreadPoolExecutor(1) as executor:
        pins, target = [recipe.pin for recipe in recipes], recipes[0].target
        exact = executor.submit(wheel_hashes.exact, _lines(recipes), pins, target)
        pinned = recipes
        if not target.is_exact:  # of several wheels, uv might take one for a later glibc
            known = exact.result()
            pinned = [
                msgspec.structs.replace(recipe, pin=known[recipe.pin.name]) for recipe in recipes
            ]
        _install(pinned, site, interpreter)

        def hashes() -> dict[str, tuple[str, ...]]:
            return {name: pin.hashes for name, pin in exact.result().items()}

        _check_depth(site, pins)
        owned = _split(site, pins)
        whole = {recipe: owned[recipe.pin.name] for recipe in recipes if recipe.pin.name in owned}
        compress(store, site, interpreter, whole, hashes, count)
    return [recipe for recipe in recipes if recipe not in whole]


def _install(recipes: Sequence[Recipe], site: Path, interpreter: Path | None) -> None:
    """Install the pinned distributions for the target, as wheels if there are any."""
    target = recipes[0].target
    try:
        _uv_install(recipes, site)
    except ShortsError as error:
        if recipes[0].pin.sdist:
            _build(recipes[0], site, interpreter)
            return
        if isinstance(error, uv.Unsolvable):
            raise ShortsError(
                f"Installing for {target} failed: {error}\n{uv.ways_out(error, target)}"
            ) from error
        raise ShortsError(
            f"Installing for {target} into the store at {site.parents[1]} failed: {error}\n"
            "SHORTS_CACHE_DIR moves the store; `shorts lock`, or --upgrade, renews versions and "
            "hashes."
        ) from error


def _build(recipe: Recipe, site: Path, interpreter: Path | None) -> None:
    """Build and install a distribution from its source, with the target's own Python.

    uv caches a built wheel by its source, for all versions of Python: so the cache is off.

    What it compiles is checked like any other library: it has to load on the target.

    Raises:
        ShortsError: it cannot be built.
    """
    pin, target = recipe.pin, recipe.target
    if interpreter is None:
        raise ShortsError(
            f"{pin} has no wheel for {target}, and building it needs Python {target.minor}, which "
            f"was not found.\n{interpreters.how_to_get(target.minor)}"
        )
    try:
        _uv_install([recipe], site, "--no-binary", pin.name, "--no-cache", python=interpreter)
    except ShortsError as error:
        raise ShortsError(
            f"{pin} is not available as a wheel for {target}, and cannot be built: {error}\n"
            f"{uv.NO_BUILD}"
        ) from error


def _uv_install(
    recipes: Sequence[Recipe], site: Path, *more: str, python: Path | None = None
) -> None:
    target = recipes[0].target
    arguments = ["--target", str(site), "--requirements", "-", "--no-deps", "--require-hashes"]
    arguments += ["--only-binary", ":all:", "--python-version", target.version]
    arguments += ["--python-platform", target.platform, *more]
    uv.pip("install", arguments, stdin="".join(_lines(recipes)), python=python)


def _lines(recipes: Sequence[Recipe]) -> list[str]:
    """Return recipes of the same sources as lines of a requirements file."""
    sources = [f"{line}\n" for line in recipes[0].sources]
    return [*sources, *(_line(recipe.pin) for recipe in recipes)]


def _line(pin: Pin) -> str:
    """Return a pin as a line of a requirements file."""
    if pin.wheel is None:
        named = f"{pin.name} @ {pin.url}" if pin.url else str(pin)
        return f"{named} {' '.join(f'--hash={value}' for value in pin.hashes)}\n"
    digest = hashlib.sha256(pin.wheel.read_bytes()).hexdigest()
    return f"{pin.name} @ {pin.wheel.as_uri()} --hash=sha256:{digest}\n"


def _split(site: Path, pins: Sequence[Pin]) -> dict[str, list[str]]:
    """Return the files of each distribution, by its ``RECORD``, as far as they exist.

    A distribution with a file that another one has overwritten is left out: it has to be installed
    alone.

    Raises:
        ShortsError: a distribution left no readable ``RECORD``, or forbidden files.
    """
    infos: dict[str, list[Path]] = defaultdict(list)
    for info in site.glob("*.dist-info"):
        infos[normalized(info.name.rpartition("-")[0].rpartition("-")[0])].append(info)
    records = {pin.name: _record(pin, infos[pin.name]) for pin in pins}
    claims = Counter(path for rows in records.values() for path in rows)
    owned = {}
    for pin in pins:
        rows = records[pin.name]
        files = _files(site, pin, rows)
        if all(claims[path] == 1 or _matches(site / path, rows[path]) for path in files):
            owned[pin.name] = files
    return owned


def _record(pin: Pin, infos: Sequence[Path]) -> dict[str, str]:
    """Return the hash of each file of a distribution, from its ``RECORD``.

    Raises:
        ShortsError: it has no readable ``RECORD``, or one that names files outside site-packages.
    """
    if len(infos) > 1:
        names = " and ".join(sorted(info.name for info in infos))
        raise ShortsError(f"{pin} was installed with {names}; its wheel is broken.")
    try:
        record = infos[0] / "RECORD"
        if record.stat().st_size > _LONGEST_RECORD:
            raise ShortsError(f"{pin} has a RECORD of {record.stat().st_size / 1e6:.0f} MB.")
        with record.open(newline="", encoding="utf-8") as file:
            rows = record_file.rows(file.read())
    except (IndexError, FileNotFoundError) as error:
        raise ShortsError(f"{pin} was installed without a RECORD; its wheel is broken.") from error
    except (OSError, ValueError, csv.Error) as error:
        raise ShortsError(f"The RECORD of {pin} cannot be read: {error}.") from error
    for row in rows:
        if row[0].startswith("/") or ".." in row[0].split("/") or "\\" in row[0]:
            raise ShortsError(f"{pin} holds a file outside site-packages: {row[0]!r}.")
    return {normpath(row[0]): "".join(row[1:2]) for row in rows}


def _files(site: Path, pin: Pin, paths: Iterable[str]) -> list[str]:
    """Return those of some paths that are files, sorted.

    Raises:
        ShortsError: together they are too large.
    """
    kept, size = [], 0
    for path in sorted(paths):
        with suppress(OSError, ValueError):  # what is there counts, not what a RECORD says
            status = (site / path).lstat()
            if not stat.S_ISDIR(status.st_mode):
                kept.append(path)
                size += status.st_size
    if size > UNPACKED:
        raise ShortsError(
            f"{pin} unpacks to {size / 1e9:.1f} GB; the limit is {UNPACKED / 1e9:.1f} GB.\n"
            "Leave it out of the requirements, or pin another version."
        )
    return kept


def _check_depth(site: Path, pins: Sequence[Pin]) -> None:
    """Refuse folders that are deeper than the functions that walk through folders can go.

    Raises:
        ShortsError: there are some; they are removed, because nothing else would remove them.
    """
    folders = [(site, 0)]
    for folder, depth in folders:
        with os.scandir(folder) as entries:
            below = (entry.path for entry in entries if entry.is_dir(follow_symlinks=False))
            folders += [(Path(path), depth + 1) for path in below]
    if folders[-1][1] > DEPTH:
        for folder, _ in reversed(folders[1:]):
            for file in folder.iterdir():
                file.unlink()
            folder.rmdir()
        raise ShortsError(
            f"{' or '.join(map(str, pins))} holds folders more than {DEPTH} deep, in "
            f"{folders[-1][0].relative_to(site).parts[0]!r}.\n"
            "Leave it out of the requirements, or pin another version."
        )


def _matches(path: Path, digest: str) -> bool:
    """Return whether a file has its hash in a ``RECORD``; False for an unusable hash."""
    algorithm, _, expected = digest.partition("=")
    try:
        is_digest = hashlib.new(algorithm, path.read_bytes()).digest()
    except (ValueError, TypeError):  # an unknown algorithm, or one with digests of any length
        return False
    return base64.urlsafe_b64encode(is_digest).decode().rstrip("=") == expected
