"""Strokes, fills and dots on any of matplotlib's renderers."""

import numpy as np
from marks import OUTLINES, Box, Dots, Fill, Floats, Shape, Stroke
from matplotlib.backend_bases import GraphicsContextBase, RendererBase
from matplotlib.path import Path
from matplotlib.transforms import Affine2D, Bbox, Transform

PIECE = 10_000
"""Points of a line that are drawn at once: a very long one overflows Agg's buffers."""

AT_ONCE = 100_000
"""Dots that are drawn at once: between two calls, a chart whose time is up can be stopped."""

FAR = 1e6
"""Pixels off the image that a place may be: matplotlib's arithmetic is safe up to there."""


class Painter:
    """Draws a scene's marks.

    Attributes:
        renderer: Of Agg or PDF.
        place: From the scene's pixels to the renderer's.
        scale: The renderer's pixels for each of the scene's.
    """

    def __init__(self, renderer: RendererBase, height: float, scale: float) -> None:
        """Prepare to draw.

        Args:
            renderer: Its pixels are counted upwards.
            height: Of the scene.
            scale: The renderer's pixels for each of the scene's.
        """
        self.renderer = renderer
        self.scale = scale
        self.place: Transform = Affine2D.from_values(scale, 0, 0, -scale, 0, height * scale)

    def stroke(self, mark: Stroke, clip: Box | None) -> None:
        """Draw a line."""
        points = np.clip(mark.points, -FAR, FAR)
        pen = self._pen(clip, mark.color, mark.width, mark.opacity)
        pen.set_capstyle("butt" if mark.dash or len(points) <= 3 else "round")
        pen.set_joinstyle("round")
        if mark.dash:
            pen.set_dashes(0, [length * mark.width * self.scale for length in mark.dash])
        for start in range(0, max(1, len(points) - 1), PIECE):
            piece = Path(points[start : start + PIECE + 1])
            self.renderer.draw_path(pen, piece, self.place)
        pen.restore()

    def fill(self, mark: Fill, clip: Box | None) -> None:
        """Draw polygons, those with equally many corners at once."""
        pen = self._pen(clip, mark.edge or mark.color, mark.width if mark.edge else 0, mark.opacity)
        face = (*rgb(mark.color), mark.opacity)
        for shape in mark.shapes:
            if len(shape) == 0:
                continue
            corners = np.clip(shape, -FAR, FAR)
            closed = Path(np.concatenate((corners, corners[:1])), closed=True)
            self.renderer.draw_path(pen, closed, self.place, face)
        pen.restore()

    def dots(self, mark: Dots, clip: Box | None) -> None:
        """Draw markers."""
        known = np.isfinite(mark.points).all(axis=1)
        points = np.clip(mark.points[known], -FAR, FAR)
        pen = self._pen(clip, mark.edge or mark.color, 1 if mark.edge else 0, mark.opacity)
        shape = Affine2D.from_values(mark.size * self.scale, 0, 0, -mark.size * self.scale, 0, 0)
        face = (*rgb(mark.color), mark.opacity)
        outline = _OUTLINES[mark.shape]
        for start in range(0, len(points), AT_ONCE):
            piece = Path(points[start : start + AT_ONCE])
            self.renderer.draw_markers(pen, outline, shape, piece, self.place, face)
        pen.restore()

    def _pen(
        self, clip: Box | None, color: str, width: float, opacity: float
    ) -> GraphicsContextBase:
        pen = self.renderer.new_gc()
        pen.set_foreground((*rgb(color), opacity), isRGBA=True)
        pen.set_linewidth(width * self.scale)
        if clip is not None:
            corners = [(clip.left, clip.bottom), (clip.right, clip.top)]
            pen.set_clip_rectangle(Bbox(self.place.transform(corners)))
        return pen


def rgb(color: str) -> tuple[float, float, float]:
    """Return red, green and blue, from 0 to 1."""
    red, green, blue = bytes.fromhex(color[1:])
    return red / 255, green / 255, blue / 255


def _outline(corners: Floats | None) -> Path:
    if corners is None:
        return Path.circle((0, 0), 0.5)
    return Path(np.concatenate((corners, corners[:1])), closed=True)


_OUTLINES: dict[Shape, Path] = {shape: _outline(corners) for shape, corners in OUTLINES.items()}
