"""A template's application, built and invoked from Python."""

import os
import re
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path

import msgspec

from shorts import pipeline
from shorts.api.function_zip import FunctionZip, described
from shorts.artifact.plan import Options
from shorts.emulator import invoke as invocations
from shorts.emulator.emulator import Emulator, task_of
from shorts.emulator.reply import Reply
from shorts.errors import ShortsError
from shorts.model import artifact
from shorts.requirements.names import normalized
from shorts.sam.read import read_application, read_invocation
from shorts.system import interpreters
from shorts.targets.target import RUNTIMES

_BUILT = ".aws-sam/build/template.yaml"
_PLAIN = re.compile(r"[\w./:@+-]+", re.ASCII)
# SAM takes a backslash away where it stands before one of these.
_UNWRITABLE = re.compile(r'\\(?:[ "]|$)')


class BuildResult(msgspec.Struct, frozen=True, kw_only=True):
    """What a build has made.

    Attributes:
        template: the path of the built template, absolute.
        zips: by the logical ids of their functions and layers; those of nested stacks come first,
            with slashes.
        built_by_sam: the functions and layers that `sam build` has built.
        warnings: what needs a fix.
        notes: what the caller may want to know.
    """

    template: Path
    zips: dict[str, FunctionZip]
    built_by_sam: list[str]
    warnings: list[str]
    notes: list[str]


def build(
    template: str | os.PathLike[str] | None = None,
    *,
    name: str | None = None,
    build_dir: str | os.PathLike[str] | None = None,
    parameters: Mapping[str, str] | None = None,
    config_env: str | None = None,
    upgrade: bool = False,
    sdists: Iterable[str] = (),
    report: Callable[[str], None] | None = None,
) -> BuildResult:
    """Build every function and layer of a SAM template, as ``shorts build`` in this folder does.

    Args:
        template: its path; the working folder's ``template.yaml`` by default.
        name: the logical id of the only function or layer to build.
        build_dir: where the build goes; ``.aws-sam/build`` by default.
        parameters: values for the template's parameters, by name.
        config_env: the environment of ``samconfig.toml`` to read.
        upgrade: resolve requirements without a lock again.
        sdists: names of distributions that may be built from their sources.
        report: receives a line about each step.

    Raises:
        ShortsError: something is wrong that the caller can fix; the former build is unchanged.
    """
    arguments = [name] if name else []
    for option, value in (("-t", template), ("-b", build_dir), ("--config-env", config_env)):
        if value is not None:
            arguments += [option, os.fspath(value)]
    arguments += _overrides(parameters or {})
    application = read_application(arguments)
    options = Options(upgrade=upgrade, sdists=frozenset(map(normalized, sdists)))
    built = pipeline.build(application, options, report or (lambda line: None))
    folder = Path(application.build_dir)
    zips = {
        name: described(built_artifact, folder / artifact(name))
        for name, built_artifact in built.artifacts.items()
    }
    warnings = {line for made in zips.values() for line in made.warnings}
    return BuildResult(
        template=folder / "template.yaml",
        zips=zips,
        built_by_sam=built.handed,
        warnings=sorted(warnings | {*built.exposed}),
        notes=[*application.notes, *built.notes],
    )


def invoke(
    name: str,
    *events: bytes,
    template: str | os.PathLike[str] = _BUILT,
    parameters: Mapping[str, str] | None = None,
    log: Callable[[str], None] | None = None,
) -> list[Reply]:
    """Run a built function under Lambda's runtime emulator, in one sandbox, event by event.

    The first answer comes from a cold start: its `init` is the duration of the init phase.

    Args:
        name: the function's logical id.
        *events: JSON documents; an empty object where there is none.
        template: the built template, such as `BuildResult.template`.
        parameters: those that the template was built with.
        log: receives each line that the function and Lambda write.

    Raises:
        ShortsError: the template has no such function, or it cannot run on this machine.
    """
    arguments = [name, "-t", os.fspath(template), *_overrides(parameters or {})]
    function = invocations.chosen(read_invocation(arguments))
    events_as_json = [
        invocations.checked(event, f"event {at}") for at, event in enumerate(events, start=1)
    ]
    task = task_of(function)
    variables = invocations.environment(function, {})
    with Emulator(function, task, variables, log or (lambda line: None)) as emulator:
        return [emulator.invoke(document) for document in events_as_json or [b"{}"]]


def runtimes() -> list[str]:
    """Return the Lambda runtimes that this machine has an interpreter for, the oldest first."""
    return [name for name in RUNTIMES if interpreters.find(name.removeprefix("python"))]


def _overrides(parameters: Mapping[str, str]) -> list[str]:
    """Return parameters as SAM's options take them.

    Raises:
        ShortsError: SAM's option cannot hold a value.
    """
    if not parameters:
        return []
    for name, value in parameters.items():
        if _UNWRITABLE.search(value):
            raise ShortsError(
                f"The parameter {name} has a backslash before a space, before a quotation mark or "
                "at its end, which --parameter-overrides of SAM cannot hold.\n"
                "Set it as the default in the template."
            )
    pairs = [f"{name}={_quoted(value)}" for name, value in parameters.items()]
    return ["--parameter-overrides", *pairs]


def _quoted(value: str) -> str:
    if _PLAIN.fullmatch(value):
        return value
    escaped = value.replace('"', '\\"')
    return f'"{escaped}"'
