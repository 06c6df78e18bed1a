"""SAM's answers about a template, read once for the same input.

Importing samcli takes more than a second. So its answers are kept under ``.aws-sam/shorts`` with
the digests of all files that it read. While these stay the same, samcli is not imported.
"""

import hashlib
import os
import sys
from collections.abc import Callable, Collection, Sequence
from contextlib import suppress
from typing import Any, TypeVar

import msgspec

from shorts import __version__
from shorts.errors import ShortsError
from shorts.model import Application, Invocation, SamBuildOutput, Serving, Syncing
from shorts.sam import carried
from shorts.sam.carried import Given, SamOptions
from shorts.system import files, project_state
from shorts.system.project_state import FOLDER
from shorts.system.step import Step

# Settings from the environment that change how samcli reads options and templates.
_VARIABLES = (
    *("AWS_REGION", "AWS_DEFAULT_REGION", "AWS_PROFILE", "AWS_CONFIG_FILE"),
    "DEBUGGER_ARGS",
)

# With these, what is written or printed has all of the arguments in it.
_WHOLE = ("--save-params", "--output")

Answer = TypeVar("Answer", Application, SamBuildOutput, Invocation, Serving, Syncing, SamOptions)


class _Remembered(msgspec.Struct, frozen=True, kw_only=True):
    """An answer and what it depends on."""

    inputs: dict[str, str]
    answer: Any


def read_application(
    arguments: Sequence[str], report: Callable[[str], None] = lambda _: None
) -> Application:
    """Read the application that ``sam build`` with these arguments would build.

    Args:
        arguments: of `sam build`.
        report: called before the template is read, which takes long.

    Raises:
        ShortsError: with SAM's own words, where SAM refuses the template.
        UsageError: where SAM refuses the arguments.
    """

    def read(decides: Sequence[str]) -> Application:
        def ask() -> tuple[Application, set[str]]:
            report(Step("Reading the template", is_short=True))
            from shorts.sam import template

            _options("build")
            return template.read_build(decides)

        return _answer("build", Application, [decides], ask)

    given = _given("build", arguments, carried.OF_BUILD)
    if given is None:
        return read(arguments)
    if given.names:
        from shorts.sam import part

        with suppress(ShortsError):  # of what is not to be built
            named = part.of(read(given.decides), given.names)
            if named:
                return msgspec.structs.replace(named, arguments=list(arguments))
        return read(arguments)
    whole = read(given.decides)
    if whole.handed and given.carried:  # `sam build` gets its arguments from there
        return read(arguments)
    return msgspec.structs.replace(whole, arguments=list(arguments))


def read_sam_build(application: Application, folders: Sequence[str]) -> SamBuildOutput:
    """Read what SAM has built, into a folder for each of its calls.

    Raises:
        ShortsError: with SAM's own words, where SAM cannot read its own output.
    """
    arguments, handed = application.arguments, application.handed

    def read() -> tuple[SamBuildOutput, set[str]]:
        from shorts.sam import template

        return template.read_output(arguments, handed, folders)

    return _answer("join", SamBuildOutput, [arguments, handed, folders], read)


def read_invocation(arguments: Sequence[str]) -> Invocation:
    """Read the function that ``sam local invoke`` with these arguments would run.

    Raises:
        ShortsError: with SAM's own words, where SAM refuses the template.
        UsageError: where SAM refuses the arguments.
    """

    def read(decides: Sequence[str]) -> Invocation:
        def ask() -> tuple[Invocation, set[str]]:
            from shorts.sam import local

            _options("local invoke")
            return local.read_invoke(decides)

        return _answer("invoke", Invocation, [decides], ask)

    if given := _given("local invoke", arguments, carried.OF_INVOKE):
        with_given = carried.invocation(read(given.decides), given)
        if with_given:
            return with_given
    return read(arguments)


def read_serving(arguments: Sequence[str]) -> Serving:
    """Read the APIs that ``sam local start-api`` with these arguments would serve.

    Raises:
        ShortsError: with SAM's own words, where SAM refuses the template.
        UsageError: where SAM refuses the arguments.
    """

    def read(decides: Sequence[str]) -> Serving:
        def ask() -> tuple[Serving, set[str]]:
            from shorts.sam import local

            _options("local start-api")
            return local.read_serve(decides)

        return _answer("serve", Serving, [decides], ask)

    return _served("local start-api", arguments, carried.OF_API, read)


def read_lambda_serving(arguments: Sequence[str]) -> Serving:
    """Read the functions that ``sam local start-lambda`` with these arguments would serve.

    Raises:
        ShortsError: with SAM's own words, where SAM refuses the template.
        UsageError: where SAM refuses the arguments.
    """

    def read(decides: Sequence[str]) -> Serving:
        def ask() -> tuple[Serving, set[str]]:
            from shorts.sam import local

            _options("local start-lambda")
            return local.read_serve_lambda(decides)

        return _answer("lambda", Serving, [decides], ask)

    return _served("local start-lambda", arguments, carried.OF_LAMBDA, read)


def read_sync(arguments: Sequence[str]) -> Syncing:
    """Read the options of ``sam sync`` in these arguments.

    Raises:
        UsageError: where SAM refuses the arguments.
    """

    def read() -> tuple[Syncing, set[str]]:
        from shorts.sam import sync

        return sync.read_sync(arguments)

    return _answer("sync", Syncing, [arguments], read)


def _served(
    command: str,
    arguments: Sequence[str],
    names: Collection[str],
    read: Callable[[Sequence[str]], Serving],
) -> Serving:
    if given := _given(command, arguments, names):
        with_given = carried.serving(read(given.decides), given)
        if with_given:
            return with_given
    return read(arguments)


def _given(command: str, arguments: Sequence[str], names: Collection[str]) -> Given | None:
    """Split the arguments of a command; None where they have to be read as a whole."""
    if any(word.partition("=")[0] in _WHOLE for word in arguments):
        return None
    if not any(word.startswith("-") for word in arguments):
        return Given([], {}, list(arguments))
    return carried.given(arguments, _options(command), names)


def _options(command: str) -> SamOptions:
    """Return the options of one of SAM's commands; learned when samcli is imported anyway."""

    def ask() -> tuple[SamOptions, set[str]]:
        from shorts.sam import options

        return options.spellings(command), set()

    return _answer("options", SamOptions, [[command]], ask)


def _answer(
    question: str,
    kind: type[Answer],
    depends: Sequence[Sequence[str]],
    read: Callable[[], tuple[Answer, set[str]]],
) -> Answer:
    """Return the remembered answer, or read it and remember it."""
    place = FOLDER / f"{question}-{_digest_of_question(question, depends)}.json"
    remembered = project_state.recall(place, _Remembered)
    if remembered and all(_digest(path) == digest for path, digest in remembered.inputs.items()):
        with suppress(msgspec.ValidationError):
            return msgspec.convert(remembered.answer, kind)
    from shorts.sam import versions

    versions.check()
    answer, inputs = read()
    digests = {path: _digest(path) for path in sorted(inputs)}
    project_state.keep(place, _Remembered(inputs=digests, answer=answer))
    return answer


def _digest_of_question(question: str, depends: Sequence[Sequence[str]]) -> str:
    settings = {
        name: value
        for name, value in sorted(os.environ.items())
        if name.startswith("SAM_") or name in _VARIABLES
    }
    question_parts: list[Any] = [__version__, _samcli(), os.getcwd(), settings, question, *depends]
    return hashlib.sha256(ascii(question_parts).encode()).hexdigest()[:32]


def _samcli() -> str:
    """Return a digest of the installed samcli's version, without importing it."""
    for folder in sys.path:
        digest = _digest(os.path.join(folder, "samcli", "__init__.py"))
        if digest:
            return digest
    return ""


def _digest(path: str) -> str:
    """Return the SHA-256 of a file, hexadecimal; empty where it cannot be read."""
    try:
        return hashlib.sha256(files.read(path, files.TEXT)).hexdigest()
    except ShortsError:
        return ""
