"""The code in folder dev."""

import os
import sys

NAMES = "NO DATE OCTAL YES LONG JOINED SUBBED CODED ARN IMPORTED REGION KEY ABSENT ACCOUNT".split()


def handler(event: object, context: object) -> list[object]:
    """Answer with the folder, the runtime and the variables."""
    return ["dev", sys.version_info[1], [os.environ.get(name) for name in NAMES]]
