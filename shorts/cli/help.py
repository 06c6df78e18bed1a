"""What `--help`, `--version` and a wrong word are answered with."""

import textwrap
from collections.abc import Iterable, Sequence
from typing import Any

from shorts import __version__
from shorts.cli.commands import COMMANDS, Option
from shorts.errors import UnknownOption, UsageError

_WIDTH = 100
_INDENT = 30
_HANGING: Any = {"initial_indent": "  ", "subsequent_indent": "    ", "break_on_hyphens": False}


def overview() -> str:
    """Return what shorts does, and its commands."""
    width = max(map(len, COMMANDS))
    commands = [f"  {name:{width}}  {command.summary}" for name, command in COMMANDS.items()]
    return "\n".join(
        [
            f"shorts {__version__}: a drop-in for `sam build`, for Python functions on AWS Lambda",
            "",
            "Usage: shorts COMMAND [OPTIONS]",
            "",
            "Commands:",
            *commands,
            "",
            "Every other command is SAM's: `shorts deploy` runs `sam deploy`.",
            "`shorts COMMAND --help` lists the options of a command.",
            "",
        ]
    )


def of_command(name: str) -> str:
    """Return a command's usage, its options, SAM's options that it takes, and examples."""
    command = COMMANDS[name]
    lines = [f"Usage: shorts {name} {command.usage}", "", f"{_sentence(command.summary)}", ""]
    if command.options:
        lines += [
            "Options:",
            *_table((_left(option), _sentence(option.help)) for option in command.options),
        ]
        lines += [""]
    if command.sam:
        from shorts.sam import options as sam_options  # takes a second to import

        known = sam_options.described(command.sam)
        lines += [f"Options of `sam {command.sam}`, which mean the same here:"]
        lines += _table((option.left, option.help) for option in known if not option.reason)
        lines += ["", "Accepted, without effect:"]
        for reason in dict.fromkeys(option.reason for option in known if option.reason):
            names = ", ".join(
                max(option.names, key=len) for option in known if option.reason == reason
            )
            lines += textwrap.wrap(f"{names}: {reason}", _WIDTH, **_HANGING)
        lines += [""]
    if command.examples:
        lines += ["Examples:", *(f"  {example}" for example in command.examples), ""]
    return "\n".join(lines)


def versions() -> str:
    """Return SAM's version as `sam --version` prints it, then shorts' own."""
    from importlib.metadata import version

    # Scripts read SAM's from the first line, by its words.
    return f"SAM CLI, version {version('aws-sam-cli')}\nshorts {__version__}\n"


def check_command(command: Sequence[str]) -> None:
    """Refuse words that begin no command of shorts or SAM.

    Raises:
        UsageError: there is no such command; it names what is spelt like it.
    """
    from shorts.sam.options import commands

    groups = {name.partition(" ")[0] for name in COMMANDS}
    if command[0] not in groups | {*commands()}:
        raise UsageError(
            f"No such command: {command[0]}{did_you_mean(command[0], [*groups, *commands()])}\n"
            "`shorts help` lists the commands of shorts, `sam --help` those of SAM."
        )
    below = commands("local") if command[0] == "local" else []
    if below and len(command) > 1 and not command[1].startswith("-") and command[1] not in below:
        raise UsageError(f"No such command: local {command[1]}{did_you_mean(command[1], below)}")


def unknown(error: UnknownOption, arguments: Sequence[str]) -> str:
    """Return what is wrong with an option that is neither shorts' nor SAM's."""
    command = COMMANDS.get(arguments[0]) or COMMANDS[" ".join(arguments[:2])]
    own = [word for option in command.options for word in option.names]
    return f"{error}{did_you_mean(error.option, [*own, *error.known])}"


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """Return a question that names what is spelt like a word; empty if nothing is."""
    import difflib

    bare = {name.lstrip("-"): name for name in known}
    near = difflib.get_close_matches(word.lstrip("-"), bare, n=2, cutoff=0.7)
    return f". Did you mean {' or '.join(bare[name] for name in near)}?" if near else ""


def _left(option: Option) -> str:
    return f"{', '.join(option.names)} {option.metavar}".rstrip()


def _sentence(text: str) -> str:
    return f"{text[0].upper()}{text[1:]}."


def _table(rows: Iterable[tuple[str, str]]) -> list[str]:
    lines = []
    for left, right in rows:
        wrapped = textwrap.wrap(right, _WIDTH - _INDENT) or [""]
        if len(left) > _INDENT - 4:
            lines.append(f"  {left}")
        else:
            wrapped[0] = f"  {left:{_INDENT - 2}}{wrapped[0]}".rstrip()
            lines.append(wrapped.pop(0))
        lines += [f"{'':{_INDENT}}{line}" for line in wrapped]
    return lines
