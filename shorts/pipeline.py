"""The build: every function and layer of an application, from its folder to its zip."""

import os
import shutil
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from hashlib import sha256
from itertools import repeat
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from shorts import __version__
from shorts.artifact import plan, secret_files
from shorts.artifact.plan import Artifact, BuildUnit, Options, TrimmedUnit, beside
from shorts.errors import ShortsError, writing
from shorts.model import Application, SamBuildOutput, artifact
from shorts.requirements import manifest
from shorts.system import build_folder, files, project_state
from shorts.system.project_state import FOLDER

if TYPE_CHECKING:
    from shorts.artifact.content import Content
    from shorts.remote import Remote


class Built(msgspec.Struct, frozen=True, kw_only=True):
    """The result of a build.

    Attributes:
        artifacts: the zips, by the full paths of their functions and layers.
        handed: the full paths of what SAM has built; shorts makes no zip of it.
        left_out: the names of skipped files and folders, by the folder of the code.
        resolved: the requirements files without a lock; their resolution is kept.
        exposed: warnings about secrets among the code.
        notes: what the remote did for the build, or why it did nothing.
    """

    artifacts: dict[str, Artifact]
    handed: list[str]
    left_out: dict[str, list[str]]
    resolved: list[Path]
    exposed: list[str] = []
    notes: list[str] = []


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
    artifacts = project_state.recall(_place("artifacts", build_dir), dict[str, Artifact]) or {}
    if not any((build_dir / name).is_file() for one in artifacts for name in beside(one)):
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
    said = sha256(__version__.encode() + b"\0" + os.fsencode(build_dir)).hexdigest()
    return FOLDER / f"{kind}-{said[:16]}.json"


def _alone(
    application: Application,
    options: Options,
    report: Callable[[str], None],
    uploads: ExitStack,
) -> Built:
    build_dir = Path(application.build_dir)
    place = _place("artifacts", build_dir)
    remembered = project_state.recall(place, dict[str, Artifact]) or {}
    left = [name for full_path in remembered for name in (artifact(full_path), *beside(full_path))]
    functions = application.functions
    roots = (Path(one.folder, root) for one in functions for root in one.settings.source_roots)
    build_folder.check_allowed(build_dir, [*map(Path, application.sources), *roots])
    build_folder.check_left_by_build(build_dir, left, FOLDER.glob("sam/*/build.toml"))
    joined = SamBuildOutput(templates=application.templates, artifacts={}, systems={}, functions=[])
    if application.handed:
        from shorts.sam import delegate

        joined = delegate.build(application, report)
    collected = plan.collect(application, joined.functions, options.sdists, upgrade=options.upgrade)
    known = {} if options.upgrade else _untouched(remembered, build_dir)
    full_paths = [full_path for unit in collected for full_path in unit.full_paths]
    built = Built(
        artifacts={name: known[name] for name in full_paths if name in known},
        handed=[name for name in application.handed if name not in full_paths],
        left_out={unit.tree.root: unit.tree.left_out for unit in collected if not unit.installed},
        resolved=sorted({one.manifest.path for one in collected if one.manifest and one.resolved}),
        exposed=secret_files.warnings(collected),
    )
    if not application.handed and _is_current(application, collected, known):
        return built
    build_folder.check_allowed(build_dir, _sources(collected))
    _sweep()
    from shorts.artifact import assemble, size_limit
    from shorts.remote import named

    remote = named(application.remote)
    if remote:
        uploads.enter_context(remote)
    before = {one.key for one in known.values()}
    fresh = [unit for unit in collected if unit.key not in before]
    gathered = assemble.gather(fresh, options, report, remote)
    _check_unchanged(fresh, options)
    way_out = "Make room, or name another folder with --build-dir."
    with writing(f"The build folder {build_dir}", way_out), build_folder.staged(build_dir) as stage:
        artifacts = _stage(build_dir, joined, collected, known, stage, gathered, report, remote)
        if application.handed:
            delegate.move(joined, stage)
        sizes = {name: one.unzipped for name, one in artifacts.items()}
        size_limit.check((*application.functions, *joined.functions), sizes, stage)
        build_folder.swap(stage, build_dir)
    kept = {name: msgspec.structs.replace(one, fresh=False) for name, one in artifacts.items()}
    project_state.keep(place, kept)
    # The remote adds notes to its list until the uploads end.
    notes = remote.notes if remote else []
    return msgspec.structs.replace(built, artifacts=artifacts, notes=notes)


def _check_unchanged(fresh: Iterable[BuildUnit], options: Options) -> None:
    """Refuse to keep zips under keys of other requirements than they were made of.

    Raises:
        ShortsError: requirements, a lock or a local project changed since the keys were made.
    """
    known = {unit.manifest.path: unit.requirements for unit in fresh if unit.manifest}
    for path, said in known.items():
        if plan.digest_of_requirements(manifest.load(path), options.sdists) != said:
            raise ShortsError(f"{path} changed while it was built.\nBuild again.")


def _untouched(remembered: Mapping[str, Artifact], build_dir: Path) -> dict[str, Artifact]:
    """Return the artifacts in the build folder that are as the last build left them."""
    return {
        name: known
        for name, known in remembered.items()
        # An artifact with warnings is made again: their cause may be gone.
        if not known.warnings and _is_untouched(build_dir, name, known)
    }


def _is_untouched(build_dir: Path, full_path: str, known: Artifact) -> bool:
    try:
        status = (build_dir / artifact(full_path)).stat()
        stamps = {(build_dir / name).stat().st_mtime_ns for name in beside(full_path)}
    except OSError:
        return False
    return status.st_size == known.size and stamps | {status.st_mtime_ns} == {known.stamp}


def _is_current(
    application: Application, collected: Iterable[BuildUnit], known: dict[str, Artifact]
) -> bool:
    """Return whether the build folder holds only this application's templates and artifacts."""
    keys = {full_path: unit.key for unit in collected for full_path in unit.full_paths}
    if any(full_path not in known or known[full_path].key != keys[full_path] for full_path in keys):
        return False
    others = [name for full_path in keys for name in beside(full_path)]
    build_dir = Path(application.build_dir)
    found = {
        os.path.relpath(os.path.join(folder, name), build_dir)
        for folder, _, names in os.walk(build_dir)
        for name in names
    }
    expected = {*application.templates, *map(artifact, keys), *others}
    return found == expected and all(
        _holds(build_dir / name, text.encode()) for name, text in application.templates.items()
    )


def _holds(path: Path, content: bytes) -> bool:
    try:
        return files.read(path, len(content)) == content
    except ShortsError:
        return False


def _stage(
    build_dir: Path,
    joined: SamBuildOutput,
    collected: Sequence[BuildUnit],
    known: Mapping[str, Artifact],
    stage: Path,
    gathered: "Mapping[str, Content]",
    report: Callable[[str], None],
    remote: "Remote | None",
) -> dict[str, Artifact]:
    """Write all zips and templates of the build folder into the stage, and return the artifacts."""
    from concurrent.futures import ThreadPoolExecutor

    from shorts.artifact import sidecars, write_zip
    from shorts.system import process

    interrupted = threading.Event()

    templates = joined.templates
    keys = {full_path: unit.key for unit in collected for full_path in unit.full_paths}
    for name in (*templates, *map(artifact, keys)):
        (stage / name).parent.mkdir(parents=True, exist_ok=True)
    for name, text in templates.items():
        (stage / name).write_text(text, encoding="utf-8")
    made = {one.key: one for one in known.values()}
    # Where the first zip of each key lies: its folder, and its full path there.
    places = {one.key: (build_dir, full_path) for full_path, one in known.items()}
    layers = {full_path: Path(folder) for full_path, folder in joined.artifacts.items()}
    first = [one for one in gathered.values() if not isinstance(one.unit, TrimmedUnit)]
    rest = [one for one in gathered.values() if isinstance(one.unit, TrimmedUnit)]
    with ThreadPoolExecutor(process.cores()) as pool:

        def take(packed: Iterable[Artifact]) -> None:
            try:
                for one in packed:
                    made[one.key] = one
                    places[one.key] = stage, gathered[one.key].unit.full_paths[0]
            except KeyboardInterrupt:
                interrupted.set()  # the pool is left when its threads have ended
                raise

        take(pool.map(write_zip.untrimmed, first, repeat(stage)))
        if rest:  # a trimmed function runs with the layers that were packed before
            from shorts.trim import verify

            layers |= {name: _zip(*places[key]) for name, key in keys.items() if key in places}
            same = (
                repeat(stage),
                repeat(layers),
                repeat(report),
                repeat(interrupted),
                repeat(remote),
            )
            take(pool.map(verify.pack, rest, *same))
    for full_path, key in keys.items():
        if places[key] != (stage, full_path):
            _link(_zip(*places[key]), _zip(stage, full_path))
        sidecars.finish(*places[key], stage, full_path, templates, made[key].stamp)
    return {full_path: made[key] for full_path, key in keys.items()}


def _zip(folder: Path, full_path: str) -> Path:
    return folder / artifact(full_path)


def _link(existing: Path, new: Path) -> None:
    """Give a file another name, or copy it where the file system has no links."""
    try:
        new.hardlink_to(existing)
    except OSError:
        shutil.copy2(existing, new)


def _sources(collected: Iterable[BuildUnit]) -> Iterator[Path]:
    """Yield every path that the zips are made from; no build may replace one."""
    for unit in collected:
        yield Path(unit.tree.root)
        yield from (Path(root.tree.root) for root in unit.roots)
        if isinstance(unit, TrimmedUnit):
            yield from unit.events
    for required in {
        unit.manifest.path: unit.manifest for unit in collected if unit.manifest
    }.values():
        yield from required.paths
        yield from (named.path for named in required.locals)


def _sweep() -> None:
    """Remove the temporary files that killed builds left in the project's state."""
    for left in (*FOLDER.glob(".*.*"), *FOLDER.glob("locks/.*.*")):
        if left.is_file() and _is_left(left.suffix[1:]):
            left.unlink(missing_ok=True)


def _is_left(pid: str) -> bool:
    """Return whether a process id is this process's, or that of a process that has ended."""
    if not pid.isdecimal() or pid == str(os.getpid()):
        return pid.isdecimal()
    try:
        os.kill(int(pid), 0)
    except ProcessLookupError:
        return True
    except PermissionError:
        pass
    return False
