"""A function with settings of tools alone."""


def handler(event: object, context: object) -> str:
    """Answer with a word."""
    return "tools"
