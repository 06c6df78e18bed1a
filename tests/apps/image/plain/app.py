"""A function beside an image."""


def handler(event: object, context: object) -> str:
    """Answer with a word."""
    return "plain"
