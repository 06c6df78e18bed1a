"""Plot's looks: drawn by the zip that is deployed, as they were found good when looked at."""

import io
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest
from PIL import Image

from tests import golden

SPECS = golden.specs()
TOLERANCE = 0.5
"""Mean difference of four by four pixels, of 255; another chart differs by 10 and more."""


def blocks(image: bytes) -> npt.NDArray[np.float64]:
    """The mean colour of each four by four pixels."""
    pixels = np.asarray(Image.open(io.BytesIO(image)).convert("RGB"), dtype=np.float64)
    rows, columns = pixels.shape[0] // 4, pixels.shape[1] // 4
    means: npt.NDArray[np.float64] = (
        pixels[: 4 * rows, : 4 * columns].reshape(rows, 4, columns, 4, 3).mean(axis=(1, 3))
    )
    return means


@pytest.fixture(scope="module")
def drawn(built: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    """Every image, by the zip that was built."""
    archive = built / ".aws-sam" / "build" / "PlotFunction.zip"
    return golden.draw(archive, tmp_path_factory.mktemp("zip"))


@pytest.mark.parametrize("name", SPECS)
def test_looks_as_it_did(name: str, drawn: dict[str, bytes]) -> None:
    """A chart looks as the image of it that was looked at."""
    expected = blocks((golden.FOLDER / f"{name}.png").read_bytes())

    assert blocks(drawn[name]).shape == expected.shape
    difference = float(np.abs(blocks(drawn[name]) - expected).mean())
    assert difference <= TOLERANCE, f"differs by {difference:.2f}: `python -m tests.golden`?"


def test_every_image_is_of_a_request() -> None:
    """No image is left of a look that is no longer drawn."""
    assert {path.stem for path in golden.FOLDER.glob("*.png")} == set(SPECS)


def test_another_look_is_told_apart(drawn: dict[str, bytes]) -> None:
    """The comparison does not pass everything."""
    first, *others = (blocks(image) for image in drawn.values())

    assert all(float(np.abs(other - first).mean()) > 10 * TOLERANCE for other in others)
