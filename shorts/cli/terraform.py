"""The protocol of Terraform's `external` data source, which OpenTofu has too.

A program gets an object of strings on standard input, and answers with another one.
https://registry.terraform.io/providers/hashicorp/external/latest/docs/data-sources/external
"""

import os
import sys
from collections.abc import Mapping

import msgspec

from shorts.cli.commands import COMMANDS
from shorts.errors import UsageError

_MOST = 1_000_000
# What the answer has, apart from what differs from call to call.
_FIELDS = ("path", "sha256", "code_sha256", "size", "unzipped_size", "files", "sbom", "manifest")
_PATHS = ("path", "sbom", "manifest")
_NOT_ASKED = ("json", "terraform", "quiet", "color")


def arguments() -> list[str]:
    """Return the query on standard input as arguments of `shorts zip`.

    Its keys are the names of the options, with `_` for `-`, and `folder`. An empty value is none,
    so that a variable may be empty. A flag is `true` or `false`. A repeatable option has a value on
    each line.

    Raises:
        UsageError: it is not an object of strings, or has a key that is not an option.
    """
    try:
        query = msgspec.json.decode(sys.stdin.buffer.read(_MOST), type=dict[str, str])
    except msgspec.MsgspecError as error:
        raise UsageError(
            f"Standard input is not a query of Terraform, an object of strings: {error}.\n"
            'It holds names and values, such as {"folder": "src", "handler": "app.handler"}.'
        ) from error
    known = {
        option.key: option for option in COMMANDS["zip"].options if option.key not in _NOT_ASKED
    }
    command_line = [query.pop("folder")] if query.get("folder") else []
    for name, value in query.items():
        option = known.get(name)
        if option is None:
            listed = ", ".join(["folder", *known])
            raise UsageError(f"The query has {name!r}, which is none of {listed}.")
        if option.metavar:
            values = value.splitlines() if option.is_repeated else [value]
            command_line += [f"--{name.replace('_', '-')}={text}" for text in values if text]
        elif value not in ("", "true", "false"):
            raise UsageError(f"{name} is {value[:20]!r} in the query: write true or false.")
        elif value == "true":
            command_line.append(f"--{name.replace('_', '-')}")
    return command_line


def result(document: Mapping[str, object]) -> str:
    """Return what is known of a zip as an object of strings.

    Paths are relative to the working folder: they are part of a plan, which is the same everywhere.
    """
    texts = {name: str(document[name]) for name in _FIELDS}
    texts |= {name: os.path.relpath(texts[name]) for name in _PATHS}
    return msgspec.json.encode(texts).decode()
