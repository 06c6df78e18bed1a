"""The files next to a zip in the build folder: its bill of materials and its manifest."""

import os
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from hashlib import sha256
from pathlib import Path

import msgspec

from shorts.artifact import manifest as manifest_file
from shorts.artifact import sbom
from shorts.artifact.content import Content
from shorts.artifact.manifest import Bytecode, Distribution, Inputs, Manifest, Omission, System, Zip
from shorts.artifact.plan import Artifact, BuildUnit, TrimmedUnit, sidecar_names
from shorts.artifact.sbom import Component
from shorts.artifact.trim_rules import Trim, matches
from shorts.model import artifact
from shorts.requirements import core_metadata
from shorts.requirements.manifest import Requirements
from shorts.slices import slim, zip_format
from shorts.slices.zip_format import Entry

# The bytes that bytecode begins with.
# https://docs.python.org/3/library/importlib.html#importlib.util.MAGIC_NUMBER
_MAGIC = 4


def write(
    content: Content,
    shipped: Sequence[tuple[int, Entry]],
    trim: Trim | None,
    made: Artifact,
    digest: str,
    stage: Path,
) -> None:
    """Write both files for the first function or layer that a zip serves.

    `finish` makes those of the others, and writes which template they lie next to.

    Args:
        content: of the zip without trimming.
        shipped: the zip's entries.
        trim: why other entries do not ship, if the zip is trimmed.
        made: the zip's figures.
        digest: its SHA-256, hexadecimal.
        stage: the folder that it lies in.
    """
    unit, target = content.unit, content.unit.target
    full_path = unit.full_paths[0]
    bill, manifest_name = sidecar_names(full_path)
    distributions = components(content, shipped)
    kind = "library" if unit.handlers is None else "application"
    properties = {
        "shorts:runtime": target.runtime,
        "shorts:architecture": target.architecture,
        "shorts:code": f"sha256:{unit.tree.digest}",
    }
    manifest = Manifest(
        name=full_path,
        zip=Zip(
            path=artifact(full_path),
            sha256=digest,
            size=made.size,
            unzipped=made.unzipped,
            files=made.files,
        ),
        target=System(
            runtime=target.runtime,
            architecture=target.architecture,
            glibc=".".join(map(str, target.glibc)),
        ),
        bytecode=_bytecode(content, shipped),
        inputs=_inputs(unit, distributions),
        left_out=_left_out(content, shipped, trim),
    )
    (stage / bill).write_bytes(sbom.document(full_path, kind, digest, distributions, properties))
    (stage / manifest_name).write_bytes(manifest_file.encode(manifest))


def finish(
    source: Path,
    known: str,
    stage: Path,
    full_path: str,
    templates: Mapping[str, str],
    stamp: int,
) -> None:
    """Write both files of a zip into a folder, for a function or layer that it serves.

    They get the zip's modification time, so that a later build sees that they are unchanged.

    Args:
        source: the folder that they lie in.
        known: the full path that they belong to there.
        stage: the folder that they go into.
        full_path: of the function or layer that they are for.
        templates: the built templates' texts by their paths in it.
        stamp: the zip's modification time in ns.
    """
    place = str(Path(full_path).with_name("template.yaml"))
    template = manifest_file.File(path=place, sha256=_digest(templates[place].encode()))
    bill, manifest_data = ((source / name).read_bytes() for name in sidecar_names(known))
    if full_path != known:
        bill = sbom.renamed(bill, full_path)
    manifest_data = manifest_file.placed(manifest_data, full_path, artifact(full_path), template)
    for name, data in zip(sidecar_names(full_path), (bill, manifest_data), strict=True):
        (stage / name).write_bytes(data)
        os.utime(stage / name, ns=(stamp, stamp))


def components(content: Content, shipped: Iterable[tuple[int, Entry]]) -> list[Component]:
    """Return the distributions that have files in a zip, sorted by name.

    Distributions in the function's own code count as well, if they have metadata.
    """
    unit = content.unit
    there: dict[int, list[Entry]] = defaultdict(list)
    for number, entry in shipped:
        there[number].append(entry)
    tops: dict[str, list[Entry]] = defaultdict(list)
    for entry in there[0]:
        tops[_top(unit, entry)].append(entry)
    components = [
        _own(content, entry, tops[_top(unit, entry)])
        for entry in there[0]
        if _is_metadata(unit, entry)
    ]
    for number, slice in enumerate(content.selection.slices, start=1):
        if number in there:
            about = slice.index.metadata
            components.append(
                Component(
                    name=slice.index.name,
                    version=slice.index.version,
                    hashes=slice.index.hashes,
                    expression=about.expression,
                    licences=about.licences,
                    files=_licences(unit, there[number]),
                    requires=about.requires,
                    overridden=[
                        f"{lap.package or path} by {lap.winner}"
                        for lap in content.selection.overlaps
                        if lap.loser == slice.index.name and lap.matters
                        for path in (lap.paths[:1] if lap.package else lap.paths)
                    ],
                )
            )
    # Of two, the one that the lock knows.
    named = {component.name: component for component in components}
    return sorted(named.values(), key=lambda component: component.name)


def _is_metadata(unit: BuildUnit, entry: Entry) -> bool:
    path = entry.path
    return path.startswith(unit.folder) and core_metadata.is_metadata(path[len(unit.folder) :])


def _top(unit: BuildUnit, entry: Entry) -> str:
    """Return the first folder of an entry's path below the own code's folder."""
    return entry.path[len(unit.folder) :].partition("/")[0]


def _own(content: Content, entry: Entry, others: Iterable[Entry]) -> Component:
    """Return a distribution that the function's own code holds.

    Args:
        content: of the zip.
        entry: its metadata.
        others: the files of its metadata folder.
    """
    unit, folder = content.unit, entry.path.removesuffix("METADATA")
    about = core_metadata.read(zip_format.content(content.own.blob, entry), unit.target)
    name, _, version = folder.removesuffix(".dist-info/").rpartition("/")[2].partition("-")
    return Component(
        name=about.name or name.lower(),
        version=about.version or version,
        expression=about.expression,
        licences=about.licences,
        files=_licences(unit, others),
        requires=about.requires,
    )


def _licences(unit: BuildUnit, entries: Iterable[Entry]) -> list[str]:
    return sorted(
        unit.prefix + entry.path
        for entry in entries
        if slim.is_licence(entry.path.removeprefix(unit.folder))
    )


def _bytecode(content: Content, shipped: Iterable[tuple[int, Entry]]) -> Bytecode:
    compiled = [(number, entry) for number, entry in shipped if entry.path.endswith(".pyc")]
    if not compiled:
        return Bytecode()
    number, entry = compiled[0]
    head = zip_format.content(content.blobs[number], entry)[:_MAGIC]
    return Bytecode(python=content.unit.target.minor, magic=head.hex(), files=len(compiled))


def _inputs(unit: BuildUnit, components: Iterable[Component]) -> Inputs:
    """Return the inputs of a zip that its key depends on, so they are never outdated."""
    manifest = unit.manifest
    return Inputs(
        code=manifest_file.files({file.path: _digest(file.content) for file in unit.tree.files}),
        roots=manifest_file.files({root.name: root.tree.digest for root in unit.roots}),
        requirements=manifest.digest if manifest else "",
        lock=_lock(manifest) if manifest else None,
        events=[*map(_digest, unit.events.values())] if isinstance(unit, TrimmedUnit) else [],
        distributions=[
            Distribution(name=component.name, version=component.version, hashes=[*component.hashes])
            for component in components
        ],
    )


def _lock(required: Requirements) -> manifest_file.File | None:
    lock = required.lock or required.project_lock
    return manifest_file.File(path=lock.path.name, sha256=lock.sha256) if lock else None


def _left_out(
    content: Content, shipped: Iterable[tuple[int, Entry]], trim: Trim | None
) -> list[Omission]:
    paths: dict[tuple[str, str], list[str]] = defaultdict(list)
    there = {entry.path for _, entry in shipped}
    names = ["", *(slice.index.name for slice in content.selection.slices)]
    for number, entry in msgspec.structs.replace(content, gone=frozenset()).picked:
        if entry.path not in there:
            paths[names[number], _rule(content, entry.path, trim)].append(entry.path)
    for slice in content.selection.slices:
        for path, rule in slice.index.left_out.items():
            if path not in content.wanted:
                paths[slice.index.name, rule].append(path)
    for overlap in content.selection.overlaps:
        paths[overlap.loser, f"{overlap.winner} installs it too"] += overlap.paths
    return [
        Omission(of=of, rule=rule, files=len(paths), paths=_shown(rule, paths))
        for (of, rule), paths in sorted(paths.items())
    ]


def _rule(content: Content, path: str, trim: Trim | None) -> str:
    """Return why a file that could ship does not."""
    if path in content.gone:
        sharing = content.unit.sharing
        return "no event needs it" if sharing and sharing.trim else "Drop"
    if trim and matches(content.unit.settings.drop, [path]):
        return "Drop"
    if trim and path in {moved.removesuffix("c") for moved in trim.moved.values()}:
        return "its bytecode takes its place"
    if trim and path in trim.left_out:
        return "no event needs it" if trim.traced else "Drop"
    return "bytecode over Lambda's limit"


def _shown(rule: str, paths: Iterable[str]) -> list[str]:
    """Return paths as a manifest lists them: a folder of tests as a glob."""
    if rule != slim.TESTS:
        return sorted(paths)
    return sorted({f"{slim.test_package(path)}/**" for path in paths})


def _digest(data: bytes) -> str:
    return sha256(data).hexdigest()
