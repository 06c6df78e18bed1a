"""Zips of functions with sample events; `verify` runs these."""

import os
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path

import msgspec

from shorts.artifact import sharing, write_zip
from shorts.artifact.content import Content
from shorts.artifact.layout import lay_out
from shorts.artifact.plan import Artifact, TrimmedUnit
from shorts.artifact.trim_rules import Trim
from shorts.artifact.wanted import LAYER_FOLDER
from shorts.emulator import invoke
from shorts.model import Function, artifact
from shorts.remote import Remote
from shorts.system import files
from shorts.trim import record, unpack
from shorts.trim.verify import Verification


def pack(
    content: Content,
    stage: Path,
    layers: Mapping[str, Path],
    report: Callable[[str], None],
    interrupted: threading.Event,
    remote: Remote | None = None,
) -> Artifact:
    """Write one unit's zip, trimmed by its function's events.

    Args:
        content: of the untrimmed zip, of a unit that has events.
        stage: the folder it goes into.
        layers: the zips and folders of the built layers, by their full paths.
        report: receives a line about each step.
        interrupted: once it is set, no more events are run.
        remote: where the record of another machine is looked for, and where this one's goes.

    Raises:
        ShortsError: an event's answer differs on the trimmed artifact, or the zip cannot be made.
    """
    unit = content.unit
    assert isinstance(unit, TrimmedUnit)
    known = record.current(unit, record.digest(content), remote, report)
    if known:
        return write_zip.pack(content, stage, known.trim, known.warnings, known.notes)
    if not content.traced:
        for assumed in unit.function.assumed:
            report(f"note: {unit.function.full_path}: {assumed}")
    with _work_folder(stage, unit.own_key) as work, files.scratch() as scratch:
        functions = _functions(content, unit, layers, work / "layers")
        events = _events(unit)
        verification = Verification(
            content, unit, functions, events, stage, work, scratch, report, interrupted
        )
        made = verification.make()
    record.share(unit, remote)
    return made


def trace(
    content: Content,
    stage: Path,
    layers: Mapping[str, Path],
    report: Callable[[str], None],
    interrupted: threading.Event,
    remote: Remote | None = None,
) -> Trim | None:
    """Return what becomes of the files of a function without shared layers; None for no change.

    The arguments are those of `pack`.

    Raises:
        ShortsError: an event's answer differs without some files.
    """
    assert isinstance(content.unit, TrimmedUnit)
    unit = record.without_layers(content.unit)
    digest = record.digest(content)
    known = record.current(unit, digest, remote, report)
    if known is None:
        with _work_folder(stage, f"{unit.own_key} traced") as work:
            (work / artifact(unit.full_paths[0])).parent.mkdir(parents=True, exist_ok=True)
            alone = msgspec.structs.replace(content, unit=unit)
            pack(alone, work, layers, report, interrupted, remote)
        known = record.record(unit)
    return known.trim if known and known.content == digest else None


@contextmanager
def _work_folder(stage: Path, key: str) -> Iterator[Path]:
    """Make a folder next to another one, and remove it afterwards."""
    work = stage.with_name(f"{stage.name}.{sha256(key.encode()).hexdigest()[:16]}")
    try:
        files.discard(work)
        work.mkdir()
        yield work
    finally:
        files.discard(work)


def _functions(
    content: Content, unit: TrimmedUnit, layers: Mapping[str, Path], folder: Path
) -> tuple[Function, Function]:
    """Return the function of the first run and that of the second, with their layers unpacked."""
    after = sharing.with_layers(unit.function, content.layers)
    after = unpack.with_layers(after, layers, folder)
    if not content.traced:
        return after, after
    held = content.traced.layers
    unpack.lay(held, lay_out(held), folder / "whole" / LAYER_FOLDER)
    number = len(unit.function.layers)
    whole = msgspec.structs.replace(after.layers[number], code_uri=str(folder / "whole"))
    return msgspec.structs.replace(after, layers=[*after.layers[:number], whole]), after


def _events(unit: TrimmedUnit) -> dict[str, bytes]:
    """Return the events' documents by their paths from the template's folder.

    Raises:
        ShortsError: one is not JSON.
    """
    return {
        os.path.relpath(path, unit.function.folder): invoke.checked(content, str(path))
        for path, content in unit.events.items()
    }
