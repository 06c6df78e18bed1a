"""What SAM's options ask of a build beside the template: its report, and to be remembered."""

import io
import os
from collections.abc import Sequence
from contextlib import redirect_stdout
from typing import Any

import click
from click.core import ParameterSource
from samcli.cli.cli_config_file import SamConfig, save_command_line_args_to_config
from samcli.lib.observability.util import OutputOption

# What SAM needs a container for, and what it does in the source's place: none of it happens here.
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

# What SAM tells its containers, and what they are debugged with.
_MEANINGLESS_TO_SERVE = (
    "add_host",
    "container_dns",
    "container_env_vars",
    "container_host",
    "container_host_interface",
    "debug_args",
    "debug_function",
    "debug_port",
    "debugger_path",
    "docker_network",
    "docker_volume_basedir",
    "force_image_build",
    "hook_name",
    "invoke_image",
    "layer_cache_basedir",
    "save_params",
    "shutdown",
    "skip_prepare_infra",
    "skip_pull_image",
    "terraform_plan_file",
)


def meaningless(asked: click.Context) -> list[str]:
    """What to say of options that were given to a build and that mean nothing here."""
    return _said(asked, _MEANINGLESS, "wheels for the target install on any machine")


def meaningless_to_serve(asked: click.Context) -> list[str]:
    """What to say of options that were given to start-api and that mean nothing here."""
    return _said(asked, _MEANINGLESS_TO_SERVE, "functions run without a container")


def _said(asked: click.Context, names: Sequence[str], why: str) -> list[str]:
    # What a configuration file says is said to SAM's own commands, too, where it has a meaning.
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


def document(asked: click.Context, reading: Any, found: Any, build_dir: str) -> str:
    """What SAM prints of a build where ``--output json`` was asked for; else nothing."""
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
