"""Which functions are chosen."""

import re

import pytest

from shorts.errors import ShortsError
from shorts.model import Function, Layer
from shorts.sync import choice
from tests import records


def function(full_path: str, *layers: str) -> Function:
    return records.function(
        full_path,
        layers=[
            Layer(full_path=one, name=one, architecture="x86_64", code_uri="", build_method="")
            for one in layers
        ],
    )


FUNCTIONS = [function("F"), function("Child/G", "Own"), function("H", "Own")]


@pytest.mark.parametrize(
    ("ids", "types", "names"),
    [
        ([], [], ["F", "Child/G", "H"]),
        (["Child/G"], [], ["Child/G"]),
        (["Own"], [], ["Child/G", "H"]),
        ([], ["AWS::Serverless::LayerVersion"], ["Child/G", "H"]),
        (["F"], ["AWS::Lambda::LayerVersion"], ["F", "Child/G", "H"]),
        ([], ["AWS::Lambda::Function"], ["F", "Child/G", "H"]),
    ],
)
def test_ids_and_types_choose(ids: list[str], types: list[str], names: list[str]) -> None:
    """A layer stands for the functions that use it."""
    assert [one.full_path for one in choice.wanted(FUNCTIONS, ids, types)] == names


@pytest.mark.parametrize(
    ("ids", "types", "message"),
    [
        (["G"], [], "G: no function or layer with code to send.\nThere are: Child/G, F, H, Own."),
        (
            [],
            ["AWS::Serverless::Api"],
            "AWS::Serverless::Api: only functions and layers have code to send.\n"
            "`shorts sync` without --code and --resource deploys everything.",
        ),
    ],
)
def test_what_has_no_code_is_refused(ids: list[str], types: list[str], message: str) -> None:
    """With what there is, or what to do."""
    with pytest.raises(ShortsError, match=f"^{re.escape(message)}$"):
        choice.wanted(FUNCTIONS, ids, types)
