"""A scene as SVG: shapes stay shapes, and text stays text, to be read aloud, found and copied."""

import base64
import zlib
from collections.abc import Iterable

import budgets
import encoding
import numpy as np
from marks import OUTLINES, Bitmap, Box, Dots, Fill, Floats, Layer, Mark, Scene, Stroke, Words

FONTS = "DejaVu Sans, Verdana, Arial, sans-serif"
"""The fonts that a viewer takes, the first that it has."""

CRISP = 500
"""Points up to which it is found out whether a line runs straight across or down."""

FAR = 1e5
"""Pixels off the image that a place may be: viewers count in single precision."""


def write(scene: Scene) -> bytes:
    """Write a scene as an SVG document, the same for the same scene.

    Its title and description are what assistive technology reads.
    """
    # Documents that stand in one page must not share names.
    own = f"{zlib.crc32(repr((scene.title, scene.alt, scene.width, scene.height)).encode()):08x}"
    size = f'width="{scene.width}" height="{scene.height}"'
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" {size} '
        f'viewBox="0 0 {scene.width} {scene.height}" role="img" '
        f'aria-labelledby="t{own} d{own}" font-family="{FONTS}">\n',
        f'<title id="t{own}">{_escape(scene.title)}</title>\n',
        f'<desc id="d{own}">{_escape(scene.alt)}</desc>\n',
    ]
    if scene.paper is not None:
        parts.append(f'<rect {size} fill="{scene.paper}"/>\n')
    for index, layer in enumerate(scene.layers):
        parts += _layer(scene, layer, f"c{index}{own}")
    parts.append("</svg>\n")
    return "".join(parts).encode()


def _layer(scene: Scene, layer: Layer, name: str) -> Iterable[str]:
    marks: Iterable[Mark] = layer.marks
    if layer.dense:
        import raster

        whole = Box(0, 0, scene.width, scene.height)
        scale = budgets.sharpness(scene.width, scene.height)
        marks = [Bitmap(pixels=raster.paint_layer(scene, layer, scale), box=whole)]
    elif layer.clip is not None:
        yield f'<clipPath id="{name}"><rect {_place(layer.clip)}/></clipPath>\n'
        yield f'<g clip-path="url(#{name})">\n'
    for mark in marks:
        match mark:
            case Stroke():
                yield _stroke(mark)
            case Fill():
                yield _fill(mark)
            case Dots():
                yield _dots(mark)
            case Words():
                yield _words(mark)
            case Bitmap():
                yield _bitmap(mark, smooth=layer.dense)
    if layer.clip is not None and not layer.dense:
        yield "</g>\n"


def _stroke(mark: Stroke) -> str:
    known = np.isfinite(mark.points).all(axis=1)
    gaps = np.flatnonzero(~known)
    pieces = (piece[np.isfinite(piece).all(axis=1)] for piece in np.split(mark.points, gaps))
    # A line of one point is a dot where its ends are round.
    path = "".join(_path(piece) + ("h0" if len(piece) == 1 else "") for piece in pieces)
    dashes = " ".join(_number(length * mark.width) for length in mark.dash)
    attributes = f'stroke="{mark.color}" stroke-width="{_number(mark.width)}"'
    attributes += f' stroke-dasharray="{dashes}"' if mark.dash else ""
    attributes += ' stroke-linecap="round"' if not mark.dash and len(mark.points) > 3 else ""
    attributes += f' stroke-opacity="{_number(mark.opacity)}"' if mark.opacity < 1 else ""
    # What runs straight across or down is sharp on whole pixels, as Agg draws it.
    steps = np.abs(np.diff(mark.points[:CRISP], axis=0)).min(axis=1, initial=np.inf)
    straight = len(mark.points) <= CRISP and not (steps > 0).any()
    attributes += ' shape-rendering="crispEdges"' if straight else ""
    return f'<path d="{path}" fill="none" stroke-linejoin="round" {attributes}/>\n'


def _fill(mark: Fill) -> str:
    path = "".join(_path(shape) + "z" for shape in mark.shapes if len(shape))
    attributes = f'fill="{mark.color}"'
    attributes += f' fill-opacity="{_number(mark.opacity)}"' if mark.opacity < 1 else ""
    if mark.edge is not None:
        attributes += f' stroke="{mark.edge}" stroke-width="{_number(mark.width)}"'
    return f'<path d="{path}" {attributes}/>\n'


def _dots(mark: Dots) -> str:
    attributes = f'fill="{mark.color}"'
    attributes += f' fill-opacity="{_number(mark.opacity)}"' if mark.opacity < 1 else ""
    attributes += f' stroke="{mark.edge}"' if mark.edge is not None else ""
    points = mark.points[np.isfinite(mark.points).all(axis=1)]
    corners = OUTLINES[mark.shape]
    if corners is None:
        radius = _number(mark.size / 2)
        each = (f'<circle cx="{x}" cy="{y}" r="{radius}"/>' for x, y in _pairs(points))
    else:
        shapes = points[:, None] + corners * mark.size
        each = (f'<path d="{_path(shape)}z"/>' for shape in shapes)
    return f"<g {attributes}>{''.join(each)}</g>\n"


def _words(mark: Words) -> str:
    x, y = _number(mark.x), _number(mark.y)
    attributes = f'x="{x}" y="{y}" font-size="{_number(mark.size)}" fill="{mark.color}"'
    attributes += ' font-weight="bold"' if mark.bold else ""
    attributes += f' text-anchor="{mark.align}"' if mark.align != "start" else ""
    attributes += f' transform="rotate({_number(-mark.angle)} {x} {y})"' if mark.angle else ""
    return f"<text {attributes}>{_escape(mark.text)}</text>\n"


def _bitmap(mark: Bitmap, smooth: bool) -> str:
    png = base64.b64encode(encoding.png(mark.pixels)).decode()
    style = "" if smooth else ' style="image-rendering:pixelated"'
    how = f'preserveAspectRatio="none"{style}'
    return f'<image {_place(mark.box)} {how} href="data:image/png;base64,{png}"/>\n'


def _place(box: Box) -> str:
    places = zip(
        ("x", "y", "width", "height"), (box.left, box.top, box.width, box.height), strict=True
    )
    return " ".join(f'{name}="{_number(place)}"' for name, place in places)


def _path(points: Floats) -> str:
    return "M" + "L".join(f"{x} {y}" for x, y in _pairs(points)) if len(points) else ""


def _pairs(points: Floats) -> Iterable[tuple[str, str]]:
    rounded = np.round(np.clip(points, -FAR, FAR), 2) + 0.0  # no minus before a zero
    return ((f"{x:.7g}", f"{y:.7g}") for x, y in rounded.tolist())


def _number(value: float) -> str:
    return f"{round(value, 2) + 0.0:.7g}"


def _escape(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
