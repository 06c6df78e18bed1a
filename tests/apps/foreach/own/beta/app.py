"""The second of two."""


def handler(event: object, context: object) -> str:
    """Answer with a word."""
    return "beta"
