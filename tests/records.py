"""Records of the model with values that most tests do not look at."""

from typing import Any

from shorts.model import Function


def function(full_path: str = "F", **changes: Any) -> Function:
    """A Python function of a template.

    Args:
        full_path: the logical ids of its stacks and its own.
        changes: other values of its fields.
    """
    defaults = {
        "name": full_path.rpartition("/")[2],
        "runtime": "python3.13",
        "architecture": "x86_64",
        "handler": "app.handler",
        "code_uri": "",
        "package_type": "Zip",
        "build_method": "",
        "memory": 128,
        "timeout": 3,
        "variables": {},
        "logging": {},
    }
    return Function(full_path=full_path, **{**defaults, **changes})
