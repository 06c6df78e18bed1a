"""The first function, elsewhere."""


def handler(event: object, context: object) -> str:
    """Answer with a word."""
    return "alpha elsewhere"
