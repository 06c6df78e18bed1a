"""What the user can mend, told apart from our own bugs."""

from collections.abc import Iterator
from contextlib import contextmanager


class ShortsError(Exception):
    """Something that the user can mend.

    The message says what was found, where, and how to mend it, in one to three lines. Every other
    exception that leaves shorts is a bug of ours and shows its traceback.
    """


class UsageError(ShortsError):
    """The command line itself is wrong; the exit status is 2."""


@contextmanager
def writing(where: str, way_out: str) -> Iterator[None]:
    """Say of a failure to write where it was and what can be done.

    Raises:
        ShortsError: the system refused to write.
    """
    try:
        yield
    except OSError as error:
        raise ShortsError(f"{where} cannot be written: {error.strerror}.\n{way_out}") from error
