"""The function's code in folder one."""

import os


def handler(event: object, context: object) -> list[str | None]:
    """Answer with the folder and the stage."""
    return ["one", os.environ.get("STAGE")]
