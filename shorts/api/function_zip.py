"""The zip of one function or layer without a template: ``shorts zip``.

It has the same bytes as the zip of a function in a template with the same code and settings.
"""

import base64
import os
import re
from collections.abc import Callable, Iterable, Mapping
from contextlib import ExitStack
from hashlib import sha256
from pathlib import Path

import msgspec

from shorts import __version__
from shorts.api import google
from shorts.artifact import former_build, plan, secret_files
from shorts.artifact.plan import Artifact, BuildUnit, Options, sidecar_names
from shorts.errors import ShortsError, writing
from shorts.model import Application, Function, Layer, SamBuildOutput, Settings, artifact
from shorts.system import build_folder, project_state
from shorts.system.project_state import FOLDER
from shorts.targets.target import Target

_OUTPUT = re.compile(r"\w[\w.-]*\.zip", re.ASCII)


class FunctionZip(msgspec.Struct, frozen=True, kw_only=True):
    """A zip of one function or layer.

    Attributes:
        path: where it lies, absolute.
        sha256: its SHA-256, hexadecimal.
        size: in bytes.
        unzipped_size: of its content, in bytes.
        files: how many it holds.
        rebuilt: whether this call made it; False where it was there and nothing has changed.
        sbom: the path of its bill of materials.
        manifest: the path of its manifest.
        warnings: what needs a fix.
        notes: what the caller may want to know.
    """

    path: Path
    sha256: str
    size: int
    unzipped_size: int
    files: int
    rebuilt: bool
    sbom: Path
    manifest: Path
    warnings: list[str] = []
    notes: list[str] = []

    @property
    def code_sha256(self) -> str:
        """Return the SHA-256 as Lambda's ``CodeSha256`` and Terraform's ``source_code_hash``."""
        return base64.b64encode(bytes.fromhex(self.sha256)).decode()


def zip_function(
    folder: str | os.PathLike[str],
    *,
    handler: str,
    runtime: str,
    output: str | os.PathLike[str],
    architecture: str = "x86_64",
    events: Iterable[str] = (),
    keep: Iterable[str] = (),
    drop: Iterable[str] = (),
    source_roots: Iterable[str] = (),
    slim: bool = True,
    memory: int = 128,
    timeout: int = 3,
    variables: Mapping[str, str] | None = None,
    manifest: str | os.PathLike[str] | None = None,
    format: str = "lambda",
    upgrade: bool = False,
    sdists: Iterable[str] = (),
    report: Callable[[str], None] | None = None,
) -> FunctionZip:
    """Write the zip of a function, with all that it requires.

    What is remembered between calls, such as resolved versions, lies in ``.aws-sam/shorts`` in the
    working folder. Paths are relative to the working folder, too.

    Args:
        folder: the function's code, with its ``requirements.txt`` or ``pyproject.toml``.
        handler: such as ``app.handler``.
        runtime: such as ``python3.13``.
        output: the path of the zip; its bill of materials and its manifest go next to it.
        architecture: ``x86_64`` or ``arm64``.
        events: globs of sample events; with them, the zip is trimmed to what they prove.
        keep: globs of paths in the zip that are never trimmed.
        drop: globs of paths in the zip that are left out.
        source_roots: folders of modules to include where the function imports them.
        slim: whether files of distributions are left out that no program needs.
        memory: in MB, for the sample events.
        timeout: in seconds, for the sample events.
        variables: environment variables, for the sample events.
        manifest: a requirements file that replaces the folder's own.
        format: ``lambda``, or ``google`` for the source of a Google Cloud Function.
        upgrade: resolve requirements without a lock again.
        sdists: names of distributions that may be built from their sources.
        report: receives a line about each step.

    Raises:
        ShortsError: something is wrong that the caller can fix; what was there is unchanged.
    """
    place, name = _place_of(folder, output)
    events, drop, source_roots = [*events], [*drop], [*source_roots]
    if format == "google":
        google.check(architecture, bool(events))
        handler, roots = google.entry(Path(folder), handler)
        source_roots += roots
        drop += google.lists(Path(folder))
    elif format != "lambda":
        raise ShortsError(f"{format!r} is not a format of zips: lambda, google.")
    function = Function(
        full_path=name,
        name=name,
        runtime=runtime,
        architecture=architecture,
        handler=handler,
        code_uri=str(Path(folder).resolve()),
        package_type="Zip",
        build_method="",
        memory=memory,
        timeout=timeout,
        variables={**(variables or {})},
        logging={},
        settings=Settings(
            events=events,
            keep=[*keep],
            drop=drop,
            source_roots=source_roots,
            slim=slim,
        ),
        folder=str(Path.cwd()),
    )
    application = _application(place, manifest, functions=[function])
    return _made(application, place, _options(upgrade, sdists), report or _ignore)


def zip_layer(
    folder: str | os.PathLike[str],
    *,
    runtime: str,
    output: str | os.PathLike[str],
    architecture: str = "x86_64",
    manifest: str | os.PathLike[str] | None = None,
    upgrade: bool = False,
    sdists: Iterable[str] = (),
    report: Callable[[str], None] | None = None,
) -> FunctionZip:
    """Write the zip of a layer, with all that it requires; the arguments are `zip_function`'s.

    Raises:
        ShortsError: something is wrong that the caller can fix; what was there is unchanged.
    """
    place, name = _place_of(folder, output)
    layer = Layer(
        full_path=name,
        name=name,
        architecture=architecture,
        code_uri=str(Path(folder).resolve()),
        build_method=runtime,
    )
    application = _application(place, manifest, layers=[layer])
    return _made(application, place, _options(upgrade, sdists), report or _ignore)


def _ignore(line: str) -> None:
    """Ignore a line about a step."""


def _options(upgrade: bool, sdists: Iterable[str]) -> Options:
    from shorts.requirements.names import normalized

    return Options(upgrade=upgrade, sdists=frozenset(map(normalized, sdists)))


def _place_of(folder: str | os.PathLike[str], output: str | os.PathLike[str]) -> tuple[Path, str]:
    """Return the absolute path of a zip, and its name without the suffix.

    Raises:
        ShortsError: the folder is absent, or the zip cannot lie there.
    """
    code, place = Path(folder), Path(output).absolute()
    place = place.parent.resolve() / place.name
    if not code.is_dir():
        raise ShortsError(f"{code} is not a folder.\nName the folder that holds the code.")
    if not _OUTPUT.fullmatch(place.name):
        raise ShortsError(
            f"{place.name!r} cannot be the name of the zip.\n"
            "Use letters, digits, `.`, `_` and `-`, and `.zip` at its end."
        )
    if place.is_dir():
        raise ShortsError(f"{output} is a folder.\nName a file for the zip.")
    if place.is_relative_to(code.resolve()) and ".aws-sam" not in place.parts:
        raise ShortsError(
            f"{output} lies in {code}, so the next zip would hold it.\n"
            f"Name a place outside, such as ../{place.name}, or .aws-sam/{place.name}."
        )
    return place, place.stem


def _application(
    place: Path,
    manifest: str | os.PathLike[str] | None,
    functions: list[Function] | None = None,
    layers: list[Layer] | None = None,
) -> Application:
    return Application(
        template=str(Path.cwd() / "template.yaml"),  # where a project's lock is looked for
        build_dir=str(place),
        manifest=str(Path(manifest).absolute()) if manifest else None,
        functions=functions or [],
        templates={},
        notes=[],
        layers=layers or [],
    )


def _made(
    application: Application, place: Path, options: Options, report: Callable[[str], None]
) -> FunctionZip:
    """Return a zip; make it unless the one that is there is known to be the same."""
    for function in application.functions:
        Target.of(function.runtime, function.architecture)
    with ExitStack() as uploads, project_state.locked(FOLDER):
        (unit,) = plan.collect(application, (), options.sdists, upgrade=options.upgrade)
        digest = sha256(f"{__version__}\0{place}".encode()).hexdigest()
        memory = FOLDER / f"zip-{digest[:16]}.json"
        remembered = project_state.recall(memory, Artifact)
        notes: list[str] = []
        if remembered and not options.upgrade and remembered.key == unit.key:
            known = former_build.untouched({place.stem: remembered}, place.parent)
            if known:
                return _returned(known[place.stem], unit, place, notes)
        project_state.sweep()
        made = _written(application, unit, place, options, report, uploads, notes)
        project_state.keep(memory, msgspec.structs.replace(made, fresh=False))
        if unit.resolved and unit.manifest:
            shown = os.path.relpath(unit.manifest.path)
            notes.append(
                f"{shown} has no lock file. The next calls here reuse these versions, "
                "`--upgrade` refreshes them"
            )
    return _returned(made, unit, place, notes)


def _written(
    application: Application,
    unit: BuildUnit,
    place: Path,
    options: Options,
    report: Callable[[str], None],
    uploads: ExitStack,
    notes: list[str],
) -> Artifact:
    """Write a zip and what lies next to it, and move all of it into its place."""
    from shorts import remote
    from shorts.artifact import assemble, start_check
    from shorts.artifact.staging import Staging
    from shorts.trim.events import SampleEvents

    shared = remote.named("")
    if shared:
        uploads.enter_context(shared)
    gathered = assemble.gather([unit], options, report, shared)
    functions = {function.full_path: function for function in application.functions}
    gathered = start_check.checked(gathered.values(), functions)
    plan.check_unchanged([unit], options.sdists)
    sam_output = SamBuildOutput(templates={}, artifacts={}, functions=[])
    way_out = "Make room, or name another place."
    with writing(str(place), way_out), build_folder.staged(place) as stage:
        staging = Staging(place.parent, stage, {}, sam_output, {}, report)
        made = staging.write([unit], gathered, [], SampleEvents(shared))[place.stem]
        for name in (*sidecar_names(place.stem), artifact(place.stem)):  # the zip last
            os.utime(stage / name, ns=(made.stamp, made.stamp))
            (stage / name).replace(place.parent / name)
    if shared:
        notes += shared.notes
    return made


def _returned(made: Artifact, unit: BuildUnit, place: Path, notes: Iterable[str]) -> FunctionZip:
    return described(made, place, secret_files.warnings([unit]), notes)


def described(
    made: Artifact, place: Path, warnings: Iterable[str] = (), notes: Iterable[str] = ()
) -> FunctionZip:
    """Return the record of a zip for the caller.

    Args:
        made: the zip.
        place: its absolute path.
        warnings: more of them.
        notes: more of them.
    """
    bill, manifest = sidecar_names(place.stem)
    return FunctionZip(
        path=place,
        sha256=made.digest,
        size=made.size,
        unzipped_size=made.unzipped,
        files=made.files,
        rebuilt=made.fresh,
        sbom=place.with_name(bill),
        manifest=place.with_name(manifest),
        warnings=[*made.warnings, *made.lasting, *warnings],
        notes=[*notes, *(made.notes if made.fresh else ())],
    )
