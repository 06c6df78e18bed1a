"""The words of a command line: which are options of shorts' own, and which are for SAM."""

from collections.abc import Collection, Sequence
from typing import TYPE_CHECKING

from shorts.errors import UsageError

if TYPE_CHECKING:
    from shorts.units import Options


def own_options(arguments: Sequence[str]) -> "tuple[Options, list[str]]":
    """The options that SAM does not have, and all other words.

    Raises:
        UsageError: a name is missing.
    """
    from shorts.units import Options

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
            if not sdists[-1]:
                raise UsageError("Say whose sources may be built: --allow-sdist NAME.")
        else:
            rest.append(word)
    if sdists:
        from shorts.names import normalized

        sdists = [normalized(name) for name in sdists]
    return Options(upgrade=upgrade, verbose=verbose, sdists=frozenset(sdists)), rest


def split(
    arguments: Sequence[str], flags: Collection[str], valued: Collection[str]
) -> tuple[set[str], dict[str, str], list[str]]:
    """The flags that were given, the values of options that have one, and all other words.

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
    """The words before the first option, and the rest, which is for SAM."""
    count = next((at for at, word in enumerate(words) if word.startswith("-")), len(words))
    return [*words[:count]], [*words[count:]]
