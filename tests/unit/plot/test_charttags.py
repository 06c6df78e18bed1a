"""Plot's entity tags."""

import shutil
import subprocess
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

PLOT = Path(__file__).parents[3] / "plot"
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


def tag_of(folder: Path, before: str = "") -> str:
    code = (
        f"{before}import charttags, chartspec;"
        "print(charttags.chart_tag(chartspec.ChartSpec(kind='bar', csv='a'), ''))"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=folder, capture_output=True, check=True)
    return done.stdout.decode()


def test_a_tag_changes_with_the_code_and_the_libraries(tmp_path: Path) -> None:
    """Code that draws otherwise and libraries of other versions have tags of their own.

    A library's module beside the code does not count: how it is shipped changes no chart.
    """
    copy = tmp_path / "plot"
    shutil.copytree(PLOT, copy, ignore=shutil.ignore_patterns("__pycache__"))
    first = tag_of(copy)

    (copy / "six.py").write_text("")
    assert tag_of(copy) == first

    (copy / "matplotlib-99.0.dist-info").mkdir()
    second = tag_of(copy)
    assert second != first

    with open(copy / "drawing.py", "a") as file:
        file.write("\n")
    assert tag_of(copy) not in (first, second)


def test_a_tag_changes_with_the_runtime() -> None:
    """What compresses a chart is the runtime's, and another version of it has tags of its own."""
    newer = tag_of(PLOT, "import zlib; zlib.ZLIB_RUNTIME_VERSION = '99';")

    assert newer != tag_of(PLOT)


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
