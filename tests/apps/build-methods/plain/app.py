"""A function without requirements."""

import sys


def handler(event: object, context: object) -> list[int]:
    """Answer with the version that runs this."""
    return list(sys.version_info[:2])
