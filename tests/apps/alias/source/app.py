"""A function with an alias."""


def handler(event: object, context: object) -> str:
    """Answer with a word."""
    return "live"
