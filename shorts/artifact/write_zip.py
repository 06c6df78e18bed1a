"""Each unit's zip: its Slices and its own code, merged."""

import os
from collections import defaultdict
from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from hashlib import sha256
from pathlib import Path

from shorts.artifact import sidecars, size_limit, trim_rules
from shorts.artifact.content import OWN, Content
from shorts.artifact.layout import dropped, lay_out
from shorts.artifact.plan import Artifact, BuildUnit
from shorts.artifact.trim_rules import Trim
from shorts.errors import ShortsError
from shorts.model import artifact
from shorts.slices import zip_format
from shorts.slices.store import Slice
from shorts.slices.zip_format import Entry
from shorts.targets import limits, loadable


def untrimmed(content: Content, stage: Path) -> Artifact:
    """Write the zip of a unit that no sample events trim.

    Raises:
        ShortsError: it would exceed Lambda's limit, or the target cannot load a file.
    """
    settings, name = content.unit.settings, content.unit.full_paths[0]
    lasting = []
    if settings.events:
        lasting.append(f"{name} has `Slim: false`, so its sample events trim nothing.")
    trim = dropped(content)
    if trim:
        paths = [entry.path for _, entry in content.picked]
        lasting += trim_rules.warnings(trim, name, settings.keep, paths)
    return pack(content, stage, trim, lasting=lasting)


def pack(
    content: Content,
    stage: Path,
    trim: Trim | None = None,
    warnings: Iterable[str] = (),
    notes: Iterable[str] = (),
    lasting: Iterable[str] = (),
) -> Artifact:
    """Write one unit's zip, and next to it what it was made of.

    Args:
        content: of the zip.
        stage: the folder it goes into.
        trim: what of it ships, if not all.
        warnings: more warnings than those of the content.
        notes: what makes it hard to know what it needs.
        lasting: warnings that the same input always gives.

    Raises:
        ShortsError: it would exceed Lambda's limit, or the target cannot load a file.
    """
    unit, slices = content.unit, content.selection.slices
    layout = lay_out(content, trim)
    faults = [*content.faults(layout.picked)]
    if faults:
        raise ShortsError(_not_loadable(unit, faults))
    picked = size_limit.fitted(content, layout.picked)
    unzipped = sum(entry.size for _, entry in picked)
    if unzipped > limits.UNZIPPED:
        raise ShortsError(_too_large(unit, picked, slices, unzipped))
    gone = len(layout.picked) - len(picked)
    lasting = [*content.lasting, *lasting]
    if gone:
        lasting.append(_without_bytecode(content, gone))
    plan = zip_format.plan(picked, unit.prefix, layout.moved)
    path = stage / artifact(unit.full_paths[0])
    digest = sha256()
    with path.open("wb", buffering=0) as file, ThreadPoolExecutor(1) as executor:
        for piece in zip_format.merged(layout.blobs, plan):
            executor.submit(digest.update, piece)
            _write(file.fileno(), piece)
    made = Artifact(
        key=unit.key,
        size=plan.size,
        unzipped=unzipped,
        files=len(picked),
        stamp=path.stat().st_mtime_ns,
        warnings=[*content.warnings, *warnings],
        fresh=True,
        notes=[*notes],
        lasting=lasting,
        left_out=_left_out(content),
        layers=[*content.layers],
        digest=digest.hexdigest(),
    )
    sidecars.write(content, picked, trim, made, digest.hexdigest(), stage)
    return made


def _left_out(content: Content) -> dict[str, list[str]]:
    """Return the distributions that have left-out files, by the reason."""
    by_rule: dict[str, set[str]] = defaultdict(set)
    for slice in content.selection.slices:
        for path, rule in slice.index.left_out.items():
            if path not in content.wanted:
                by_rule[rule].add(slice.index.name)
    return {rule: sorted(names) for rule, names in sorted(by_rule.items())}


def _write(descriptor: int, data: bytes | memoryview) -> None:
    view = memoryview(data)
    while view:
        view = view[os.write(descriptor, view) :]


def _too_large(
    unit: BuildUnit, picked: Iterable[tuple[int, Entry]], chosen: Sequence[Slice], unzipped: int
) -> str:
    sizes: dict[int, int] = defaultdict(int)
    for number, entry in picked:
        sizes[number if number <= len(chosen) else 0] += entry.size
    largest = sorted(sizes.items(), key=lambda item: -item[1])[:10]
    names = [OWN, *(f"{slice.index.name} {slice.index.version}" for slice in chosen)]
    listed = ", ".join(f"{names[number]} {size / 1e6:.1f} MB" for number, size in largest)
    return (
        f"{unit.full_paths[0]} is {unzipped / 1e6:.1f} MB unzipped; Lambda takes "
        f"{limits.UNZIPPED / 1e6:.1f} MB.\nThe largest parts: {listed}.\n"
        "Leave out what it does not use, or package it as an image."
    )


def _without_bytecode(content: Content, count: int) -> str:
    layers = "its layers and " if content.held else ""
    return (
        f"{content.unit.full_paths[0]} is over {limits.UNZIPPED / 1e6:.1f} MB unzipped with "
        f"{layers}all its bytecode, so {count:,} modules ship without: those farthest from the "
        "handler, the largest first. What a cold start imports of them is compiled each time."
    )


def _not_loadable(unit: BuildUnit, faults: Sequence[tuple[str, str, str]]) -> str:
    named = [f"{path} of {owner} {why}" for owner, path, why in faults]
    way_out = "Build it for the target, or leave it out"
    if any(owner != OWN for owner, _, _ in faults):
        way_out = "A wheel's name may promise what it does not hold: ask for another version of it"
    refusal = loadable.refusal(unit.full_paths[0], unit.target, named)
    return f"{refusal}\n{way_out}, or `Drop` what nothing loads."
