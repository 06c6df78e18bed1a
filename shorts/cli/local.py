"""Commands that run functions. Each is an adapter: it parses, calls plain functions, prints."""

import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING

from shorts.cli import options as cli_options
from shorts.cli.commands import TEMPLATE
from shorts.cli.progress import Progress
from shorts.emulator.output import Log
from shorts.errors import ShortsError, writing
from shorts.local import preparation
from shorts.local.options import LocalOptions
from shorts.local.preparation import Prepared
from shorts.system import process
from shorts.system.printed import printable_lines

if TYPE_CHECKING:
    from shorts.local.serve import Service
    from shorts.model import Serving


def invoke(arguments: list[str]) -> int:
    """Run a function once, and print its answer."""
    from shorts.local import invoke as invocations

    _check_platform("local invoke")
    parsed = cli_options.parse("local invoke", arguments)
    options, builds = _options(parsed), not parsed.values["no_build"]
    with Progress() as progress:
        chosen = preparation.invocation(options, progress.say, builds=builds)
    for warning in chosen.warnings:
        print(printable_lines(warning), file=sys.stderr)
    with _log(chosen.invocation.run.log) as log:
        reply = invocations.run(chosen, log)
        answer = reply.body.decode("utf-8", "replace")
        log.record(answer)
    print(answer, flush=True)
    if reply.failure:
        name = chosen.function.full_path
        unbuilt = reply.failure.startswith("Runtime.ImportModuleError") and not chosen.is_built
        hint = "\nIt was not built: run `shorts build` first." if unbuilt else ""
        raise ShortsError(f"{name} failed: {reply.failure.splitlines()[0]}{hint}")
    return 0


def start_api(arguments: list[str]) -> int:
    """Serve the template's APIs until interrupted, which is the normal end."""
    from shorts.sam.read import read_serving
    from shorts.start_api.service import Service

    return _serve("local start-api", arguments, read_serving, Service)


def start_lambda(arguments: list[str]) -> int:
    """Serve the functions as Lambda's API does until interrupted, which is the normal end."""
    from shorts.sam.read import read_lambda_serving
    from shorts.start_lambda.service import Service

    return _serve("local start-lambda", arguments, read_lambda_serving, Service)


def _serve(
    command: str,
    arguments: list[str],
    read: "Callable[[Sequence[str]], Serving]",
    service: "type[Service]",
) -> int:
    from shorts.local import serve

    _check_platform(command)
    options = _options(cli_options.parse(command, arguments))

    def prepare(report: Callable[[str], None] = lambda line: None) -> Prepared:
        return preparation.service(options, read, report)

    with Progress() as progress:
        prepared = prepare(progress.say)
    with _log(prepared.serving.run.log) as log:
        try:
            with service(prepared, options, log) as running:
                serve.until_interrupted(running, prepared, prepare, log)
        except KeyboardInterrupt:
            log.note("Ended.")
    return 0


def _check_platform(command: str) -> None:
    """Refuse a command that runs functions where they cannot run."""
    from shorts.emulator.emulator import check_platform

    check_platform(command, f"`shorts {command}`")


def _options(parsed: cli_options.Parsed) -> LocalOptions:
    """Return the options of a command: for its build, and for what is built."""
    values, kept = parsed.values, parsed.kept
    shared = [word for option in kept for word in option.arguments]
    templates = [option.values[-1] for option in kept if option.name in TEMPLATE]
    configurations = [option.values[-1] for option in kept if option.name == "--config-file"]
    others = [word for option in kept if option.name not in TEMPLATE for word in option.arguments]
    return LocalOptions(
        arguments=parsed.sam,
        shared=shared,
        built=[*others, *parsed.sam[len(shared) :]],
        template=templates[-1] if templates else "",
        configuration=configurations[-1] if configurations else "",
        concurrency=values.get("concurrency") or process.cores(),
        hosts=frozenset(values.get("allow_host", ())),
    )


@contextmanager
def _log(path: str | None) -> Iterator[Log]:
    """Yield where lines go: to standard error, and to a log file if one is named."""
    with ExitStack() as closing:
        files = []
        if path:
            with writing(path, "Name a file that can: --log-file FILE."):
                files.append(open(path, "a", encoding="utf-8"))  # noqa: SIM115
            closing.enter_context(files[0])
            closing.callback(files.clear)  # before it is closed: threads may still write

        def record(line: str) -> None:
            for file in files:
                file.write(f"{line}\n")  # in one piece: many threads write
                file.flush()

        def say(line: str) -> None:
            sys.stderr.write(f"{line}\n")
            sys.stderr.flush()
            record(line)

        yield Log(say, record)
