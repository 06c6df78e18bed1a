"""The template, read by samcli. The one module that imports samcli.

samcli's own ``build`` and ``local invoke`` commands parse the arguments and the configuration file,
its own providers resolve the template, and its own build context writes the built templates; only
what happens in between, the building itself, is ours.
"""

import errno
import logging
import os
import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import click
from samcli.commands._utils.options import DEFAULT_BUILT_TEMPLATE_PATH, SAM_TEMPLATE_FILE_NAMES
from samcli.commands._utils.template import get_template_data
from samcli.commands.build.build_context import BuildContext
from samcli.commands.build.command import cli as build_command
from samcli.commands.local.invoke.cli import cli as invoke_command
from samcli.lib.build.app_builder import ApplicationBuilder, ApplicationBuildResult
from samcli.lib.build.build_graph import BuildGraph
from samcli.lib.providers.provider import WebFunction
from samcli.lib.providers.sam_function_provider import SamFunctionProvider
from samcli.lib.providers.sam_stack_provider import SamLocalStackProvider
from samcli.local.lambdafn.env_vars import EnvironmentVariables
from samcli.local.lambdafn.exceptions import ResourceNotFound
from samtranslator.model.exceptions import InvalidDocumentException

from shorts.application import Application, Function, Invocation, Layer, artifact
from shorts.errors import ShortsError, UsageError

# Where the exceptions come from that SAM refuses a template or its configuration with.
_SAM = ("click.", "samcli.", "samtranslator.")
# What the system refuses a file or folder with, whoever asks.
_REFUSALS = (errno.ENOSPC, errno.EROFS, errno.EACCES)
_NO_CONTAINER = "use_container is not needed: wheels for the target install on any machine"
_CONFIGURATIONS = ("samconfig.toml", "samconfig.yaml", "samconfig.yml")


def read_build(arguments: Sequence[str]) -> tuple[Application, set[str]]:
    """What ``sam build`` would build, and the files that say so.

    Raises:
        ShortsError: SAM refuses the template.
        UsageError: SAM refuses the arguments.
    """
    with _our_errors():
        context = build_command.make_context("build", list(arguments))
        options = context.params
        build_dir = Path(options["build_dir"]).resolve()
        logging.getLogger("samcli").setLevel(logging.WARNING)
        if options["hook_name"]:
            raise UsageError(f"shorts reads no {options['hook_name']} projects; use `sam build`.")
        _check_form(options["template_file"])
        with _beside(build_dir) as stage, _context(options, stage) as reading:
            functions = _wanted(reading, options["resource_logical_id"])
            artifacts = {
                function.full_path: str(stage / artifact(function.full_path))
                for function in functions
            }
            reading._handle_build_post_processing(
                ApplicationBuilder, ApplicationBuildResult(BuildGraph(str(stage)), artifacts)
            )
            templates = {
                path.relative_to(stage).as_posix(): path.read_text(encoding="utf-8")
                for path in sorted(stage.rglob("*"))
                if path.is_file()
            }
            base = Path(reading.base_dir)
            application = Application(
                template=options["template_file"],
                build_dir=str(build_dir),
                manifest=reading.manifest_path_override,
                functions=[_function(function, base) for function in functions],
                templates=templates,
                notes=[_NO_CONTAINER] if options["use_container"] else [],
            )
            return application, _inputs(options, reading.stacks)


def read_invocation(arguments: Sequence[str]) -> tuple[Invocation, set[str]]:
    """What ``sam local invoke`` would run, and the files that say so.

    Raises:
        ShortsError: SAM refuses the template.
        UsageError: SAM refuses the arguments.
    """
    with _our_errors():
        context = invoke_command.make_context("invoke", list(arguments))
        options = context.params
        _check_form(options["template_file"])
        stacks, _ = SamLocalStackProvider.get_stacks(
            options["template_file"], parameter_overrides=options["parameter_overrides"]
        )
        functions = SamFunctionProvider(stacks).get_all()
        invocation = Invocation(
            template=options["template_file"],
            functions=[_function(function, Path()) for function in functions],
            wanted=options["function_logical_id"],
            event=options["event"],
            variables=options["env_vars"],
        )
        built = os.path.abspath(DEFAULT_BUILT_TEMPLATE_PATH)
        return invocation, _inputs(options, stacks) | {built}


@contextmanager
def _our_errors() -> Iterator[None]:
    """Turn what SAM refuses into our own errors, with SAM's words."""
    try:
        yield
    except click.UsageError as error:
        raise UsageError(error.format_message()) from error
    except Exception as error:
        if isinstance(error, OSError) and error.errno in _REFUSALS:
            where = Path(error.filename or Path.cwd())
            raise ShortsError(f"{where} cannot be used: {error.strerror}.") from error
        if not _is_sams(error):
            raise
        raise ShortsError(_words(error)) from error


def _is_sams(error: Exception) -> bool:
    """Whether an exception is SAM's: one of its own, or one that it fell over a template with."""
    innermost = error.__traceback__
    while innermost is not None and innermost.tb_next is not None:
        innermost = innermost.tb_next
    where = str(innermost.tb_frame.f_globals.get("__name__")) if innermost else ""
    return type(error).__module__.startswith(_SAM) or where.startswith(_SAM)


def _words(error: Exception) -> str:
    """What SAM says of its refusal, on one line."""
    if isinstance(error.__cause__, InvalidDocumentException):
        said = "; ".join(cause.message for cause in error.__cause__.causes)
    elif type(error).__module__.startswith(_SAM):
        said = str(getattr(error, "message", error))
    else:
        said = f"SAM cannot read the template: {type(error).__name__}: {error}"
    return " ".join(said.split())


def _check_form(path: str) -> None:
    """Refuse what is no template at all, which SAM itself falls over.

    Raises:
        ShortsError: there are no resources, or not as a mapping.
    """
    template = get_template_data(path)
    resources = template.get("Resources") if isinstance(template, dict) else None
    if not isinstance(resources, dict) or not resources:
        raise ShortsError(f"{path} is no SAM template: it has no Resources.")


@contextmanager
def _beside(build_dir: Path) -> Iterator[Path]:
    """A folder as deep as the build folder, so that paths relative to either are the same."""
    stage = build_dir.with_name(f".shorts-{os.getpid()}")
    try:
        yield stage
    finally:
        shutil.rmtree(stage, ignore_errors=True)


@contextmanager
def _context(options: dict[str, Any], build_dir: Path) -> Iterator[Any]:
    """samcli's build context, for another build folder than the one that was named."""
    with BuildContext(
        options["resource_logical_id"],
        options["template_file"],
        options["base_dir"],
        str(build_dir),
        options["cache_dir"],
        cached=False,
        parallel=False,
        mode=None,
        manifest_path=options["manifest"],
        parameter_overrides=options["parameter_overrides"],
        excluded_resources=options["exclude"],
        aws_region=None,
        language_extensions=options["language_extensions"],
    ) as reading:
        yield reading


def _wanted(reading: Any, name: str | None) -> list[Any]:
    """The functions to be built.

    Raises:
        ShortsError: there is none of that name.
    """
    try:
        found = reading.get_resources_to_build()
    except ResourceNotFound as error:
        names = ", ".join(function.full_path for function in reading.function_provider.get_all())
        raise ShortsError(
            f"There is no function {name} in the template.\nIt has: {names}."
        ) from error
    others = [layer.name for layer in found.layers]
    others += [one.name for one in found.functions if isinstance(one, WebFunction)]
    if others:
        raise ShortsError(
            f"shorts builds functions; {', '.join(others)} has to be built by `sam build`.\n"
            f"Leave it out with --exclude {' --exclude '.join(others)}."
        )
    return list(found.functions)


def _function(function: Any, base: Path) -> Function:
    metadata = function.metadata or {}
    variables = (function.environment or {}).get("Variables") or {}
    logging = function.logging_config or {}
    as_text = EnvironmentVariables()._stringify_value
    return Function(
        full_path=function.full_path,
        name=function.name,
        runtime=function.runtime or "",
        architecture=function.architecture,
        handler=function.handler or "",
        code_uri=str((base / (function.codeuri or ".")).resolve()),
        package_type=function.packagetype,
        build_method=str(metadata.get("BuildMethod") or ""),
        memory=int(function.memory or 128),
        timeout=int(function.timeout or 3),
        variables={name: as_text(value) for name, value in variables.items()},
        logging={name: as_text(value) for name, value in logging.items()},
        layers=[_layer(layer, base) for layer in function.layers],
    )


def _layer(layer: Any, base: Path) -> Layer:
    return Layer(
        full_path=layer.full_path if layer.codeuri else layer.arn,
        name=layer.name if layer.codeuri else layer.arn,
        architecture=layer.build_architecture,
        code_uri=str((base / layer.codeuri).resolve()) if layer.codeuri else "",
        build_method=layer.build_method or "",
    )


def _inputs(options: dict[str, Any], stacks: Sequence[Any]) -> set[str]:
    """The files that the answer was read from, and those that would have been had they existed."""
    folder = Path(options["template_file"]).parent
    files = {os.path.abspath(stack.location) for stack in stacks}
    files |= {os.path.abspath(name) for name in SAM_TEMPLATE_FILE_NAMES}
    files |= {str(folder / name) for name in (*_CONFIGURATIONS, str(options["config_file"]))}
    return files
