"""SAM's errors and warnings, as shorts' own."""

import builtins
import difflib
import errno
import io
import logging
import os
import re
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import click
import yaml
from samcli.commands._utils import template as templates
from samcli.commands._utils.custom_options import hook_name_option as hooks
from samcli.commands.local.lib.swagger import reader as swagger_reader
from samcli.lib.config.exceptions import FileParseException
from samcli.lib.providers.sam_stack_provider import SamLocalStackProvider
from samtranslator.model import sam_resources
from samtranslator.model.exceptions import InvalidDocumentException

from shorts.errors import ShortsError, UnknownOption, UsageError
from shorts.sam import lines, values
from shorts.system import files

# The packages of the exceptions that SAM refuses a template or its configuration with.
_SAM = ("botocore.", "click.", "samcli.", "samtranslator.")
# The errors with which the system refuses a file or folder, to SAM and to shorts.
_REFUSALS = (errno.ENOSPC, errno.EROFS, errno.EACCES)
# What SAM says of a property that it does not know, and of a file that is not TOML.
_UNDEFINED = re.compile(
    r"Resource with id \[(\w+)\] is invalid\. property (\w+) not defined for resource of type (\S+)"
)
_AT = re.compile(r"(.*) at line (\d+) col (\d+)")


@contextmanager
def ours() -> Iterator[None]:
    """Turn SAM's errors into shorts' own, with SAM's words.

    Raises:
        ShortsError: SAM refuses the template.
        UsageError: SAM refuses the arguments.
    """
    opened: list[str] = []
    try:
        with _without_circles(), _checked(opened):
            yield
    except click.NoSuchOption as error:
        params = error.ctx.command.params if error.ctx else ()
        known = [name for param in params for name in (*param.opts, *param.secondary_opts)]
        raise UnknownOption(error.option_name, known) from error
    except click.UsageError as error:
        raise UsageError(error.format_message()) from error
    except ShortsError:
        raise
    except Exception as error:
        if isinstance(error, OSError) and error.errno in _REFUSALS:
            where = Path(error.filename or Path.cwd())
            raise ShortsError(f"{where} cannot be used: {error.strerror}.") from error
        if not _is_sams(error):
            raise
        raise ShortsError(_message(error, opened)) from error


@contextmanager
def _checked(opened: list[str]) -> Iterator[None]:
    """Check files before SAM opens them, and documents after it parses them.

    Args:
        opened: receives the paths of the user's files, in the order SAM opens them.

    Raises:
        ShortsError: a file is a pipe, a device or too large, or a document cannot be used.
    """
    plain, parse = open, templates.yaml_parse

    def guarded(file: Any, mode: str = "r", *more_args: Any, **more: Any) -> Any:
        if isinstance(file, str | Path) and not {*mode} & {"w", "a", "x", "+"}:
            with suppress(OSError, ValueError):
                files.check(file, files.TEXT)
            if not os.path.abspath(file).startswith(sys.prefix):
                opened.append(str(file))
        return plain(file, mode, *more_args, **more)

    def checked(text: str) -> Any:
        try:
            value = parse(text)
        except yaml.MarkedYAMLError as error:
            raise ShortsError(_place_of(error, opened)) from error
        values.check(value, opened[-1] if opened else "The template")
        return value

    with (
        _replaced(builtins, "open", guarded),
        _replaced(io, "open", guarded),
        _replaced(templates, "yaml_parse", checked),
        _replaced(swagger_reader, "yaml_parse", checked),
        _replaced(hooks, "IacHookWrapper", _refuse_hook),
    ):
        yield


def _refuse_hook(name: str) -> None:
    """Refuse a project in another language than a template's, before SAM has it translated.

    Raises:
        UsageError: always.
    """
    raise UsageError(f"--hook-name {name}: shorts reads SAM templates only. Run `sam` instead.")


@contextmanager
def _replaced(module: Any, name: str, value: Any) -> Iterator[None]:
    former = vars(module)[name]
    setattr(module, name, value)
    try:
        yield
    finally:
        setattr(module, name, former)


@contextmanager
def _without_circles() -> Iterator[None]:
    """Refuse a stack that contains itself, which SAM reads for 15 seconds until it crashes.

    Raises:
        ShortsError: a nested stack is one that contains it.
    """
    read = SamLocalStackProvider.get_stacks
    within: list[str] = []

    def guarded(
        template: str, stack_path: str = "", name: str = "", *more_args: Any, **more: Any
    ) -> Any:
        path = os.path.realpath(template)
        if path in within:
            where = os.path.join(stack_path, name)
            raise ShortsError(f"The nested stack {where} is {template}, which contains it.")
        within.append(path)
        try:
            return read(template, stack_path, name, *more_args, **more)
        finally:
            within.pop()

    with _replaced(SamLocalStackProvider, "get_stacks", staticmethod(guarded)):
        yield


class _Kept(logging.Handler):
    """A handler that keeps each message once, on one line."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.messages: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        message = " ".join(click.unstyle(record.getMessage()).split())
        if message not in self.messages:
            self.messages.append(message)


@contextmanager
def warnings() -> Iterator[list[str]]:
    """Collect the warnings that samcli logs, and do not print them.

    samtranslator's warnings are dropped: it also raises them as exceptions.
    """
    kept = _Kept()
    with _handled("samcli", kept), _handled("samtranslator", logging.NullHandler()):
        yield kept.messages


@contextmanager
def _handled(name: str, handler: logging.Handler) -> Iterator[None]:
    """Send a logger's warnings to one handler only."""
    logger = logging.getLogger(name)
    former = logger.level, logger.propagate
    logger.addHandler(handler)
    logger.setLevel(logging.WARNING)
    logger.propagate = False
    try:
        yield
    finally:
        logger.removeHandler(handler)
        logger.level, logger.propagate = former


def _is_sams(error: Exception) -> bool:
    """Return whether an exception is SAM's: its own, or a crash of SAM on a template.

    A crash is SAM's if SAM's code was called last, after shorts' code. The wrappers in this module
    count for neither.
    """
    if type(error).__module__.startswith(_SAM):
        return True
    last, frame = "", error.__traceback__
    while frame is not None:
        name = str(frame.tb_frame.f_globals.get("__name__"))
        if name.startswith((*_SAM, "shorts.")) and name != __name__:
            last = name
        frame = frame.tb_next
    return last.startswith(_SAM)


def _is_of_configuration(error: BaseException | None) -> bool:
    """Return whether an error comes from a configuration file that cannot be parsed."""
    while error is not None and not isinstance(error, FileParseException):
        error = error.__cause__ or error.__context__
    return error is not None


def _place_of(error: yaml.MarkedYAMLError, opened: list[str]) -> str:
    """Return the message about a document that is not YAML, with file, line and column."""
    where = os.path.relpath(opened[-1]) if opened else "The template"
    mark = error.problem_mark or error.context_mark
    if mark:
        where += f":{mark.line + 1}:{mark.column + 1}"
    what = ", ".join(filter(None, (error.context, error.problem)))
    return f"{where}: {what}."


def _typo(match: re.Match[str], opened: list[str]) -> str:
    """Return the message about a property that a resource does not have."""
    name, key, kind = match.groups()
    places = (lines.of_properties(path).get(name, {}).get(key) for path in reversed(opened))
    where = next((f" ({place})" for place in places if place), "")
    known = next(
        (
            [*resource.property_types]
            for resource in vars(sam_resources).values()
            if getattr(resource, "resource_type", "") == kind
        ),
        [],
    )
    close = difflib.get_close_matches(key, known, 1)
    hint = f" Did you mean {close[0]}?" if close else ""
    return f"{name}: {kind} has no property {key}{where}.{hint}"


def _message(error: Exception, opened: list[str]) -> str:
    """Return SAM's message on one line; for a crash, also the file that it was reading."""
    if isinstance(error.__cause__, InvalidDocumentException):
        text = "; ".join(cause.message for cause in error.__cause__.causes)
    elif type(error).__module__.startswith(_SAM):
        text = str(getattr(error, "message", error))
    else:
        where = os.path.relpath(opened[-1]) if opened else "the template"
        text = f"SAM cannot read {where}: {type(error).__name__}: {str(error)[:500]}"
    if _is_of_configuration(error) and opened:
        position = _AT.fullmatch(" ".join(text.split()))
        place = os.path.relpath(opened[-1])
        text = (
            f"{place}:{position[2]}:{position[3]}: {position[1].rstrip('.')}."
            if position
            else f"{place}: {text}"
        )
    text = _UNDEFINED.sub(lambda match: _typo(match, opened), text)
    return " ".join(click.unstyle(text).split())
