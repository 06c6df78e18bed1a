"""Names from outside, made safe to print: no part of them controls the terminal."""

import re

# Characters that control a terminal, reorder a line or begin another, and lone surrogates; a tab
# is harmless.
_CONTROL = re.compile(
    r"[\x00-\x08\x0a-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ud800-\udfff]"
)


def printable(text: str) -> str:
    r"""Return a text as one line, its control characters escaped, such as ``\x1b``."""
    return _CONTROL.sub(lambda match: match[0].encode("unicode_escape").decode(), text)


def printable_lines(text: str) -> str:
    """Return a text with each of its lines made printable."""
    return "\n".join(map(printable, text.split("\n")))
