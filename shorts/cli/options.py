"""The arguments of a command: shorts' own options, and the ones for SAM."""

import os
import re
from collections.abc import Collection, Sequence
from typing import TYPE_CHECKING

from shorts.errors import ShortsError, UsageError
from shorts.system import files

if TYPE_CHECKING:
    from shorts.artifact.plan import Options


_NAME = re.compile(r"[A-Za-z0-9](?:[\w.-]*[A-Za-z0-9])?", re.ASCII)


def check(words: Sequence[str]) -> None:
    """Refuse what cannot be written into a template, a manifest or a terminal.

    Raises:
        UsageError: an argument is not UTF-8.
        ShortsError: the working folder is not UTF-8, or is gone.
    """
    for word in words:
        if not files.is_text(word):
            raise UsageError(f"The argument {word!r} is not UTF-8 text.")
    try:
        folder = os.getcwd()
    except OSError as error:
        raise ShortsError(f"The working folder cannot be used: {error.strerror}.") from error
    if not files.is_text(folder):
        raise ShortsError(f"The working folder {folder!r} has a name that is not UTF-8 text.")


def own_options(arguments: Sequence[str]) -> "tuple[Options, list[str]]":
    """Return the options that SAM does not have, and all other arguments.

    Raises:
        UsageError: a name is missing.
    """
    from shorts.artifact.plan import Options

    upgrade = verbose = False
    sdists: list[str] = []
    rest: list[str] = []
    words = iter(arguments)
    for word in words:
        name, equals, value = word.partition("=")
        if word == "--upgrade":
            upgrade = True
        elif word in ("-v", "--verbose"):
            verbose = True
        elif name == "--allow-sdist":
            sdists.append(value if equals else next(words, ""))
            if not _NAME.fullmatch(sdists[-1]):
                raise UsageError("Name a distribution: --allow-sdist NAME.")
        else:
            rest.append(word)
    if sdists:
        from shorts.requirements.names import normalized

        sdists = [normalized(name) for name in sdists]
    return Options(upgrade=upgrade, verbose=verbose, sdists=frozenset(sdists)), rest


def split(
    arguments: Sequence[str], flags: Collection[str], valued: Collection[str]
) -> tuple[set[str], dict[str, str], list[str]]:
    """Return the given flags, the values of options that have one, and all other arguments.

    Raises:
        UsageError: a value is missing.
    """
    given: set[str] = set()
    values: dict[str, str] = {}
    rest: list[str] = []
    words = iter(arguments)
    for word in words:
        name, equals, value = word.partition("=")
        if word in flags:
            given.add(word)
        elif name in valued:
            values[name] = value if equals else next(words, "")
            if not values[name]:
                raise UsageError(f"Name a file: {name} FILE.")
        else:
            rest.append(word)
    return given, values, rest


def named(words: Sequence[str]) -> tuple[list[str], list[str]]:
    """Return the arguments before the first option, and the rest, which is for SAM."""
    count = next((at for at, word in enumerate(words) if word.startswith("-")), len(words))
    return [*words[:count]], [*words[count:]]
