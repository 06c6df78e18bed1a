"""Pixels as files."""

import io
import struct
import zlib

import numpy as np
import numpy.typing as npt

Pixels = npt.NDArray[np.uint8]

LEVEL = 4
"""Of zlib. A chart is a tenth smaller at 6, where the time to write it doubles."""


def png(pixels: Pixels) -> bytes:
    """Write a PNG (https://www.w3.org/TR/png-3/), without alpha where nothing shows through.

    Rows are not filtered: charts are flat colours, which zlib finds by itself.

    Args:
        pixels: (rows, columns, red green blue alpha).
    """
    high, wide = pixels.shape[:2]
    opaque = bool((pixels[..., 3] == 255).all())
    channels = 3 if opaque else 4
    rows = np.zeros((high, 1 + wide * channels), np.uint8)  # each after its filter, none
    rows[:, 1:] = pixels[..., :channels].reshape(high, -1)
    header = struct.pack(">IIBBBBB", wide, high, 8, 2 if opaque else 6, 0, 0, 0)
    data = zlib.compress(rows.data, LEVEL)
    chunks = (_chunk(b"IHDR", header), _chunk(b"IDAT", data), _chunk(b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(chunks)


def _chunk(name: bytes, data: bytes) -> bytes:
    check = zlib.crc32(data, zlib.crc32(name))
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", check)


def webp(pixels: Pixels) -> bytes:
    """Write a lossless WebP, without alpha where nothing shows through.

    Args:
        pixels: (rows, columns, red green blue alpha).
    """
    from PIL import Image, WebPImagePlugin  # noqa: F401 - the plugin writes the file

    image = Image.fromarray(pixels)
    if (pixels[..., 3] == 255).all():
        image = image.convert("RGB")
    file = io.BytesIO()
    image.save(file, "WEBP", lossless=True, quality=20, method=1)
    return file.getvalue()
