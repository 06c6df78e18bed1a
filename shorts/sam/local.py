"""The template, as samcli's ``local`` commands read it.

Each command takes a tenth of a second more to import, so it is imported on demand.
"""

import os
from collections.abc import Sequence
from pathlib import Path

from samcli.commands._utils.options import DEFAULT_BUILT_TEMPLATE_PATH

from shorts.model import Function, Invocation, Serving
from shorts.sam import carried, configuration, convert, errors, inputs
from shorts.sam import options as options_of


def read_invoke(arguments: Sequence[str]) -> tuple[Invocation, set[str]]:
    """Return what ``sam local invoke`` would run, and the files that this depends on.

    Raises:
        ShortsError: SAM refuses the template.
        UsageError: SAM refuses the arguments.
    """
    with errors.ours(), errors.warnings() as said:
        from samcli.commands.local.invoke.cli import cli

        asked = cli.make_context("local invoke", list(arguments))
        options = options_of.plain(asked.params)
        inputs.check_form(options["template_file"])
        stacks = convert.stacks(options["template_file"], asked)
        functions = convert.functions(stacks)
        invocation = Invocation(
            template=options["template_file"],
            functions=[convert.function(one, Path(), stacks) for one in functions],
            wanted=options["function_logical_id"],
            event=options["event"],
            run=options_of.run_options(asked),
            notes=[
                *options_of.notes(asked, "local invoke"),
                *configuration.unknown(asked, "local invoke"),
                *said,
            ],
        )
        options_of.save(asked, "local invoke")
        built = os.path.abspath(DEFAULT_BUILT_TEMPLATE_PATH)
        return invocation, inputs.of(asked, stacks, arguments) | {built}


def read_serve(arguments: Sequence[str]) -> tuple[Serving, set[str]]:
    """Return what ``sam local start-api`` would serve, and the files that this depends on.

    Raises:
        ShortsError: SAM refuses the template.
        UsageError: SAM refuses the arguments.
    """
    with errors.ours(), errors.warnings() as said:
        from samcli.commands.local.start_api.cli import cli

        from shorts.sam import apis

        asked = cli.make_context("local start-api", list(arguments))
        options = options_of.plain(asked.params)
        inputs.check_form(options["template_file"])
        stacks = convert.stacks(options["template_file"], asked)
        found = apis.read(stacks, options["disable_authorizer"])
        files = inputs.of(asked, stacks, arguments) | apis.documents(stacks)
        certificate, key = options["ssl_cert_file"], options["ssl_key_file"]
        # `apis.notes` lists which of a document's authorizers are in use.
        heard = [line for line in said if not line.startswith("Skip parsing unsupported")]
        functions = [convert.function(one, Path(), stacks) for one in convert.functions(stacks)]
        serving = Serving(
            template=options["template_file"],
            functions=functions,
            apis=found,
            host=options["host"],
            port=options["port"],
            static=options["static_dir"] or "",
            eager=options["warm_containers"] == "EAGER",
            watch=not options["no_watch"],
            certificate=(certificate, key) if certificate else None,
            run=options_of.run_options(asked),
            files=sorted(files),
            notes=[
                *options_of.notes(asked, "local start-api"),
                *configuration.unknown(asked, "local start-api"),
                *apis.notes(stacks, found),
                *_assumed(functions),
                *heard,
            ],
        )
        return serving, files


def read_serve_lambda(arguments: Sequence[str]) -> tuple[Serving, set[str]]:
    """Return what ``sam local start-lambda`` would serve, and the files that this depends on.

    Raises:
        ShortsError: SAM refuses the template, or a named function does not exist.
        UsageError: SAM refuses the arguments.
    """
    with errors.ours(), errors.warnings() as said:
        from samcli.commands.local.start_lambda.cli import cli

        asked = cli.make_context("local start-lambda", list(arguments))
        options = options_of.plain(asked.params)
        inputs.check_form(options["template_file"])
        stacks = convert.stacks(options["template_file"], asked)
        files = inputs.of(asked, stacks, arguments)
        functions = [convert.function(one, Path(), stacks) for one in convert.functions(stacks)]
        serving = Serving(
            template=options["template_file"],
            functions=functions,
            apis=[],
            host=options["host"],
            port=options["port"],
            static="",
            eager=options["warm_containers"] == "EAGER",
            watch=not options["no_watch"],
            certificate=None,
            run=options_of.run_options(asked),
            files=sorted(files),
            notes=[
                *options_of.notes(asked, "local start-lambda"),
                *configuration.unknown(asked, "local start-lambda"),
                *_assumed(functions),
                *said,
            ],
        )
        return carried.only(serving, options["function_logical_ids"]), files


def _assumed(functions: Sequence[Function]) -> list[str]:
    """Return a note for each value that is taken because only deployment knows the real one."""
    return [f"{one.full_path}: {assumed}" for one in functions for assumed in one.assumed]
