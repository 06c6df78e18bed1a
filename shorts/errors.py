"""What the user can mend, told apart from our own bugs."""


class ShortsError(Exception):
    """Something that the user can mend.

    The message says what was found, where, and how to mend it, in one to three lines. Every other
    exception that leaves shorts is a bug of ours and shows its traceback.
    """


class UsageError(ShortsError):
    """The command line itself is wrong; the exit status is 2."""
