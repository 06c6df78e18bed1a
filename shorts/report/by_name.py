"""Distributions that are required for a reason other than an import: test tools, plug-ins."""

from contextlib import suppress

from shorts.slices import zip_format
from shorts.slices.store import Slice

# What tests a function, and does not run in it.
_TEST_TOOLS = frozenset(
    "aws-sam-cli bandit black cfn-lint coverage flake8 freezegun hypothesis ipdb isort mock moto "
    "mypy nox pre-commit pycodestyle pydocstyle pyflakes pylint pyright pytest ruff tox".split()
)
_TEST_PREFIXES = ("flake8-", "pylint-", "pytest-", "types-")
_TEST_SUFFIX = "-stubs"
# What the standard library itself reads if it is installed.
# https://docs.python.org/3/library/zoneinfo.html#data-sources
READ = {"tzdata": "zoneinfo reads it by its name"}
# Groups of entry points that only define commands.
# https://packaging.python.org/en/latest/specifications/entry-points/
_COMMANDS = frozenset(("console_scripts", "gui_scripts"))


def is_test_tool(name: str) -> bool:
    """Return whether a distribution is a test tool or linter, by its normalized name."""
    return name in _TEST_TOOLS or name.startswith(_TEST_PREFIXES) or name.endswith(_TEST_SUFFIX)


def plugged_into(slice: Slice) -> list[str]:
    """Return the groups of entry points by which others find a distribution, sorted."""
    import configparser

    groups: set[str] = set()
    for entry in slice.index.entries:
        if entry.path.endswith(".dist-info/entry_points.txt"):
            parser = configparser.ConfigParser(delimiters="=", interpolation=None, strict=False)
            with suppress(configparser.Error):
                parser.read_string(zip_format.content(slice.data, entry).decode("utf-8", "replace"))
            groups |= {*parser.sections()}
    return sorted(groups - _COMMANDS)
