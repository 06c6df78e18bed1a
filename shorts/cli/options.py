"""The arguments of a command: by its own options, and for SAM."""

import os
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from shorts.cli import console
from shorts.cli.commands import COMMANDS
from shorts.errors import ShortsError, UsageError
from shorts.system import files

if TYPE_CHECKING:
    from shorts.artifact.plan import Options


class Kept(NamedTuple):
    """An option of SAM's that the parser knows.

    Attributes:
        name: as it was given.
        values: what follows it.
        arguments: all of it, as an argument or several.
    """

    name: str
    values: list[str]
    arguments: list[str]


class Parsed(NamedTuple):
    """The arguments of a command.

    Attributes:
        values: those of its own options.
        names: words that belong to no option, if the command takes them.
        sam: what is for SAM.
        kept: the options in ``sam`` that the parser knows.
    """

    values: Mapping[str, Any]
    names: list[str]
    sam: list[str]
    kept: list[Kept]


def parse(name: str, arguments: Sequence[str]) -> Parsed:
    """Return the arguments of a command, and apply its ``--quiet`` and ``--color``.

    Raises:
        UsageError: a value is missing or wrong, or an option is unknown and not for SAM.
    """
    command = COMMANDS[name]
    if any(word.startswith("-") for word in arguments):
        from shorts.cli import parser  # argparse takes 5 ms to import and to set up

        parsed = parser.parse(name, arguments)
        console.choose(parsed.values)
        return parsed
    values = {option.key: option.default for option in command.options}
    console.choose(values)
    names, others = (arguments, ()) if command.takes_names else ((), arguments)
    return Parsed(values, [*names], [*others], [])


def build_options(values: Mapping[str, Any]) -> "Options":
    """Return the options of a build."""
    from shorts.artifact.plan import Options

    return Options(
        upgrade=values["upgrade"],
        verbose=values["verbose"],
        sdists=frozenset(values["allow_sdist"]),
    )


def check(arguments: Sequence[str]) -> None:
    """Refuse what cannot be written into a template, a manifest or a terminal.

    Raises:
        UsageError: an argument is not UTF-8.
        ShortsError: the working folder is not UTF-8, or is gone.
    """
    for word in arguments:
        if not files.is_text(word):
            raise UsageError(f"The argument {word!r} is not UTF-8 text.")
    try:
        folder = os.getcwd()
    except OSError as error:
        raise ShortsError(f"The working folder cannot be used: {error.strerror}.") from error
    if not files.is_text(folder):
        raise ShortsError(f"The working folder {folder!r} has a name that is not UTF-8 text.")
