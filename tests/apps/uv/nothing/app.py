"""A function without requirements."""


def handler(event: object, context: object) -> str:
    """Answer with a word."""
    return "nothing"
