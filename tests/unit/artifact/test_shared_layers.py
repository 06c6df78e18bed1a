"""Shared layers: a function's distributions alone decide which of them are in which layer."""

from collections.abc import Iterable

from hypothesis import assume, given
from hypothesis import strategies as st

from shorts.artifact.shared_layers import Part, arrange, needed
from shorts.targets import limits

MB = 1_000_000


def part(name: str, packed: int, requires: Iterable[str] = (), together: str = "") -> Part:
    """Return a distribution with three bytes on disk for each packed one."""
    return Part(
        key=f"{name}-1",
        name=name,
        packed=packed,
        unzipped=packed * 3,
        requires=tuple(requires),
        together=together or name,
    )


MATPLOTLIB = "contourpy cycler fonttools kiwisolver packaging pyparsing python-dateutil".split()
# The compressed sizes of what a chart's function requires.
PLOT = [
    part("numpy", 14_230_000),
    part("pandas", 11_330_000, ["numpy", "python-dateutil", "tzdata"]),
    part(
        "matplotlib",
        10_860_000,
        [*MATPLOTLIB, "numpy", "pillow"],
    ),
    part("pillow", 6_460_000),
    part("fonttools", 3_380_000),
    part("contourpy", 380_000, ["numpy"]),
    part("packaging", 310_000),
    part("pyparsing", 300_000),
    part("tzdata", 240_000),
    part("python-dateutil", 200_000, ["six"]),
    part("kiwisolver", 80_000),
    part("cycler", 10_000),
]


def names(layers: list[frozenset[str]]) -> list[list[str]]:
    return [sorted(key.removesuffix("-1") for key in layer) for layer in layers]


@st.composite
def functions(draw: st.DrawFn) -> list[Part]:
    """Return distributions with requirements of no particular shape, cycles included."""
    count = draw(st.integers(1, 12))
    called = [f"d{number}" for number in range(count)]
    sizes = st.one_of(st.integers(1, 90_000), st.integers(90_000, MB), st.integers(MB, 40 * MB))
    return [
        part(
            name,
            draw(sizes),
            draw(st.lists(st.sampled_from(called), max_size=4)),
            draw(st.sampled_from([name, name, name, "d0"])),
        )
        for name in called
    ]


def test_a_large_distribution_is_a_layer_of_its_own() -> None:
    parts = [part("numpy", 14 * MB), part("scipy", 34 * MB, ["numpy"])]
    assert names(arrange(parts, 5)) == [["scipy"], ["numpy"]]


def test_one_that_requires_more_than_there_are_layers_takes_the_smaller_ones_with_it() -> None:
    layers = names(arrange(PLOT, 5))
    assert layers == [
        sorted([*MATPLOTLIB, "matplotlib"]),
        ["numpy"],
        ["pandas"],
        ["pillow"],
        ["tzdata"],
    ]


def test_small_ones_come_with_what_requires_them() -> None:
    requests = ["certifi", "charset-normalizer", "idna", "urllib3"]
    parts = [part("requests", 160_000, requests), *(part(name, 150_000) for name in requests)]
    parts += [part("lxml", 5 * MB)]
    assert names(arrange(parts, 5)) == [["lxml"], [*sorted([*requests, "requests"])]]


def test_a_few_bytes_stay_in_the_zip() -> None:
    assert arrange([part("six", 20_000)], 5) == []


def test_without_a_free_layer_everything_stays_in_the_zip() -> None:
    assert arrange(PLOT, 0) == []


def test_what_must_stay_together_is_in_one_layer_or_all_in_the_zip() -> None:
    parts = [
        part("google-api", 2 * MB, together="google"),
        part("google-auth", 30_000, (), "google"),
    ]
    assert names(arrange(parts, 5)) == [["google-api"], ["google-auth"]]
    assert names(arrange(parts, 1)) == [["google-api", "google-auth"]]


def test_layers_that_would_pass_the_limit_on_disk_stay_in_the_zip() -> None:
    parts = [part("torch", 80 * MB), part("numpy", 14 * MB)]
    assert names(arrange(parts, 5, most=240 * MB)) == [["torch"]]
    assert names(arrange(parts, 5, most=200 * MB)) == [["numpy"]]
    assert names(arrange(parts, 5, most=1 * MB)) == []


@given(functions(), st.integers(0, limits.LAYERS), st.integers(0, 400 * MB))
def test_layers_hold_parts_once_and_within_the_limits(
    parts: list[Part], slots: int, most: int
) -> None:
    layers = arrange(parts, slots, most)
    everywhere = [key for layer in layers for key in layer]
    assert len(layers) <= slots
    assert all(layers)
    known = {one.key: one for one in parts}
    assert {*everywhere} <= known.keys()
    assert sum(known[key].unzipped for key in {*everywhere}) <= most
    inside = {known[key].together for key in everywhere}
    outside = {one.together for one in parts if one.key not in everywhere}
    assert inside.isdisjoint(outside)


@given(functions(), st.randoms(use_true_random=False))
def test_the_order_of_the_distributions_changes_nothing(parts: list[Part], random: object) -> None:
    shuffled = [*parts]
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    assert arrange(parts, 5) == arrange(shuffled, 5)


@given(functions())
def test_the_zip_keeps_little_where_a_layer_is_free(parts: list[Part]) -> None:
    layers = arrange(parts, limits.LAYERS)
    kept = [one for one in parts if not any(one.key in layer for layer in layers)]
    assume(sum(one.unzipped for one in parts) <= limits.UNZIPPED)
    if len(layers) < limits.LAYERS:
        assert sum(one.packed for one in kept) <= 64_000
    else:
        assert sum(one.packed for one in kept) <= 500_000


def test_a_trimmed_distribution_holds_what_all_of_its_functions_need_together() -> None:
    users = [(["one", "two"], frozenset({"a", "x"})), (["two"], frozenset({"b"}))]
    both = {"one": frozenset({"a", "x"}), "two": frozenset({"a", "b", "x"})}
    assert needed(users) == both
    assert needed(reversed(users)) == both


def test_a_function_that_needs_everything_keeps_its_distributions_whole() -> None:
    users = [(["one", "two"], None), (["two", "three"], frozenset({"b"}))]
    whole = {"one": None, "two": None, "three": frozenset({"b"})}
    assert needed(users) == whole
    assert needed(reversed(users)) == whole
