"""A function of the root and of a stack deep below."""


def handler(event: object, context: object) -> str:
    """Answer with a word."""
    return "root"
