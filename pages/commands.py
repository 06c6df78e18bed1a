"""The page of all commands, made from the tables that the parser and `--help` have."""

from collections.abc import Iterator

from shorts.cli.commands import COMMANDS, Command, Option
from shorts.sam import options as sam_options

_HEAD = """\
# Commands

Every other command is SAM's: `shorts deploy` runs `sam deploy`. `shorts COMMAND --help` shows what
this page shows, with what SAM says of its own options. `shorts --version` prints the versions of
SAM and of shorts.

| command | what it does |
|---|---|
"""
_FOOT = """
## Status
0 if all went well, 1 if something is wrong that you can fix, 2 for a wrong argument, 130 after
Ctrl-C.
"""


def page() -> str:
    """Return the page, as `docs/commands.md` has it."""
    rows = [
        f"| [`shorts {name}`](#shorts-{name.replace(' ', '-')}) | {command.summary} |"
        for name, command in COMMANDS.items()
    ]
    parts = ["\n".join(_section(name, command)) for name, command in COMMANDS.items()]
    return _HEAD + "\n".join([*rows, "", *parts]) + _FOOT


def _section(name: str, command: Command) -> Iterator[str]:
    yield f"## shorts {name}"
    yield f"{command.summary[0].upper()}{command.summary[1:]}."
    yield from ("", "```", f"shorts {name} {command.usage}".rstrip(), "```", "")
    if command.options:
        yield from ("| option | what it does |", "|---|---|")
        yield from (f"| {_names(option)} | {_cell(option.help)} |" for option in command.options)
        yield ""
    if command.sam:
        yield from _of_sam(command.sam)
    if command.examples:
        yield from ("```", *command.examples, "```", "")


def _names(option: Option) -> str:
    *others, last = option.names
    return ", ".join(f"`{word}`" for word in (*others, f"{last} {option.metavar}".rstrip()))


def _cell(text: str) -> str:
    return text.replace("|", "\\|")


def _of_sam(command: str) -> Iterator[str]:
    """Yield which options of one of SAM's commands there are, and which have no effect."""
    known = sam_options.described(command)
    honoured = ", ".join(f"`{_longest(one)}`" for one in known if not one.reason)
    yield from (f"Options of `sam {command}`, which mean the same here: {honoured}.", "")
    reasons = dict.fromkeys(one.reason for one in known if one.reason)
    if reasons:
        yield from ("Accepted, without effect:", "")
        for reason in reasons:
            names = ", ".join(f"`{_longest(one)}`" for one in known if one.reason == reason)
            yield f"- {names}: {reason}."
        yield ""


def _longest(option: sam_options.Described) -> str:
    """Return the name that says the most; of a pair such as --cached and --no-cached, the first."""
    return max(
        [one for one in option.names if not one.startswith("--no-")] or option.names, key=len
    )
