"""What SAM refuses and what it warns of, in our own words for both."""

import errno
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import click
from samtranslator.model.exceptions import InvalidDocumentException

from shorts.errors import ShortsError, UsageError

# Where the exceptions come from that SAM refuses a template or its configuration with.
_SAM = ("click.", "samcli.", "samtranslator.")
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
    """Collect what samcli logs as warnings, in place of printing it."""
    logger = logging.getLogger("samcli")
    former = logger.level, logger.propagate
    kept = _Kept()
    logger.addHandler(kept)
    logger.setLevel(logging.WARNING)
    logger.propagate = False
    try:
        yield kept.messages
    finally:
        logger.removeHandler(kept)
        logger.level, logger.propagate = former


def _is_sams(error: Exception) -> bool:
    """Whether an exception is SAM's: one of its own, or one that it fell over a template with."""
    innermost = error.__traceback__
    while innermost is not None and innermost.tb_next is not None:
        innermost = innermost.tb_next
    where = str(innermost.tb_frame.f_globals.get("__name__")) if innermost else ""
    return type(error).__module__.startswith(_SAM) or where.startswith(_SAM)


def _words(error: Exception) -> str:
    """What SAM says of its refusal, on one line."""
    if isinstance(error.__cause__, InvalidDocumentException):
        said = "; ".join(cause.message for cause in error.__cause__.causes)
    elif type(error).__module__.startswith(_SAM):
        said = str(getattr(error, "message", error))
    else:
        said = f"SAM cannot read the template: {type(error).__name__}: {error}"
    return " ".join(said.split())
