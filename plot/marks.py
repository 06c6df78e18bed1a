"""What an image is made of: strokes, fills, dots, words and bitmaps, each at its pixels.

A chart is first put together of these, and only then written as pixels (`raster`), as SVG (`svg`)
or as PDF (`pdf`). Places are CSS pixels before scale from the top left corner, y downwards; colours
are `#rrggbb`.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, NamedTuple, TypeAlias

import numpy as np
import numpy.typing as npt

Floats: TypeAlias = npt.NDArray[np.float64]
Ints: TypeAlias = npt.NDArray[np.int64]
Dash: TypeAlias = tuple[float, ...]
Shape: TypeAlias = Literal["o", "s", "^", "D", "v", "P", "X"]
Align: TypeAlias = Literal["start", "middle", "end"]


class Box(NamedTuple):
    """A rectangle."""

    left: float
    top: float
    right: float
    bottom: float

    @property
    def width(self) -> float:
        """Its pixels from left to right."""
        return self.right - self.left

    @property
    def height(self) -> float:
        """Its pixels from top to bottom."""
        return self.bottom - self.top

    def touches(self, other: "Box") -> bool:
        """Tell whether two rectangles have a part in common."""
        across = self.left < other.right and other.left < self.right
        return across and self.top < other.bottom and other.top < self.bottom


@dataclass(frozen=True, kw_only=True)
class Stroke:
    """A line through points, broken where one is NaN.

    Attributes:
        points: (points, 2).
        color: Of the line.
        width: Pixels.
        dash: Lengths on and off, in widths. Empty for a line without breaks.
        opacity: From 0 to 1.
    """

    points: Floats
    color: str
    width: float = 1.0
    dash: Dash = ()
    opacity: float = 1.0


@dataclass(frozen=True, kw_only=True)
class Fill:
    """Polygons of one colour.

    Attributes:
        shapes: Each (corners, 2).
        color: Of what is inside.
        opacity: Of the colour, from 0 to 1.
        edge: Colour of an outline, if there is one.
        width: Pixels of the outline.
    """

    shapes: Sequence[Floats]
    color: str
    opacity: float = 1.0
    edge: str | None = None
    width: float = 0.0


@dataclass(frozen=True, kw_only=True)
class Dots:
    """Markers of one shape, size and colour.

    Attributes:
        points: Their middles, (dots, 2).
        shape: As matplotlib writes it.
        size: Pixels across.
        color: Of what is inside.
        opacity: From 0 to 1.
        edge: Colour of an outline of a pixel, if there is one.
    """

    points: Floats
    shape: Shape
    size: float
    color: str
    opacity: float = 1.0
    edge: str | None = None


@dataclass(frozen=True, kw_only=True)
class Words:
    """One line of text.

    Attributes:
        x: Where it starts, has its middle or ends.
        y: Its baseline there.
        text: Of printable characters.
        size: Pixels of an em.
        color: Of the letters.
        bold: Whether they are.
        align: What stands at `x`.
        angle: Degrees that it is turned by around that place, against the clock.
    """

    x: float
    y: float
    text: str
    size: float
    color: str
    bold: bool = False
    align: Align = "start"
    angle: float = 0.0


@dataclass(frozen=True, kw_only=True)
class Bitmap:
    """Pixels of their own.

    Attributes:
        pixels: (rows, columns, red green blue alpha), from the top left.
        box: Where they go, each of them a rectangle with sharp edges.
    """

    pixels: npt.NDArray[np.uint8]
    box: Box


Mark: TypeAlias = Stroke | Fill | Dots | Words | Bitmap


@dataclass(frozen=True, kw_only=True)
class Layer:
    """Marks that are drawn one after the other.

    Attributes:
        marks: Without words, where there is a clip.
        clip: What is seen of them, if not all.
        dense: Whether they are so many that SVG and PDF have them as pixels.
    """

    marks: Sequence[Mark]
    clip: Box | None = None
    dense: bool = False


@dataclass(frozen=True, kw_only=True)
class Scene:
    """A whole image.

    Attributes:
        width: Pixels.
        height: Pixels.
        paper: Colour of the background; none is transparent.
        layers: From the lowest to the highest.
        title: In words, for who does not see it.
        alt: What it shows, in words.
    """

    width: int
    height: int
    paper: str | None
    layers: Sequence[Layer]
    title: str
    alt: str


_PLUS = np.array([(-1, -3), (1, -3), (1, -1), (3, -1), (3, 1), (1, 1)]) * 0.18
_HALF_TURN = np.array([-1.0, -1.0])
_EIGHTH_TURN = np.array([(1.0, 1.0), (-1.0, 1.0)]) / np.sqrt(2)

OUTLINES: dict[Shape, Floats | None] = {
    "o": None,
    "s": np.array([(-0.44, -0.44), (0.44, -0.44), (0.44, 0.44), (-0.44, 0.44)]),
    "^": np.array([(0, -0.52), (0.52, 0.42), (-0.52, 0.42)]),
    "D": np.array([(0, -0.58), (0.58, 0), (0, 0.58), (-0.58, 0)]),
    "v": np.array([(0, 0.52), (0.52, -0.42), (-0.52, -0.42)]),
    "P": np.concatenate((_PLUS, _PLUS * _HALF_TURN)),
    "X": np.concatenate((_PLUS, _PLUS * _HALF_TURN)) @ _EIGHTH_TURN,
}
"""Corners of each shape at size 1; a circle has none. They look equally large."""


def segments(starts: Floats, ends: Floats) -> Floats:
    """Join pairs of points into the points of one `Stroke`.

    Args:
        starts: (lines, 2).
        ends: (lines, 2).

    Returns:
        (3 lines, 2), with a gap behind each pair.
    """
    points = np.full((3 * len(starts), 2), np.nan)
    points[0::3], points[1::3] = starts, ends
    return points


def rectangles(left: Floats, top: Floats, right: Floats, bottom: Floats) -> Floats:
    """Return the corners of rectangles, (rectangles, 4, 2)."""
    outline = ((left, top), (right, top), (right, bottom), (left, bottom))
    return np.stack([np.stack(corner, axis=-1) for corner in outline], axis=-2)


def outline(box: Box) -> Floats:
    """Return the corners of a box, (4, 2)."""
    corners = [(box.left, box.top), (box.right, box.top)]
    return np.array([*corners, (box.right, box.bottom), (box.left, box.bottom)])
