"""A function that needs its layer."""

import words


def handler(event: object, context: object) -> list[str]:
    """Answer with the layer's word."""
    return [words.WORD]
