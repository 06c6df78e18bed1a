"""What counts as a difference between an installation and a zip."""

from typing import Any

import msgspec
import pytest

from bench.survey import Answers, differences

BEFORE = Answers(
    version="1.0",
    files=["demo/__init__.py", "demo/core.pyi", "demo/data.csv", "demo/tests/test_it.py"],
    gone=[],
    entry_points=[],
    packages=["demo"],
    modules={"demo": "imported", "demo.tests.test_it": "imported"},
    data={"demo/data.csv": "1", "demo/core.pyi": "2"},
)


def found(*globs: str, **changes: Any) -> list[str]:
    """What differs once some answers are others."""
    return [*differences(BEFORE, msgspec.structs.replace(BEFORE, **changes), globs)]


def test_the_same_answers_do_not_differ() -> None:
    """Nothing is said of what is the same."""
    assert found() == []


def test_what_the_build_says_that_it_leaves_out_is_no_difference() -> None:
    """Files that the manifest lists may be gone, and modules in such folders."""
    assert (
        found(
            "demo/core.pyi",
            "demo/tests/**",
            files=["demo/__init__.py", "demo/data.csv"],
            modules={"demo": "imported"},
            data={"demo/data.csv": "1"},
        )
        == []
    )


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"version": "2.0"}, "version 1.0 became 2.0"),
        ({"packages": []}, "packages ['demo'] became []"),
        ({"gone": ["a.py"]}, "RECORD names 1 files that are not there: a.py"),
        ({"files": BEFORE.files[:3]}, "1 files are gone: demo/tests/test_it.py"),
        ({"data": {**BEFORE.data, "demo/data.csv": "3"}}, "demo/data.csv is other data"),
        (
            {"modules": {**BEFORE.modules, "demo": "ImportError: x"}},
            "demo: imported became ImportError: x",
        ),
    ],
)
def test_each_other_answer_is_a_difference(changes: dict[str, Any], said: str) -> None:
    """Each is said in a few words."""
    assert found(**changes) == [said]
