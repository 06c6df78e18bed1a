"""A function whose folder holds a link to shared code."""

from shared import words


def handler(event: object, context: object) -> list[str]:
    """Answer with the shared word."""
    return [words.WORD]
