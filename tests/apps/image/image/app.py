"""A function in an image."""


def handler(event: object, context: object) -> str:
    """Answer with a word."""
    return "image"
