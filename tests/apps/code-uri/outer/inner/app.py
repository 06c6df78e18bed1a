"""A function's whole code, and a part of another's."""


def handler(event: object, context: object) -> str:
    """Answer with the name of this module as it was imported."""
    return __name__
