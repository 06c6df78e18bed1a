"""Builds what a ``local`` command runs, and reads the outcome.

Where the template is for another architecture than this machine's, a second build makes the
functions for this machine, into a folder of its own.
"""

import os
import platform
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

import msgspec

from shorts import pipeline
from shorts.artifact.plan import Options
from shorts.emulator.invoke import chosen
from shorts.errors import ShortsError
from shorts.local.options import LocalOptions
from shorts.model import Application, Function, Invocation, Serving, artifact
from shorts.sam.read import read_application, read_invocation
from shorts.system import cache_root
from shorts.system.project_state import FOLDER
from shorts.targets.target import MACHINES, RUNTIMES

# Where SAM builds to by default.
_BUILT = ".aws-sam/build/template.yaml"


class Prepared(NamedTuple):
    """What a service serves.

    Attributes:
        built: the template as built; None where it runs as it is.
        serving: the template as served.
        warnings: of the build.
    """

    built: Application | None
    serving: Serving
    warnings: list[str]


def service(
    options: LocalOptions,
    read: Callable[[Sequence[str]], Serving],
    report: Callable[[str], None],
) -> Prepared:
    """Build, and read what to serve from the outcome.

    A template that a build has written is served without a build.

    Args:
        options: of `local start-api` or `local start-lambda`.
        read: reads the template with SAM's arguments.
        report: called with each step.

    Raises:
        ShortsError: it cannot be built or read.
        UsageError: SAM refuses the arguments.
    """
    if options.template and ".aws-sam" in Path(options.template).absolute().parts:
        return Prepared(None, read(options.arguments), [])
    application = read_application(options.shared, report)
    warnings = _build(application, Options(), report)
    written = os.path.join(application.build_dir, "template.yaml")
    serving = read([*options.built, *options.configured(), "-t", written])
    functions, more = _for_this_machine(application, serving.functions, Options(), report)
    serving = msgspec.structs.replace(serving, functions=functions)
    return Prepared(application, serving, [*warnings, *more])


class Chosen(NamedTuple):
    """A function to run once.

    Attributes:
        invocation: the command.
        function: the function.
        source: the same as its sources have it; None where they are not known.
        warnings: of the build, and notes on options.
        is_built: whether a build has written the template.
    """

    invocation: Invocation
    function: Function
    source: Function | None
    warnings: list[str]
    is_built: bool


def invocation(
    options: LocalOptions, report: Callable[[str], None], *, builds: bool = True
) -> Chosen:
    """Build again what ``shorts build`` has built, and return the function to run.

    A folder that ``sam build`` has written is run as it is, and so are sources.

    Args:
        options: of `local invoke`.
        report: called with each step.
        builds: whether to build; else what was built last is run.

    Raises:
        ShortsError: it cannot be built or read, or there is no such function.
        UsageError: SAM refuses the arguments.
    """
    template = options.template or os.environ.get("SAM_TEMPLATE_FILE")
    folder = Path(os.path.abspath(template or _BUILT)).parent
    again = _Again(folder, report, builds=builds)
    invoked = read_invocation(options.arguments)
    if Path(invoked.template).parent != folder:  # a configuration file names the template
        again = _Again(Path(invoked.template).parent, report, builds=builds)
        invoked = read_invocation(options.arguments)
    function = chosen(invoked)
    notes = [f"note: {note}" for note in invoked.notes]
    application, warnings = again.application, [*notes, *again.warnings]
    is_built = (application is not None or invoked.is_built) and _lies_in(
        Path(invoked.template).parent, function
    )
    if not is_built:  # sources are for no machine in particular
        runs = msgspec.structs.replace(function, architecture=_here() or function.architecture)
        return Chosen(invoked, runs, function, warnings, is_built)
    if application is None:
        return Chosen(invoked, function, None, warnings, is_built)
    if builds:
        (function,), more = _for_this_machine(application, [function], again.options, report)
        warnings = [*warnings, *more]
    sources = {source.full_path: source for source in application.functions}
    return Chosen(invoked, function, sources.get(function.full_path), warnings, is_built)


def _lies_in(folder: Path, function: Function) -> bool:
    return Path(function.code_uri).is_relative_to(folder)


def _here() -> str:
    """Return this machine's architecture, as Lambda names it; empty where Lambda has none such."""
    names = {machine: name for name, machine in MACHINES.items()}
    return names.get(platform.machine(), "")


class _Again:
    """The build that a folder is from, done again."""

    def __init__(self, folder: Path, report: Callable[[str], None], *, builds: bool) -> None:
        self.application: Application | None = None
        self.warnings: list[str] = []
        known = pipeline.built_with(folder)
        if known is None:
            return
        self.options = Options(sdists=frozenset(known.sdists))
        if builds:
            self.application = read_application(known.arguments, report)
            self.warnings = _build(self.application, self.options, report)
        else:
            with suppress(ShortsError):  # it only shows where the sources are
                self.application = read_application(known.arguments, report)


def _build(application: Application, how: Options, report: Callable[[str], None]) -> list[str]:
    """Build, and return the notes and warnings."""
    built = pipeline.build(application, how, report)
    lines = {
        line
        for artifact in built.artifacts.values()
        for line in (*artifact.warnings, *artifact.lasting)
    }
    warnings = sorted({*lines, *built.exposed, *cache_root.warnings()})
    notes = [f"note: {note}" for note in built.notes]
    return [*notes, *(f"warning: {warning}" for warning in warnings)]


def _for_this_machine(
    application: Application,
    functions: Sequence[Function],
    how: Options,
    report: Callable[[str], None],
) -> tuple[list[Function], list[str]]:
    """Build the functions for other machines again, for this one.

    Returns:
        The functions, each as it can run here; and notes.
    """
    here = _here()
    foreign = {
        function.full_path for function in functions if here and function.architecture != here
    }
    sources = [
        msgspec.structs.replace(function, architecture=here)
        for function in application.functions
        if function.full_path in foreign and function.runtime in RUNTIMES
    ]
    if not sources:
        return list(functions), []
    used = {layer.full_path for source in sources for layer in source.layers}
    layers = [
        msgspec.structs.replace(layer, architecture=here)
        for layer in application.layers
        if layer.full_path in used
    ]
    built = {source.full_path for source in sources} | {layer.full_path for layer in layers}
    places = {str(Path(full_path).with_name("template.yaml")) for full_path in built}
    folder = (FOLDER / f"build-{here}").absolute()
    native = msgspec.structs.replace(
        application,
        build_dir=str(folder),
        functions=sources,
        layers=layers,
        templates={place: application.templates.get(place, "") for place in places},
        handed=[],
        calls=[],
    )
    warnings = _build(native, how, report)
    moved = [_moved(function, folder, here, built) for function in functions]
    listed = ", ".join(source.full_path for source in sources)
    note = (
        f"{listed}: the template is for {'arm64' if here == 'x86_64' else 'x86_64'}; runs for "
        f"{here}, this machine's architecture, from {os.path.relpath(folder)}"
    )
    return moved, [f"note: {note}", *warnings]


def _moved(function: Function, folder: Path, here: str, built: Iterable[str]) -> Function:
    """Return a function that runs from a build for this machine, if it is in there."""
    if function.full_path not in built:
        return function
    layers = [
        msgspec.structs.replace(layer, code_uri=str(folder / artifact(layer.full_path)))
        if layer.full_path in built
        else layer
        for layer in function.layers
    ]
    place = str(folder / artifact(function.full_path))
    return msgspec.structs.replace(function, architecture=here, code_uri=place, layers=layers)
