"""Text and numbers as people read them on a chart."""

import re
import textwrap

# Control characters, line ends, lone surrogates, and what XML 1.0 does not admit.
_UNPRINTABLE = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff\ufffe\uffff]+")


def clean(text: str) -> str:
    """Replace what cannot be printed by spaces, and take surrounding space away."""
    return (text if text.isprintable() else _UNPRINTABLE.sub(" ", text)).strip()


def shorten(text: str, length: int) -> str:
    """Cut a text to a number of characters, an ellipsis included."""
    return text if len(text) <= length else text[: length - 1].rstrip() + "…"


def quoted(name: str) -> str:
    """Return a name as messages have it, between backticks."""
    return f"`{shorten(clean(name), 200)}`"


def first_of(names: list[str]) -> str:
    """Quote the first of some names for a message."""
    return ", ".join(map(quoted, names[:10])) + (", …" if len(names) > 10 else "")


def wrap(text: str, length: int, lines: int) -> list[str]:
    """Break a text into at most so many lines of at most so many characters (6 or more)."""
    return textwrap.wrap(text, max(6, length), max_lines=lines, placeholder=" …")


def number(value: float, significant: int = 12) -> str:
    """Write a number for people: `0.3`, `2024`, `47,632`, `1.5e+12`, with a real minus sign.

    Whole digits below 1e12 are kept; thousands are set apart from five digits on.
    """
    size = abs(value)
    if size >= 1e12 or 0 < size < 1e-4:
        text = f"{value:.{min(significant, 6)}g}"
    elif size < 1e4:
        text = f"{value:.{max(significant, 4)}g}" if size else "0"
    else:
        text = f"{value:,.{max(0, significant - len(str(int(size))))}f}"
        text = text.rstrip("0").rstrip(".") if "." in text else text
    return text.replace("-", "\N{MINUS SIGN}")


def listed(names: str | list[str] | None) -> list[str]:
    """Return the columns that a field names: none, one or several."""
    return [names] if isinstance(names, str) else names or []
