"""Sample events are added to a template, and nothing else in it changes."""

from pathlib import Path

import pytest

from shorts.init import Addition, added, additions
from shorts.model import Application, Settings
from tests import records

TEMPLATE = """\
# The application.
Resources:
  EchoFunction:   # answers
    Type: AWS::Serverless::Function
    Properties:
      CodeUri: echo/
      Handler: !Sub app.handler

  Other:
      Type: AWS::Serverless::Function
      DependsOn: EchoFunction
"""


def addition(name: str, *globs: str) -> Addition:
    return Addition(name=name, template=Path("template.yaml"), globs=[*globs])


def test_metadata_goes_before_the_properties_in_their_column() -> None:
    text, left = added(TEMPLATE, [addition("EchoFunction", "events/echo.json", "events/e-*.json")])
    assert left == []
    assert text == TEMPLATE.replace(
        "    Properties:\n",
        "    Metadata:\n      Shorts:\n        Events: [events/echo.json, events/e-*.json]\n"
        "    Properties:\n",
    )


def test_several_are_added_each_to_its_own() -> None:
    text, left = added(TEMPLATE, [addition("EchoFunction", "a"), addition("Other", "b")])
    assert left == []
    assert text.count("Metadata:") == 2
    assert "  Other:\n      Metadata:\n        Shorts:\n          Events: [b]\n" in text


def test_ends_of_lines_stay_as_they_are() -> None:
    text, _ = added(TEMPLATE.replace("\n", "\r\n"), [addition("EchoFunction", "a")])
    assert text.count("\n") == text.count("\r\n") == TEMPLATE.count("\n") + 3


@pytest.mark.parametrize(
    "resource",
    [
        "{Type: AWS::Serverless::Function, Properties: {}}",
        "\n    Metadata: {BuildMethod: makefile}\n    Properties: {}",
        "\n    Metadata:\n      Shorts: {Slim: true}\n    Properties: {}",
    ],
    ids=["on one line", "has metadata", "has settings"],
)
def test_what_has_no_place_for_it_is_left(resource: str) -> None:
    text = f"Resources:\n  F: {resource}\n"
    wanted = addition("F", "events/f.json")
    assert added(text, [wanted]) == (text, [wanted])


def test_a_template_in_json_is_left() -> None:
    text = '{"Resources": {"F": {"Type": "AWS::Serverless::Function"}}}'
    assert added(text, [addition("F", "a")]) == (text, [addition("F", "a")])


def application(folder: Path, **changes: object) -> Application:
    facts = {"full_path": "EchoFunction", "code_uri": str(folder / "src"), **changes}
    function = records.function(**facts)  # type: ignore[arg-type]
    return Application(
        template=str(folder / "template.yaml"),
        build_dir="",
        manifest=None,
        functions=[function],
        templates={},
        notes=[],
    )


@pytest.mark.parametrize(
    ("event", "globs"),
    [
        ("echo.json", ["events/echo.json"]),
        ("echofunction.json", ["events/echofunction.json"]),
        ("src.json", ["events/src.json"]),
        ("echo-post.json", ["events/echo-*.json"]),
        ("echoes.json", []),
        ("event.json", []),
        ("echo.txt", []),
    ],
)
def test_events_are_those_with_the_functions_name(
    tmp_path: Path, event: str, globs: list[str]
) -> None:
    (tmp_path / "events").mkdir()
    (tmp_path / "events" / event).write_text("{}")
    found = additions(application(tmp_path))
    assert [one.globs for one in found] == ([globs] if globs else [])


@pytest.mark.parametrize(
    "changes",
    [
        {"settings": Settings(events=["a.json"])},
        {"settings": Settings(slim=False)},
        {"full_path": "Nested/EchoFunction"},
        {"runtime": "nodejs22.x"},
        {"runtime": ""},
        {"code_uri": ""},
    ],
    ids=["has events", "ships whole", "nested", "other language", "image", "in the template"],
)
def test_other_functions_get_none(tmp_path: Path, changes: dict[str, object]) -> None:
    (tmp_path / "events").mkdir()
    (tmp_path / "events" / "echo.json").write_text("{}")
    assert additions(application(tmp_path, **changes)) == []
