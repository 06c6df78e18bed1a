"""Plot's entity tags."""

import sys
from importlib.metadata import version
from pathlib import Path

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

sys.path.insert(0, str(Path(__file__).parents[3] / "plot"))

import charttags
from chartspec import ChartSpec

SPEC = ChartSpec(kind="bar", columns={"a": ["x"], "b": [1.0]})


def test_a_tag_is_strong_and_of_the_request() -> None:
    """Equal requests have one tag, and every difference between requests has another."""
    tags = [
        charttags.chart_tag(spec, coding)
        for spec, coding in [
            (SPEC, ""),
            (SPEC, "gzip"),
            (msgspec.structs.replace(SPEC, format="svg"), ""),
            (msgspec.structs.replace(SPEC, columns={"b": [1.0], "a": ["x"]}), ""),
        ]
    ]

    assert len(set(tags)) == 4
    assert charttags.chart_tag(msgspec.structs.replace(SPEC), "") == tags[0]
    assert all(tag.startswith('"') and tag.endswith('"') and len(tag) == 34 for tag in tags)


def test_versions_are_those_that_are_installed() -> None:
    """Without importing the machinery for it, versions are what it says."""
    assert charttags._versions() == {name: version(name) for name in charttags.DRAWN_BY}


def test_the_code_is_all_that_draws() -> None:
    """Decoding, data and drawing are found by their imports."""
    names = {path.stem for path in charttags._modules()}

    assert {"decoding", "chartspec", "chartdata", "drawing", "bars"} <= names
    assert names.isdisjoint({"app", "webroutes", "six"})


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        ('"a"', True),
        ('W/"a"', True),
        ('"b", "a"', True),
        ('W/"b",W/"a"', True),
        ("*", True),
        (" * ", True),
        ("", False),
        ("a", False),
        ('"b"', False),
        ('"A"', False),
        ('"xa"', False),
    ],
)
def test_a_condition_is_compared_weakly(header: str, expected: bool) -> None:
    """`If-None-Match` is a list of tags, strong or weak, or `*`."""
    assert charttags.matches(header, '"a"') is expected


@given(st.text(st.characters()) | st.text(st.sampled_from('W/"a, *')))
def test_reads_any_condition(header: str) -> None:
    """Whatever the header, it matches or not; with the tag put in front it matches."""
    charttags.matches(header, '"tag"')

    assert charttags.matches(f'"tag", {header}', '"tag"')
