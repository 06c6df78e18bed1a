"""Where a template has the properties of its resources."""

from pathlib import Path

from shorts.sam import lines

TEMPLATE = """\
Globals:
  Function:
    Timeout: 3
Resources:
  F:
    Properties:
      Timeout: 5
  G:
    Properties: {Runtime: python3.13}
"""


def test_lines_of_properties(tmp_path: Path) -> None:
    """A property has its own line, or that of the Globals; an edit is seen."""
    template = tmp_path / "template.yaml"
    template.write_text(TEMPLATE)
    places = lines.of_properties(str(template))
    numbers = {
        name: {key: int(place.rpartition(":")[2]) for key, place in of.items()}
        for name, of in places.items()
    }
    assert numbers == {"F": {"": 5, "Timeout": 7}, "G": {"": 8, "Timeout": 3, "Runtime": 9}}
    template.write_text(f"# moved\n{TEMPLATE}")
    assert lines.of_properties(str(template))["F"]["Timeout"].endswith(":8")


def test_a_template_is_read_once_for_all_functions(tmp_path: Path) -> None:
    """The functions of a template share one answer."""
    template = tmp_path / "template.yaml"
    template.write_text(TEMPLATE)
    assert lines.of_properties(str(template)) is lines.of_properties(str(template))


def test_what_has_no_lines(tmp_path: Path) -> None:
    """A missing or broken template has no places."""
    assert lines.of_properties(str(tmp_path / "missing.yaml")) == {}
    broken = tmp_path / "template.yaml"
    broken.write_text("a: [")
    assert lines.of_properties(str(broken)) == {}
