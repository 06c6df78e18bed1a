"""A function all of whose properties are global."""

import os

import words


def handler(event: object, context: object) -> list[str | None]:
    """Answer with what the template says."""
    names = ("GREETING", "LEVEL", "AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "AWS_LAMBDA_FUNCTION_TIMEOUT")
    return [words.WORD, *(os.environ.get(name) for name in names)]
