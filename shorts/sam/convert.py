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


def check(resource: Any) -> None:
    """Refuse a samcli function or layer with a name that cannot be a file's or a variable's.

    Raises:
        ShortsError: it has one, or its build method is not text.
    """
    where = str(resource.full_path)
    within = str(resource.stack_path)
    for name in (*filter(None, within.split("/")), where.removeprefix(f"{within}/")):
        if not _LOGICAL_ID.fullmatch(name):
            raise ShortsError(f"{where!r}: a logical id has letters and digits only, not {name!r}.")
    is_layer = isinstance(resource, LayerVersion)
    method = resource.build_method if is_layer else mapping(resource.metadata).get("BuildMethod")
    if not isinstance(method, str | None):
        raise ShortsError(f"{where}: BuildMethod has to be text, not {method!r:.100}.")
    if isinstance(resource, SamFunction):
        for name in mapping(mapping(resource.environment).get("Variables")):
            if not str(name) or "=" in str(name):
                raise ShortsError(f"{where}: {str(name)!r} cannot be the name of a variable.")


def function(samcli_function: Any, base: Path, stacks: Sequence[Any]) -> Function:
    """Convert a samcli function.

    What has no value before deployment never stops a build: its default is used.

    Args:
        samcli_function: the function.
        base: the folder that its paths are relative to.
        stacks: samcli's; the function is in one of them.

    Raises:
        ShortsError: its metadata has an unknown or invalid setting for shorts.
    """
    stack = _stack_of(samcli_function, stacks)
    metadata = mapping(samcli_function.metadata)
    logging = mapping(samcli_function.logging_config)
    as_text = EnvironmentVariables()._stringify_value
    code = (
        ""
        if samcli_function.inlinecode
        else str((base / (samcli_function.codeuri or ".")).resolve())
    )
    method = text(metadata.get("BuildMethod"))
    settings = _settings(samcli_function.full_path, metadata.get("Shorts"))
    memory, timeout = number(samcli_function.memory), number(samcli_function.timeout)
    assumed = [
        f"{name} has no value before deployment, {default} is used"
        for name, value, known, default in (
            ("MemorySize", samcli_function.memory, memory, f"{_MEMORY} MB"),
            ("Timeout", samcli_function.timeout, timeout, f"{_TIMEOUT} s"),
        )
        if value is not None and known is None
    ]
    variables = {}
    for name, value in mapping(mapping(samcli_function.environment).get("Variables")).items():
        variables[str(name)] = as_text(value)
        if isinstance(value, Mapping | list):
            assumed.append(f"the variable {name} has no value before deployment and is empty")
    return Function(
        full_path=samcli_function.full_path,
        name=samcli_function.name,
        function_name=text(samcli_function.functionname) or samcli_function.name,
        runtime=text(samcli_function.runtime),
        architecture=architecture(samcli_function),
        handler=written(samcli_function, "Handler", stacks) or "",
        code_uri=code,
        package_type=text(samcli_function.packagetype) or ZIP,
        build_method=method,
        memory=memory or _MEMORY,
        timeout=timeout or _TIMEOUT,
        variables=variables,
        logging={str(name): as_text(value) for name, value in logging.items()},
        layers=[layer(samcli_layer, base) for samcli_layer in samcli_function.layers],
        package="" if method == UV else _package(samcli_function, code),
        settings=settings,
        folder=str(Path(stack.location).absolute().parent),
        shared=template_settings.shared_layers(stacks, stack) if settings.shared_layers else None,
        assumed=assumed,
        lines=lines_of(samcli_function, stacks),
    )


def architecture(resource: Any) -> str:
    """Return the architecture of a samcli function; Lambda's default where it is not known."""
    stated = getattr(resource, "architectures", None)  # a web function has none
    only = stated[0] if isinstance(stated, list) and len(stated) == 1 else None
    return str(only) if only in MACHINES else str(X86_64)


def assumed_architectures(resources: Iterable[Any]) -> list[str]:
    """Return a note for each samcli function with an architecture that is not known."""
    return [
        f"{resource.full_path}: Architectures has no value before deployment, {X86_64} is used"
        for resource in resources
        if resource.architectures and [architecture(resource)] != resource.architectures
    ]


def written(samcli_function: Any, name: str, stacks: Sequence[Any]) -> str | None:
    """Return a property of a samcli function that is text; None where only deployment knows it.

    samcli replaces a parameter without a value by its name, so this looks at the template as it is
    written, too.
    """
    stack = _stack_of(samcli_function, stacks)
    template = mapping(stack.template_dict)
    given = mapping(stack.parameters)
    unknown = {
        each
        for each, parameter in mapping(template.get("Parameters")).items()
        if str(mapping(parameter).get("Type")).startswith("AWS::SSM::")
        or (each not in given and "Default" not in mapping(parameter))
    }
    shared = mapping(mapping(template.get("Globals")).get("Function"))
    resource = mapping(mapping(stack.raw_resources).get(samcli_function.name))
    raw = mapping(resource.get("Properties")).get(name, shared.get(name))
    value = getattr(samcli_function, name.lower())
    return value if isinstance(value, str) and not is_open(raw, unknown) else None


def lines_of(samcli_function: Any, stacks: Sequence[Any]) -> dict[str, str]:
    """Return where the template has a samcli function's properties, by their names."""
    return lines.of_properties(_stack_of(samcli_function, stacks).location).get(
        samcli_function.name, {}
    )


def _stack_of(samcli_function: Any, stacks: Sequence[Any]) -> Any:
    return next(stack for stack in stacks if stack.stack_path == samcli_function.stack_path)


def _settings(full_path: str, value: Any) -> Settings:
    try:
        return msgspec.convert(value or {}, Settings)
    except msgspec.ValidationError as error:
        raise ShortsError(
            f"{full_path}: Metadata: Shorts: {error}.\n"
            "It may have lists of Events, Keep, Drop and SourceRoots, and Slim and SharedLayers, "
            "which are true or false."
        ) from error


def _package(samcli_function: Any, code: str) -> str:
    """Return the folder that SAM puts a function's code into, for ``ParentPackageMode``."""
    options = ApplicationBuilder._get_build_options(
        samcli_function.name,
        "python",
        "",
        samcli_function.handler,
        "pip",
        samcli_function.metadata,
        code,
    )
    parents = (options or {}).get("parent_python_packages") or ""
    return f"{parents.replace('.', '/')}/" if parents else ""


def layer(samcli_layer: Any, base: Path) -> Layer:
    """Convert a samcli layer; its paths are relative to a folder."""
    here = isinstance(samcli_layer.codeuri, str)
    return Layer(
        full_path=samcli_layer.full_path if here else samcli_layer.arn,
        name=samcli_layer.name if here else samcli_layer.arn,
        architecture=samcli_layer.build_architecture,
        code_uri=str((base / samcli_layer.codeuri).resolve()) if here else "",
        build_method=samcli_layer.build_method or "",
    )


def region(click_context: click.Context) -> str | None:
    """Return a command's region, from an option or the environment."""
    context = click_context.find_object(Context)
    return context.region if context else None


def stacks(template: str, click_context: click.Context) -> Sequence[Any]:
    """Return a template and all its nested ones, with a command's parameters."""
    where = region(click_context)
    language_extensions = click_context.params["language_extensions"]
    nested, _ = SamLocalStackProvider.get_stacks(
        template,
        parameter_overrides=click_context.params["parameter_overrides"],
        global_parameter_overrides={"AWS::Region": where} if where else None,
        language_extensions_enabled=resolve_language_extensions_enabled(language_extensions),
    )
    return list(nested)


def functions(found_in: Sequence[Any]) -> list[Any]:
    """Return all functions, with the layers that another stack passes down, if any.

    samcli finds either the layers of the function's own stack or, in another mode, those of others.
    """
    others = SamFunctionProvider(found_in, locate_layer_nested=True)
    complete = []
    for samcli_function in SamFunctionProvider(found_in).get_all():
        check(samcli_function)
        handed = others.get(samcli_function.full_path).layers
        more = len(handed) > sum(layer.codeuri is not None for layer in samcli_function.layers)
        complete.append(samcli_function._replace(layers=handed) if more else samcli_function)
    return complete
