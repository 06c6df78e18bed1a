"""Platforms and markers, judged by packaging's own markers."""

from __future__ import annotations

import re

import pytest
from packaging.markers import Marker

from shorts.errors import ShortsError
from shorts.targets.target import MACHINES, RUNTIMES, Target

every_target = pytest.mark.parametrize(
    "target", [Target.of(runtime, machine) for runtime in RUNTIMES for machine in MACHINES], ids=str
)


@pytest.mark.parametrize(
    ("runtime", "architecture", "platform", "glibc"),
    [
        ("python3.10", "x86_64", "x86_64-manylinux_2_28", (2, 26)),
        ("python3.11", "arm64", "aarch64-manylinux_2_28", (2, 26)),
        ("python3.12", "x86_64", "x86_64-manylinux_2_34", (2, 34)),
        ("python3.13", "arm64", "aarch64-manylinux_2_34", (2, 34)),
        ("python3.14", "x86_64", "x86_64-manylinux_2_34", (2, 34)),
    ],
)
def test_knows_what_each_runtime_stands_on(
    runtime: str, architecture: str, platform: str, glibc: tuple[int, int]
) -> None:
    """A runtime has its system's glibc, and wheels for it and nothing later."""
    target = Target.of(runtime, architecture)
    assert (target.platform, target.glibc) == (platform, glibc)


@every_target
def test_no_wheel_is_newer_than_the_system(target: Target) -> None:
    """The wheel platform asks for a later glibc than the system has only where it says so."""
    found = re.fullmatch(r"(x86_64|aarch64)-manylinux_(\d+)_(\d+)", target.platform)
    assert found is not None
    assert found[1] == target.machine
    assert (int(found[2]), int(found[3])) >= target.glibc
    assert target.is_exact == ((int(found[2]), int(found[3])) == target.glibc)


@every_target
def test_says_its_name(target: Target) -> None:
    """A target reads as a person would say it."""
    assert str(target) == f"{target.runtime} on {target.architecture}"
    assert f"python{target.minor}" == target.runtime


@every_target
def test_markers_are_of_the_target(target: Target) -> None:
    """Environment markers are judged for the target and not for this machine."""
    markers = target.markers
    for true in (
        f"python_version == '{target.minor}'",
        f"python_full_version >= '{target.minor}.5' and python_full_version < '{target.minor}.90'",
        f"implementation_version == '{target.version}'",
        f"platform_machine == '{target.machine}'",
        "sys_platform == 'linux'",
        "platform_system == 'Linux'",
        "os_name == 'posix'",
        "implementation_name == 'cpython'",
        "platform_python_implementation == 'CPython'",
        "python_version >= '3.8' and python_version < '4'",
    ):
        assert Marker(true).evaluate(markers), true
    for false in ("sys_platform == 'win32'", "platform_system == 'Darwin'", "extra == 'test'"):
        assert not Marker(false).evaluate(markers), false


def test_minor_versions_are_compared_as_versions() -> None:
    """3.10 comes after 3.9 in a marker."""
    assert Marker("python_version > '3.9'").evaluate(Target.of("python3.10", "x86_64").markers)


@every_target
def test_markers_are_all_that_there_are(target: Target) -> None:
    """Every marker that packaging knows has the target's value, none this machine's."""
    from packaging.markers import default_environment

    assert target.markers.keys() == default_environment().keys()


def test_refuses_another_runtime() -> None:
    """A runtime that shorts does not know is named, with those that it does."""
    with pytest.raises(ShortsError) as caught:
        Target.of("python2.7", "x86_64")
    assert str(caught.value) == (
        "python2.7 is not a runtime that shorts builds for: "
        "python3.8, python3.9, python3.10, python3.11, python3.12, python3.13, python3.14."
    )


def test_refuses_another_architecture() -> None:
    """An architecture by its wheel name is refused, with those that Lambda has."""
    with pytest.raises(ShortsError) as caught:
        Target.of("python3.13", "aarch64")
    assert str(caught.value) == "aarch64 is not an architecture of Lambda: x86_64, arm64."
