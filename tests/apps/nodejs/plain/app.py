"""A function beside one in another language."""


def handler(event: object, context: object) -> str:
    """Answer with a word."""
    return "plain"
