"""What is said of templates and configurations that cannot be read: where, what, the way out."""

from __future__ import annotations

import warnings
from pathlib import Path

import pytest

from shorts.errors import ShortsError
from shorts.sam.read import read_application, read_serving

TEMPLATE = """Transform: AWS::Serverless-2016-10-31
Resources:
  F:
    Type: AWS::Serverless::Function
    Properties:
      CodeUri: fn
      Handler: app.handler
      Runtime: python3.13
"""


@pytest.fixture(autouse=True)
def _here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "fn").mkdir()


def refusal(text: str = TEMPLATE, *arguments: str) -> str:
    if text:
        Path("template.yaml").write_text(text)
    with warnings.catch_warnings(action="ignore"), pytest.raises(ShortsError) as caught:
        read_application(list(arguments))
    return str(caught.value)


def test_a_property_that_does_not_exist() -> None:
    """It is named with its line and the property that was meant."""
    assert refusal(TEMPLATE.replace("Handler:", "Handlr:")) == (
        "F: AWS::Serverless::Function has no property Handlr (template.yaml:7). "
        "Did you mean Handler?"
    )


def test_a_document_that_is_not_yaml() -> None:
    """The file is named with line and column."""
    assert refusal(TEMPLATE.replace("app.handler", "[app")) == (
        "template.yaml:8:14: while parsing a flow sequence, expected ',' or ']', but got ':'."
    )


def test_no_template(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """All names that are looked for are named, and a template in a folder above."""
    first = "No template found: shorts looks for template.yaml, template.yml, template.json."
    way_out = "Go to the folder of your template, or name it with -t FILE."
    assert refusal("") == f"{first}\n{way_out}"
    Path("template.yml").write_text(TEMPLATE)
    monkeypatch.chdir(tmp_path / "fn")
    way_out = "There is one above: -t ../template.yml, or run the command there."
    assert refusal("") == f"{first}\n{way_out}"
    assert refusal("", "-t", "other.yaml") == "The template other.yaml does not exist."


def test_a_configuration_that_is_not_toml() -> None:
    """The file is named with line and column."""
    Path("samconfig.toml").write_text("version = 0.1\n[default.build.parameters\n")
    assert refusal().startswith("samconfig.toml:2:25: Unexpected character: ")
    Path("samconfig.toml").write_text("version = 0.1\n[a]\nb = 1\n[a]\n")
    assert refusal() == 'samconfig.toml:4:0: Key "a" already exists.'


def test_unknown_keys_of_a_configuration() -> None:
    """A key that no option has gets a note with its line; samcli ignores it in silence."""
    Path("template.yaml").write_text(TEMPLATE)
    Path("samconfig.toml").write_text(
        "version = 0.1\n[default.build.parameters]\ncached = true\nuse_containr = true\n"
        "[default.global.parameters]\nstack_name = 'x'\n"
    )
    with warnings.catch_warnings(action="ignore"):
        found = read_application([])
    assert found.notes == [
        "samconfig.toml:4: `use_containr` is not an option of `sam build`. "
        "Did you mean `use_container`?"
    ]


def test_the_root_templates_route_wins_over_a_nested_one() -> None:
    """As in SAM, the API that is nearer to the root is the later one, and wins."""
    event = "      Events: {E: {Type: HttpApi, Properties: {Path: /a, Method: get}}}\n"
    Path("child.yaml").write_text(TEMPLATE + event)
    child = "  Child:\n    Type: AWS::Serverless::Application\n"
    child += "    Properties: {Location: child.yaml}\n"
    Path("template.yaml").write_text(TEMPLATE + event + child)
    with warnings.catch_warnings(action="ignore"):
        apis = read_serving([]).apis
    assert [api.routes[0].function for api in apis] == ["Child/F", "F"]
