"""A function of the deepest stack."""


def handler(event: object, context: object) -> str:
    """Answer with a word."""
    return "deepest"
