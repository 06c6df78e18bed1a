"""The second function."""


def handler(event: object, context: object) -> str:
    """Answer with a word."""
    return "beta"
