"""A function whose modules lie in its layers."""

from pathlib import Path

import greet
import ready
import words


def handler(event: object, context: object) -> list[str]:
    """Answer with a word of each layer; which has the last word depends on their order."""
    data = Path(greet.__file__).with_name("data.txt").read_text(encoding="utf-8")
    return [words.WORD, greet.WORD, data, ready.WORD]
