"""Bills of materials, each checked against CycloneDX's own schema."""

import json
from typing import Any

import pytest
from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator
from hypothesis import given, settings
from hypothesis import strategies as st

from shorts.artifact import sbom
from shorts.artifact.sbom import Component

DIGEST = "0" * 64
HASHES = (f"sha256:{'1' * 64}",)
VALID = JsonStrictValidator(SchemaVersion.V1_6)


def checked(data: bytes) -> dict[str, Any]:
    """A document that the schema takes."""
    text = data.decode()
    assert VALID.validate_str(text) is None
    said: dict[str, Any] = json.loads(text)
    return said


def document(*components: Component, name: str = "F") -> dict[str, Any]:
    return checked(sbom.document(name, "application", DIGEST, components, {"shorts:code": "x"}))


def test_all_of_a_component_is_said() -> None:
    """Name, version, package URL, hash, licence, and where the licence lies."""
    one = Component(
        name="lib",
        version="1.0+local",
        hashes=HASHES,
        expression="MIT",
        files=["lib-1.0.dist-info/LICENSE"],
    )
    assert document(one)["components"] == [
        {
            "type": "library",
            "bom-ref": "pkg:pypi/lib@1.0%2Blocal",
            "name": "lib",
            "version": "1.0+local",
            "hashes": [{"alg": "SHA-256", "content": "1" * 64}],
            "licenses": [{"expression": "MIT", "acknowledgement": "declared"}],
            "purl": "pkg:pypi/lib@1.0%2Blocal",
            "properties": [{"name": "shorts:licence-file", "value": "lib-1.0.dist-info/LICENSE"}],
        }
    ]


def test_a_project_of_this_machine_is_on_no_index() -> None:
    """It has no package URL, so that it is not taken for what an index has under its name."""
    (said,) = document(Component(name="lib", version="1", hashes=["tree:ab"]))["components"]
    assert said == {
        "type": "library",
        "bom-ref": "lib@1",
        "name": "lib",
        "version": "1",
        "properties": [{"name": "shorts:tree", "value": "ab"}],
    }


def test_licences_without_an_expression_are_names() -> None:
    """As many as there are."""
    (said,) = document(Component(name="lib", version="1", licences=["BSD", "CC0"]))["components"]
    assert [one["license"]["name"] for one in said["licenses"]] == ["BSD", "CC0"]


def graph(**requires: list[str]) -> dict[str, list[str]]:
    components = [Component(name=name, version="1", requires=requires[name]) for name in requires]
    return {
        one["ref"].removeprefix("pkg:pypi/").removesuffix("@1"): [
            name.removeprefix("pkg:pypi/").removesuffix("@1") for name in one.get("dependsOn", [])
        ]
        for one in document(*components)["dependencies"]
    }


def test_the_function_requires_what_nobody_else_does() -> None:
    """What requires what, as far as it is in the zip."""
    assert graph(a=["b", "absent"], b=[], c=["b", "c"]) == {
        "F": ["a", "c"],
        "a": ["b"],
        "b": [],
        "c": ["b"],
    }


def test_a_circle_is_reached() -> None:
    """What requires each other hangs on the function by one of them."""
    assert graph(a=["b"], b=["a"], c=[])["F"] == ["a", "c"]


@settings(deadline=None)  # the schema is read at the first of them
@given(
    st.dictionaries(
        st.sampled_from("abcdef"), st.lists(st.sampled_from("abcdefg"), max_size=4), max_size=6
    )
)
def test_everything_is_reached(requires: dict[str, list[str]]) -> None:
    """Whatever requires what, each component can be reached from the function."""
    edges = graph(**requires)
    reached, waiting = set(), ["F"]
    while waiting:
        name = waiting.pop()
        if name not in reached:
            reached.add(name)
            waiting += edges[name]
    assert reached == {"F", *requires}


def test_the_same_is_the_same() -> None:
    """The serial number follows from the content: neither a clock nor chance is in it."""
    one, same, other = (
        sbom.document("F", "library", DIGEST, [Component(name="lib", version=version)], {})
        for version in ("1", "1", "2")
    )
    assert one == same
    assert checked(one)["serialNumber"] != checked(other)["serialNumber"]


@pytest.mark.parametrize("name", ["Other", "Nested/Deeper/F"])
def test_a_renamed_document_is_as_if_made_so(name: str) -> None:
    """Another function with the same zip has the same document under its own name."""
    components = [Component(name="lib", version="1")]
    one, other = (
        sbom.document(each, "application", DIGEST, components, {"a": "é"}) for each in ("F", name)
    )
    assert sbom.renamed(one, name) == other
    checked(other)
