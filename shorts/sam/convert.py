"""samcli's stacks, functions and layers, converted to shorts' own models."""

import re
from collections.abc import Iterable, Mapping, Sequence
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
from samcli.lib.utils.architecture import X86_64
from samcli.lib.utils.packagetype import ZIP
from samcli.local.lambdafn.env_vars import EnvironmentVariables

from shorts.errors import ShortsError
from shorts.model import Function, Layer, Settings
from shorts.sam import lines, template_settings
from shorts.sam.values import is_open, mapping, number, text
from shorts.targets.target import MACHINES

# The Python build method that does not have the name of a runtime.
UV = "python-uv"
# Lambda's defaults, in MB and in seconds.
# https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-lambda-function.html
_MEMORY, _TIMEOUT = 128, 3
# A logical id becomes a file name and a command-line argument. CloudFormation takes only letters
# and digits.
# https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/resources-section-structure.html
_LOGICAL_ID = re.compile(r"\w[\w-]*")


def check(found: Any) -> None:
    """Refuse a samcli function or layer with a name that cannot be a file's or a variable's.

    Raises:
        ShortsError: it has one, or its build method is not text.
    """
    where = str(found.full_path)
    within = str(found.stack_path)
    for name in (*filter(None, within.split("/")), where.removeprefix(f"{within}/")):
        if not _LOGICAL_ID.fullmatch(name):
            raise ShortsError(f"{where!r}: a logical id has letters and digits only, not {name!r}.")
    is_layer = isinstance(found, LayerVersion)
    method = found.build_method if is_layer else mapping(found.metadata).get("BuildMethod")
    if not isinstance(method, str | None):
        raise ShortsError(f"{where}: BuildMethod has to be text, not {method!r:.100}.")
    if isinstance(found, SamFunction):
        for name in mapping(mapping(found.environment).get("Variables")):
            if not str(name) or "=" in str(name):
                raise ShortsError(f"{where}: {str(name)!r} cannot be the name of a variable.")


def function(found: Any, base: Path, stacks: Sequence[Any]) -> Function:
    """Convert a samcli function.

    What has no value before deployment never stops a build: its default is taken.

    Args:
        found: the function.
        base: the folder that its paths are relative to.
        stacks: samcli's; the function is in one of them.

    Raises:
        ShortsError: its metadata has an unknown or invalid setting for shorts.
    """
    stack = _stack_of(found, stacks)
    metadata = mapping(found.metadata)
    logging = mapping(found.logging_config)
    as_text = EnvironmentVariables()._stringify_value
    code = "" if found.inlinecode else str((base / (found.codeuri or ".")).resolve())
    method = text(metadata.get("BuildMethod"))
    settings = _settings(found.full_path, metadata.get("Shorts"))
    memory, timeout = number(found.memory), number(found.timeout)
    assumed = [
        f"{name} has no value before deployment, {default} is taken"
        for name, value, known, default in (
            ("MemorySize", found.memory, memory, f"{_MEMORY} MB"),
            ("Timeout", found.timeout, timeout, f"{_TIMEOUT} s"),
        )
        if value is not None and known is None
    ]
    variables = {}
    for name, value in mapping(mapping(found.environment).get("Variables")).items():
        variables[str(name)] = as_text(value)
        if isinstance(value, Mapping | list):
            assumed.append(f"the variable {name} has no value before deployment, it is empty")
    return Function(
        full_path=found.full_path,
        name=found.name,
        function_name=text(found.functionname) or found.name,
        runtime=text(found.runtime),
        architecture=architecture(found),
        handler=written(found, "Handler", stacks) or "",
        code_uri=code,
        package_type=text(found.packagetype) or ZIP,
        build_method=method,
        memory=memory or _MEMORY,
        timeout=timeout or _TIMEOUT,
        variables=variables,
        logging={str(name): as_text(value) for name, value in logging.items()},
        layers=[layer(one, base) for one in found.layers],
        package="" if method == UV else _package(found, code),
        settings=settings,
        folder=str(Path(stack.location).absolute().parent),
        shared=template_settings.shared_layers(stacks, stack) if settings.shared_layers else None,
        assumed=assumed,
        lines=lines_of(found, stacks),
    )


def architecture(found: Any) -> str:
    """Return the architecture of a samcli function; Lambda's default where it is not known."""
    stated = getattr(found, "architectures", None)  # a web function has none
    only = stated[0] if isinstance(stated, list) and len(stated) == 1 else None
    return str(only) if only in MACHINES else str(X86_64)


def assumed_architectures(found: Iterable[Any]) -> list[str]:
    """Return a note for each samcli function with an architecture that is not known."""
    return [
        f"{one.full_path}: Architectures has no value before deployment, {X86_64} is taken"
        for one in found
        if one.architectures and [architecture(one)] != one.architectures
    ]


def written(found: Any, name: str, stacks: Sequence[Any]) -> str | None:
    """Return a property of a samcli function that is text; None where only deployment knows it.

    samcli replaces a parameter without a value by its name, so this looks at the template as it is
    written, too.
    """
    stack = _stack_of(found, stacks)
    template = mapping(stack.template_dict)
    given = mapping(stack.parameters)
    unknown = {
        each
        for each, parameter in mapping(template.get("Parameters")).items()
        if str(mapping(parameter).get("Type")).startswith("AWS::SSM::")
        or (each not in given and "Default" not in mapping(parameter))
    }
    shared = mapping(mapping(template.get("Globals")).get("Function"))
    resource = mapping(mapping(stack.raw_resources).get(found.name))
    raw = mapping(resource.get("Properties")).get(name, shared.get(name))
    value = getattr(found, name.lower())
    return value if isinstance(value, str) and not is_open(raw, unknown) else None


def lines_of(found: Any, stacks: Sequence[Any]) -> dict[str, str]:
    """Return where the template has a samcli function's properties, by their names."""
    return lines.of_properties(_stack_of(found, stacks).location).get(found.name, {})


def _stack_of(found: Any, stacks: Sequence[Any]) -> Any:
    return next(stack for stack in stacks if stack.stack_path == found.stack_path)


def _settings(full_path: str, said: Any) -> Settings:
    try:
        return msgspec.convert(said or {}, Settings)
    except msgspec.ValidationError as error:
        raise ShortsError(
            f"The metadata of {full_path} asks for what there is not: {error}, in `Shorts`.\n"
            "It may have lists of Events, Keep, Drop and SourceRoots, and Slim and SharedLayers, "
            "which are true or false."
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
