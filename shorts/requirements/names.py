"""The names of distributions."""

import re


def normalized(name: str) -> str:
    """Return a distribution's name as locks and indexes write it (PEP 503)."""
    return re.sub(r"[-_.]+", "-", name).lower()
