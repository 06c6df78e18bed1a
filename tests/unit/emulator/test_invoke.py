"""What a function is invoked with: an event, and variables from four places."""

from __future__ import annotations

import io
import json
import sys
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shorts.emulator import invoke
from shorts.errors import ShortsError
from shorts.model import Function, Invocation

EVENTS = Path(__file__).parents[3] / "events"


def function(name: str = "Echo", full_path: str = "", **changes: Any) -> Function:
    settings: dict[str, Any] = {
        "runtime": "python3.13",
        "architecture": "x86_64",
        "handler": "app.handler",
        "code_uri": "/app/echo",
        "package_type": "Zip",
        "build_method": "",
        "memory": 512,
        "timeout": 10,
        "variables": {},
        "logging": {},
    }
    return Function(name=name, full_path=full_path or name, **{**settings, **changes})


def asked(wanted: str | None, *functions: Function) -> Invocation:
    return Invocation(
        template="/app/template.yaml",
        functions=list(functions),
        wanted=wanted,
        event=None,
    )


def test_chooses_the_only_function() -> None:
    """Where there is one function, it need not be named."""
    only = function()
    assert invoke.chosen(asked(None, only)) is only


def test_chooses_by_name_or_path() -> None:
    """A function is named by its logical id, or by its path through nested stacks."""
    echo, plot = function("Echo"), function("Plot", "Nested/Plot")
    assert invoke.chosen(asked("Echo", plot, echo)) is echo
    assert invoke.chosen(asked("Plot", echo, plot)) is plot
    assert invoke.chosen(asked("Nested/Plot", echo, plot)) is plot


def test_asks_for_a_name_among_several() -> None:
    """Where there are several functions, one has to be named; where there is none, it says so."""
    with pytest.raises(ShortsError) as caught:
        invoke.chosen(asked(None, function("Echo"), function("Plot", "Nested/Plot")))
    assert str(caught.value) == (
        "Name the function to invoke: /app/template.yaml has Echo, Nested/Plot."
    )
    with pytest.raises(ShortsError) as caught:
        invoke.chosen(asked(None))
    assert str(caught.value) == "Name the function to invoke: /app/template.yaml has none."


def test_refuses_a_name_that_is_not_there() -> None:
    """An unknown name is shown with those that there are."""
    with pytest.raises(ShortsError) as caught:
        invoke.chosen(asked("echo", function("Echo")))
    assert str(caught.value) == ("There is no function echo in /app/template.yaml.\nIt has: Echo.")


def test_no_event_is_an_empty_object() -> None:
    """Where no event is named, the function gets an empty object."""
    assert invoke.event(None) == b"{}"


@pytest.mark.parametrize("path", sorted(EVENTS.glob("*.json")), ids=lambda path: path.name)
def test_reads_the_sample_events(path: Path) -> None:
    """Every sample event is handed over byte for byte."""
    assert invoke.event(str(path)) == path.read_bytes()


def test_reads_standard_input(monkeypatch: pytest.MonkeyPatch) -> None:
    """A dash stands for standard input."""
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO('{"é": 1}'.encode())))
    assert invoke.event("-") == '{"é": 1}'.encode()


def test_refuses_an_event_that_cannot_be_read(tmp_path: Path) -> None:
    """A missing event, or a folder, is named with the system's words."""
    for path, why in (
        (tmp_path / "gone", "No such file or directory"),
        (tmp_path, "Is a directory"),
    ):
        with pytest.raises(ShortsError) as caught:
            invoke.event(str(path))
        assert str(caught.value) == f"The event {path} cannot be read: {why}."


@pytest.mark.parametrize("text", ["", "{", "{'a': 1}", "[1,]", "{} {}", "NaN"])
def test_refuses_an_event_that_is_no_json(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, text: str
) -> None:
    """What is not JSON is refused before anything is started, with where it came from."""
    path = tmp_path / "event.json"
    path.write_text(text)
    with pytest.raises(ShortsError) as caught:
        invoke.event(str(path))
    assert str(caught.value).startswith(f"The event in {path} is not JSON: ")
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(text.encode())))
    with pytest.raises(ShortsError, match=r"^The event in standard input is not JSON: "):
        invoke.event("-")


@pytest.mark.parametrize("text", [b'{"a": "\xe9"}', b"[" * 100_000])
def test_refuses_an_event_in_another_encoding(tmp_path: Path, text: bytes) -> None:
    """Text that is not UTF-8, and brackets without end, are not JSON either."""
    path = tmp_path / "event.json"
    path.write_bytes(text)
    with pytest.raises(ShortsError, match=r"event\.json is not JSON: "):
        invoke.event(str(path))


values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**60), 2**60)
    | st.text(st.characters(codec="utf-8")),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text("ab"), inner, max_size=3),
    max_leaves=8,
)


@given(values)
def test_any_json_is_an_event(value: object) -> None:
    """Any JSON value can be sent, as it is."""
    text = json.dumps(value).encode()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(text)))
        assert invoke.event("-") == text


def test_no_file_overrides_nothing() -> None:
    """Where no file of variables is named, nothing is overridden."""
    assert invoke.overrides(None) == {}


def test_reads_variables_by_function(tmp_path: Path) -> None:
    """A file names variables by function, and those of all under Parameters."""
    path = tmp_path / "env.json"
    path.write_text('{"Echo": {"A": "1", "B": 2}, "Parameters": {"C": null}}')
    assert invoke.overrides(str(path)) == {
        "Echo": {"A": "1", "B": 2},
        "Parameters": {"C": None},
    }


def test_refuses_variables_that_cannot_be_read(tmp_path: Path) -> None:
    """A missing file of variables is named."""
    path = tmp_path / "gone.json"
    with pytest.raises(ShortsError) as caught:
        invoke.overrides(str(path))
    assert str(caught.value) == (
        f"The variables in {path} cannot be read: No such file or directory."
    )


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ('{"A": "1"}', "Expected `object`, got `str` - at `$[...]`"),
        ("[]", "Expected `object`, got `array`"),
        ("{", "Input data was truncated"),
    ],
)
def test_refuses_variables_of_another_form(tmp_path: Path, text: str, why: str) -> None:
    """What is not an object of objects is refused with an example of what is."""
    path = tmp_path / "env.json"
    path.write_text(text)
    with pytest.raises(ShortsError) as caught:
        invoke.overrides(str(path))
    assert str(caught.value) == (
        f"{path} holds no variables by function: {why}.\n"
        'It has to be JSON such as {"EchoFunction": {"NAME": "value"}}, or {"Parameters": {…}}.'
    )


@pytest.fixture
def shell(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    """This process's environment, without what AWS's tools read."""
    for name in ("ACCESS_KEY_ID", "SECRET_ACCESS_KEY", "SESSION_TOKEN", "REGION", "DEFAULT_REGION"):
        monkeypatch.delenv(f"AWS_{name}", raising=False)
    monkeypatch.delenv("STAGE", raising=False)
    return monkeypatch


@pytest.mark.usefixtures("shell")
def test_gives_credentials_that_are_none() -> None:
    """Without credentials, the function gets those that SAM makes up."""
    assert invoke.environment(function(), {}) == {
        "AWS_REGION": "us-east-1",
        "AWS_DEFAULT_REGION": "us-east-1",
        "AWS_ACCESS_KEY_ID": "defaultkey",
        "AWS_SECRET_ACCESS_KEY": "defaultsecret",
    }


def test_hands_credentials_on() -> None:
    """Credentials and a region that were found take the place of those that SAM makes up."""
    account = {"AWS_ACCESS_KEY_ID": "key", "AWS_SECRET_ACCESS_KEY": "secret"}
    given = invoke.environment(function(), {}, {**account, "AWS_REGION": "eu-west-1"})
    assert given == {
        "AWS_REGION": "eu-west-1",
        "AWS_DEFAULT_REGION": "eu-west-1",
        "AWS_ACCESS_KEY_ID": "key",
        "AWS_SECRET_ACCESS_KEY": "secret",
    }


def test_a_variable_is_overridden_by_its_nearest(shell: pytest.MonkeyPatch) -> None:
    """The function's override wins over that for all, then the shell, then the template."""
    echo = function(variables={"STAGE": "template"})

    def stage(replaced: dict[str, dict[str, object]]) -> str:
        return invoke.environment(echo, replaced)["STAGE"]

    assert stage({}) == "template"
    shell.setenv("STAGE", "shell")
    assert stage({}) == "shell"
    assert stage({"Parameters": {"STAGE": "all"}}) == "all"
    assert stage({"Parameters": {"STAGE": "all"}, "Echo": {"STAGE": "echo"}}) == "echo"
    assert stage({"Plot": {"STAGE": "plot"}}) == "shell"


def test_a_nested_function_may_be_named_by_its_path() -> None:
    """Overrides of a nested function stand under its logical id or its path."""
    nested = function("Echo", "Nested/Echo", variables={"A": "", "B": ""})
    replaced = {"Nested/Echo": {"A": "path", "B": "path"}, "Echo": {"B": "name"}}
    given = invoke.environment(nested, replaced)
    assert (given["A"], given["B"]) == ("path", "name")


def test_only_the_templates_variables_are_given(shell: pytest.MonkeyPatch) -> None:
    """An override or a shell variable that the template does not name is not given, as with SAM."""
    shell.setenv("STAGE", "shell")
    assert "STAGE" not in invoke.environment(function(), {"Echo": {"STAGE": "override"}})


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("x", "x"),
        (1, "1"),
        (1.5, "1.5"),
        (True, "true"),
        (False, "false"),
        (None, ""),
        ([1], ""),
        ({"Ref": "x"}, ""),
    ],
)
@pytest.mark.usefixtures("shell")
def test_values_become_text_as_sam_makes_it(value: object, text: str) -> None:
    """A number is its digits, a truth value is lower case, and a structure is empty."""
    given = invoke.environment(function(variables={"STAGE": "x"}), {"Echo": {"STAGE": value}})
    assert given["STAGE"] == text


@pytest.mark.usefixtures("shell")
def test_the_template_may_set_what_aws_sets() -> None:
    """A variable of the template wins over a setting of the same name."""
    echo = function(variables={"AWS_REGION": "eu-north-1"})
    assert invoke.environment(echo, {})["AWS_REGION"] == "eu-north-1"


@pytest.mark.parametrize(
    ("logging", "expected"),
    [
        ({}, {}),
        ({"LogFormat": "Text"}, {"FORMAT": "Text"}),
        ({"LogFormat": "JSON"}, {"FORMAT": "JSON", "LEVEL": "INFO"}),
        (
            {"LogFormat": "JSON", "ApplicationLogLevel": "DEBUG"},
            {"FORMAT": "JSON", "LEVEL": "DEBUG"},
        ),
        ({"LogFormat": "Text", "ApplicationLogLevel": "DEBUG"}, {"FORMAT": "Text"}),
        ({"LogGroup": "mine"}, {"GROUP_NAME": "mine"}),
    ],
)
def test_logging_is_the_templates(logging: dict[str, str], expected: dict[str, str]) -> None:
    """The runtime is told the log format, a level only where it is JSON, and the log group."""
    given = invoke.environment(function(logging=logging), {})
    found = {name: value for name, value in given.items() if name.startswith("AWS_LAMBDA_LOG_")}
    assert found == {f"AWS_LAMBDA_LOG_{name}": value for name, value in expected.items()}
