"""A function among other resources."""


def handler(event: object, context: object) -> str:
    """Answer with a word."""
    return "one"
