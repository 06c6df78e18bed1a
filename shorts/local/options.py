"""The options of the ``local`` commands: their own, those of their build, and SAM's."""

import os
import re
from collections.abc import Collection, Sequence
from pathlib import Path

from shorts.errors import UsageError
from shorts.system import process

# Options of `sam local start-api` that `sam build` has too; the values of each follow it.
SHARED = frozenset(
    """-t --template --template-file --parameter-overrides --config-file --config-env --region
    --profile""".split()
)
# What SAM looks for, in this order.
_CONFIGURATIONS = ("samconfig.toml", "samconfig.yaml", "samconfig.yml")
TEMPLATE = ("-t", "--template", "--template-file")


def configured(arguments: Sequence[str]) -> list[str]:
    """Return ``--config-file`` for the source template: the built one has none next to it."""
    template = value(arguments, TEMPLATE) or os.environ.get("SAM_TEMPLATE_FILE")
    folder = Path(os.path.abspath(template or "template.yaml")).parent
    given = value(arguments, ("--config-file",))
    names = [given] if given else _CONFIGURATIONS
    found = [str(path) for name in names if (path := folder / name).exists()]
    return ["--config-file", *found[:1]] if found else []


def concurrency(arguments: Sequence[str]) -> tuple[int, list[str]]:
    """Return each function's number of sandboxes, one per core by default, and all other words.

    Raises:
        UsageError: ``--concurrency`` has no number above 0.
    """
    given, rest = parted(arguments, ("--concurrency",))
    if not given:
        return process.cores(), rest
    said = "=".join(given).partition("=")[2]
    if not re.fullmatch("[1-9][0-9]{0,5}", said):
        raise UsageError("Say how many sandboxes a function may have: --concurrency 4.")
    return int(said), rest


def parted(arguments: Sequence[str], names: Collection[str]) -> tuple[list[str], list[str]]:
    """Return some options with the words that follow each, and all other words."""
    parts: tuple[list[str], list[str]] = ([], [])
    at = 1
    for word in arguments:
        if word.startswith("-"):
            at = 0 if word.partition("=")[0] in names else 1
        parts[at].append(word)
    return parts


def value(arguments: Sequence[str], names: Collection[str]) -> str:
    """Return the last value of an option with several names; empty if it was not given."""
    given, _ = parted(arguments, names)
    last = given[-1] if given else ""
    return last.partition("=")[2] if last.startswith("-") else last
