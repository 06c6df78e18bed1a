"""SAM's options apart from the template: those without effect, ``--output``, ``--save-params``."""

import io
import os
import re
from collections.abc import Mapping, Sequence
from contextlib import redirect_stdout
from typing import Any, Literal, NamedTuple

import click
from click.core import ParameterSource
from samcli.cli.cli_config_file import SamConfig, save_command_line_args_to_config
from samcli.cli.context import Context
from samcli.cli.main import cli as sam
from samcli.commands._utils.custom_options.option_nargs import OptionNargs
from samcli.lib.observability.util import OutputOption

from shorts.model import Debugging, RunOptions
from shorts.sam.carried import SamOption, SamOptions

# Reasons why an option has no effect.
_NO_CONTAINER_BUILDS = "wheels for the target install on any machine, so there is no container"
_NO_CONTAINER_RUNS = "functions run without a container"
_NO_TERRAFORM = "shorts does not read Terraform projects"

# What the commands of `sam local` have in common.
_RUNS = {
    **dict.fromkeys(
        """add_host container_dns container_host container_host_interface docker_network
        docker_volume_basedir force_image_build invoke_image skip_pull_image""".split(),
        _NO_CONTAINER_RUNS,
    ),
    **dict.fromkeys(("skip_prepare_infra", "terraform_plan_file"), _NO_TERRAFORM),
    "beta_features": "no beta feature of SAM runs a function",
    "shutdown": "functions are ended without a shutdown event",
}
_NOT_SAVED = "only `shorts build` and `shorts local invoke` save their options"
# The options of each command that have no effect, by the names of their values.
NO_EFFECT: Mapping[str, Mapping[str, str]] = {
    "build": {
        **dict.fromkeys(
            """build_image container_env_var container_env_var_file docker_network mount_symlinks
            mount_with skip_pull_image use_buildkit use_container""".split(),
            _NO_CONTAINER_BUILDS,
        ),
        **dict.fromkeys(("skip_prepare_infra", "terraform_project_root_path"), _NO_TERRAFORM),
        "beta_features": "BuildMethod python-uv needs no consent",
        "build_in_source": "a build leaves the source folders alone",
        "cache_dir": "the store is elsewhere, as `shorts cache dir` says",
    },
    "local invoke": {
        **_RUNS,
        "mount_symlinks": _NO_CONTAINER_RUNS,
        "durable_execution_name": "durable functions run as ordinary ones",
        "runtime": "a function runs on the Runtime of the template",
        "tenant_id": "functions get no tenant",
    },
    "local start-api": {**_RUNS, "save_params": _NOT_SAVED},
    "local start-lambda": {**_RUNS, "save_params": _NOT_SAVED},
    "sync": {
        **dict.fromkeys(
            "build_image container_env_var_file use_container".split(), _NO_CONTAINER_BUILDS
        ),
        "beta_features": "no beta feature of SAM is part of a sync",
        "build_in_source": "a build leaves the source folders alone",
        "dependency_layer": "`SharedLayers` in the template's `Metadata: Shorts` makes layers",
        "watch_exclude": "only the sources that a build reads are watched",
    },
}
# How many choices an option may have for help to list them.
_FEW = 4


class Described(NamedTuple):
    """An option of SAM, for help and completion.

    Attributes:
        names: all its names.
        metavar: what its value is called; empty for a flag.
        help: what it does.
        reason: why it has no effect; empty if it has one.
    """

    names: list[str]
    metavar: str
    help: str
    reason: str

    @property
    def left(self) -> str:
        """Return the names and the value, as a table of options begins a row."""
        return f"{', '.join(self.names)} {self.metavar}".rstrip()


def described(command: str) -> list[Described]:
    """Return the options of one of SAM's commands, sorted by name."""
    reasons = NO_EFFECT.get(command, {})
    return sorted(
        _described(option, reasons.get(str(option.name), ""))
        for option in _click_command(command).params
        if isinstance(option, click.Option)
        and option.opts
        and not option.hidden
        and option.name != "hook_name"  # refused, see `errors`
    )


def commands(group: str = "") -> list[str]:
    """Return the names of SAM's commands, or of those in a group; empty if it has none."""
    current = _click_command(group)
    return current.list_commands(_context(current)) if isinstance(current, click.Group) else []


def _click_command(command: str) -> click.Command:
    current: click.Command = sam
    for word in command.split():
        assert isinstance(current, click.Group)
        inner = current.get_command(_context(current), word)
        assert inner, command
        current = inner
    return current


def _context(command: click.Command) -> click.Context:
    """Return a context in which SAM's groups import their commands."""
    return click.Context(command, obj=Context())


def _described(option: click.Option, reason: str) -> Described:
    names = sorted((*option.opts, *option.secondary_opts), key=lambda name: (len(name), name))
    metavar = "" if option.is_flag else option.human_readable_name.rpartition("_")[2].upper()
    if isinstance(option.type, click.Choice) and 0 < len(option.type.choices) <= _FEW:
        metavar = "|".join(map(str, option.type.choices))
    first = re.split(r"\.\s|\.(?=[A-Z][a-z])|\n", click.unstyle(option.help or "").strip())[0]
    return Described(names, metavar, f"{first.rstrip('.')}.", reason)


def notes(click_context: click.Context, command: str) -> list[str]:
    """Return a line for each reason why options that were given have no effect."""
    # A configuration file also serves SAM's own commands, where these options have one.
    silent = (None, ParameterSource.DEFAULT, ParameterSource.DEFAULT_MAP)
    given: dict[str, list[str]] = {}
    for option in click_context.command.params:
        name, reason = str(option.name), NO_EFFECT[command].get(str(option.name))
        is_given = click_context.params.get(name, True)  # SAM keeps the values of some elsewhere
        if reason and is_given and click_context.get_parameter_source(name) not in silent:
            given.setdefault(reason, []).append(max(option.opts, key=len))
    return [f"{_listed(names)} no effect: {reason}" for reason, names in given.items()]


def _listed(names: Sequence[str]) -> str:
    return f"{', '.join(names)} {'has' if len(names) == 1 else 'have'}"


def plain(values: Mapping[str, Any]) -> dict[str, Any]:
    """Return the values of options, without the text type of a configuration file's reader."""
    return {name: str(value) if isinstance(value, str) else value for name, value in values.items()}


def run_options(click_context: click.Context) -> RunOptions:
    """Return the options of a ``local`` command that say how functions run."""
    options = plain(click_context.params)
    context = click_context.find_object(Context)
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
        ),
    )


def spellings(command: str) -> SamOptions:
    """Return the options of one of SAM's commands, such as ``local invoke``."""
    options: dict[str, SamOption] = {}
    for option in _click_command(command).params:
        if not isinstance(option, click.Option) or not option.name:
            continue
        takes: Literal["flag", "value", "values"] = "flag" if option.is_flag else "value"
        if isinstance(option, OptionNargs):
            takes = "values"
        options |= {word: SamOption(name=option.name, takes=takes) for word in option.opts}
        no = option.secondary_opts
        options |= {word: SamOption(name=option.name, takes="no") for word in no}
    return SamOptions(options=options)


def document(click_context: click.Context, reading: Any, artifacts: Any, build_dir: str) -> str:
    """Return what SAM prints of a build with ``--output json``; empty without it."""
    if click_context.params.get("output") != OutputOption.json.value:  # samcli has it since 1.170
        return ""
    printed = io.StringIO()
    reading._output = OutputOption.json
    with redirect_stdout(printed):
        reading._print_build_success(build_dir, os.path.join(build_dir, "template.yaml"), artifacts)
    return printed.getvalue().strip()


def save(click_context: click.Context, command: str) -> None:
    """Write the options of a command into the configuration file, for ``--save-params``."""
    options = click_context.params
    folder = getattr(click_context, "samconfig_dir", os.getcwd())
    configuration = SamConfig(folder, options["config_file"])
    with click_context.scope(cleanup=False):
        names = command.split()
        save_command_line_args_to_config(click_context, names, options["config_env"], configuration)
