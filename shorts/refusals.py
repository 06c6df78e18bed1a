"""What SAM refuses and what it warns of, in our own words for both."""

import errno
import logging
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import click
from samcli.lib.providers.sam_stack_provider import SamLocalStackProvider
from samtranslator.model.exceptions import InvalidDocumentException

from shorts.errors import ShortsError, UsageError

# Where the exceptions come from that SAM refuses a template or its configuration with.
_SAM = ("botocore.", "click.", "samcli.", "samtranslator.")
# What the system refuses a file or folder with, whoever asks.
_REFUSALS = (errno.ENOSPC, errno.EROFS, errno.EACCES)


@contextmanager
def ours() -> Iterator[None]:
    """Turn what SAM refuses into our own errors, with SAM's words.

    Raises:
        ShortsError: SAM refuses the template.
        UsageError: SAM refuses the arguments.
    """
    try:
        with _without_circles():
            yield
    except click.UsageError as error:
        raise UsageError(error.format_message()) from error
    except Exception as error:
        if isinstance(error, OSError) and error.errno in _REFUSALS:
            where = Path(error.filename or Path.cwd())
            raise ShortsError(f"{where} cannot be used: {error.strerror}.") from error
        if not _is_sams(error):
            raise
        raise ShortsError(_words(error)) from error


@contextmanager
def _without_circles() -> Iterator[None]:
    """Refuse a stack that holds itself, which SAM reads for 15 seconds, until it falls over.

    Raises:
        ShortsError: a nested stack is one that it lies in.
    """
    read = SamLocalStackProvider.get_stacks
    within: list[str] = []

    def guarded(
        template: str, stack_path: str = "", name: str = "", *rest: Any, **more: Any
    ) -> Any:
        path = os.path.realpath(template)
        if path in within:
            where = os.path.join(stack_path, name)
            raise ShortsError(f"The nested stack {where} is {template}, which it lies in.")
        within.append(path)
        try:
            return read(template, stack_path, name, *rest, **more)
        finally:
            within.pop()

    SamLocalStackProvider.get_stacks = staticmethod(guarded)
    try:
        yield
    finally:
        SamLocalStackProvider.get_stacks = staticmethod(read)


class _Kept(logging.Handler):
    """Keeps each message once, on one line."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.messages: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        message = " ".join(record.getMessage().split())
        if message not in self.messages:
            self.messages.append(message)


@contextmanager
def warnings() -> Iterator[list[str]]:
    """Collect what samcli logs as warnings, in place of printing it.

    What samtranslator logs is of an exception that it raises as well.
    """
    kept = _Kept()
    with _handled("samcli", kept), _handled("samtranslator", logging.NullHandler()):
        yield kept.messages


@contextmanager
def _handled(name: str, handler: logging.Handler) -> Iterator[None]:
    """Have one handler alone for a logger's warnings."""
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
    """Whether an exception is SAM's: one of its own, or one that it fell over a template with.

    It is, if of SAM's code and ours SAM's was the last to be called.
    """
    if type(error).__module__.startswith(_SAM):
        return True
    last, frame = "", error.__traceback__
    while frame is not None:
        name = str(frame.tb_frame.f_globals.get("__name__"))
        last = name if name.startswith((*_SAM, "shorts.")) else last
        frame = frame.tb_next
    return last.startswith(_SAM)


def _words(error: Exception) -> str:
    """What SAM says of its refusal, on one line."""
    if isinstance(error.__cause__, InvalidDocumentException):
        said = "; ".join(cause.message for cause in error.__cause__.causes)
    elif type(error).__module__.startswith(_SAM):
        said = str(getattr(error, "message", error))
    else:
        said = f"SAM cannot read the template: {type(error).__name__}: {error}"
    return " ".join(said.split())
