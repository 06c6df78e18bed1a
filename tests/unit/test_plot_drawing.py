"""Plot's images: that they are the same every time, show what they should, and nothing runs."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

sys.path.insert(0, str(Path(__file__).parents[2] / "plot"))

import captions
import chartdata
import chartspec
import drawing
import histogram
import housestyle
import xychart

ROOT = Path(__file__).parents[2]
SVG = "{http://www.w3.org/2000/svg}"
VALUES: dict[str, Any] = {"name": ["a", "b", "c", "d"], "u": [3, None, -1, 2], "v": [1, 2, 4, 8]}

IN_A_PROCESS = """
import hashlib, json, pathlib, sys
sys.path.insert(0, "plot")
import app
images = {}
for path in sorted(pathlib.Path("events").glob("plot*.json")):
    answer = json.dumps(app.handler(json.loads(path.read_text()), None))
    images[path.name] = hashlib.sha256(answer.encode()).hexdigest()
print(json.dumps([images, sorted(sys.modules)]))
"""


def svg(**request: Any) -> str:
    spec = chartspec.decode({"kind": "line", "format": "svg"} | request)
    return drawing.draw(spec).content.decode()


def texts(image: str) -> list[str]:
    return [element.text or "" for element in ElementTree.fromstring(image).iter(f"{SVG}text")]


@pytest.fixture(scope="module")
def processes(tmp_path_factory: pytest.TempPathFactory) -> list[Any]:
    """What two processes draw, that differ in hash seed, clock, time zone and font cache."""
    environments = [
        {"PYTHONHASHSEED": "1", "TZ": "UTC"},
        {"PYTHONHASHSEED": "2", "TZ": "Asia/Kathmandu", "SOURCE_DATE_EPOCH": "0"},
    ]
    environments[1]["MPLCONFIGDIR"] = str(tmp_path_factory.mktemp("fonts"))
    running = [
        subprocess.Popen(
            [sys.executable, "-c", IN_A_PROCESS],
            cwd=ROOT,
            env=os.environ | environment,
            stdout=subprocess.PIPE,
        )
        for environment in environments
    ]
    return [json.loads(process.communicate(timeout=60)[0]) for process in running]


def test_two_processes_draw_the_same_bytes(processes: list[Any]) -> None:
    """The same request gives the same bytes, whatever the process draws before or around it."""
    (first, _), (second, _) = processes

    assert len(first) > 8
    assert first == second


def test_pyplot_is_never_imported(processes: list[Any]) -> None:
    """No state is shared between charts: pyplot and interactive backends stay out."""
    for _, modules in processes:
        backends = {name for name in modules if name.startswith("matplotlib.backends.backend_")}
        assert "matplotlib.pyplot" not in modules
        assert backends <= {
            "matplotlib.backends.backend_agg",
            "matplotlib.backends.backend_mixed",
            "matplotlib.backends.backend_svg",
        }


@pytest.mark.parametrize("kind", ["bar", "histogram", "line", "scatter"])
@pytest.mark.parametrize(
    ("width", "height", "scale"), [(100, 100, 1), (803, 301, 1.5), (333, 777, 0.7)]
)
def test_a_png_has_the_size_asked_for(kind: str, width: int, height: int, scale: float) -> None:
    """Every kind draws a PNG of exactly the pixels asked for, times the scale."""
    spec = chartspec.decode(
        {"kind": kind, "columns": VALUES, "width": width, "height": height, "scale": scale}
    )

    image = drawing.draw(spec)

    size = (round(width * scale), round(height * scale))
    assert (image.width, image.height) == size
    assert image.content[16:24] == b"".join(side.to_bytes(4, "big") for side in size)


@pytest.mark.parametrize("kind", ["bar", "histogram", "line", "scatter"])
def test_an_svg_has_the_size_asked_for(kind: str) -> None:
    """Every kind draws an SVG whose size in CSS pixels is the one asked for; scale is no matter."""
    root = ElementTree.fromstring(svg(kind=kind, columns=VALUES, width=640, height=320, scale=3))

    assert (root.attrib["width"], root.attrib["height"]) == ("480pt", "240pt")


def test_drawing_leaves_other_requests_alone() -> None:
    """What was drawn before has no influence on the next image."""
    first = svg(columns=VALUES)
    svg(kind="bar", columns=VALUES, log=False, title="other")

    assert svg(columns=VALUES) == first


def test_text_is_text_and_nothing_else() -> None:
    """Dollars are no formula, markup is no markup, and what cannot be printed is left out."""
    title = "$\\frac{1}{0}$ <script>x</script> & ]]> a\nb\0\ud800"

    image = svg(columns={"$n$": ["$1$", "_b"], "_v": [1, 2], "$": [2, 3]}, title=title)

    clean = "$\\frac{1}{0}$ <script>x</script> & ]]> a b"
    shown = texts(image)
    assert {clean, "$n$", "$1$", "_b", "_v", "$"} <= set(shown)
    assert ElementTree.fromstring(image).findtext(f"{SVG}title") == clean
    assert "<script" not in image


@pytest.mark.parametrize("text", ["/etc/hostname", "https://example.com/a.csv", "a.csv"])
def test_csv_is_never_a_place(text: str) -> None:
    """A path or an address where CSV is expected is the name of a column, and is not opened."""
    image = svg(csv=f"{text}\n1\n")

    assert text in texts(image)


@pytest.mark.parametrize(
    ("columns", "legend"),
    [({"v": [1, 2]}, []), ({"u": [1, 2], "v": [3, 4]}, ["u", "v"])],
)
def test_a_legend_names_series_where_there_are_several(
    columns: dict[str, Any], legend: list[str]
) -> None:
    """One series needs no legend: its name stands at the axis."""
    root = ElementTree.fromstring(svg(columns=columns))

    found = root.findall(f".//{SVG}g[@id='legend_1']//{SVG}text")
    assert [element.text for element in found] == legend


def test_labels_say_what_the_request_says() -> None:
    """Labels default to the columns' names, and an empty label is none."""
    columns = {"day": ["a", "b"], "v": [1, 2]}

    assert {"day", "v"} <= set(texts(svg(columns=columns)))
    changed = texts(svg(columns=columns, x_label="", y_label="sum"))
    assert "sum" in changed
    assert not {"day", "v"} & set(changed)


def test_few_bars_show_their_values() -> None:
    """Bars say their values where there is room; a gap says nothing."""
    shown = texts(svg(kind="bar", columns={"c": ["a", "b", "c"], "v": [47635, None, -0.12345]}))

    assert {"47,635", "\N{MINUS SIGN}0.1235"} <= set(shown)
    assert "nan" not in shown


def test_dates_stand_at_short_marks() -> None:
    """A date axis says the month where a month begins, and the year once."""
    days = ["2024-01-05", "2024-03-20", "2024-06-20"]

    shown = texts(svg(columns={"day": days, "v": [1, 2, 3]}))

    assert {"Feb", "Mar", "Apr", "May", "Jun"} <= set(shown)
    assert sum("2024" in text for text in shown) == 1


def test_a_log_axis_is_marked_at_powers_of_ten() -> None:
    """A logarithmic axis of many decades names each, without formulas."""
    shown = texts(svg(columns={"v": [2, 47_632]}, log=True))

    assert {"10", "100", "1,000", "10,000"} <= set(shown)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.0, "0"),
        (-0.0, "0"),
        (0.1 + 0.2, "0.3"),
        (2024.0, "2024"),
        (47632.0, "47,632"),
        (-12345.5, "\N{MINUS SIGN}12,345.5"),
        (999999999999.0, "999,999,999,999"),
        (1e12, "1e+12"),
        (0.00001, "1e\N{MINUS SIGN}05"),
    ],
)
def test_writes_numbers_for_people(value: float, text: str) -> None:
    """Numbers have thousands, no digits of binary rounding, and a real minus sign."""
    assert captions.number(value) == text


def test_looks_differ() -> None:
    """No two of 50 series look the same."""
    assert len({repr(housestyle.look(index)) for index in range(50)}) == 50


@settings(deadline=None)
@given(
    st.lists(st.none() | st.floats(-1e9, 1e9), min_size=50, max_size=400),
    st.integers(2, 10),
)
def test_a_thinned_line_keeps_its_extremes(values: list[float | None], columns: int) -> None:
    """However few points are left, the highest and the lowest are among them."""
    line = pd.Series(values, dtype="float64")

    thin = xychart.thinned(line, columns)

    assert len(thin) <= 4 * columns
    if line.count():
        assert (thin.min(), thin.max()) == (line.min(), line.max())
    assert thin.index.is_monotonic_increasing


@settings(deadline=None)
@given(
    st.lists(st.floats(-1e300, 1e300), min_size=1),
    st.none() | st.integers(1, 500),
)
def test_bins_hold_every_value(values: list[float], bins: int | None) -> None:
    """Bins ascend, are as many as asked for, and no value falls beside them."""
    data = chartdata.ChartData(frame=pd.DataFrame({"v": values}), x_type="number", x_name="")

    edges = histogram.bin_edges(data, bins)

    assert (np.diff(edges) > 0).all()
    assert np.histogram(values, edges)[0].sum() == len(values)
    assert len(edges) - 1 == bins if bins else len(edges) <= 64
