"""Images that were looked at and found good, and what they are drawn from.

They are drawn by the zip that is deployed, with its own versions of pandas and matplotlib.
`python -m tests.golden` draws them again, to be looked at.
"""

import base64
import json
import subprocess
import zipfile
from pathlib import Path
from typing import Any

from shorts.system import interpreters

ROOT = Path(__file__).parents[2]
FOLDER = Path(__file__).parent
SIZE = {"width": 480, "height": 300, "format": "png"}
GALLERY = (
    "line",
    "area",
    "bars-stacked",
    "scatter",
    "box",
    "pie",
    "heatmap",
    "second-axis",
    "dark",
)
LOOKS: dict[str, dict[str, Any]] = {
    "bars-percent-and-line": {
        "kind": "bar",
        "stacked": "percent",
        "over": "line",
        "y2": "line",
        "columns": {"n": list("abc"), "u": [3, 2, 5], "v": [1, 2, 3], "line": [40, 10, 30]},
    },
    "bars-below-zero": {
        "kind": "bar",
        "title": "Above and below",
        "columns": {"name": list("abcd"), "u": [3, -2, 5, -4], "v": [1, 2, -3, None]},
    },
    "heatmap-gaps-dark": {
        "kind": "heatmap",
        "theme": "dark",
        "columns": {"row": list("xyz"), "a": [-1, 0, 2], "b": [2, None, -2], "c": [1, -1, 0.5]},
    },
}
"""Looks beyond those of the gallery."""

SCRIPT = """
import base64, json, sys
import app
answers = {name: app.handler(spec, None) for name, spec in json.load(sys.stdin).items()}
print(json.dumps({name: answer["image"] for name, answer in answers.items()}))
"""


def specs() -> dict[str, dict[str, Any]]:
    """Return the requests by the name of their image."""
    gallery = json.loads((ROOT / "plot" / "examples.json").read_text("utf-8"))
    return {
        name: request | SIZE
        for name, request in ({name: gallery[name]["spec"] for name in GALLERY} | LOOKS).items()
    }


def draw(archive: Path, folder: Path) -> dict[str, bytes]:
    """Draw every image by a built function, unpacked into a folder."""
    with zipfile.ZipFile(archive) as file:
        file.extractall(folder)
    python = interpreters.find("3.13")
    assert python is not None, interpreters.how_to_get("3.13")
    done = subprocess.run(
        [str(python), "-c", SCRIPT],
        cwd=folder,
        input=json.dumps(specs()),
        capture_output=True,
        text=True,
        check=True,
    )
    return {name: base64.b64decode(text) for name, text in json.loads(done.stdout).items()}
