"""A function above its template."""


def handler(event: object, context: object) -> object:
    """Answer with the event."""
    return event
