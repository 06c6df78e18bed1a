"""Options that decide nothing about what SAM reads: told apart, and carried along."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from shorts.errors import ShortsError
from shorts.model import Debugging, Invocation, RunOptions, Serving
from shorts.sam import carried
from shorts.sam import options as sam_options
from shorts.sam.carried import Given
from tests.records import function

NAMES = {
    "build": carried.OF_BUILD,
    "local invoke": carried.OF_INVOKE,
    "local start-api": carried.OF_API,
    "local start-lambda": carried.OF_LAMBDA,
}


def part(command: str, *arguments: str) -> Given | None:
    return carried.given(arguments, sam_options.spellings(command), NAMES[command])


@pytest.mark.parametrize("command", NAMES)
def test_carries_options_of_sam_alone(command: str) -> None:
    """Every option that is carried is one of SAM's."""
    known = {option.name for option in sam_options.spellings(command).options.values()}
    assert known >= NAMES[command] - {"debug_function"}


@pytest.mark.parametrize(
    ("arguments", "decides", "values", "names"),
    [
        (["F", "-e", "a.json"], [], {"event": ["a.json"]}, ["F"]),
        (["--event=a=b", "F"], [], {"event": ["a=b"]}, ["F"]),
        (["-t", "x.yaml", "F"], ["-t", "x.yaml"], {}, ["F"]),
        (
            ["--parameter-overrides", "A=1", "B=2", "-e", "-", "F"],
            ["--parameter-overrides", "A=1", "B=2"],
            {"event": ["-"]},
            ["F"],
        ),
        (["-d", "1", "-d", "2"], [], {"debug_port": ["1", "2"]}, []),
        (["--no-memory-limit", "--shutdown"], ["--shutdown"], {"no_memory_limit": []}, []),
        (["--profile", "p", "--region=r"], ["--region", "r"], {"profile": ["p"]}, []),
        (["-ii", "image"], ["-ii", "image"], {}, []),
    ],
)
def test_parts_arguments(
    arguments: Sequence[str], decides: list[str], values: dict[str, list[str]], names: list[str]
) -> None:
    """Words are parted as samcli parses them."""
    assert part("local invoke", *arguments) == Given(decides, values, names)


@pytest.mark.parametrize("words", [["-e"], ["--nope"], ["-ea.json"], ["--shutdown=1"], ["--"]])
def test_leaves_the_rest_to_sam(words: list[str]) -> None:
    """What is unknown, incomplete or joined is not parted."""
    assert part("local invoke", *words) is None


def test_a_flag_can_be_taken_back() -> None:
    """The last of two opposite flags counts."""
    assert part("build", "--cached", "--no-cached", "--parallel") == Given([], {"parallel": []}, [])


def test_means_what_sam_means() -> None:
    """An invocation with what was carried is the one that samcli would have made."""
    words = ["F", "-e", "e", "-d", "1", "-d", "2", "--debug-args", "x", "-l", "log"]
    answer = Invocation(template="t", functions=[], wanted=None, event=None)
    found = part("local invoke", *words, "--no-memory-limit", "--layer-cache-basedir", "layers")
    assert found is not None
    made = carried.invocation(answer, found)
    assert made == Invocation(
        template="t",
        functions=[],
        wanted="F",
        event="e",
        run=RunOptions(
            log="log",
            limited=False,
            layer_cache="layers",
            debugging=Debugging(ports=[1, 2], arguments="x"),
        ),
    )


def serving(*functions: str) -> Serving:
    return Serving(
        template="t",
        functions=[function(name) for name in functions],
        apis=[],
        host="127.0.0.1",
        port=3001,
        static="",
        eager=False,
        watch=True,
        certificate=None,
        files=[],
        notes=[],
    )


def test_a_service_with_what_was_given() -> None:
    """A service has the port, host and functions that were given."""
    words = ["G", "-p", "80", "--host", "::1", "--warm-containers", "eager", "--no-watch"]
    found = part("local start-lambda", *words)
    assert found is not None
    made = carried.serving(serving("F", "G"), found)
    assert made is not None
    assert (made.port, made.host, made.eager, made.watch) == (80, "::1", True, False)
    assert [one.name for one in made.functions] == ["G"]
    gone = part("local start-lambda", "Gone")
    assert gone is not None
    with pytest.raises(ShortsError) as caught:
        carried.serving(serving("F", "G"), gone)
    assert str(caught.value) == "There is no function Gone in the template.\nIt has: F, G."


@pytest.mark.parametrize("words", [["-p", "x"], ["--warm-containers", "WARM"], ["-d", "x"]])
def test_leaves_wrong_values_to_sam(words: list[str]) -> None:
    """SAM says what is wrong with a value."""
    found = part("local start-lambda", *words)
    assert found is not None
    assert carried.serving(serving("F"), found) is None


def test_spellings_are_sams() -> None:
    """A value, a flag and its opposite, and a list are told apart."""
    options = sam_options.spellings("build").options
    assert options["--cached"].takes == "flag"
    assert options["--no-cached"].takes == "no"
    assert options["-t"].takes == "value"
    assert options["--parameter-overrides"].takes == "values"
