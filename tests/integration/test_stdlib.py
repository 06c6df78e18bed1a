"""The table is compared with the interpreters that are here."""

import subprocess
from pathlib import Path

import pytest

from shorts.targets import stdlib


def test_is_what_the_interpreters_say(python: Path) -> None:
    """The names of each version are those of its own interpreter, where it lists them."""
    minor = python.name.removeprefix("python")
    asked = "import sys; print(*getattr(sys, 'stdlib_module_names', ()))"
    said = subprocess.run(
        [python, "-c", asked], capture_output=True, text=True, check=True
    ).stdout.split()
    if not said:
        pytest.skip(f"Python {minor} has no such list")
    public = {name for name in said if not name.startswith("_")}
    assert {name for name in stdlib.names(minor) if not name.startswith("_")} == public


@pytest.mark.parametrize(
    ("name", "minor", "there"),
    [
        ("os.path", "3.13", True),
        ("__main__", "3.13", True),
        ("tomllib", "3.10", False),
        ("tomllib", "3.11", True),
        ("distutils.core", "3.11", True),
        ("distutils.core", "3.12", False),
        ("zoneinfo", "3.8", False),
        ("dummy_threading", "3.8", True),
        ("parser", "3.9", True),
        ("parser", "3.10", False),
        ("annotationlib", "3.14", True),
        ("compression.zstd", "3.13", False),
        ("string.templatelib", "3.13", False),
        ("string.templatelib", "3.14", True),
        ("msvcrt", "3.13", False),
        ("numpy", "3.13", False),
        ("", "3.13", False),
    ],
)
def test_knows_what_a_version_has(name: str, minor: str, there: bool) -> None:
    """A module is there or not by the version, on Linux."""
    assert stdlib.has(name, minor) is there


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("compression", "in the standard library since Python 3.14"),
        ("string.templatelib", "in the standard library since Python 3.14"),
        ("imp", "out of the standard library since Python 3.12"),
        ("cgi", "out of the standard library since Python 3.13"),
        ("winreg", "in the standard library, but not on Linux"),
        ("numpy", ""),
        ("os", ""),
    ],
)
def test_says_where_a_missing_module_went(name: str, said: str) -> None:
    """What another version or system has is told apart from what none has."""
    assert stdlib.remark(name, "3.13") == said
