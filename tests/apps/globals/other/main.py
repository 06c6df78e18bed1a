"""A function with values of its own."""

import os

import words


def run(event: object, context: object) -> list[str | None]:
    """Answer with what the template says."""
    names = ("GREETING", "LEVEL", "AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "AWS_LAMBDA_FUNCTION_TIMEOUT")
    return [words.WORD.upper(), *(os.environ.get(name) for name in names)]
