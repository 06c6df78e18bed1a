"""The options of ``sam sync``, as samcli reads them, split by the command that gets them."""

import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import click
import msgspec
from click.core import ParameterSource
from samcli.cli.cli_config_file import SamConfig
from samcli.cli.context import Context

from shorts.model import Syncing
from shorts.sam import errors, inputs
from shorts.sam import options as options_of

# The options that `sam build` and `sam deploy` have, too, by the names of their values.
_BUILD = "template_file base_dir parameter_overrides language_extensions".split()
_DEPLOY = """stack_name s3_bucket s3_prefix kms_key_id role_arn parameter_overrides tags metadata
    notification_arns capabilities image_repository image_repositories language_extensions
    express""".split()
# Passed on even if they were not given: their defaults differ from those of `sam deploy`.
_ALWAYS = frozenset("stack_name capabilities express".split())
_CONFIGURATION = ("config_file", "config_env")


def read_sync(arguments: Sequence[str]) -> tuple[Syncing, set[str]]:
    """Return the options of ``sam sync``, and the files that they depend on.

    Raises:
        UsageError: SAM refuses the arguments.
    """
    with errors.ours(), errors.warnings() as warnings:
        from samcli.commands.sync.command import cli

        click_context = cli.make_context("sync", list(arguments))
        options = options_of.plain(click_context.params)
        context = click_context.find_object(Context)
        profile, region = (context.profile, context.region) if context else (None, None)
        account = _account(profile, region)
        folder = getattr(click_context, "samconfig_dir", os.getcwd())
        shared = [*_arguments(click_context, _CONFIGURATION), *account]
        ids, types = list(options["resource_id"]), list(options["resource"])
        syncing = Syncing(
            stack=options["stack_name"],
            code=options["code"] or bool(ids or types),
            watch=options["watch"],
            resources=ids,
            types=types,
            profile=profile,
            region=region,
            bucket=options["s3_bucket"],
            deploys_first=not options["skip_deploy_sync"],
            build=[*shared, *_arguments(click_context, _BUILD)],
            deploy=[
                *shared,
                *_arguments(click_context, _DEPLOY),
                "--no-confirm-changeset",
                "--no-fail-on-empty-changeset",
                *_bucket(folder, options),
            ],
            files=[str(Path(folder, options["config_file"]))],
            notes=[*options_of.notes(click_context, "sync"), *warnings],
        )
        options_of.save(click_context, "sync")
        return syncing, inputs.of(click_context, [], arguments)


def _account(profile: str | None, region: str | None) -> list[str]:
    given = {"--profile": profile, "--region": region}
    return [word for option, value in given.items() if value for word in (option, value)]


def _bucket(folder: str | Path, options: Mapping[str, Any]) -> list[str]:
    """Return the option by which `sam deploy` has a bucket, where nothing else names one."""
    if options["s3_bucket"]:
        return ["--no-resolve-s3"]
    configuration = SamConfig(folder, options["config_file"])
    known: Mapping[str, Any] = {}
    if configuration.exists():
        try:
            known = configuration.get_all(["deploy"], "parameters", options["config_env"])
        except KeyError:
            known = {}
    return [] if known.get("s3_bucket") else ["--resolve-s3"]


def _arguments(click_context: click.Context, names: Sequence[str]) -> list[str]:
    """Return options as arguments, where they were given, also by a configuration file."""
    arguments = []
    known = {option.name: option for option in click_context.command.params}
    for name in names:
        value = options_of.plain(click_context.params)[name]
        option = known[name]
        is_given = click_context.get_parameter_source(name) != ParameterSource.DEFAULT
        if name in _ALWAYS or (is_given and value not in (None, {}, ())):
            arguments += _written(max(option.opts, key=len), option, value)
    return arguments


def _written(spelling: str, option: click.Parameter, value: Any) -> list[str]:
    """Return one option as it is written on a command line."""
    if isinstance(value, bool):
        return [spelling if value else option.secondary_opts[0]]
    if option.name == "metadata":
        return [spelling, msgspec.json.encode(value).decode()]
    if option.name == "image_repositories":
        return [word for name, each in value.items() for word in (spelling, f"{name}={each}")]
    if isinstance(value, Mapping):
        quoted = (str(each).replace('"', '\\"') for each in value.values())
        pairs = zip(value, quoted, strict=True)
        return [spelling, *(f'{name}="{each}"' for name, each in pairs)]
    if isinstance(value, list | tuple):
        return [spelling, *map(str, value)]
    return [spelling, str(value)]
