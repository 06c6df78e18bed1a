"""Images that were looked at and found good, and what they are drawn from.

`python -m tests.golden` draws them anew, to be looked at again.
"""

import json
import sys
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT / "plot"))

FOLDER = Path(__file__).parent
SIZE = {"width": 480, "height": 300}

DRAWN_WITH = "3.10"
"""The matplotlib that drew them. Another one sets letters elsewhere by a pixel or so."""

BARS = {
    "kind": "bar",
    "title": "Above and below",
    "columns": {"name": list("abcdef"), "u": [3, -2, 5, -4, 1, None], "v": [1, 2, -3, -1, 4, 2]},
}
WAVES = [round(30 + 20 * ((7 * at) % 13) / 13 + at, 1) for at in range(30)]
POINTS = {
    "kind": "scatter",
    "columns": {
        "x": WAVES,
        "y": WAVES[::-1],
        "heat": [(5 * at) % 11 for at in range(30)],
        "weight": [(3 * at) % 7 for at in range(30)],
    },
    "x": "x",
    "y": "y",
}
LONG = [f"{name}, which has a long name" for name in ("One", "Two", "Three", "Four", "Five", "Six")]

LOOKS: dict[str, dict[str, Any]] = {
    "bars-below-zero": BARS,
    "bars-stacked-below-zero": {**BARS, "stacked": True, "labels": True},
    "bars-long-names": {"kind": "bar", "columns": {"name": LONG, "v": [3, 1, 4, 1, 5, 9]}},
    "bars-slanted": {
        "kind": "bar",
        "horizontal": False,
        "columns": {"name": LONG, "v": [3, 1, 4, 1, 5, 9]},
    },
    "bars-dark": {**BARS, "theme": "dark", "background": "#002b36"},
    "scatter-ramp": {**POINTS, "color": "heat"},
    "scatter-sizes-dark": {**POINTS, "color": "heat", "size": "weight", "theme": "dark"},
    "histograms": {"kind": "histogram", "columns": {"a": WAVES, "b": [w + 9 for w in WAVES]}},
    "areas-over-each-other": {
        "kind": "area",
        "stacked": False,
        "columns": {"a": WAVES, "b": WAVES[::-1]},
    },
    "heatmap-both-signs": {
        "kind": "heatmap",
        "columns": {"row": ["x", "y", "z"], "a": [-1, 0, 2], "b": [2, None, -2], "c": [1, -1, 0.5]},
    },
    "lines-many": {
        "kind": "line",
        "title": "More series than colours",
        "columns": {str(n): [w + 8 * n for w in WAVES[:9]] for n in range(12)},
        "legend": "right",
    },
    "lines-ggplot": {"kind": "line", "theme": "ggplot", "columns": {"a": WAVES}},
    "lines-labelled": {"kind": "line", "columns": {"a": WAVES[:8]}, "labels": True},
    "transparent": {**BARS, "background": "transparent"},
    "tiny": {"kind": "line", "columns": {"a": WAVES}, "width": 64, "height": 40},
}
"""Looks beyond those that the gallery shows."""


def specs() -> dict[str, dict[str, Any]]:
    """Return the requests by the name of their image: the gallery's, and `LOOKS`."""
    gallery = json.loads((ROOT / "plot" / "examples.json").read_text())
    requests = {name: example["spec"] for name, example in gallery.items()} | LOOKS
    return {
        name: {
            **request,
            "width": min(request.get("width", 480), SIZE["width"]),
            "height": min(request.get("height", 300), SIZE["height"]),
            "format": "png",
        }
        for name, request in requests.items()
    }
