"""Where the axes of Plot's charts are marked, and how."""

import sys
from pathlib import Path

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

sys.path.insert(0, str(Path(__file__).parents[3] / "plot"))

import ticks
from chartspec import Axis, TickFormat

ENDS = st.floats(-1e305, 1e305).map(lambda value: value if abs(value) > 1e-290 else 0.0)


def texts(found: list[ticks.Tick]) -> list[str]:
    return [tick.text for tick in found]


@given(ENDS, ENDS, st.integers(2, 12))
def test_ticks_lie_within_the_axis(one: float, other: float, most: int) -> None:
    """Any two ends give ticks between them, no more than asked for, and ascending."""
    low, high = sorted((one, other))
    assume(high - low > 1e-9 * max(abs(low), abs(high)))

    places = [tick.place for tick in ticks.numbers(low, high, most, Axis())]

    slack = 1e-6 * (high - low)
    assert 1 <= len(places) <= most + 1
    assert all(low - slack <= place <= high + slack for place in places)
    assert places == sorted(set(places))


def test_numbers_are_round() -> None:
    """Ticks stand at 1, 2, 2.5 and 5 times a power of ten, free of binary rounding."""
    assert texts(ticks.numbers(0, 0.7, 8, Axis())) == "0 0.1 0.2 0.3 0.4 0.5 0.6 0.7".split()
    assert texts(ticks.numbers(0, 47_632, 6, Axis())) == "0 10,000 20,000 30,000 40,000".split()
    assert texts(ticks.numbers(1, 4, 8, Axis(), whole=True)) == "1 2 3 4".split()


@pytest.mark.parametrize(
    ("low", "high", "expected"),
    [
        (1, 1e5, ["1", "10", "100", "1,000", "10,000", "100,000"]),
        (2, 30, ["2", "5", "10", "20"]),
        (20, 30, ["20", "22", "24", "26", "28", "30"]),
        (1e-300, 1e300, ["1e−300", "1e−200", "1e−100", "1", "1e+100", "1e+200", "1e+300"]),
    ],
)
def test_decades_are_marked(low: float, high: float, expected: list[str]) -> None:
    """A logarithmic axis has powers of ten, or more where it spans few, or fewer of many."""
    assert texts(ticks.decades(low, high, 6, Axis())) == expected


@pytest.mark.parametrize(
    ("low", "high", "expected"),
    [
        (20000, 20000.2, [("00:00", "Oct 4, 2024"), ("01:00", ""), ("02:00", ""), ("03:00", "")]),
        (20000, 20001, [("00:00", "Oct 4, 2024"), ("06:00", ""), ("12:00", ""), ("18:00", "")]),
        (20000, 20030, [("7", "Oct 2024"), ("14", ""), ("21", ""), ("28", "")]),
        (20000, 20100, [("Nov", "2024"), ("Dec", ""), ("Jan", "2025")]),
        (20000, 23000, [("2026", ""), ("2028", ""), ("2030", ""), ("2032", "")]),
    ],
)
def test_dates_say_what_changes(low: float, high: float, expected: list[tuple[str, str]]) -> None:
    """Each date is as short as its neighbours allow; what they share stands once, below."""
    found = [(tick.text, tick.below) for tick in ticks.dates(low, high, 7, Axis())]

    assert found[: len(expected)] == expected


@given(st.floats(-354_000, 376_000), st.floats(1e-9, 300_000), st.integers(2, 12))
def test_dates_lie_within_the_axis(low: float, span: float, most: int) -> None:
    """Any span of time, from less than a millisecond to centuries, has ticks within it."""
    high = low + span
    assume(high > low)

    found = ticks.dates(low, high, most, Axis())

    assert len(found) <= 2 * most + 1
    slack = max(1e-9, 1e-6 * span)
    assert all(low - slack <= tick.place <= high + slack for tick in found)


@pytest.mark.parametrize(
    ("form", "value", "text"),
    [
        ("grouped", 1500, "$1,500"),
        ("percent", -0.5, "−$50%"),
        ("si", 1500, "$1.5k"),
        ("si", 1e-5, "$10µ"),
        ("bytes", 1.5e6, "$1.5 MB"),
        ("bytes", 0, "$0 B"),
        ("scientific", 47_632, "$4.7632×10⁴"),
        ("scientific", 1e-5, "$10⁻⁵"),
    ],
)
def test_formats_are_written_so(form: TickFormat, value: float, text: str) -> None:
    """Each format of ticks has its form, with the prefix behind the minus sign."""
    assert ticks.text_of(value, Axis(format=form, prefix="$")) == text


def test_decimals_are_as_many_as_asked_for() -> None:
    """Decimals are kept even where they are zero, and a rounded zero has no sign."""
    assert ticks.text_of(1234.5, Axis(decimals=2)) == "1234.50"
    assert ticks.text_of(-0.001, Axis(decimals=1)) == "0.0"


def test_an_affix_is_printable() -> None:
    """What cannot be printed around a tick is a space, and the unit's own space stays."""
    axis = Axis(prefix="\ud800", suffix=" ms\n")

    assert ticks.text_of(3, axis) == " 3 ms "
