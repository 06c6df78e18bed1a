"""What is known of a stack."""

import pytest

from shorts.sync import code
from shorts.sync.cloud import Resource


@pytest.mark.parametrize(
    ("logical", "arn", "alias"),
    [
        ("FAliaslive", "arn:aws:lambda:r:1:function:there-F:live", "live"),
        ("FAliasmyone", "arn:aws:lambda:r:1:function:there-F:my-one", "my-one"),
        ("Mine", "arn:aws:lambda:r:1:function:there-F:mine", ""),
        ("FAliaslive", "arn:aws:lambda:r:1:function:other:live", ""),
    ],
)
def test_only_the_alias_that_sam_publishes_is_moved(logical: str, arn: str, alias: str) -> None:
    """An alias that the template has as a resource stays where it is."""
    there = {logical: Resource("AWS::Lambda::Alias", arn), "F": Resource("x", "there-F")}
    assert code._alias(there, "F", "there-F") == alias
