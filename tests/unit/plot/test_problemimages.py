"""Problems as images."""

import io
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from xml.etree import ElementTree

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

sys.path.insert(0, str(Path(__file__).parents[3] / "plot"))

import problemimages
from problems import Fault, Problem, Refusal

PLOT = Path(__file__).parents[3] / "plot"
SVG = "{http://www.w3.org/2000/svg}"


def problem(*details: str) -> Problem:
    return Refusal(Fault(path="$.kind", detail=detail) for detail in details).problem


def texts(svg: bytes) -> list[str]:
    return [element.text or "" for element in ElementTree.fromstring(svg).iter(f"{SVG}text")]


def test_an_svg_says_the_status_and_every_fault() -> None:
    """The title is the status; each fault begins a line; it is there for who does not see it."""
    svg = problemimages.svg(problem("Expected <b>", "word " * 20))

    assert texts(svg) == [
        "400 Bad Request",
        "$.kind: Expected <b>",
        "$.kind: word word word word word word word word word word word word",
        "word word word word word word word word",
    ]
    title = ElementTree.fromstring(svg).findtext(f"{SVG}title")
    assert title is not None and title.startswith("400 Bad Request $.kind: Expected <b>")


def test_an_image_stays_small() -> None:
    """A problem of many faults is cut to a dozen lines."""
    svg = problemimages.svg(problem(*["x " * 400] * 20))

    assert len(texts(svg)) == 1 + problemimages.LINES
    assert texts(svg)[-1] == "…"


@pytest.mark.parametrize(
    ("draw", "kind"), [(problemimages.png, "PNG"), (problemimages.webp, "WEBP")]
)
def test_pixels_say_it_too(draw: Callable[[Problem], bytes], kind: str) -> None:
    """A PNG and a WebP have the size of the SVG, and red and dark letters on white."""
    image = Image.open(io.BytesIO(draw(problem("Expected `Ä`"))))

    assert (image.format, image.size) == (kind, (640, 80))
    pixels = image.convert("RGB")
    reds = [pixels.getpixel((x, y)) for x in range(640) for y in range(20, 38)]
    assert any(isinstance(red, tuple) and red[0] > 150 > red[1] + 50 for red in reds)
    assert pixels.getpixel((639, 79)) == (255, 255, 255)


@settings(deadline=None, max_examples=50)
@given(st.text(st.characters()))
def test_draws_any_text(detail: str) -> None:
    """Whatever a fault quotes, the SVG is well-formed and the PNG is drawn."""
    ElementTree.fromstring(problemimages.svg(problem(detail)))

    assert problemimages.png(problem(detail)).startswith(b"\x89PNG")


def test_an_svg_needs_no_library_that_draws() -> None:
    """An SVG takes neither matplotlib nor Pillow nor numpy."""
    code = """
import sys, problemimages, problems
problem = problems.refusal("$", "x").problem
problemimages.svg(problem)
assert not {"matplotlib", "numpy", "PIL"} & set(sys.modules)
"""
    subprocess.run([sys.executable, "-c", code], cwd=PLOT, check=True)
