"""Plot's requests: what is refused before any data is read."""

import sys
from pathlib import Path
from typing import Any

import pytest

sys.path.insert(0, str(Path(__file__).parents[2] / "plot"))

import chartspec
from problems import Fault, Refusal

GOOD: dict[str, Any] = {"kind": "line", "columns": {"a": [1, 2]}}
FIELDS = ", ".join(f"`{name}`" for name in chartspec.ChartSpec.__struct_encode_fields__[:-1])
UNKNOWN = f"Unknown field, expected only {FIELDS} or `format`"
KINDS = "`line`, `bar`, `scatter` or `histogram`"
CELL = "Expected `bool | float | str | null`"


def faults(document: object) -> list[Fault]:
    with pytest.raises(Refusal) as caught:
        chartspec.decode(document)
    assert caught.value.problem.status == 400
    return caught.value.problem.errors


def test_fills_in_defaults() -> None:
    """A kind and data are all that a request needs."""
    spec = chartspec.decode(GOOD)

    assert (spec.format, spec.pixels, spec.log, spec.title) == ("png", (800, 500), False, "")


@pytest.mark.parametrize(
    ("document", "path", "detail"),
    [
        (None, "$", "Expected `object`, got `null`"),
        ([GOOD], "$", "Expected `object`, got `array`"),
        (10**400, "$", "Expected `object`, got `int`"),
        ({}, "$", "Object missing required field `kind`"),
        (GOOD | {"kind": "pie"}, "$.kind", f"Invalid enum value 'pie', expected {KINDS}"),
        (GOOD | {"kind": "\ud800"}, "$.kind", f"Expected {KINDS}"),
        (GOOD | {"format": "\udfff"}, "$.format", "Expected `png` or `svg`"),
        (GOOD | {"kind": None}, "$.kind", "Expected `str`, got `null`"),
        (GOOD | {"log": 1}, "$.log", "Expected `bool`, got `int`"),
        (GOOD | {"width": "800"}, "$.width", "Expected `int`, got `str`"),
        (GOOD | {"width": 99}, "$.width", "Expected `int` >= 100"),
        (GOOD | {"height": 10**400}, "$.height", "Expected `int` <= 8000"),
        (GOOD | {"scale": float("nan")}, "$.scale", "Expected `float` >= 0.5"),
        (GOOD | {"scale": 4.5}, "$.scale", "Expected `float` <= 4.0"),
        (GOOD | {"title": None}, "$.title", "Expected `str`, got `null`"),
        (GOOD | {"y": [1]}, "$.y[0]", "Expected `str`, got `int`"),
        (GOOD | {"bins": 3}, "$.bins", "Only a histogram has bins, and this is a line chart"),
        (
            GOOD | {"kind": "histogram", "x": "a"},
            "$.x",
            "A histogram has no x column: name the columns to count in `y`",
        ),
        (
            {"kind": "bar"},
            "$",
            "Expected exactly one of `columns`, `records` and `csv`, got none",
        ),
        (
            GOOD | {"csv": "a\n1", "records": []},
            "$",
            "Expected exactly one of `columns`, `records` and `csv`, "
            "got `columns`, `records` and `csv`",
        ),
    ],
)
def test_refuses_a_bad_request(document: object, path: str, detail: str) -> None:
    """A bad value is named by its path, with what was expected."""
    assert faults(document) == [Fault(path=path, detail=detail)]


@pytest.mark.parametrize(
    ("changes", "path", "detail"),
    [
        ({"columns": []}, "$.columns", "Expected `object | null`, got `array`"),
        ({"columns": {"a": 5}}, "$.columns.a", "Expected `array`, got `int`"),
        ({"columns": {"a": [1], "b c": [1, {}]}}, '$.columns["b c"][1]', f"{CELL}, got `object`"),
        ({"columns": {"a\n\ud800": [[]]}}, '$.columns["a\\n\\ud800"][0]', f"{CELL}, got `array`"),
        ({"columns": {"a": [1, 10**400]}}, "$.columns.a[1]", "Number out of range"),
    ],
)
def test_names_the_column_and_row_of_a_bad_cell(
    changes: dict[str, Any], path: str, detail: str
) -> None:
    """The path of a bad value leads through the column's own name, whatever that is."""
    assert faults(GOOD | changes) == [Fault(path=path, detail=detail)]


def test_names_the_record_of_a_bad_cell() -> None:
    """The path of a bad value in a record has the record's index and the column's name."""
    records = [{"a": 1, "b": None}, {"a": 1, "b": [2]}]

    found = faults({"kind": "bar", "records": records})

    assert found == [Fault(path="$.records[1].b", detail=f"{CELL}, got `array`")]


def test_names_every_unknown_field() -> None:
    """All fields that no request has are refused at once."""
    found = faults(GOOD | {"colour": "red", "\ud800": 1})

    assert found == [
        Fault(path="$.colour", detail=UNKNOWN),
        Fault(path='$["\\ud800"]', detail=UNKNOWN),
    ]
