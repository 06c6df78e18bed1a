"""Two handlers in one folder."""


def handler(event: object, context: object) -> str:
    """Answer as the one."""
    return "one"


def other(event: object, context: object) -> str:
    """Answer as the other."""
    return "other"
