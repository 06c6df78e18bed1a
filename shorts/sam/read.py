"""SAM's answers about a template, read once for the same input.

Importing samcli takes more than a second. So its answers are kept under ``.aws-sam/shorts`` with
the digests of all files that it read. While these stay the same, samcli is not imported.
"""

import hashlib
import os
import sys
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import Any, TypeVar

import msgspec

from shorts import __version__
from shorts.errors import ShortsError
from shorts.model import Application, Invocation, SamBuildOutput, Serving
from shorts.system import files, project_state
from shorts.system.project_state import FOLDER

# Settings from the environment that change how samcli reads options and templates.
_VARIABLES = ("AWS_REGION", "AWS_DEFAULT_REGION", "AWS_PROFILE", "AWS_CONFIG_FILE")

Answer = TypeVar("Answer", Application, SamBuildOutput, Invocation, Serving)


class _Remembered(msgspec.Struct, frozen=True, kw_only=True):
    """An answer and what it depends on."""

    inputs: dict[str, str]
    answer: Any


def read_application(arguments: Sequence[str]) -> Application:
    """Read the application that ``sam build`` with these arguments would build.

    Raises:
        ShortsError: with SAM's own words, where SAM refuses the template.
        UsageError: where SAM refuses the arguments.
    """

    def read() -> tuple[Application, set[str]]:
        from shorts.sam import template

        return template.read_build(arguments)

    return _answer("build", Application, [arguments], read)


def read_sam_build(application: Application, folders: Sequence[str]) -> SamBuildOutput:
    """Read what SAM has built, into a folder for each of its calls.

    Raises:
        ShortsError: with SAM's own words, where SAM cannot read its own output.
    """
    arguments, handed = application.arguments, application.handed

    def read() -> tuple[SamBuildOutput, set[str]]:
        from shorts.sam import template

        return template.read_join(arguments, handed, folders)

    return _answer("join", SamBuildOutput, [arguments, handed, folders], read)


def read_invocation(arguments: Sequence[str]) -> Invocation:
    """Read the function that ``sam local invoke`` with these arguments would run.

    Raises:
        ShortsError: with SAM's own words, where SAM refuses the template.
        UsageError: where SAM refuses the arguments.
    """

    def read() -> tuple[Invocation, set[str]]:
        from shorts.sam import local

        return local.read_invoke(arguments)

    return _answer("invoke", Invocation, [arguments], read)


def read_serving(arguments: Sequence[str]) -> Serving:
    """Read the APIs that ``sam local start-api`` with these arguments would serve.

    Raises:
        ShortsError: with SAM's own words, where SAM refuses the template.
        UsageError: where SAM refuses the arguments.
    """

    def read() -> tuple[Serving, set[str]]:
        from shorts.sam import local

        return local.read_serve(arguments)

    return _answer("serve", Serving, [arguments], read)


def read_lambda_serving(arguments: Sequence[str]) -> Serving:
    """Read the functions that ``sam local start-lambda`` with these arguments would serve.

    Raises:
        ShortsError: with SAM's own words, where SAM refuses the template.
        UsageError: where SAM refuses the arguments.
    """

    def read() -> tuple[Serving, set[str]]:
        from shorts.sam import local

        return local.read_serve_lambda(arguments)

    return _answer("lambda", Serving, [arguments], read)


def _answer(
    question: str,
    kind: type[Answer],
    depends: Sequence[Sequence[str]],
    read: Callable[[], tuple[Answer, set[str]]],
) -> Answer:
    """Return the remembered answer, or read it and remember it."""
    place = FOLDER / f"{question}-{_digest_of_question(question, depends)}.json"
    remembered = project_state.recall(place, _Remembered)
    if remembered and all(_digest(path) == said for path, said in remembered.inputs.items()):
        with suppress(msgspec.ValidationError):
            return msgspec.convert(remembered.answer, kind)
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
    asked: list[Any] = [__version__, _samcli(), os.getcwd(), settings, question, *depends]
    return hashlib.sha256(ascii(asked).encode()).hexdigest()[:32]


def _samcli() -> str:
    """Return a digest of the installed samcli's version, without importing it."""
    for folder in sys.path:
        found = _digest(os.path.join(folder, "samcli", "__init__.py"))
        if found:
            return found
    return ""


def _digest(path: str) -> str:
    """Return the SHA-256 of a file, hexadecimal; empty where it cannot be read."""
    try:
        return hashlib.sha256(files.read(path, files.TEXT)).hexdigest()
    except ShortsError:
        return ""
