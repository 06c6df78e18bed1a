"""A function that is a project."""


def handler(event: object, context: object) -> str:
    """Answer with a word."""
    return "project"
