"""A function whose folder holds links."""

from pathlib import Path

from linked import words


def handler(event: object, context: object) -> list[str]:
    """Answer with a word, and with the text that a link leads to."""
    return [words.WORD, Path(__file__).with_name("words.txt").read_text(encoding="utf-8")]
