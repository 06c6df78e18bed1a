"""Draws the golden images anew."""

import sys

import fontcache

from tests.golden import DRAWN_WITH, FOLDER, specs

fontcache.install()

import decoding
import drawing
import matplotlib as mpl

if not mpl.__version__.startswith(f"{DRAWN_WITH}."):
    sys.exit(f"the images are drawn with matplotlib {DRAWN_WITH}, this is {mpl.__version__}")
wanted = specs()
for stale in FOLDER.glob("*.png"):
    if stale.stem not in wanted:
        stale.unlink()
for name, spec in wanted.items():
    image = drawing.draw(decoding.decode(spec))
    (FOLDER / f"{name}.png").write_bytes(image.content)
print(f"{len(wanted)} images in {FOLDER}")
