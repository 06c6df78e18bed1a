"""What a client accepts and already has, as Plot reads it."""

import sys
from pathlib import Path

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

sys.path.insert(0, str(Path(__file__).parents[3] / "plot"))

import negotiation
from chartspec import ChartSpec

SPEC = ChartSpec(kind="bar", columns={"a": ["x"], "b": [1.0]})
IMAGES = ("image/png", "image/svg+xml", "image/webp", "application/pdf")
CHROME = "image/avif,image/webp,image/apng,image/svg+xml,image/*,*/*;q=0.8"


def test_a_tag_is_strong_and_of_the_request() -> None:
    """Equal requests have one tag, and every difference between requests has another."""
    tags = [
        negotiation.chart_tag(spec, coding)
        for spec, coding in [
            (SPEC, ""),
            (SPEC, "gzip"),
            (msgspec.structs.replace(SPEC, format="svg"), ""),
            (msgspec.structs.replace(SPEC, columns={"b": [1.0], "a": ["x"]}), ""),
        ]
    ]

    assert len(set(tags)) == 4
    assert negotiation.chart_tag(msgspec.structs.replace(SPEC), "") == tags[0]
    assert all(tag.startswith('"') and tag.endswith('"') and len(tag) == 34 for tag in tags)


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
    assert negotiation.matches(header, '"a"') is expected


@given(st.text(st.characters()) | st.text(st.sampled_from('W/"a, *')))
def test_reads_any_condition(header: str) -> None:
    """Whatever the header, it matches or not; with the tag put in front it matches."""
    negotiation.matches(header, '"tag"')

    assert negotiation.matches(f'"tag", {header}', '"tag"')


@pytest.mark.parametrize(
    ("header", "offer", "expected"),
    [
        ("", "image/png", 1),
        ("  ", "image/png", 1),
        ("*/*", "image/png", 1),
        ("image/*;q=0.5", "image/png", 0.5),
        ("image/*;q=0.5, image/png", "image/png", 1),
        ("image/png;q=0, */*", "image/png", 0),
        ("IMAGE/PNG ; Q=0.250", "image/png", 0.25),
        ("text/html", "image/png", 0),
        ("image/png;q=2", "image/png", 0),
        ("image/png;q=0.1234, */*;q=0.1", "image/png", 0.1),
        ("image/png;level=1;q=0.3", "image/png", 0.3),
        ("image/png;q=0.3, image/png;q=0.4", "image/png", 0.4),
        (",;,=,q=1", "image/png", 0),
        ("gzip;q=1.0, *;q=0", "gzip", 1),
        ("br, *;q=0.1", "gzip", 0.1),
        ("identity", "gzip", 0),
        (CHROME, "application/problem+json", 0.8),
    ],
)
def test_quality_is_that_of_the_most_specific_range(
    header: str, offer: str, expected: float
) -> None:
    """A type counts before its kind, a kind before everything; what cannot be read is absent."""
    assert negotiation.quality(header, offer) == expected


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        ("", "image/png"),
        ("*/*", "image/png"),
        (CHROME, "image/png"),
        ("image/svg+xml,image/*;q=0.9", "image/svg+xml"),
        ("application/pdf", "application/pdf"),
        ("image/webp,image/png;q=0.9", "image/webp"),
        ("image/*;q=0,application/*;q=0.001", "application/pdf"),
        ("text/html,text/*", None),
        ("*/*;q=0", None),
    ],
)
def test_the_most_liked_offer_is_the_best(header: str, expected: str | None) -> None:
    """The highest quality wins, the first among equals, and nothing that is refused."""
    assert negotiation.best(header, IMAGES) == expected


def test_a_long_header_is_read_in_part() -> None:
    """A header of megabytes costs no more than its beginning."""
    assert negotiation.quality("x/y," * 1_000_000 + "image/png", "image/png") == 0


headers = st.text(st.characters()) | st.text(st.sampled_from("image/png*;q=0.51, "), max_size=40)


@given(headers)
def test_reads_any_header(header: str) -> None:
    """Whatever the header, a quality is between 0 and 1, and the best is liked most."""
    qualities = {offer: negotiation.quality(header, offer) for offer in IMAGES}
    best = negotiation.best(header, IMAGES)

    assert all(0 <= weight <= 1 for weight in qualities.values())
    assert (best is None) == (max(qualities.values()) == 0)
    assert best is None or qualities[best] == max(qualities.values())
