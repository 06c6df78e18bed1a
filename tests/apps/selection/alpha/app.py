"""The first function."""


def handler(event: object, context: object) -> str:
    """Answer with a word."""
    return "alpha"
