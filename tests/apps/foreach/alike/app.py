"""A function that is there several times."""

import os


def handler(event: object, context: object) -> str | None:
    """Answer with the name that the loop gave."""
    return os.environ.get("NAME")
