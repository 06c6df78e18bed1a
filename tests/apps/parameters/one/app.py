"""The function's code in folder one."""

import os


def handler(event: object, context: object) -> list[str | None]:
    """Answer with the folder and what the template says."""
    names = ("STAGE", "SIZE", "AWS_LAMBDA_FUNCTION_TIMEOUT", "AWS_LAMBDA_FUNCTION_MEMORY_SIZE")
    return ["one", *(os.environ.get(name) for name in names)]
