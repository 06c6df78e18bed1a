"""What is read of a distribution's metadata."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shorts.requirements import core_metadata
from shorts.requirements.core_metadata import Metadata
from shorts.targets.target import Target

TARGET = Target(runtime="python3.13", architecture="arm64")


def read(*lines: str) -> Metadata:
    return core_metadata.read("\n".join(["Metadata-Version: 2.4", *lines, ""]).encode(), TARGET)


def test_a_distribution_is_named() -> None:
    """Its name is normalized, its version as it is written; the description is passed over."""
    found = read("Name: Some_Lib", "Version: 1.0+local", "", "License: of the description")
    assert found == Metadata(name="some-lib", version="1.0+local")


@pytest.mark.parametrize(
    ("lines", "licences"),
    [
        (["License: MIT"], ["MIT"]),
        (["license:MIT"], ["MIT"]),
        (["License: UNKNOWN"], []),
        (
            ["License: UNKNOWN", "Classifier: License :: OSI Approved :: MIT License"],
            ["MIT License"],
        ),
        (["License: BSD", "Classifier: License :: OSI Approved :: Apache"], ["BSD"]),
        (
            ["Classifier: License :: OSI Approved :: BSD License", "Classifier: License :: CC0"],
            ["BSD License", "CC0"],
        ),
        (["Classifier: License :: OSI Approved"], []),
        (["Classifier: Framework :: Django"], []),
        (["License: ====", "        The Kiwi licence", "        Copyright"], ["The Kiwi licence"]),
        (["License: ====", "\tText", "Classifier: License :: Other"], ["Other"]),
        ([f"License: {'x' * 101}"], ["x" * 100]),
        ([], []),
    ],
)
def test_a_licence_is_named(lines: list[str], licences: list[str]) -> None:
    """By its header, if that is a name; else by classifiers, else by the first line of its text."""
    found = read(*lines)
    assert (found.expression, found.licences) == ("", licences)


def test_an_expression_comes_first() -> None:
    """An SPDX expression says all that the others might."""
    found = read("License-Expression: MIT OR Apache-2.0", "Classifier: License :: Other")
    assert (found.expression, found.licences) == ("MIT OR Apache-2.0", [])


def test_what_is_required_on_the_target() -> None:
    """Markers are those of the target, extras are not asked for, and nonsense is passed over."""
    found = read(
        "Requires-Dist: B_b>=1",
        "Requires-Dist: a[x] ; platform_machine == 'aarch64'",
        "Requires-Dist: c ; platform_machine == 'x86_64'",
        "Requires-Dist: d ; extra == 'test'",
        "Requires-Dist: e ; python_version < '3.13'",
        "Requires-Dist: f ; platform_system == 'Linux'",
        "Requires-Dist: no requirement at all",
        "Requires-Dist: b-b ; extra == 'test'",
    )
    assert found.requires == ["a", "b-b", "f"]


@pytest.mark.parametrize(
    ("path", "told"),
    [
        ("lib-1.0.dist-info/METADATA", True),
        ("a/lib-1.0.dist-info/METADATA", False),
        ("lib-1.0.dist-info/licenses/METADATA", False),
        ("METADATA", False),
    ],
)
def test_metadata_is_known_by_its_place(path: str, told: bool) -> None:
    """It lies in a distribution's own folder."""
    assert core_metadata.is_metadata(path) is told


@given(st.binary(max_size=300))
def test_anything_can_be_read(data: bytes) -> None:
    """Whatever the bytes: nothing is raised."""
    for start in (b"", b"Name: x\nRequires-Dist: ", b"License: \n "):
        core_metadata.read(start + data, TARGET)


def test_what_is_required_for_anything() -> None:
    """Without a target, every name counts, once, whatever its marker."""
    text = "Requires-Dist: b_B ; extra == 'x'\nRequires-Dist: a\nRequires-Dist: b-b>1\n"
    assert core_metadata.required(text.encode()) == ["a", "b-b"]


def test_a_byte_that_is_not_utf8_hides_nothing() -> None:
    """A header in another encoding, or given twice, is read as far as it goes."""
    found = core_metadata.read(
        b"Name: a\nName: b\nVersion: 1\nClassifier: License :: \xe9\nRequires-Dist: six\n"
        b"Requires-Dist: \xe9\n",
        TARGET,
    )
    assert (found.name, found.licences, found.requires) == ("a", ["é"], ["six"])
