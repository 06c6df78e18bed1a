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


class _Asked(msgspec.Struct, frozen=True, kw_only=True):
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
def _asked(name: str, command: click.Command, arguments: Sequence[str]) -> Iterator[_Asked]:
    """Yield what SAM reads for a command; its errors and warnings are ours meanwhile.

    Raises:
        ShortsError: SAM refuses the template.
        UsageError: SAM refuses the arguments.
    """
    with errors.ours(), errors.warnings() as warnings:
        context = command.make_context(name, list(arguments))
        options = options_of.plain(context.params)
        inputs.check_form(options["template_file"])
        stacks = convert.stacks(options["template_file"], context)
        yield _Asked(
            context=context,
            options=options,
            stacks=stacks,
            functions=[convert.function(one, Path(), stacks) for one in convert.functions(stacks)],
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

    with _asked("local invoke", cli, arguments) as asked:
        invocation = Invocation(
            template=asked.options["template_file"],
            functions=asked.functions,
            wanted=asked.options["function_logical_id"],
            event=asked.options["event"],
            run=options_of.run_options(asked.context),
            notes=[*asked.notes, *asked.warnings],
        )
        options_of.save(asked.context, "local invoke")
        return invocation, asked.files | {os.path.abspath(DEFAULT_BUILT_TEMPLATE_PATH)}


def read_serve(arguments: Sequence[str]) -> tuple[Serving, set[str]]:
    """Return what ``sam local start-api`` would serve, and the files that this depends on.

    Raises:
        ShortsError: SAM refuses the template.
        UsageError: SAM refuses the arguments.
    """
    from samcli.commands.local.start_api.cli import cli

    from shorts.sam import apis

    with _asked("local start-api", cli, arguments) as asked:
        options, stacks = asked.options, asked.stacks
        read = apis.read(stacks, options["disable_authorizer"])
        certificate, key = options["ssl_cert_file"], options["ssl_key_file"]
        # `apis.notes` lists which of a document's authorizers are in use.
        unsupported = "Skip parsing unsupported"
        notes = [
            *apis.notes(stacks, read),
            *_assumed(asked.functions),
            *(line for line in asked.warnings if not line.startswith(unsupported)),
        ]
        serving = msgspec.structs.replace(
            _serving(asked, asked.files | apis.documents(stacks), notes),
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

    with _asked("local start-lambda", cli, arguments) as asked:
        serving = _serving(asked, asked.files, [*_assumed(asked.functions), *asked.warnings])
        return carried.only(serving, asked.options["function_logical_ids"]), asked.files


def _serving(asked: _Asked, files: Set[str], notes: Iterable[str]) -> Serving:
    """Return what both commands that serve take from their options."""
    return Serving(
        template=asked.options["template_file"],
        functions=asked.functions,
        apis=[],
        host=asked.options["host"],
        port=asked.options["port"],
        static="",
        eager=asked.options["warm_containers"] == "EAGER",
        watch=not asked.options["no_watch"],
        certificate=None,
        run=options_of.run_options(asked.context),
        files=sorted(files),
        notes=[*asked.notes, *notes],
    )


def _assumed(functions: Sequence[Function]) -> list[str]:
    """Return a note for each value that is taken because only deployment knows the real one."""
    return [f"{one.full_path}: {assumed}" for one in functions for assumed in one.assumed]
