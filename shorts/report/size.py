"""``shorts size``: finds what was built, and reports on it."""

import os
from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import pairwise
from pathlib import Path

import msgspec

from shorts.artifact import assemble, plan
from shorts.artifact.content import Content
from shorts.artifact.layered import as_built, function_with_layers
from shorts.artifact.plan import BuildUnit, Options
from shorts.emulator import import_time
from shorts.emulator.import_time import Import
from shorts.errors import ShortsError
from shorts.guest.bytecode import pyc_path
from shorts.model import Application, Function, artifact
from shorts.report import compare, zip_files, zip_report
from shorts.report.import_chains import Reasons
from shorts.report.zip_files import OWN, File
from shorts.report.zip_report import Report, SizeGroup
from shorts.sam.read import read_application
from shorts.slices import record_file
from shorts.slices.zip_format import Entry
from shorts.targets import limits
from shorts.trim import record as trim_record

_BUILD = "Run `shorts build`."
_SLOWEST = 20


class Part(msgspec.Struct, frozen=True, kw_only=True):
    """One built zip to report on.

    Attributes:
        name: the full path of its function or layer.
        zip: its path.
        content: what a build would put into it now, without trimming; None for what SAM builds.
    """

    name: str
    zip: Path
    content: Content | None


def chosen(names: Sequence[str], arguments: Sequence[str]) -> tuple[Application, list[str]]:
    """Return the whole application, and the full paths of what to report on.

    Args:
        names: the logical id of a function or layer; empty for all of them.
        arguments: those of `sam build`.

    Raises:
        ShortsError: SAM refuses the template, or the function does not exist.
    """
    read = read_application([*arguments, *names])
    wanted = [function.full_path for function in read.functions]
    wanted += [layer.full_path for layer in read.layers]
    wanted += read.handed
    # Functions with the same code ship the bytecode that all of them need.
    return read_application(arguments) if names else read, wanted


def parts(
    whole: Application,
    wanted: Sequence[str],
    options: Options,
    say: Callable[[str], None],
) -> tuple[list[Part], list[str]]:
    """Return the zips in the build folder, and a message for each that is missing.

    Args:
        whole: all that a build would build.
        wanted: the full paths of the functions and layers to report on.
        options: how they were built.
        say: called with each step.

    Raises:
        ShortsError: none of them is built.
    """
    build_dir = Path(whole.build_dir)
    every = plan.collect(whole, sdists=options.sdists)
    collected = [unit for unit in every if _has(unit, wanted)]
    gathered = assemble.gather(plan.with_layers(collected, every), options, say)
    by_name = {name: gathered[unit.key] for unit in collected for name in unit.full_paths}
    shared: dict[str, Content] = {}
    parts, missing = [], []
    for name in wanted:
        zipped = build_dir / artifact(name)
        if zipped.is_file():
            content = by_name.get(name)
            if content and content.unit.sharing:
                layered = as_built(content, name, build_dir)
                content = layered.zipped
                shared |= layered.layers
            parts.append(Part(name=name, zip=zipped, content=content))
        elif name in whole.handed and (build_dir / name).exists():
            missing.append(f"{name} is built by SAM and is not a zip.")
        else:
            missing.append(f"{name} is not built: {zipped} does not exist. {_BUILD}")
    parts += [
        Part(name=name, zip=build_dir / artifact(name), content=content)
        for name, content in sorted(shared.items())
    ]
    if not parts:
        raise ShortsError("\n".join(missing) or "The template has no functions that are built.")
    return parts, missing


def _has(unit: BuildUnit, wanted: Iterable[str]) -> bool:
    return not set(unit.full_paths).isdisjoint(wanted)


def examined(part: Part, against: Path | None = None) -> tuple[Report, list[File]]:
    """Report on a zip; also return the files of the zip that it is compared with.

    Args:
        part: the zip.
        against: a former zip.

    Raises:
        ShortsError: its function has changed since, or a zip cannot be read.
    """
    content = part.content
    known: dict[str, str] = {}
    versions: dict[str, str] = {}
    whys: dict[str, str] = {}
    left_out: list[SizeGroup] = []
    candidates: list[SizeGroup] = []
    if content is None:
        files, structure = zip_files.read(part.zip, compare.owner_in(part.zip, {}, OWN), _BUILD)
    else:
        entries = _entries(content)
        known = {path: owner for path, (owner, _) in entries.items()}
        files, structure = zip_files.read(part.zip, lambda path: known.get(path, OWN), _BUILD)
        record = trim_record.record(content.unit)
        left_out = _left_out(part.name, files, entries, content, trimmed=record is not None)
        if record:
            candidates = zip_report.candidates(files, [entry.path for entry in record.untouched])
        slices, unit = content.selection.slices, content.unit
        versions = {slice.index.name: slice.index.version for slice in slices}
        manifest = unit.manifest.path.name if unit.manifest else ""
        whys = Reasons(content.own.modules, unit.handlers, slices).all(manifest)
    change, former = None, list[File]()
    if against is not None:
        known = known or {file.path: file.owner for file in files}
        way_out = "Name a zip that was built before: --against OLD.zip."
        guessed = compare.owner_in(against, known, OWN)
        former, former_structure = zip_files.read(against, guessed, way_out)
        change = compare.compared(
            against,
            {row.name: row.zipped for row in zip_report.rows(former, former_structure, {}, {})},
            {row.name: row.zipped for row in zip_report.rows(files, structure, {}, {})},
            sum(file.unzipped for file in former),
            compare.files(former, files),
        )
    made = Report(
        name=part.name,
        zip=os.path.relpath(part.zip),
        zipped=structure + sum(file.zipped for file in files),
        unzipped=sum(file.unzipped for file in files),
        files=len(files),
        rows=zip_report.rows(files, structure, versions, whys),
        left_out=left_out,
        candidates=candidates,
        change=change,
        contents=files,
    )
    return made, former


def _entries(content: Content) -> dict[str, tuple[str, Entry]]:
    """Return all that a zip may hold, by path, with its owner.

    Trimming replaces a source with its bytecode.
    """
    names = [OWN, *(slice.index.name for slice in content.selection.slices)]
    prefix, minor = content.unit.prefix, content.unit.target.minor
    entries = {entry.path: (names[number], entry) for number, entry in content.everything}
    for path in list(entries):
        pyc = pyc_path(path, minor) if path.endswith(".py") else ""
        if pyc in entries:
            entries.setdefault(f"{path}c", entries[pyc])
    return {prefix + path: entry for path, entry in entries.items()}


def _left_out(
    name: str,
    files: Sequence[File],
    entries: Mapping[str, tuple[str, Entry]],
    content: Content,
    *,
    trimmed: bool,
) -> list[SizeGroup]:
    """Return what trimming and ``Drop`` left out of a zip that is otherwise up to date.

    Raises:
        ShortsError: a build would make another zip now.
    """
    there = {file.path for file in files}
    known = [entries.get(file.path) for file in files]
    changed = [
        file
        for file, entry in zip(files, known, strict=True)
        # A RECORD lists what is in this zip.
        if entry is None or (entry[1].crc != file.crc and not record_file.is_record(entry[1].path))
    ]
    shipped = {entry[1].path for entry in known if entry}
    names = [OWN, *(slice.index.name for slice in content.selection.slices)]
    left = [
        (names[number], entry.size)
        for number, entry in content.picked
        if entry.path not in shipped and content.unit.prefix + entry.path not in there
    ]
    if changed or (left and not (trimmed or content.unit.settings.drop or _is_over(content))):
        raise ShortsError(f"{name} has changed since it was built.\n{_BUILD}")
    return zip_report.size_groups(left)


def _is_over(content: Content) -> bool:
    """Return whether a zip has to do without some of its bytecode."""
    return sum(entry.size for _, entry in content.picked) > limits.UNZIPPED


def imports(
    whole: Application, parts: Iterable[Part]
) -> list[tuple[str, list[tuple[Import, str]]]]:
    """Return the twenty slowest imports of each function's init, each with its import chain.

    Raises:
        ShortsError: none of them is a Python function, or one cannot be imported.
    """
    functions = {function.full_path: function for function in whole.functions}
    build_dir = Path(whole.build_dir)
    imports = [
        (part.name, _imports(part, function_with_layers(functions[part.name], build_dir)))
        for part in parts
        if part.name in functions
    ]
    if not imports:
        raise ShortsError("--imports needs a Python function that shorts builds.")
    return imports


def _imports(part: Part, function: Function) -> list[tuple[Import, str]]:
    content = part.content
    assert content is not None  # SAM builds none of the application's functions
    reasons = Reasons(content.own.modules, content.unit.handlers, content.selection.slices)
    shown = []
    for module in import_time.measured(function, part.zip)[:_SLOWEST]:
        names = [*module.chain, module.name]
        links = [reasons.link(*pair) for pair in pairwise(names)]
        shown.append((module, " → ".join(links)))
    return shown
