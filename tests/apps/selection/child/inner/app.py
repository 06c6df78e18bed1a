"""A function of a nested stack."""


def handler(event: object, context: object) -> str:
    """Answer with a word."""
    return "inner"
