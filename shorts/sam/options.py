"""SAM's options apart from the template: ignored ones, ``--output`` and ``--save-params``."""

import io
import os
from collections.abc import Sequence
from contextlib import redirect_stdout
from typing import Any

import click
from click.core import ParameterSource
from samcli.cli.cli_config_file import SamConfig, save_command_line_args_to_config
from samcli.cli.context import Context
from samcli.lib.observability.util import OutputOption

from shorts.model import Debugging, RunOptions

# Options for SAM's containers, and for builds in the source folder: shorts does neither.
_MEANINGLESS = (
    "use_container",
    "skip_pull_image",
    "docker_network",
    "build_image",
    "container_env_var",
    "container_env_var_file",
    "mount_with",
    "mount_symlinks",
    "use_buildkit",
    "build_in_source",
    "skip_prepare_infra",
)

# Options for SAM's containers.
_MEANINGLESS_TO_SERVE = (
    "add_host",
    "container_dns",
    "container_host",
    "container_host_interface",
    "docker_network",
    "docker_volume_basedir",
    "force_image_build",
    "hook_name",
    "invoke_image",
    "save_params",
    "shutdown",
    "skip_prepare_infra",
    "skip_pull_image",
    "terraform_plan_file",
)


def meaningless(asked: click.Context) -> list[str]:
    """Return a note about options of a build that have no meaning here."""
    return _said(asked, _MEANINGLESS, "wheels for the target install on any machine")


def meaningless_to_serve(asked: click.Context) -> list[str]:
    """Return a note about options of start-api that have no meaning here."""
    return _said(asked, _MEANINGLESS_TO_SERVE, "functions run without a container")


def _said(asked: click.Context, names: Sequence[str], why: str) -> list[str]:
    # A configuration file also serves SAM's own commands, where these options have a meaning.
    silent = (ParameterSource.DEFAULT, ParameterSource.DEFAULT_MAP)
    given = [
        name
        for name in names
        if asked.params.get(name) and asked.get_parameter_source(name) not in silent
    ]
    if not given:
        return []
    are = "is not needed" if len(given) == 1 else "are not needed"
    return [f"{', '.join(given)} {are}: {why}"]


def run_options(asked: click.Context) -> RunOptions:
    """Return the options of a ``local`` command that say how functions run."""
    options = asked.params
    context = asked.find_object(Context)
    return RunOptions(
        variables=options["env_vars"],
        log=options["log_file"],
        profile=context.profile if context else None,
        region=context.region if context else None,
        limited=not options["no_memory_limit"],
        layer_cache=options["layer_cache_basedir"],
        debugging=Debugging(
            ports=list(options["debug_port"]),
            path=options["debugger_path"],
            arguments=options["debug_args"] or "",
            function=options.get("debug_function"),
            variables=options["container_env_vars"],
        )
        if options["debug_port"]
        else None,
    )


def document(asked: click.Context, reading: Any, found: Any, build_dir: str) -> str:
    """Return what SAM prints of a build with ``--output json``; empty without it."""
    if asked.params["output"] != OutputOption.json.value:
        return ""
    printed = io.StringIO()
    reading._output = OutputOption.json
    with redirect_stdout(printed):
        reading._print_build_success(build_dir, os.path.join(build_dir, "template.yaml"), found)
    return printed.getvalue().strip()


def save(asked: click.Context) -> None:
    """Write the options into the configuration file, for ``--save-params``."""
    options = asked.params
    folder = getattr(asked, "samconfig_dir", os.getcwd())
    configuration = SamConfig(folder, options["config_file"])
    with asked.scope(cleanup=False):
        save_command_line_args_to_config(asked, ["build"], options["config_env"], configuration)
