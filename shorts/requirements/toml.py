"""TOML, read with limits on time and depth for any text."""

import re
import tomllib
from typing import Any

# Keys of more parts than people write: the parser's time is the square of their number.
_LONG_KEY = re.compile(r"(?<![^\s\[{,])(?:[^\s.=,]{1,64}+[ \t]{0,9}+\.[ \t]{0,9}+){100}")


def loads(text: str) -> dict[str, Any]:
    """Return the content of a TOML document.

    Raises:
        ValueError: it is not TOML, or is nested too deep.
    """
    if _LONG_KEY.search(text):
        raise ValueError("a key has more than 100 parts")
    try:
        return tomllib.loads(text)
    except RecursionError as error:
        raise ValueError("it is nested too deep") from error
