"""The arguments of commands: what each belongs to, and what a wrong one is told."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shorts.cli import options, parser
from shorts.cli.commands import COMMANDS, VALUED
from shorts.errors import UsageError


def test_what_is_sams_stays_as_written() -> None:
    """Options that shorts does not have are passed on, with their values."""
    given = "Echo -t a.yaml --upgrade -cp --parameter-overrides A=1 B=2 --allow-sdist=Six_Two -v"
    values, names, sam, _ = options.parse("build", given.split())
    own = {"upgrade": True, "allow_sdist": ["six-two"], "verbose": True}
    assert values == {**own, "quiet": False, "color": None}
    assert names == []
    assert sam == "Echo -t a.yaml -cp --parameter-overrides A=1 B=2".split()


def test_without_options_nothing_is_parsed(monkeypatch: pytest.MonkeyPatch) -> None:
    """Words alone need no parser, and give what it would give."""
    parsed = {name: parser.parse(name, ["one", "two"]) for name in COMMANDS}
    monkeypatch.setattr(parser, "parse", None)
    assert {name: options.parse(name, ["one", "two"]) for name in COMMANDS} == parsed


@pytest.mark.parametrize("option", VALUED)
def test_a_value_of_sams_is_no_name(option: str) -> None:
    """Names of functions may come before, between and after options of SAM."""
    _, names, sam, _ = options.parse("check", ["F", option, "value", "--json", "G"])
    assert names == ["F", "G"]
    assert sam == [option, "value"]


def test_a_value_that_begins_with_a_dash() -> None:
    """It stays joined to its option, so that SAM takes it for a value, too."""
    assert options.parse("why", ["--base-dir=-x", "-t-y"]).sam == ["--base-dir=-x", "-t-y"]


def test_the_last_of_several_counts() -> None:
    """An option given twice has its last value; one that may be repeated has all."""
    assert options.parse("size", ["--html", "a", "--html=b"]).values["html"] == "b"
    hosts = ["--allow-host", "a", "--allow-host=b"]
    assert options.parse("local start-api", hosts).values["allow_host"] == ["a", "b"]


@pytest.mark.parametrize(
    ("command", "arguments", "message"),
    [
        ("size", "--html", "--html: expected one argument"),
        ("size", "--html=", "--html: the value is empty"),
        ("size", "--json=yes", "--json: ignored explicit argument 'yes'"),
        ("build", "--allow-sdist a/b", "--allow-sdist: 'a/b' is not the name of a distribution"),
        (
            "local start-api",
            "--concurrency 0",
            "--concurrency: '0' is not a number from 1 to 999999",
        ),
        ("cache", "--older-than soon", "--older-than: 'soon' is not a number of days, such as 30d"),
    ],
)
def test_a_wrong_value_is_named(command: str, arguments: str, message: str) -> None:
    """The option, what is wrong with its value, and where to read more."""
    with pytest.raises(UsageError) as caught:
        options.parse(command, arguments.split())
    assert str(caught.value) == f"{message}.\nRun `shorts {command} --help` for its options."


def test_a_command_without_sams_options_knows_its_own() -> None:
    """An option that it does not have is refused, with one that is spelt alike."""
    with pytest.raises(UsageError) as caught:
        options.parse("cache", ["prune", "--older-then", "3d"])
    assert str(caught.value) == "No such option: --older-then. Did you mean --older-than?"


def test_an_option_is_not_abbreviated() -> None:
    """What begins as an option of shorts is another, which SAM judges."""
    assert options.parse("build", ["--up", "--verb"]).sam == ["--up", "--verb"]


@given(st.lists(st.sampled_from(["a", "-x", "--cached", "-", "a b", "--use", "é", "-1"])))
def test_nothing_is_lost(arguments: list[str]) -> None:
    """What is not shorts' own comes out as it went in, in its order."""
    assert options.parse("build", arguments).sam == arguments
