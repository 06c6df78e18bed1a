"""Help, versions, and words that are spelt wrongly."""

import pytest

from shorts.cli import help
from shorts.cli.commands import COMMANDS
from shorts.errors import UnknownOption, UsageError


@pytest.mark.parametrize("name", COMMANDS)
def test_help_of_a_command(name: str) -> None:
    """It has the usage, every option of shorts and of SAM, and an example, in 100 columns."""
    from shorts.sam import options as sam_options

    text = help.of_command(name)
    command = COMMANDS[name]
    assert text.startswith(f"Usage: shorts {name} {command.usage}\n")
    words = set(text.replace(",", " ").replace(":", " ").split())
    own = {word for option in command.options for word in option.names}
    sams = sam_options.described(command.sam) if command.sam else []
    assert own | {max(option.names, key=len) for option in sams} <= words
    assert all(example in text for example in command.examples)
    assert command.examples or name == "help"
    assert max(map(len, text.splitlines())) <= 100


def test_overview_lists_every_command() -> None:
    """Each has a line."""
    lines = help.overview().splitlines()
    for name, command in COMMANDS.items():
        assert any(line.split("  ") == ["", name, "", command.summary] for line in lines) or any(
            line.startswith(f"  {name} ") and line.endswith(f"  {command.summary}")
            for line in lines
        )


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["biuld"], "No such command: biuld. Did you mean build?"),
        (["delpoy", "--guided"], "No such command: delpoy. Did you mean deploy?"),
        (["qqqq"], "No such command: qqqq"),
        (["local", "invok"], "No such command: local invok. Did you mean invoke?"),
    ],
)
def test_a_wrong_command(words: list[str], said: str) -> None:
    """It is named, with the command of shorts or SAM that is spelt like it."""
    with pytest.raises(UsageError) as caught:
        help.check_command(words)
    assert str(caught.value).splitlines()[0] == said


@pytest.mark.parametrize(
    "words", [["deploy"], ["local"], ["local", "start-lambda"], ["local", "--help"], ["logs"]]
)
def test_commands_of_sam(words: list[str]) -> None:
    """What SAM has is not refused."""
    help.check_command(words)


@pytest.mark.parametrize(
    ("arguments", "option", "said"),
    [
        ("build --upgrad", "--upgrad", ". Did you mean --upgrade?"),
        ("local invoke --evnt x", "--evnt", ". Did you mean --event?"),
        ("build --nope", "--nope", ""),
    ],
)
def test_a_wrong_option(arguments: str, option: str, said: str) -> None:
    """An option of shorts or of SAM's command is named that is spelt like it."""
    error = UnknownOption(option, ["--event", "--cached"])
    assert help.unknown(error, arguments.split()) == f"No such option: {option}{said}"
