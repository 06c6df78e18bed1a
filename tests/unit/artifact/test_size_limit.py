"""What Lambda takes of a function and its layers together."""

import zipfile
from pathlib import Path

import pytest

from shorts.artifact import size_limit
from shorts.errors import ShortsError
from shorts.model import Layer
from tests.records import function

MB = 1_000_000


def layer(name: str, code_uri: Path | str = "") -> Layer:
    return Layer(
        full_path=name,
        name=name,
        architecture="x86_64",
        code_uri=str(code_uri),
        build_method="",
    )


def test_built_layers_count(tmp_path: Path) -> None:
    """A function is refused with its layers, all named with their sizes."""
    sizes = {"F": 100 * MB, "L": 100 * MB, "M": 63 * MB}
    with pytest.raises(ShortsError) as caught:
        size_limit.check([function(layers=[layer("L"), layer("M")])], sizes, tmp_path)
    assert str(caught.value) == (
        "F is 263.0 MB unzipped with its layers; Lambda takes 262.1 MB.\n"
        "The parts: F 100.0 MB, L 100.0 MB, M 63.0 MB.\n"
        "Leave out what they do not use, or package it as an image."
    )
    size_limit.check([function(layers=[layer("L"), layer("M")])], {**sizes, "M": 62 * MB}, tmp_path)


@pytest.mark.parametrize("kind", ["folder", "zip", "made by SAM"])
def test_layers_that_are_not_built_here_count(tmp_path: Path, kind: str) -> None:
    """A layer as a folder, as a zip or as SAM has built it has its size."""
    stage, content = tmp_path / "stage", bytes(2 * MB)
    path = {"folder": tmp_path / "layer", "zip": tmp_path / "layer.zip"}.get(kind, stage / "L")
    if kind == "zip":
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr("python/data", content)
    else:
        (path / "python").mkdir(parents=True)
        (path / "python" / "data").write_bytes(content)
    one = layer("L", tmp_path / "source" if kind == "made by SAM" else path)
    size_limit.check([function(layers=[one])], {"F": 260 * MB}, stage)
    with pytest.raises(ShortsError, match=r"L 2\.0 MB\.\n"):
        size_limit.check([function(layers=[one])], {"F": 261 * MB}, stage)


def test_a_layer_that_is_elsewhere_counts_nothing(tmp_path: Path) -> None:
    """The size of an ARN is not known; a function without layers is not looked at here."""
    size_limit.check(
        [function(layers=[layer("arn:aws:lambda:::layer:x:1")])], {"F": 262 * MB}, tmp_path
    )
    size_limit.check([function()], {"F": 300 * MB}, tmp_path)
