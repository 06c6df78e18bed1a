"""A function beside a server."""


def handler(event: object, context: object) -> str:
    """Answer with a word."""
    return "function"
