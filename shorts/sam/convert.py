"""samcli's stacks, functions and layers, converted to shorts' own models."""

import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import click
import msgspec
from samcli.cli.context import Context
from samcli.lib.build.app_builder import ApplicationBuilder
from samcli.lib.cfn_language_extensions.sam_integration import resolve_language_extensions_enabled
from samcli.lib.providers.provider import Function as SamFunction
from samcli.lib.providers.provider import LayerVersion
from samcli.lib.providers.sam_function_provider import SamFunctionProvider
from samcli.lib.providers.sam_stack_provider import SamLocalStackProvider
from samcli.local.lambdafn.env_vars import EnvironmentVariables

from shorts.errors import ShortsError
from shorts.model import Function, Layer, Settings
from shorts.sam import template_settings
from shorts.sam.values import mapping, number, text

# The Python build method that does not have the name of a runtime.
UV = "python-uv"
# A logical id becomes a file name and a command-line argument. CloudFormation takes only letters
# and digits.
# https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/resources-section-structure.html
_LOGICAL_ID = re.compile(r"\w[\w-]*")


def check(found: Any) -> None:
    """Refuse a samcli function or layer that has another type where text has to be.

    Raises:
        ShortsError: it has, or its logical id cannot be a file name.
    """
    where = str(found.full_path)
    within = str(found.stack_path)
    for name in (*filter(None, within.split("/")), where.removeprefix(f"{within}/")):
        if not _LOGICAL_ID.fullmatch(name):
            raise ShortsError(f"{where!r}: a logical id has letters and digits only, not {name!r}.")
    metadata = mapping(found.metadata, f"{where}: Metadata")
    text(metadata.get("BuildMethod"), f"{where}: BuildMethod")
    if isinstance(found, LayerVersion):
        text(found.build_method, f"{where}: BuildMethod")
        text(found.build_architecture, f"{where}: BuildArchitecture")
        return
    if not isinstance(found, SamFunction):
        return
    text(found.runtime, f"{where}: Runtime")
    text(found.handler, f"{where}: Handler")
    text(found.codeuri, f"{where}: CodeUri")
    text(found.packagetype, f"{where}: PackageType")
    text(found.architecture, f"{where}: Architectures")
    variables = mapping(found.environment, f"{where}: Environment").get("Variables")
    for name in mapping(variables, f"{where}: Variables"):
        if not str(name) or "=" in str(name):
            raise ShortsError(f"{where}: {str(name)!r} cannot be the name of a variable.")
    mapping(found.logging_config, f"{where}: LoggingConfig")


def function(found: Any, base: Path, stacks: Sequence[Any]) -> Function:
    """Convert a samcli function.

    Args:
        found: the function.
        base: the folder that its paths are relative to.
        stacks: samcli's; the function is in one of them.

    Raises:
        ShortsError: its metadata has an unknown or invalid setting for shorts.
    """
    metadata = mapping(found.metadata, "Metadata")
    variables = mapping(mapping(found.environment, "Environment").get("Variables"), "Variables")
    logging = mapping(found.logging_config, "LoggingConfig")
    as_text = EnvironmentVariables()._stringify_value
    code = "" if found.inlinecode else str((base / (found.codeuri or ".")).resolve())
    method = metadata.get("BuildMethod") or ""
    settings = _settings(found.full_path, metadata.get("Shorts"))
    stack = next(stack for stack in stacks if stack.stack_path == found.stack_path)
    return Function(
        full_path=found.full_path,
        name=found.name,
        runtime=found.runtime or "",
        architecture=found.architecture,
        handler=found.handler or "",
        code_uri=code,
        package_type=found.packagetype,
        build_method=method,
        memory=number(found.memory, 128, f"{found.full_path}: MemorySize"),
        timeout=number(found.timeout, 3, f"{found.full_path}: Timeout"),
        variables={str(name): as_text(value) for name, value in variables.items()},
        logging={str(name): as_text(value) for name, value in logging.items()},
        layers=[layer(one, base) for one in found.layers],
        package="" if method == UV else _package(found, code),
        settings=settings,
        folder=str(Path(stack.location).absolute().parent),
        function_name=found.functionname if isinstance(found.functionname, str) else "",
        shared=template_settings.shared_layers(stacks, stack) if settings.shared_layers else None,
    )


def _settings(full_path: str, said: Any) -> Settings:
    try:
        return msgspec.convert(said or {}, Settings)
    except msgspec.ValidationError as error:
        raise ShortsError(
            f"The metadata of {full_path} asks for what there is not: {error}, in `Shorts`.\n"
            "It may have lists of Events, Keep, Drop and SourceRoots."
        ) from error


def _package(found: Any, code: str) -> str:
    """Return the folder that SAM puts a function's code into, for ``ParentPackageMode``."""
    options = ApplicationBuilder._get_build_options(
        found.name, "python", "", found.handler, "pip", found.metadata, code
    )
    parents = (options or {}).get("parent_python_packages") or ""
    return f"{parents.replace('.', '/')}/" if parents else ""


def layer(found: Any, base: Path) -> Layer:
    """Convert a samcli layer; its paths are relative to a folder."""
    here = isinstance(found.codeuri, str)
    return Layer(
        full_path=found.full_path if here else found.arn,
        name=found.name if here else found.arn,
        architecture=found.build_architecture,
        code_uri=str((base / found.codeuri).resolve()) if here else "",
        build_method=found.build_method or "",
    )


def region(asked: click.Context) -> str | None:
    """Return a command's region, from an option or the environment."""
    found = asked.find_object(Context)
    return found.region if found else None


def stacks(template: str, asked: click.Context) -> Sequence[Any]:
    """Return a template and all its nested ones, with a command's parameters."""
    where = region(asked)
    language_extensions = asked.params["language_extensions"]
    found, _ = SamLocalStackProvider.get_stacks(
        template,
        parameter_overrides=asked.params["parameter_overrides"],
        global_parameter_overrides={"AWS::Region": where} if where else None,
        language_extensions_enabled=resolve_language_extensions_enabled(language_extensions),
    )
    return list(found)


def functions(found_in: Sequence[Any]) -> list[Any]:
    """Return all functions, with the layers that another stack passes down, if any.

    samcli finds either the layers of the function's own stack or, in another mode, those of others.
    """
    others = SamFunctionProvider(found_in, locate_layer_nested=True)
    found = []
    for one in SamFunctionProvider(found_in).get_all():
        check(one)
        handed = others.get(one.full_path).layers
        more = len(handed) > sum(layer.codeuri is not None for layer in one.layers)
        found.append(one._replace(layers=handed) if more else one)
    return found
