"""What uv prints when it fails, and what is made of it."""

from __future__ import annotations

import platform

import pytest

from shorts.system import uv
from shorts.targets.target import Target

HERE = "x86_64" if platform.machine() == "x86_64" else "arm64"
TARGET = Target.of("python3.13", HERE)
NO_WHEEL = """\
error: No solution found when resolving dependencies
  cause: Because old==0.6.2 has no usable wheels and you require old==0.6.2, we can conclude that
         your requirements are unsatisfiable.

hint: Wheels are required for `old` because building from source is disabled for all packages \
(i.e., with `--no-build`)
"""
SEVERAL = """\
  × No solution found when resolving dependencies:
  ╰─▶ Because all of:
          vast<=1.9.3
          vast>=1.10.4,<=1.20.3
      have no usable wheels and vast==1.10.3 has no wheels with a matching Python ABI tag (e.g.,
      `cp313`) and all versions of old have no usable wheels, we can conclude that ...
"""
FAILED = """\
error: Failed to build `old==1.0`
  cause: The build backend returned an error
  cause: Call to `backend.build_wheel` failed (exit status: 1)

         [stdout]
         {printed}

         [stderr]
         Traceback (most recent call last):
           File "<string>", line 11, in <module>
             wheel = backend.build_wheel()
                     ^^^^^^^^^^^^^^^^^^^^^
           File "backend.py", line 2, in build_wheel
             raise RuntimeError('no luck')
         RuntimeError: no luck
"""


def test_words_are_on_one_line() -> None:
    """What uv says is one line, without its drawing and without options that are not the user's."""
    assert uv.message(NO_WHEEL) == (
        "No solution found when resolving dependencies: Because old==0.6.2 has no usable wheels "
        "and you require old==0.6.2, we can conclude that your requirements are unsatisfiable."
    )
    assert uv.message(SEVERAL).startswith("No solution found when resolving dependencies: Because")


def test_words_of_a_build_are_its_last() -> None:
    """Of what a build printed the last words are kept, and of a traceback its last line."""
    short, long = (uv.message(FAILED.replace("{printed}", "x" * size)) for size in (3, 3000))
    assert short == (
        "Failed to build `old==1.0`: The build backend returned an error: Call to "
        "`backend.build_wheel` failed (exit status: 1) [stdout] xxx [stderr] RuntimeError: no luck"
    )
    assert len(long) < 1000
    assert long.endswith("xxx [stderr] RuntimeError: no luck")


@pytest.mark.parametrize(
    ("said", "lacking", "named", "flags"),
    [
        (NO_WHEEL, {"old": {"0.6.2"}}, "old 0.6.2 has", "--allow-sdist old"),
        (
            SEVERAL,
            {"vast": {"", "1.10.3"}, "old": {""}},
            "vast and old have",
            "--allow-sdist vast --allow-sdist old",
        ),
    ],
)
def test_ways_out_name_what_has_no_wheel(
    said: str, lacking: dict[str, set[str]], named: str, flags: str
) -> None:
    """What has no wheel is named, with its version if it is one, and each of the ways out."""
    error = uv.Unsolvable(uv.message(said))
    assert uv.lacking(error) == lacking
    assert uv.ways_out(error, TARGET) == (
        f"{named} no wheel for {TARGET}: pin a version that has one, build it from "
        f"source with `{flags}`, or use `sam build --use-container`."
    )


def test_what_is_compiled_is_for_this_machine() -> None:
    """For another machine, only what compiles nothing can be built here."""
    other = Target.of("python3.13", "arm64" if HERE == "x86_64" else "x86_64")
    said = uv.ways_out(uv.Unsolvable(uv.message(NO_WHEEL)), other)
    assert "from source with `--allow-sdist old` if it is pure Python, or use" in said


def test_ways_out_of_another_failure() -> None:
    """Where wheels are not the reason, no flag is offered."""
    error = uv.Unsolvable("Because you require a==1 and a==2, ...")
    assert uv.lacking(error) == {}
    assert "--allow-sdist" not in uv.ways_out(error, TARGET)


@pytest.mark.parametrize(
    ("reason", "way_out"),
    [
        (
            "Because reqests was not found in the package registry and you require reqests, ...",
            "No index has `reqests`: check the spelling.",
        ),
        (
            "Because there is no version of a==99 and you require a==99, ...",
            f"No wheel for {TARGET} matches: ask for a version that exists.",
        ),
    ],
)
def test_what_is_missing_is_named(reason: str, way_out: str) -> None:
    """An unknown name is told from an unknown version."""
    assert uv.ways_out(uv.Unsolvable(reason), TARGET) == way_out
