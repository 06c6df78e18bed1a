"""Every option of SAM's commands is honoured, or noted."""

import click
import pytest
from samcli.commands.build.command import cli as build
from samcli.commands.local.invoke.cli import cli as invoke
from samcli.commands.local.start_api.cli import cli as start_api
from samcli.commands.local.start_lambda.cli import cli as start_lambda
from samcli.commands.sync.command import cli as sync

from shorts.cli.commands import VALUED
from shorts.sam import options

COMMANDS = {
    "build": build,
    "local invoke": invoke,
    "local start-api": start_api,
    "local start-lambda": start_lambda,
    "sync": sync,
}
# Options that name what is read, and that are honoured by all commands.
READING = """config_env config_file debug hook_name language_extensions parameter_overrides profile
    region template_file""".split()
RUNNING = """container_env_vars debug_args debug_port debugger_path env_vars layer_cache_basedir
    log_file no_memory_limit""".split()
SERVING = [*RUNNING, *"debug_function host no_watch port warm_containers".split()]
HONOURED = {
    "build": """base_dir build_dir cached exclude manifest output parallel
        resource_logical_id save_params""".split(),
    "local invoke": [*RUNNING, *"event function_logical_id no_event save_params".split()],
    "local start-api": [
        *SERVING,
        *"disable_authorizer ssl_cert_file ssl_key_file static_dir".split(),
    ],
    "local start-lambda": [*SERVING, "function_logical_ids"],
    "sync": """base_dir capabilities code express image_repositories image_repository kms_key_id
        metadata notification_arns resource resource_id role_arn s3_bucket s3_prefix save_params
        skip_deploy_sync stack_name tags watch""".split(),
}


@pytest.mark.parametrize("command", COMMANDS)
def test_no_option_is_silent(command: str) -> None:
    """Each option is in one of the lists: those that have an effect, and those that have none."""
    known = {option.name for option in COMMANDS[command].params if option.name}
    without = {*options.NO_EFFECT[command]}
    having = {*READING, *HONOURED[command]} - ({"hook_name"} if command == "sync" else set())
    assert known == without | having
    assert not without & having


@pytest.mark.parametrize(
    ("command", "name"),
    [(command, name) for command, names in options.NO_EFFECT.items() for name in names],
)
def test_an_option_without_effect_is_noted(command: str, name: str) -> None:
    """One line names the option and says why."""
    (option,) = (each for each in COMMANDS[command].params if each.name == name)
    context = click.Context(COMMANDS[command])
    context.params = {name: "x"}
    context.set_parameter_source(name, click.core.ParameterSource.COMMANDLINE)
    written, reason = max(option.opts, key=len), options.NO_EFFECT[command][name]
    assert options.notes(context, command) == [f"{written} has no effect: {reason}"]


def test_options_with_one_reason_are_noted_together() -> None:
    """A line has all options that it is about."""
    context = click.Context(build)
    context.params = {"use_container": True, "docker_network": "x", "mount_symlinks": False}
    for name in context.params:
        context.set_parameter_source(name, click.core.ParameterSource.COMMANDLINE)
    (note,) = options.notes(context, "build")
    assert note.startswith("--use-container, --docker-network have no effect: wheels for ")


def test_a_configuration_file_is_not_noted() -> None:
    """It also serves SAM's own commands, where its options have an effect."""
    context = click.Context(build)
    context.params = {"use_container": True}
    context.set_parameter_source("use_container", click.core.ParameterSource.DEFAULT_MAP)
    assert options.notes(context, "build") == []


def test_options_with_a_value_are_known() -> None:
    """What follows one of them names no function, so the parser has to know them all."""
    valued = {
        name
        for option in build.params
        if isinstance(option, click.Option) and not option.is_flag
        for name in option.opts
    }
    assert valued == set(VALUED)


def test_a_description() -> None:
    """It has all names, what the value is, and the first sentence of SAM's help."""
    found = {option.names[-1]: option for option in options.described("build")}
    assert found["--output"].metavar == "text|json"
    assert found["--template-file"].names == ["-t", "--template", "--template-file"]
    assert found["--build-dir"].help == "Directory to store build artifacts."
    assert found["--no-use-container"].reason.startswith("wheels for the target")
    assert "--hook-name" not in found


def test_commands_of_a_group() -> None:
    """A group has commands, a command has none."""
    assert {"build", "deploy", "local"} <= {*options.commands()}
    assert {"invoke", "start-api", "start-lambda"} <= {*options.commands("local")}
    assert options.commands("deploy") == []
