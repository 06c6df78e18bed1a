"""Draws the golden images again."""

import subprocess
import sys
import tempfile
from pathlib import Path

from tests.conftest import copy_application
from tests.golden import FOLDER, draw


def main() -> None:
    """Draw each image, and remove those that nothing is drawn of any more."""
    with tempfile.TemporaryDirectory() as name:
        folder = copy_application(Path(name, "app"))
        subprocess.run(
            [sys.executable, "-m", "shorts", "build", "PlotFunction"], cwd=folder, check=True
        )
        images = draw(folder / ".aws-sam" / "build" / "PlotFunction.zip", Path(name, "zip"))
    for image in FOLDER.glob("*.png"):
        image.unlink()
    for stem, content in images.items():
        (FOLDER / f"{stem}.png").write_bytes(content)
    print(f"{len(images)} images in {FOLDER}")


if __name__ == "__main__":
    main()
