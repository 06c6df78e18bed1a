"""A function beside those that makefiles build."""


def handler(event: object, context: object) -> str:
    """Answer with a word."""
    return "plain"
