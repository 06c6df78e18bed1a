"""A scene as pixels, drawn by Agg."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import typeface
from marks import Bitmap, Dots, Fill, Layer, Scene, Stroke, Words
from matplotlib.backends.backend_agg import RendererAgg
from painter import Painter, rgb

Pixels = npt.NDArray[np.uint8]


def paint(scene: Scene, scale: float) -> Pixels:
    """Draw a scene.

    Args:
        scene: What is drawn.
        scale: Pixels for each of the scene's.

    Returns:
        (rows, columns, red green blue alpha).
    """
    return _draw(scene, scene.layers, scale, scene.paper)


def paint_layer(scene: Scene, layer: Layer, scale: float) -> Pixels:
    """Draw one layer of a scene alone, on nothing: as `paint` does otherwise."""
    return _draw(scene, [layer], scale, None)


def enlarge(bitmap: Bitmap, rows: int, columns: int) -> Pixels:
    """Return a bitmap as so many pixels, none of them a mixture."""
    high, wide = bitmap.pixels.shape[:2]
    down = np.arange(rows) * high // rows
    across = np.arange(columns) * wide // columns
    pixels: Pixels = bitmap.pixels[down[:, None], across]
    return pixels


def _draw(scene: Scene, layers: Sequence[Layer], scale: float, paper: str | None) -> Pixels:
    wide, high = round(scene.width * scale), round(scene.height * scale)
    renderer = RendererAgg(wide, high, 72)  # type: ignore[no-untyped-call]
    painter = Painter(renderer, high / scale, scale)
    # What the renderer itself draws into.
    pixels: Pixels = np.asarray(renderer.buffer_rgba())  # type: ignore[no-untyped-call]
    pixels[:] = (255, 255, 255, 0) if paper is None else (*bytes.fromhex(paper[1:]), 255)
    for layer in layers:
        for mark in layer.marks:
            match mark:
                case Stroke():
                    painter.stroke(mark, layer.clip)
                case Fill():
                    painter.fill(mark, layer.clip)
                case Dots():
                    painter.dots(mark, layer.clip)
                case Words():
                    _write(pixels, mark, scale)
                case Bitmap():
                    _lay(pixels, mark, scale)
    return pixels


def _lay(pixels: Pixels, mark: Bitmap, scale: float) -> None:
    left, top, right, bottom = (round(side * scale) for side in mark.box)
    pixels[top:bottom, left:right] = enlarge(mark, bottom - top, right - left)


def _write(pixels: Pixels, mark: Words, scale: float) -> None:
    if not mark.text:
        return
    run = typeface.run(mark.text, round(mark.size * scale, 2), mark.bold, mark.angle % 360)
    along = {"start": 0.0, "middle": 0.5, "end": 1.0}[mark.align]
    if mark.angle:
        along *= typeface.width(mark.text, mark.size * scale, mark.bold)
    else:
        along *= run.width
    turn = np.radians(mark.angle)
    left = round(mark.x * scale - along * np.cos(turn)) - run.left
    top = round(mark.y * scale + along * np.sin(turn)) - run.down
    # What lies beyond the image is cut off.
    first_row, first_column = max(0, -top), max(0, -left)
    coverage = run.coverage[first_row:, first_column:]
    under = pixels[max(0, top) : max(0, top + len(run.coverage)), max(0, left) :]
    under = under[:, : coverage.shape[1]]
    coverage = coverage[: under.shape[0], : under.shape[1]]
    if coverage.size == 0:
        return
    over = coverage[..., None] / np.float32(255)
    behind = under[..., 3:] / np.float32(255) * (1 - over)
    opacity = over + behind
    ink = np.float32(255) * np.array(rgb(mark.color), np.float32)
    color = (ink * over + under[..., :3] * behind) / np.maximum(opacity, np.float32(1e-6))
    under[..., :3] = np.where(over > 0, color + np.float32(0.5), under[..., :3])
    under[..., 3:] = opacity * 255 + np.float32(0.5)
