"""What a Slice's key depends on, and which Slices machines may share."""

from pathlib import Path

import deflate
import msgspec
import pytest

from shorts.requirements.lock_file import Pin
from shorts.slices.recipe import Recipe
from shorts.targets.target import Target

PIN = Pin(name="demo", version="1.0", hashes=("sha256:0",))
RECIPE = Recipe(pin=PIN, target=Target.of("python3.13", "x86_64"), python="3.13.5")


def test_a_key_names_the_distribution() -> None:
    """A person can read which distribution it is."""
    assert RECIPE.key.startswith("demo-1.0-")


@pytest.mark.parametrize(
    "change",
    [
        {"python": "3.13.6"},
        {"python": ""},
        {"kind": "whole"},
        {"target": Target.of("python3.13", "arm64")},
        {"pin": msgspec.structs.replace(PIN, hashes=("sha256:1",))},
        {"pin": msgspec.structs.replace(PIN, sdist=True)},
    ],
)
def test_a_key_depends_on_what_the_bytes_depend_on(change: dict[str, object]) -> None:
    """Another interpreter, target or wheel makes another Slice."""
    assert msgspec.structs.replace(RECIPE, **change).key != RECIPE.key


def test_a_key_depends_on_the_compression(monkeypatch: pytest.MonkeyPatch) -> None:
    """Another version of the library may compress to other bytes."""
    before = RECIPE.key
    monkeypatch.setattr(deflate, "__version__", "0")
    assert RECIPE.key != before


def test_a_key_does_not_depend_on_where_wheels_are() -> None:
    """The hashes say what a wheel holds, from whatever index it comes."""
    assert msgspec.structs.replace(RECIPE, sources=("--no-index",)).key == RECIPE.key


def test_only_compiled_wheels_are_shared() -> None:
    """Local projects, sources, and Slices without bytecode stay on their machine."""
    assert RECIPE.is_shared
    assert not msgspec.structs.replace(RECIPE, python="").is_shared
    for pin in (
        msgspec.structs.replace(PIN, sdist=True),
        msgspec.structs.replace(PIN, wheel=Path("demo.whl")),
    ):
        assert not msgspec.structs.replace(RECIPE, pin=pin).is_shared


def test_without_an_interpreter_any_patch_version_will_do() -> None:
    """The newest one comes first, and all are of the target's minor version."""
    bare = msgspec.structs.replace(RECIPE, python="")
    versions = [recipe.python for recipe in bare.compiled()]
    assert versions[-1] == "3.13.0"
    assert versions.index("3.13.6") < versions.index("3.13.5")
    assert RECIPE.key in {recipe.key for recipe in bare.compiled()}
