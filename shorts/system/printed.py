"""What others have named, as it is shown: nothing in it speaks to the terminal."""

import re

# What a terminal acts upon, what reorders a line or begins another, and halves of characters;
# a tab is harmless.
_CONTROL = re.compile(
    r"[\x00-\x08\x0a-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ud800-\udfff]"
)


def printable(text: str) -> str:
    r"""Return a text as one line, its control characters written such as ``\x1b``."""
    return _CONTROL.sub(lambda found: found[0].encode("unicode_escape").decode(), text)


def printable_lines(text: str) -> str:
    """Return a text with its lines, each printable."""
    return "\n".join(map(printable, text.split("\n")))
