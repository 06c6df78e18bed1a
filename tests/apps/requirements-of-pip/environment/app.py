"""A function with a requirement."""

import greet


def handler(event: object, context: object) -> list[str]:
    """Answer with the requirement's word."""
    return [greet.WORD]
