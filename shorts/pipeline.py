"""The build: every function and layer of an application, from its folder to its zip."""

import os
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from shorts import __version__
from shorts.artifact import former_build, plan, secret_files
from shorts.artifact.plan import Artifact, BuildUnit, Options, TrimmedUnit, sidecar_names
from shorts.errors import writing
from shorts.model import Application, Function, SamBuildOutput, artifact, template_of
from shorts.system import atomic, build_folder, project_state
from shorts.system.project_state import FOLDER

if TYPE_CHECKING:
    from shorts.artifact.share import Group


class Built(msgspec.Struct, frozen=True, kw_only=True):
    """The result of a build.

    Attributes:
        artifacts: the zips, by the full paths of their functions and layers.
        handed: the full paths of what SAM has built; shorts makes no zip of it.
        left_out: the names of skipped files and folders, by the folder of the code.
        resolved: the requirements files with open versions and no lock.
        exposed: warnings about secrets and links among the code.
        notes: what the user may want to know.
        uploads: bytes of the zips that the last build in this folder did not have; None where
            there was none.
        reasons: why each new zip was built, by its full path.
        former: the sizes of the last build's zips, by their full paths.
    """

    artifacts: dict[str, Artifact]
    handed: list[str]
    left_out: dict[str, list[str]]
    resolved: list[Path]
    exposed: list[str] = []
    notes: list[str] = []
    uploads: int | None = None
    reasons: dict[str, list[str]] = {}
    former: dict[str, int] = {}


class _Memory(msgspec.Struct, frozen=True, kw_only=True):
    """What a build remembers of its output.

    Attributes:
        artifacts: by the full paths of their functions and layers.
        templates: those with shared layers, by their paths in the build folder: a digest of what
            they were made of, and their text.
        causes: the digests of the parts of each artifact's key, by its full path.
    """

    artifacts: dict[str, Artifact] = {}
    causes: dict[str, dict[str, str]] = {}
    templates: dict[str, tuple[str, str]] = {}


class BuiltWith(msgspec.Struct, frozen=True, kw_only=True):
    """How a build folder was built last.

    Attributes:
        arguments: of `sam build`.
        sdists: normalized names of distributions that may be built from their sources.
    """

    arguments: list[str]
    sdists: list[str]


def built_with(build_dir: Path) -> BuiltWith | None:
    """Return how a folder was built; None where shorts has not built what lies there."""
    memory = project_state.recall(_place("artifacts", build_dir), _Memory) or _Memory()
    if not any(
        (build_dir / name).is_file()
        for full_path in memory.artifacts
        for name in sidecar_names(full_path)
    ):
        return None
    return project_state.recall(_place("options", build_dir), BuiltWith)


def build(application: Application, options: Options, report: Callable[[str], None]) -> Built:
    """Build everything, so that the build folder holds all artifacts and templates.

    The folder is made next to its place and moved there, so it is never half written.

    Args:
        application: what to build.
        options: how.
        report: receives a line about each step.

    Raises:
        ShortsError: something cannot be built; the former build folder is unchanged.
    """
    # Uploads to the remote may go on when the next build of the application has begun.
    with ExitStack() as uploads, project_state.locked(FOLDER):
        built = _alone(application, options, report, uploads)
        with_ = BuiltWith(arguments=application.arguments, sdists=sorted(options.sdists))
        place = _place("options", Path(application.build_dir))
        if project_state.recall(place, BuiltWith) != with_:
            project_state.keep(place, with_)
        return built


def _place(kind: str, build_dir: Path) -> Path:
    """Return the path of what is remembered of a build folder."""
    digest = sha256(__version__.encode() + b"\0" + os.fsencode(build_dir)).hexdigest()
    return FOLDER / f"{kind}-{digest[:16]}.json"


def _alone(
    application: Application,
    options: Options,
    report: Callable[[str], None],
    uploads: ExitStack,
) -> Built:
    build_dir = Path(application.build_dir)
    place = _place("artifacts", build_dir)
    memory = project_state.recall(place, _Memory) or _Memory()
    remembered = memory.artifacts
    left = [
        name
        for full_path in remembered
        for name in (artifact(full_path), *sidecar_names(full_path))
    ]
    functions = application.functions
    roots = (
        Path(function.folder, root)
        for function in functions
        for root in function.settings.source_roots
    )
    build_folder.check_allowed(build_dir, [*map(Path, application.sources), *roots])
    build_folder.check_left_by_build(build_dir, left, FOLDER.glob("sam/*/build.toml"))
    sam_output = SamBuildOutput(templates=application.templates, artifacts={}, functions=[])
    if application.handed:
        from shorts.sam import delegate

        sam_output = delegate.build(application, report)
    collected = plan.collect(
        application, sam_output.functions, options.sdists, upgrade=options.upgrade
    )
    known = {} if options.upgrade else former_build.untouched(remembered, build_dir)
    full_paths = [full_path for unit in collected for full_path in unit.full_paths]
    shared = {
        layer
        for name in full_paths
        if name in known
        for layer in plan.siblings(name, known[name].layers)
    }
    built = Built(
        artifacts={name: known[name] for name in (*full_paths, *sorted(shared)) if name in known},
        handed=[name for name in application.handed if name not in full_paths],
        left_out={unit.tree.root: unit.tree.left_out for unit in collected if not unit.installed},
        resolved=sorted(
            {unit.manifest.path for unit in collected if unit.manifest and unit.resolved}
        ),
        exposed=[*secret_files.warnings(collected), *_links_out(collected)],
        former={name: made.size for name, made in remembered.items()},
        notes=[
            f"{function.full_path} gets no shared layers: the content of its layer {layer.name} is "
            "not known here"
            for function in functions
            if function.shared
            for layer in function.layers[:1]
            if any(not layer.code_uri for layer in function.layers)
        ],
    )
    if not application.handed and former_build.holds(collected, known):
        templates = _templates(application.templates, collected, known, memory.templates)
        if former_build.has_only(
            build_dir, {path: text for path, (_, text) in templates.items()}, built.artifacts
        ):
            return built
    build_folder.check_allowed(build_dir, _sources(collected))
    project_state.sweep()
    from shorts.artifact import advice, assemble, causes, share, size_limit, start_check
    from shorts.artifact.staging import Staging
    from shorts.remote import named
    from shorts.trim.events import SampleEvents

    remote = named(application.remote)
    if remote:
        uploads.enter_context(remote)
    before = {made.key for made in known.values()}
    fresh = [unit for unit in collected if unit.key not in before]
    if share.built_together(fresh, known):
        fresh = [unit for unit in collected if unit.key not in before or unit.sharing]
    groups = _groups(sam_output.templates, collected, fresh)
    mates = {name for group in groups for name in group.functions}
    fresh += [unit for unit in collected if unit not in fresh and mates & {*unit.full_paths}]
    known_here = assemble.gather(plan.with_layers(fresh, collected), options, report, remote)
    by_path = {
        function.full_path: function for function in (*application.functions, *sam_output.functions)
    }
    gathered = start_check.checked((known_here[unit.key] for unit in fresh), by_path)
    plan.check_unchanged(fresh, options.sdists)
    way_out = "Make room, or name another folder with --build-dir."
    with writing(f"The build folder {build_dir}", way_out), build_folder.staged(build_dir) as stage:
        staging = Staging(build_dir, stage, known, sam_output, by_path, report)
        artifacts = staging.write(collected, gathered, groups, SampleEvents(remote))
        templates = _templates(sam_output.templates, collected, artifacts, memory.templates)
        staging.finish(artifacts, {path: text for path, (_, text) in templates.items()})
        if application.handed:
            delegate.move(sam_output, stage)
        sizes = {name: made.unzipped for name, made in artifacts.items()}
        every = (*application.functions, *sam_output.functions)
        size_limit.check([_with_layers(function, artifacts) for function in every], sizes, stage)
        atomic.swap(stage, build_dir)
    kept = {name: msgspec.structs.replace(made, fresh=False) for name, made in artifacts.items()}
    parts = {name: causes.parts(unit) for unit in collected for name in unit.full_paths}
    project_state.keep(place, _Memory(artifacts=kept, templates=templates, causes=parts))
    uploaded = {made.digest for made in remembered.values()}
    changed = {made.digest: made.size for made in artifacts.values() if made.digest not in uploaded}
    advised = advice.advice(staging.moves, gathered.values(), remembered)
    notes = [*built.notes, *staging.notes, *advised]
    if remote:  # it adds notes to its list until the uploads end
        remote.notes[:0] = notes
        notes = remote.notes
    return msgspec.structs.replace(
        built,
        artifacts=artifacts,
        notes=notes,
        uploads=sum(changed.values()) if remembered else None,
        reasons=causes.reasons(
            artifacts, parts, remembered, memory.causes, known, upgrade=options.upgrade
        ),
    )


def _links_out(collected: Sequence[BuildUnit]) -> list[str]:
    """Return a warning for each symbolic link that leads out of the repository."""
    trees = [
        tree for unit in collected for tree in (unit.tree, *(root.tree for root in unit.roots))
    ]
    if not any(tree.links for tree in trees):
        return []
    from shorts.artifact import outside_links

    return [*dict.fromkeys(outside_links.warnings(collected))]


def _groups(
    templates: Mapping[str, str], collected: Iterable[BuildUnit], fresh: Sequence[BuildUnit]
) -> "list[Group]":
    """Return what the templates say of the functions that are built and may share layers."""
    if not any(unit.sharing for unit in fresh):
        return []
    from shorts.artifact.share import Group
    from shorts.sam import shared_layers

    every = [name for unit in collected if unit.sharing for name in unit.full_paths]
    built = {name for unit in fresh for name in unit.full_paths}
    places = shared_layers.places(templates, every)
    return [
        Group(functions=place.functions, why_not=place.why_not)
        for place in places
        if not built.isdisjoint(place.functions)
    ]


def _templates(
    templates: Mapping[str, str],
    collected: Iterable[BuildUnit],
    artifacts: Mapping[str, Artifact],
    known: Mapping[str, tuple[str, str]],
) -> dict[str, tuple[str, str]]:
    """Return the templates with the layers that functions share, each with a digest of its causes.

    Args:
        templates: the built templates' texts by their path in the build folder.
        collected: all units.
        artifacts: all artifacts.
        known: the result of the last build.
    """
    users = {
        full_path: (unit.target, artifacts[full_path].layers)
        for unit in collected
        for full_path in unit.full_paths
        if artifacts[full_path].layers
    }
    built = {}
    for path, text in templates.items():
        layers_of = {name: layers for name, layers in users.items() if template_of(name) == path}
        digest = sha256(msgspec.json.encode((text, sorted(layers_of.items())))).hexdigest()
        if path in known and known[path][0] == digest:
            built[path] = known[path]
        elif layers_of:
            from shorts.sam import shared_layers

            built[path] = digest, shared_layers.add(text, layers_of)
        else:
            built[path] = digest, text
    return built


def _with_layers(function: Function, artifacts: Mapping[str, Artifact]) -> Function:
    """Return a function with the layers that it shares."""
    from shorts.artifact import sharing

    made = artifacts.get(function.full_path)
    return sharing.with_layers(function, made.layers) if made else function


def _sources(collected: Iterable[BuildUnit]) -> Iterator[Path]:
    """Yield every path that the zips are made from; no build may replace one."""
    for unit in collected:
        yield Path(unit.tree.root)
        yield from (Path(root.tree.root) for root in unit.roots)
        for tree in (unit.tree, *(root.tree for root in unit.roots)):
            yield from (Path(target) for _, target in tree.links)
        if isinstance(unit, TrimmedUnit):
            yield from unit.events
    for required in {
        unit.manifest.path: unit.manifest for unit in collected if unit.manifest
    }.values():
        yield from required.paths
        yield from (named.path for named in required.locals)
