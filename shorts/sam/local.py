"""The template, as samcli's ``local`` commands read it.

Each command takes a tenth of a second more to import, so it is imported on demand.
"""

import os
from collections.abc import Iterable, Iterator, Sequence, Set
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import click
import msgspec
from samcli.commands._utils.options import DEFAULT_BUILT_TEMPLATE_PATH

from shorts.model import Function, Invocation, Serving
from shorts.sam import carried, configuration, convert, errors, inputs
from shorts.sam import options as options_of


class _Parsed(msgspec.Struct, frozen=True, kw_only=True):
    """What SAM reads for one of its ``local`` commands.

    Attributes:
        context: of the command.
        options: as SAM passes them to it.
        stacks: of the template.
        functions: of all stacks.
        files: that this depends on.
        warnings: of SAM.
    """

    context: click.Context
    options: dict[str, Any]
    stacks: Sequence[Any]
    functions: list[Function]
    files: set[str]
    warnings: list[str]

    @property
    def notes(self) -> list[str]:
        """Return what to say of options and settings."""
        name = str(self.context.info_name)
        return [*options_of.notes(self.context, name), *configuration.unknown(self.context, name)]


@contextmanager
def _parsed(name: str, command: click.Command, arguments: Sequence[str]) -> Iterator[_Parsed]:
    """Yield what SAM reads for a command; turn its errors and warnings into shorts' own.

    Raises:
        ShortsError: SAM refuses the template.
        UsageError: SAM refuses the arguments.
    """
    with errors.ours(), errors.warnings() as warnings:
        context = command.make_context(name, list(arguments))
        options = options_of.plain(context.params)
        inputs.check_form(options["template_file"])
        stacks = convert.stacks(options["template_file"], context)
        yield _Parsed(
            context=context,
            options=options,
            stacks=stacks,
            functions=[
                convert.function(function, Path(), stacks) for function in convert.functions(stacks)
            ],
            files=inputs.of(context, stacks, arguments),
            warnings=warnings,
        )


def read_invoke(arguments: Sequence[str]) -> tuple[Invocation, set[str]]:
    """Return what ``sam local invoke`` would run, and the files that this depends on.

    Raises:
        ShortsError: SAM refuses the template.
        UsageError: SAM refuses the arguments.
    """
    from samcli.commands.local.invoke.cli import cli

    with _parsed("local invoke", cli, arguments) as parsed:
        invocation = Invocation(
            template=parsed.options["template_file"],
            functions=parsed.functions,
            wanted=parsed.options["function_logical_id"],
            event=parsed.options["event"],
            run=options_of.run_options(parsed.context),
            notes=[*parsed.notes, *parsed.warnings],
        )
        options_of.save(parsed.context, "local invoke")
        return invocation, parsed.files | {os.path.abspath(DEFAULT_BUILT_TEMPLATE_PATH)}


def read_serve(arguments: Sequence[str]) -> tuple[Serving, set[str]]:
    """Return what ``sam local start-api`` would serve, and the files that this depends on.

    Raises:
        ShortsError: SAM refuses the template.
        UsageError: SAM refuses the arguments.
    """
    from samcli.commands.local.start_api.cli import cli

    from shorts.sam import apis

    with _parsed("local start-api", cli, arguments) as parsed:
        options, stacks = parsed.options, parsed.stacks
        read = apis.read(stacks, options["disable_authorizer"])
        certificate, key = options["ssl_cert_file"], options["ssl_key_file"]
        # `apis.notes` lists which of a document's authorizers are in use.
        unsupported = "Skip parsing unsupported"
        notes = [
            *apis.notes(stacks, read),
            *_assumed(parsed.functions),
            *(line for line in parsed.warnings if not line.startswith(unsupported)),
        ]
        serving = msgspec.structs.replace(
            _serving(parsed, parsed.files | apis.openapi_files(stacks), notes),
            apis=read,
            static=options["static_dir"] or "",
            certificate=(certificate, key) if certificate else None,
        )
        return serving, {*serving.files}


def read_serve_lambda(arguments: Sequence[str]) -> tuple[Serving, set[str]]:
    """Return what ``sam local start-lambda`` would serve, and the files that this depends on.

    Raises:
        ShortsError: SAM refuses the template, or a named function does not exist.
        UsageError: SAM refuses the arguments.
    """
    from samcli.commands.local.start_lambda.cli import cli

    with _parsed("local start-lambda", cli, arguments) as parsed:
        serving = _serving(parsed, parsed.files, [*_assumed(parsed.functions), *parsed.warnings])
        return carried.only(serving, parsed.options["function_logical_ids"]), parsed.files


def _serving(parsed: _Parsed, files: Set[str], notes: Iterable[str]) -> Serving:
    """Return what both commands that serve take from their options."""
    return Serving(
        template=parsed.options["template_file"],
        functions=parsed.functions,
        apis=[],
        host=parsed.options["host"],
        port=parsed.options["port"],
        static="",
        eager=parsed.options["warm_containers"] == "EAGER",
        watch=not parsed.options["no_watch"],
        certificate=None,
        run=options_of.run_options(parsed.context),
        files=sorted(files),
        notes=[*parsed.notes, *notes],
    )


def _assumed(functions: Sequence[Function]) -> list[str]:
    """Return a note for each value that is taken because only deployment knows the real one."""
    return [
        f"{function.full_path}: {assumed}" for function in functions for assumed in function.assumed
    ]
