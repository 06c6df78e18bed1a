"""A function that is built with many options."""

import os


def handler(event: object, context: object) -> str | None:
    """Answer with the region that the template refers to."""
    return os.environ.get("REGION")
