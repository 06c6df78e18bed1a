"""A function that is named by its whole path."""


def handler(event: object, context: object) -> str:
    """Answer with a word."""
    return "absolute"
