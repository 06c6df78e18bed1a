"""The one parser of options. Those that no command of shorts has are SAM's, and stay as written."""

import argparse
from collections.abc import Callable, Sequence
from typing import Any, NoReturn

from shorts.cli import help
from shorts.cli.commands import COMMANDS, OVERRIDES, SHARED, VALUED, Option
from shorts.cli.options import Kept, Parsed
from shorts.errors import UsageError


class _Parser(argparse.ArgumentParser):
    """A parser of one command, which raises what is wrong and prints nothing."""

    def __init__(self, name: str) -> None:
        super().__init__(add_help=False, allow_abbrev=False, exit_on_error=False)
        self._name = name

    def error(self, message: str) -> NoReturn:
        raise UsageError(f"{message}.\nRun `shorts {self._name} --help` for its options.")


class _Keep(argparse.Action):
    """Keeps one of SAM's options as it was written."""

    def __call__(self, parser: Any, given: Any, values: Any, option: str | None = None) -> None:
        assert option
        values = [values] if isinstance(values, str) else values
        arguments = [option, *values]
        if len(values) == 1 and values[0].startswith("-"):
            arguments = ["=".join(arguments) if option.startswith("--") else "".join(arguments)]
        given.kept = [*given.kept, Kept(option, values, arguments)]


def parse(name: str, arguments: Sequence[str]) -> Parsed:
    """Return the arguments of a command.

    Raises:
        UsageError: a value is missing or wrong, or an option is unknown and not for SAM.
    """
    command, parser = COMMANDS[name], _parser(name)
    try:
        given, others = parser.parse_known_args([*arguments])
    except argparse.ArgumentError as error:
        parser.error(f"{error.argument_name}: {error.message}")
    names: list[str] = []
    if command.takes_names:
        names = [word for word in others if not word.startswith("-")]
        others = [word for word in others if word.startswith("-")]
    if others and not command.sam:
        known = [word for option in command.options for word in option.names]
        raise UsageError(f"No such option: {others[0]}{help.did_you_mean(others[0], known)}")
    values = {option.key: getattr(given, option.key) for option in command.options}
    kept = [word for option in given.kept for word in option.arguments]
    return Parsed(values, names, [*kept, *others], given.kept)


def _parser(name: str) -> _Parser:
    command, parser = COMMANDS[name], _Parser(name)
    parser.set_defaults(kept=[])
    for option in command.options:
        how: dict[str, Any] = {"action": "store_true"}
        if option.metavar:
            action = "append" if option.is_repeated else "store"
            how = {"action": action, "type": _reader(option), "default": option.default}
        parser.add_argument(*option.names, dest=option.key, **how)
    known = SHARED if command.sam.startswith("local ") else VALUED if command.takes_names else ()
    for word in known if command.sam else ():
        parser.add_argument(word, action=_Keep, nargs="+" if word == OVERRIDES else None)
    return parser


def _reader(option: Option) -> Callable[[str], object]:
    def read(text: str) -> object:
        try:
            return option.read(text)
        except ValueError as error:
            raise argparse.ArgumentTypeError(str(error)) from error

    return read
