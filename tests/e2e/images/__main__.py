"""``make images``: provide what the container tests run in, and say what it is."""

import sys

from shorts.errors import ShortsError
from tests.e2e.images import arm64, standins
from tests.e2e.images.engine import IMAGES, silence


def main() -> int:
    """Provide both images and the arm64 root; a line for each."""
    if silent := silence():
        print(f"error: {silent}", file=sys.stderr)
        return 1
    try:
        for image in IMAGES:
            standins.provide(image, print)
        print(f"arm64: {arm64.provide()}")
    except ShortsError as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
