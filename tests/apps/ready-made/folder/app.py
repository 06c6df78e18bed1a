"""A function that is built elsewhere."""


def handler(event: object, context: object) -> str:
    """Answer with where this runs from."""
    return __name__
