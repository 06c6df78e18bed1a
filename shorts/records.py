"""samcli's functions and layers as ours."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import msgspec
from samcli.lib.build.app_builder import ApplicationBuilder
from samcli.local.lambdafn.env_vars import EnvironmentVariables

from shorts.application import Function, Layer, Settings
from shorts.errors import ShortsError

# The build method of Python's that is not named as a runtime is.
UV = "python-uv"


def function(found: Any, base: Path, stacks: Sequence[Any]) -> Function:
    """A function of samcli's.

    Args:
        found: the function.
        base: the folder that its paths are from.
        stacks: samcli's, of which it is in one.

    Raises:
        ShortsError: its metadata asks shorts for what there is not.
    """
    metadata = found.metadata or {}
    variables = (found.environment or {}).get("Variables") or {}
    logging = found.logging_config or {}
    as_text = EnvironmentVariables()._stringify_value
    code = str((base / (found.codeuri or ".")).resolve())
    method = str(metadata.get("BuildMethod") or "")
    return Function(
        full_path=found.full_path,
        name=found.name,
        runtime=found.runtime or "",
        architecture=found.architecture,
        handler=found.handler or "",
        code_uri=code,
        package_type=found.packagetype,
        build_method=method,
        memory=int(found.memory or 128),
        timeout=int(found.timeout or 3),
        variables={name: as_text(value) for name, value in variables.items()},
        logging={name: as_text(value) for name, value in logging.items()},
        layers=[layer(one, base) for one in found.layers],
        package="" if method == UV else _package(found, code),
        settings=_settings(found.full_path, metadata.get("Shorts")),
        folder=next(
            str(Path(stack.location).absolute().parent)
            for stack in stacks
            if stack.stack_path == found.stack_path
        ),
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
    """The folder that SAM puts a function's code into, for ``ParentPackageMode``."""
    options = ApplicationBuilder._get_build_options(
        found.name, "python", "", found.handler, "pip", found.metadata, code
    )
    parents = (options or {}).get("parent_python_packages") or ""
    return f"{parents.replace('.', '/')}/" if parents else ""


def layer(found: Any, base: Path) -> Layer:
    """A layer of samcli's, its paths taken from a folder."""
    here = isinstance(found.codeuri, str)
    return Layer(
        full_path=found.full_path if here else found.arn,
        name=found.name if here else found.arn,
        architecture=found.build_architecture,
        code_uri=str((base / found.codeuri).resolve()) if here else "",
        build_method=found.build_method or "",
    )
