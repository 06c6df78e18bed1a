"""A function for every runtime."""

import sys


def handler(event: object, context: object) -> str:
    """Answer with the minor version that runs this."""
    return "{}.{}".format(*sys.version_info)
