"""Draws the golden images anew."""

import sys

from tests.golden import DRAWN_WITH, FOLDER, specs


def main() -> None:
    """Draw each image, and remove those that are of nothing any more."""
    import fontcache

    fontcache.install()
    import decoding
    import drawing
    import matplotlib as mpl

    if not mpl.__version__.startswith(f"{DRAWN_WITH}."):
        sys.exit(f"the images are drawn with matplotlib {DRAWN_WITH}, this is {mpl.__version__}")
    wanted = specs()
    for image in FOLDER.glob("*.png"):
        if image.stem not in wanted:
            image.unlink()
    for name, spec in wanted.items():
        content = drawing.draw(decoding.decode(spec)).content
        (FOLDER / f"{name}.png").write_bytes(content)
    print(f"{len(wanted)} images in {FOLDER}")


if __name__ == "__main__":
    main()
