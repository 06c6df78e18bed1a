"""A function that is not built."""


def handler(event: object, context: object) -> str:
    """Answer with a word."""
    return "never"
