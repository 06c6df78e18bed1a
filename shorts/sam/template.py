"""The template, as samcli reads it for a build.

samcli's own ``build`` parses the arguments and the configuration file. Its own providers resolve
the template, and its own build context writes the built templates. shorts does only the building
itself.
"""

import copy
import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import click
import msgspec
from samcli.commands.build.build_context import BuildContext
from samcli.commands.build.command import cli as build_command
from samcli.lib.build.app_builder import ApplicationBuilder, ApplicationBuildResult
from samcli.lib.build.build_graph import BuildGraph
from samcli.lib.providers.provider import Function as SamFunction
from samcli.lib.providers.provider import LayerVersion
from samcli.lib.providers.sam_api_provider import SamApiProvider
from samcli.lib.providers.sam_function_provider import SamFunctionProvider
from samcli.lib.providers.sam_layer_provider import SamLayerProvider
from samcli.lib.utils.packagetype import IMAGE
from samcli.local.lambdafn.exceptions import ResourceNotFound

from shorts.errors import ShortsError, writing
from shorts.model import Application, Function, SamBuildOutput, artifact
from shorts.sam import (
    configuration,
    convert,
    errors,
    inputs,
    runtimes,
    template_settings,
    values,
    versions,
)
from shorts.sam import options as sam_options
from shorts.system import build_folder as folders
from shorts.targets.target import RUNTIMES


def read_build(arguments: Sequence[str]) -> tuple[Application, set[str]]:
    """Return what ``sam build`` would build, and the files that this depends on.

    Raises:
        ShortsError: SAM refuses the template.
        UsageError: SAM refuses the arguments.
    """
    with (
        errors.ours(),
        errors.warnings() as warnings,
        _reading(arguments) as (click_context, reading),
    ):
        options, base = click_context.params, Path(reading.base_dir)
        resources = _wanted(reading, options["resource_logical_id"])
        functions = [function for function in resources.functions if _is_ours(function)]
        layers = [layer for layer in resources.layers if _is_ours(layer)]
        handed = [
            resource
            for resource in (*resources.functions, *resources.layers)
            if not _is_ours(resource)
        ]
        for function in resources.functions:
            runtimes.check(function, reading.stacks)
        full_paths = [resource.full_path for resource in (*functions, *layers)]
        build_dir = str(Path(options["build_dir"]).resolve())
        read = inputs.of(click_context, reading.stacks, arguments)
        is_whole = not handed and not options["resource_logical_id"]
        unbuilt = _unbuilt(reading) if is_whole else {}
        application = Application(
            template=options["template_file"],
            build_dir=build_dir,
            manifest=reading.manifest_path_override,
            functions=[convert.function(function, base, reading.stacks) for function in functions],
            layers=[convert.layer(layer, base) for layer in layers],
            templates={} if handed else _templates(reading, full_paths, {}),
            notes=[
                *([] if handed else sam_options.notes(click_context, "build")),
                *configuration.unknown(click_context, "build"),
                *convert.assumed_architectures(functions),
                *warnings,
            ],
            arguments=list(arguments),
            document=sam_options.document(click_context, reading, resources, build_dir),
            handed=[resource.full_path for resource in handed],
            calls=_calls(arguments, options, [*functions, *layers], handed),
            sources=_sources(click_context, reading, read),
            unbuilt=unbuilt,
            remote=template_settings.remote(reading.stacks),
        )
        sam_options.save(click_context, "build")
        return application, read


def read_output(
    arguments: Sequence[str], handed: Sequence[str], folders: Sequence[str]
) -> tuple[SamBuildOutput, set[str]]:
    """Return what SAM has built, with the templates of the whole build, and the files read.

    Args:
        arguments: of the build.
        handed: the full paths of what SAM builds.
        folders: one that holds all of them, or one for each.

    Raises:
        ShortsError: SAM cannot read its own output.
    """
    with errors.ours(), errors.warnings(), _reading(arguments) as (click_context, reading):
        resources = _wanted(reading, click_context.params["resource_logical_id"])
        full_paths = [
            resource.full_path
            for resource in (*resources.functions, *resources.layers)
            if _is_ours(resource)
        ]
        read = inputs.of(click_context, reading.stacks, arguments)
        built: dict[str, str] = {}
        artifacts: dict[str, str] = {}
        functions: list[Function] = []
        every = {
            resource.full_path: resource for resource in (*resources.functions, *resources.layers)
        }
        for folder in folders:
            where, written = _built(Path(folder), click_context)
            read |= written
            for name in handed if len(folders) == 1 else [handed[len(built) + len(functions)]]:
                made, resource = where[name], every[name]
                if _is_python(resource):
                    function = convert.function(resource, Path(reading.base_dir), reading.stacks)
                    functions.append(msgspec.structs.replace(function, code_uri=made))
                elif Path(made).is_dir():
                    place = os.path.relpath(made, folder)
                    artifacts[place] = made
                    built[name] = os.path.join(reading.build_dir, place)
                else:
                    built[name] = made
        full_paths += [function.full_path for function in functions]
        templates = _templates(reading, full_paths, built)
        sam_output = SamBuildOutput(templates=templates, artifacts=artifacts, functions=functions)
        return sam_output, read


@contextmanager
def _reading(arguments: Sequence[str]) -> Iterator[tuple[click.Context, Any]]:
    """Yield samcli's build command with its arguments, and its build context for a work folder.

    The folder is as deep as the build folder, so that paths relative to either are the same.
    """
    click_context = build_command.make_context("build", list(arguments))
    options = click_context.params
    inputs.check_form(options["template_file"])
    build_dir = Path(options["build_dir"])
    folders.check_allowed(build_dir, [Path(options["template_file"])])
    with ExitStack() as work:
        with writing(f"The build folder {build_dir}", "Name another folder with --build-dir."):
            stage = work.enter_context(folders.work_folder(build_dir.resolve()))
        with BuildContext(
            options["resource_logical_id"],
            options["template_file"],
            options["base_dir"],
            str(stage),
            options["cache_dir"],
            cached=False,
            parallel=False,
            mode=None,
            manifest_path=options["manifest"],
            parameter_overrides=options["parameter_overrides"],
            excluded_resources=options["exclude"],
            aws_region=convert.region(click_context),
            language_extensions=options["language_extensions"],
        ) as reading:
            if reading._is_sam_template():
                SamApiProvider.check_implicit_api_resource_ids(reading.stacks)
            reading._stacks = reading._handle_build_pre_processing()
            yield click_context, reading


def _sources(click_context: click.Context, reading: Any, inputs: Iterable[str]) -> list[str]:
    """Return the absolute paths of the files the template was read from, and of its code."""
    base = Path(reading.base_dir)
    paths = {*inputs, click_context.params["template_file"]}
    for resource in (*reading.function_provider.get_all(), *reading.layer_provider.get_all()):
        places = [resource.codeuri, (resource.metadata or {}).get("DockerContext")]
        paths |= {os.path.abspath(base / place) for place in places if isinstance(place, str)}
    return sorted(paths)


def _wanted(reading: Any, name: str | None) -> Any:
    """Return the functions and layers to build.

    Raises:
        ShortsError: none has that name.
    """
    try:
        resources = reading.get_resources_to_build()
        for resource in (*resources.functions, *resources.layers):
            convert.check(resource)
        return resources
    except ResourceNotFound as error:
        there = (*reading.function_provider.get_all(), *reading.layer_provider.get_all())
        names = ", ".join(resource.full_path for resource in there)
        raise ShortsError(
            f"There is no function or layer {name} in the template.\nIt has: {names}."
        ) from error


def _is_ours(resource: Any) -> bool:
    """Return whether a function or layer is Python in a zip that needs no Makefile."""
    if isinstance(resource, LayerVersion):
        return resource.build_method in RUNTIMES
    method = values.text(values.mapping(resource.metadata).get("BuildMethod"))
    return _is_python(resource) and (method in ("", convert.UV) or method in RUNTIMES)


def _is_python(resource: Any) -> bool:
    is_function = isinstance(resource, SamFunction)
    return (
        is_function and resource.packagetype != IMAGE and values.text(resource.runtime) in RUNTIMES
    )


def _calls(
    arguments: Sequence[str], options: Mapping[str, Any], ours: Sequence[Any], handed: Sequence[Any]
) -> list[list[str]]:
    """Return the `sam build` calls: one, where names can exclude what shorts builds itself."""
    wanted = options["resource_logical_id"]
    names = {resource.name for resource in ours}
    others = [word for word in arguments if word != "--save-params"]
    if not handed or wanted in (handed[0].name, handed[0].full_path):
        return [others] if handed else []
    if wanted:
        del others[len(others) - 1 - others[::-1].index(wanted)]
    elif names.isdisjoint(resource.name for resource in handed):
        left_out = [f"--exclude={name}" for name in (*options["exclude"], *sorted(names))]
        return [[*others, *left_out]]
    return [[*others, resource.full_path] for resource in handed]


def _templates(reading: Any, ours: Iterable[str], built: Mapping[str, str]) -> dict[str, str]:
    """Return the built templates by their path in the build folder."""
    stage = Path(reading.build_dir)
    artifacts = {name: str(stage / artifact(name)) for name in ours} | dict(built)
    result = ApplicationBuildResult(BuildGraph(str(stage)), artifacts)
    reading._handle_build_post_processing(ApplicationBuilder, result)
    return {
        path.relative_to(stage).as_posix(): path.read_text(encoding="utf-8")
        for path in sorted(stage.rglob("*"))
        if path.is_file() and path.name != folders.MARK
    }


def _unbuilt(reading: Any) -> dict[str, str]:
    """Return what the templates are if nothing is built; samcli changes its own copies."""
    former = [copy.deepcopy(stack.template_dict) for stack in reading.stacks]
    texts = _templates(reading, [], {})
    for stack, template in zip(reading.stacks, former, strict=True):
        stack.template_dict.clear()
        stack.template_dict.update(template)
    return texts


def _built(folder: Path, click_context: click.Context) -> tuple[dict[str, str], set[str]]:
    """Return where SAM has put everything, by full path, and the templates that name it."""
    stacks = convert.stacks(str(folder / "template.yaml"), click_context)
    places: dict[str, str] = {}
    for resource in SamFunctionProvider(stacks).get_all():
        places[resource.full_path] = (
            resource.imageuri if resource.packagetype == "Image" else resource.codeuri
        )
    for resource in (*versions.web_functions(stacks), *SamLayerProvider(stacks).get_all()):
        places[resource.full_path] = resource.codeuri
    located = {
        name: os.path.abspath(where) if Path(where).exists() else where
        for name, where in places.items()
        if isinstance(where, str)
    }
    return located, {os.path.abspath(stack.location) for stack in stacks}
