"""A function of a nested stack."""

import os

import words


def handler(event: object, context: object) -> list[str | None]:
    """Answer with what the parent passes: a parameter and a layer."""
    return [os.environ.get("GREETING"), words.WORD]
