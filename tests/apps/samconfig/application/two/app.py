"""The function's code in folder two."""

import os


def handler(event: object, context: object) -> list[str | None]:
    """Answer with the folder and the stage."""
    return ["two", os.environ.get("STAGE")]
