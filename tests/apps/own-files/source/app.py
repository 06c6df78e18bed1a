"""A function that tells what lies beside it."""

import subprocess
from pathlib import Path

from package import part
from package.tests import helpers
from plain import namespace

HERE = Path(__file__).parent


def handler(event: object, context: object) -> dict[str, object]:
    """Answer with what was read, imported and run."""
    names = ("data.json", ".hidden", "linked.json", "linked/__init__.py", "grüße.txt", "nul.bin")
    return {
        "read": [(HERE / name).read_bytes().hex() for name in names],
        "imported": [part.NAME, helpers.NAME, namespace.NAME],
        "run": subprocess.run([HERE / "run.sh"], capture_output=True, check=True).stdout.decode(),
    }
