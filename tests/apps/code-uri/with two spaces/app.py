"""A handler in a folder with spaces."""

from pathlib import Path


def handler(event: object, context: object) -> str:
    """Answer with data from a file with a space."""
    return Path(__file__).with_name("some data.txt").read_text(encoding="utf-8")
