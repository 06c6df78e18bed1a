"""The commands of Plot's page for its users, run against Plot."""

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.conftest import ROOT
from tests.http_service import serving

sys.path.insert(0, str(ROOT / "plot"))

import budgets
import chartqueries
import webroutes
from charts import KINDS, bars, chart, heatmaps
from chartspec import ChartSpec

TEXT = (ROOT / "docs" / "plot.md").read_text("utf-8")
COMMANDS = re.findall(r"^```sh\n(.*?)^```$", TEXT, re.MULTILINE | re.DOTALL)
MAGIC = {".png": b"\x89PNG", ".svg": b"<svg", ".webp": b"RIFF", ".pdf": b"%PDF"}
SECRET = "at least 32 random characters, please"


@pytest.fixture(scope="module")
def addresses() -> Iterator[tuple[str, str]]:
    """Plot as it is, and with signed URLs."""
    with (
        serving(ROOT / "plot") as open_,
        serving(ROOT / "plot", PLOT_SIGNING_SECRET=SECRET) as signed,
    ):
        yield open_.rstrip("/"), signed.rstrip("/")


@pytest.mark.skipif(shutil.which("curl") is None, reason="there is no curl")
@pytest.mark.parametrize("command", COMMANDS, ids=range(len(COMMANDS)))
def test_commands(command: str, addresses: tuple[str, str], tmp_path: Path) -> None:
    """Each command does what the page says, and each file that it writes is what its name says."""
    (tmp_path / "plot").symlink_to(ROOT / "plot")
    folder = Path(sys.executable).parent
    done = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", command],
        cwd=tmp_path,
        env=os.environ
        | {
            "PLOT": addresses["SIGNING" in command],
            "PATH": f"{folder}:{os.environ['PATH']}",
        },
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 0, done.stderr
    written = re.findall(r"-o ([\w.]+\.\w+)", command)
    for name in written:
        assert (tmp_path / name).read_bytes().startswith(MAGIC[Path(name).suffix])
    if "validate" in command:
        assert '"kind":"line"' in done.stdout
    if "radar" in command:
        assert '"path":"$.kind"' in done.stdout and '"path":"$.width"' in done.stdout


def test_limits() -> None:
    """The table has the limits that the code has."""
    rows = dict(re.findall(r"^\| ([^|]+?) \| ([^|]+?) \|$", TEXT, re.MULTILINE))
    side = ChartSpec.__annotations__["width"].__metadata__[0]

    assert {name: rows[name] for name in rows if re.match("[0-9]", rows[name])} == {
        "pixels, after `scale`": f"{budgets.PIXELS:,}",
        "pixels of a side, before `scale`": f"{side.ge} to {side.le:,}",
        "rows": f"{budgets.ROWS:,}",
        "columns": f"{budgets.COLUMNS:,}",
        "cells": f"{budgets.CELLS:,}",
        "series drawn": str(budgets.SERIES),
        "categories drawn": f"{budgets.CATEGORIES}, the last for all others",
        "bars": f"{KINDS['bar'].most:,}",
        "values written at bars": f"{bars.MOST:,}",
        "values written at cells": f"{heatmaps.MOST:,}",
        "values written at other marks": f"{chart.MOST:,}",
        "boxes, violins": f"{KINDS['box'].most:,}",
        "points of an area chart": f"{KINDS['area'].most:,}",
        "points with sizes or colours": f"{KINDS['scatter'].most // 10:,}",
        "error bars": f"{KINDS['errorbar'].most:,}",
        "bins of a histogram": str(budgets.BINS),
        "reference lines": str(budgets.LINES),
        "notes": str(budgets.NOTES),
        "characters of a text": str(budgets.TEXT),
        "magnitude of a number": f"{budgets.MAGNITUDE:g}".replace("+", ""),
        "bytes of an image": f"{budgets.ANSWER:,}",
        "bytes that gzip becomes": f"{chartqueries.INFLATED:,}",
        "points up to which an SVG or PDF has each as a shape": f"{budgets.SHAPES:,}",
    }


def test_formats_and_routes() -> None:
    """The tables have every format, in the order in which one is preferred, and every route."""
    formats = re.findall(r"^\| `(\w+)` \| `(\w+/[\w+]+)` \|", TEXT, re.MULTILINE)
    routes = set(re.findall(r"^\| `\w+ (/[^`]*)` \|", TEXT, re.MULTILINE))

    assert [(media, name) for name, media in formats] == list(webroutes.MEDIA.items())
    assert routes == set(webroutes.ROUTES)
