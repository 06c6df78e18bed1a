"""A function beside its template."""

from pathlib import Path


def handler(event: object, context: object) -> list[str]:
    """Answer with what lies beside this module."""
    here = Path(__file__).parent
    return sorted(path.name for path in here.iterdir() if path.name != "__pycache__")
