"""Values of templates: which are known before deployment, and which can be used."""

from typing import Any

import pytest

from shorts.sam import values

REF: dict[str, Any] = {"Ref": "P"}


@pytest.mark.parametrize(
    ("value", "known"),
    [
        (256, 256),
        ("256", 256),
        (256.0, 256),
        (256.5, None),
        (True, None),
        (0, None),
        (-1, None),
        (10**9, None),
        ("P", None),
        ("{{resolve:ssm:/a}}", None),
        (REF, None),
        ([256], None),
        (None, None),
    ],
)
def test_a_number_is_positive_and_whole(value: Any, known: int | None) -> None:
    """Anything else is not known, and no error."""
    assert values.number(value) == known


@pytest.mark.parametrize("value", [REF, {"Fn::If": ["C", {}, {}]}, "P", 1, 1.5, True, [REF], None])
def test_a_call_is_no_mapping(value: Any) -> None:
    """What stands for a mapping before deployment is an empty one."""
    assert values.mapping(value) == {}
    assert values.mapping({"A": value}) == {"A": value}


@pytest.mark.parametrize(
    "value",
    [
        REF,
        {"Fn::Sub": "${P}.handler"},
        {"Fn::Sub": ["${A}.${P}", {"A": "a"}]},
        {"Fn::Sub": ["${A}.x", {"A": REF}]},
        {"Fn::Join": [".", ["app", REF]]},
        {"Fn::FindInMap": ["M", REF, "k"]},
        {"Fn::If": ["C", "a", REF]},
        {"Fn::ImportValue": "x"},
        {"Fn::GetAtt": ["A", "B"]},
        "{{resolve:ssm:/a/b:1}}",
    ],
)
def test_sees_what_only_deployment_knows(value: Any) -> None:
    """A parameter without a value, another stack and a secret are known at deployment."""
    assert values.is_open(value, {"P"})


@pytest.mark.parametrize(
    "value",
    [
        "app.handler",
        {"Ref": "Q"},
        {"Fn::Sub": "${Q}.${!P}.P"},
        {"Fn::Join": [".", ["app", "P"]]},
        {"Fn::FindInMap": ["M", {"Ref": "Q"}, "k"]},
        1,
        None,
    ],
)
def test_sees_what_is_known(value: Any) -> None:
    """Parameters with a value are known, and so is text that is like a parameter's name."""
    assert not values.is_open(value, {"P"})
