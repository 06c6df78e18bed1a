"""Plot's looks: each kind, theme and option as it was found good when it was looked at."""

import io
import sys
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
from PIL import Image

from tests import golden

sys.path.insert(0, str(Path(__file__).parents[3] / "plot"))

import decoding
import drawing
import matplotlib as mpl

SPECS = golden.specs()
SAME = mpl.__version__.startswith(f"{golden.DRAWN_WITH}.")
TOLERANCE = 0.05 if SAME else 6.0
"""Mean difference of four by four pixels, of 255. Another matplotlib sets letters elsewhere by a
pixel, which moves what stands beside them; a chart of another kind or size differs by 15 and more.
"""


def blocks(image: bytes) -> npt.NDArray[np.float64]:
    """The mean colour of each four by four pixels, what is transparent as black."""
    pixels = np.asarray(Image.open(io.BytesIO(image)).convert("RGBA"), dtype=np.float64)
    pixels[..., :3] *= pixels[..., 3:] / 255
    rows, columns = pixels.shape[0] // 4, pixels.shape[1] // 4
    blocks = pixels[: 4 * rows, : 4 * columns].reshape(rows, 4, columns, 4, 4)
    means: npt.NDArray[np.float64] = blocks.mean(axis=(1, 3))
    return means


@pytest.mark.parametrize("name", SPECS)
def test_looks_as_it_did(name: str) -> None:
    """A chart looks as the image of it that was looked at."""
    drawn = drawing.draw(decoding.decode(SPECS[name])).content

    expected = blocks((golden.FOLDER / f"{name}.png").read_bytes())
    assert blocks(drawn).shape == expected.shape
    difference = float(np.abs(blocks(drawn) - expected).mean())
    assert difference <= TOLERANCE, f"differs by {difference:.2f}: `python -m tests.golden`?"


def test_every_image_is_of_a_request() -> None:
    """No image is left of a look that is no longer drawn."""
    assert {path.stem for path in golden.FOLDER.glob("*.png")} == set(SPECS)


def test_another_look_is_told_apart() -> None:
    """The comparison does not pass everything: another colour or another size of bars fails it."""
    spec: dict[str, Any] = SPECS["bars-below-zero"]
    image = blocks((golden.FOLDER / "bars-below-zero.png").read_bytes())

    for change in ({"theme": "dark"}, {"stacked": True}, {"horizontal": True}):
        other = blocks(drawing.draw(decoding.decode(spec | change)).content)
        assert float(np.abs(other - image).mean()) > 10
