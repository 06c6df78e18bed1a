"""Errors that the user can fix, as opposed to bugs in shorts."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager


class ShortsError(Exception):
    """Something that the user can fix.

    The message says what was found, where, and how to fix it, in one to three lines. Every other
    exception that leaves shorts is a bug in shorts and shows its traceback.
    """


class UsageError(ShortsError):
    """The command line itself is wrong; the exit status is 2."""


class UnknownOption(UsageError):
    """SAM's command has no such option.

    Attributes:
        option: as it was written.
        known: the options that the command has.
    """

    def __init__(self, option: str, known: Sequence[str]) -> None:
        super().__init__(f"No such option: {option}")
        self.option = option
        self.known = known


@contextmanager
def writing(where: str, way_out: str) -> Iterator[None]:
    """Turn a failure to write into an error that says where it was and what can be done.

    Raises:
        ShortsError: the system refused to write.
    """
    try:
        yield
    except OSError as error:
        raise ShortsError(f"{where} cannot be written: {error.strerror}.\n{way_out}") from error
