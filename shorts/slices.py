"""Making the Slices that the store does not have yet."""

import base64
import csv
import hashlib
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import msgspec

from shorts import RULES, interpreters, uv, wheels
from shorts.errors import ShortsError
from shorts.lock import Pin
from shorts.names import normalized
from shorts.press import press
from shorts.store import FORMAT, Slice, Store
from shorts.target import Target

# The tags of a wheel that runs wherever Python does.
_PURE = frozenset(("py2-none-any", "py3-none-any"))


class Recipe(msgspec.Struct, frozen=True, kw_only=True):
    """All that a Slice's bytes depend on, known before any work.

    Attributes:
        pin: the distribution.
        target: where it will run.
        compiled: whether an interpreter of the target's minor version is at hand.
        whole: whether tests are kept that nothing in the distribution imports.
        sources: the lines of the requirements that say where wheels are; no part of the key.
    """

    pin: Pin
    target: Target
    compiled: bool
    whole: bool = False
    sources: tuple[str, ...] = ()

    @property
    def key(self) -> str:
        """The Slice's name in the store: readable, then unique."""
        pin = (self.pin.name, self.pin.version, self.pin.hashes)
        rules = (FORMAT, RULES)
        depends = [rules, pin, self.target, self.compiled, self.whole]
        if self.pin.sdist:
            depends.append("sdist")
        said = hashlib.sha256(msgspec.json.encode(depends)).hexdigest()
        return f"{self.pin.name}-{self.pin.version}-{said[:40]}"


def ensure(
    store: Store,
    recipes: Sequence[Recipe],
    interpreter: Path | None,
    report: Callable[[str], None],
) -> dict[str, Slice]:
    """Every recipe's Slice by its key, made where it is missing.

    Args:
        store: where they are looked for and kept.
        recipes: of one target.
        interpreter: of the target's minor version.
        report: told what is being done.

    Raises:
        ShortsError: a distribution cannot be installed for the target.
    """
    found, missing = _look(store, recipes)
    if missing:
        with store.locked([recipe.key for recipe in missing]):
            here, missing = _look(store, missing)
            found |= here
            for batch in _batches(missing):
                _make(store, batch, interpreter, report)
            found |= {recipe.key: _made(store, recipe) for recipe in missing}
    return found


def _look(store: Store, recipes: Iterable[Recipe]) -> tuple[dict[str, Slice], list[Recipe]]:
    found, missing = {}, []
    for recipe in recipes:
        opened = store.get(recipe.key)
        if opened is None:
            missing.append(recipe)
        else:
            found[recipe.key] = opened
    return found, missing


def _made(store: Store, recipe: Recipe) -> Slice:
    opened = store.get(recipe.key)
    if opened is None:
        raise ShortsError(f"The store at {store.root} does not keep what is written to it.")
    return opened


def _batches(recipes: Iterable[Recipe]) -> list[list[Recipe]]:
    """Sets that can be installed into one folder: no distribution twice.

    What may be built from its source is a set of its own.
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
    report(f"Packing {names} for {recipes[0].target}")
    left = _make_together(store, recipes, interpreter)
    for recipe in left:
        _make_together(store, [recipe], interpreter)


def _make_together(store: Store, recipes: list[Recipe], interpreter: Path | None) -> list[Recipe]:
    """Install all into one folder, and make the Slices of those that no other has overwritten.

    Returns:
        The others.
    """
    with store.scratch() as site, ThreadPoolExecutor(1) as aside:
        _install(recipes, site, interpreter)
        pins = [recipe.pin for recipe in recipes]
        hashes = aside.submit(wheels.hashes, _lines(recipes), pins, recipes[0].target, site)
        owned = _split(site, pins)
        mine = {recipe: owned[recipe.pin.name] for recipe in recipes if recipe.pin.name in owned}
        press(store, site, interpreter, mine, hashes.result)
    return [recipe for recipe in recipes if recipe not in mine]


def _install(recipes: Sequence[Recipe], site: Path, interpreter: Path | None) -> None:
    """Have uv install for the target exactly what the lock has hashes of, wheels if there are."""
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
    """Have uv build and install a distribution from its source, with the target's own Python.

    A wheel that uv has built it keeps by the source's file, whatever Python built it: hence nothing
    of what was kept.

    Raises:
        ShortsError: it cannot be built, or what was built does not run anywhere.
    """
    pin, target = recipe.pin, recipe.target
    if interpreter is None:
        raise ShortsError(
            f"{pin} has no wheel for {target}, and to build it takes Python {target.minor}, which "
            f"was not found.\n{interpreters.how_to_get(target.minor)}"
        )
    try:
        _uv_install([recipe], site, "--no-binary", pin.name, "--no-cache", python=interpreter)
    except ShortsError as error:
        raise ShortsError(
            f"{pin} is not to be had as a wheel for {target}, and cannot be built: {error}\n"
            f"{uv.NO_BUILD}"
        ) from error
    (said,) = site.glob("*.dist-info/WHEEL")
    lines = said.read_text(encoding="utf-8").splitlines()
    tags = {line.partition(":")[2].strip() for line in lines if line.startswith("Tag:")}
    if "py3-none-any" not in tags or not tags <= _PURE:
        raise ShortsError(
            f"{pin} has no wheel for {target}, and its source builds one for this machine alone, "
            f"{' '.join(sorted(tags))}; only pure Python can be built for another.\n{uv.NO_BUILD}"
        )


def _uv_install(
    recipes: Sequence[Recipe], site: Path, *more: str, python: Path | None = None
) -> None:
    target = recipes[0].target
    arguments = ["--target", str(site), "--requirements", "-", "--no-deps", "--require-hashes"]
    arguments += ["--only-binary", ":all:", "--python-version", target.minor]
    arguments += ["--python-platform", target.platform, *more]
    uv.pip("install", arguments, stdin="".join(_lines(recipes)), python=python)


def _lines(recipes: Sequence[Recipe]) -> list[str]:
    """Recipes of the same sources as lines of a requirements file."""
    sources = [f"{line}\n" for line in recipes[0].sources]
    return [*sources, *(_line(recipe.pin) for recipe in recipes)]


def _line(pin: Pin) -> str:
    """A pin as a line of a requirements file."""
    if pin.wheel is None:
        named = f"{pin.name} @ {pin.url}" if pin.url else str(pin)
        return f"{named} {' '.join(f'--hash={value}' for value in pin.hashes)}\n"
    digest = hashlib.sha256(pin.wheel.read_bytes()).hexdigest()
    return f"{pin.name} @ {pin.wheel.as_uri()} --hash=sha256:{digest}\n"


def _split(site: Path, pins: Sequence[Pin]) -> dict[str, list[str]]:
    """The files of each distribution, by its ``RECORD``.

    A distribution one of whose files another has overwritten is not in the answer: it has to be
    installed alone.

    Raises:
        ShortsError: a distribution left no ``RECORD``.
    """
    records = {}
    for info in site.glob("*.dist-info"):
        name = normalized(info.name.rpartition("-")[0].rpartition("-")[0])
        with (info / "RECORD").open(newline="", encoding="utf-8") as file:
            records[name] = [(row[0], row[1]) for row in csv.reader(file) if row]
    claims: dict[str, set[str]] = defaultdict(set)
    for rows in records.values():
        for path, digest in rows:
            claims[path].add(digest)
    owned = {}
    for pin in pins:
        if pin.name not in records:
            raise ShortsError(f"{pin} was installed without a RECORD; its wheel is broken.")
        rows = records[pin.name]
        for path, _ in rows:
            if path.startswith("/") or ".." in path.split("/") or "\\" in path:
                raise ShortsError(f"{pin} holds a file outside site-packages: {path!r}.")
        if all(len(claims[path]) == 1 or _matches(site / path, digest) for path, digest in rows):
            owned[pin.name] = sorted({path for path, _ in rows})
    return owned


def _matches(path: Path, digest: str) -> bool:
    algorithm, _, said = digest.partition("=")
    is_digest = hashlib.new(algorithm or "sha256", path.read_bytes()).digest()
    return base64.urlsafe_b64encode(is_digest).decode().rstrip("=") == said
