"""Plot's images: that they are the same every time, show what they should, and nothing runs."""

import contextlib
import io
import sys
from pathlib import Path
from typing import Any, get_args
from xml.etree import ElementTree

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image

sys.path.insert(0, str(Path(__file__).parents[3] / "plot"))

import captions
import chartspec
import decoding
import drawing
import problems
from charts import KINDS, histograms

ROOT = Path(__file__).parents[3]
SVG = "{http://www.w3.org/2000/svg}"
VALUES: dict[str, Any] = {"name": ["a", "b", "c", "d"], "u": [3, None, 1, 2], "v": [1, 2, 4, 8]}
ONE: dict[str, Any] = {"name": ["a", "b", "c", "d"], "u": [3, None, 1, 2]}


def request(**fields: Any) -> dict[str, Any]:
    kind = fields.get("kind", "line")
    columns = ONE if kind in ("pie", "donut") else VALUES
    error = {"error": ["v", "u"], "y": ["u", "v"]} if kind == "errorbar" else {}
    return {"kind": kind, "columns": columns} | error | fields


def draw(**fields: Any) -> drawing.Image:
    return drawing.draw(decoding.decode(request(**fields)))


def svg(**fields: Any) -> str:
    return draw(format="svg", **fields).content.decode()


def texts(image: str) -> list[str]:
    return [element.text or "" for element in ElementTree.fromstring(image).iter(f"{SVG}text")]


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(
    ("width", "height", "scale"), [(20, 20, 1), (100, 20, 1), (803, 301, 1.5), (333, 777, 0.7)]
)
def test_a_png_has_the_size_asked_for(kind: str, width: int, height: int, scale: float) -> None:
    """Every kind draws a PNG of exactly the pixels asked for, times the scale."""
    image = draw(kind=kind, width=width, height=height, scale=scale)

    size = (round(width * scale), round(height * scale))
    assert (image.width, image.height) == size
    assert Image.open(io.BytesIO(image.content)).size == size


@pytest.mark.parametrize("kind", KINDS)
def test_an_svg_has_the_size_asked_for(kind: str) -> None:
    """Every kind draws an SVG whose size in CSS pixels is the one asked for; scale is no matter."""
    root = ElementTree.fromstring(svg(kind=kind, width=640, height=320, scale=3))

    assert (root.attrib["width"], root.attrib["height"]) == ("480pt", "240pt")


@pytest.mark.parametrize("kind", KINDS)
def test_a_pdf_has_the_size_asked_for(kind: str) -> None:
    """Every kind draws a PDF of one page, three points for four pixels."""
    content = draw(kind=kind, width=640, height=320, format="pdf").content

    assert content.startswith(b"%PDF-")
    assert content.count(b"/MediaBox [ 0 0 480 240 ]") == 1


@pytest.mark.parametrize("kind", KINDS)
def test_a_webp_has_the_pixels_of_the_png(kind: str) -> None:
    """WebP loses nothing."""
    png, webp = (
        np.asarray(Image.open(io.BytesIO(draw(kind=kind, format=form).content)).convert("RGB"))
        for form in ("png", "webp")
    )

    assert (png == webp).all()


def test_drawing_leaves_other_requests_alone() -> None:
    """What was drawn before has no influence on the next image."""
    first = svg()
    svg(kind="bar", title="other", theme="ggplot")

    assert svg() == first


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
    image = drawing.draw(
        decoding.decode({"kind": "line", "format": "svg", "csv": f"{text}\n1\n"})
    ).content.decode()

    assert text in texts(image)


def test_an_svg_says_what_it_shows() -> None:
    """Assistive technology reads an SVG's title and description."""
    image = svg(title="Sizes", columns={"name": ["a", "b"], "KB": [3, 47_632]})

    root = ElementTree.fromstring(image)
    assert root.attrib["role"] == "img"
    assert root.attrib["aria-label"] == (
        "A line chart: Sizes. Along x: name, 2 categories (a, b). KB: 2 values from 3 to 47,632."
    )
    assert root.findtext(f"{SVG}title") == "Sizes"


def test_a_pdf_says_what_it_shows() -> None:
    """A PDF has its alternative text as its subject and beside its content, and no clock."""
    content = draw(format="pdf", title="Sizes", alt="What it shows").content

    assert b"/Title (Sizes)" in content
    assert b"/Subject (What it shows)" in content
    assert b"Date" not in content and b"Matplotlib" not in content


def test_an_alternative_text_of_ones_own_stands() -> None:
    """What the request says of the chart is said of it, and nothing else."""
    assert draw(alt="My words").alt == "My words"


def test_characters_that_no_font_has_are_named() -> None:
    """A character that no font has is told of, once, and its place is seen."""
    image = draw(title="Größe 漢字漢 αβγ\u200d")

    assert image.missing == ("漢", "字")
    assert draw(title="Größe αβγ").missing == ()


@pytest.mark.parametrize(
    ("columns", "legend"),
    [({"v": [1, 2]}, []), ({"u": [1, 2], "w": [3, 4]}, ["u", "w"])],
)
def test_a_legend_names_series_where_there_are_several(
    columns: dict[str, Any], legend: list[str]
) -> None:
    """One series needs no legend: its name stands at the axis."""
    shown = texts(svg(columns=columns, y_axis={"label": ""}))

    assert [text for text in shown if text in "uvw"] == legend


@pytest.mark.parametrize("place", ["none", "top", "bottom", "right"])
def test_a_legend_stands_where_it_is_asked_for(place: str) -> None:
    """The legend is above, below or beside the chart, or nowhere."""
    root = ElementTree.fromstring(svg(legend=place, width=600, height=400))

    found = [element for element in root.iter(f"{SVG}text") if element.text == "u"]
    places = [(float(each.attrib["x"]), float(each.attrib["y"])) for each in found]
    if place == "none":
        assert places == []
    else:
        ((x, y),) = places
        assert {"top": y < 75, "bottom": y > 225, "right": x > 300}[place]


def test_labels_say_what_the_request_says() -> None:
    """Labels default to the columns' names, and an empty label is none."""
    columns = {"day": ["a", "b"], "v": [1, 2]}

    assert {"day", "v"} <= set(texts(svg(columns=columns)))
    changed = texts(svg(columns=columns, x_axis={"label": ""}, y_axis={"label": "sum"}))
    assert "sum" in changed
    assert not {"day", "v"} & set(changed)


def test_few_bars_show_their_values() -> None:
    """Bars say their values where there is room; a gap says nothing."""
    shown = texts(svg(kind="bar", columns={"c": ["a", "b", "c"], "v": [47635, None, -0.12345]}))

    assert {"47,635", "\N{MINUS SIGN}0.1235"} <= set(shown)
    assert "nan" not in shown


def test_a_log_axis_is_marked_at_powers_of_ten() -> None:
    """A logarithmic axis of many decades names each, without formulas."""
    shown = texts(svg(columns={"v": [2, 47_632]}, y_axis={"log": True}))

    assert {"10", "100", "1,000", "10,000"} <= set(shown)


def test_a_second_axis_has_ticks_of_its_own() -> None:
    """Values of the second axis are read on the right, in their own form."""
    shown = texts(
        svg(columns={"a": [1, 2], "b": [100, 900]}, y="a", y2="b", y2_axis={"suffix": " ms"})
    )

    assert {"200 ms", "800 ms"} <= set(shown)
    assert {"1.2", "1.8"} <= set(shown)


def test_lines_and_notes_stand_at_their_places() -> None:
    """A reference line and a note are drawn, with their words."""
    shown = texts(
        svg(
            columns={"x": [1, 2, 3], "v": [1, 5, 2]},
            x="x",
            lines=[{"y": 3, "label": "limit"}, {"x": 2, "label": "then"}],
            notes=[{"x": 2, "y": 5, "text": "peak"}],
        )
    )

    assert {"limit", "then", "peak"} <= set(shown)


def test_a_transparent_background_is_none() -> None:
    """Nothing is drawn where there is nothing to show, and only there."""
    pixels = [
        np.asarray(Image.open(io.BytesIO(draw(background=paper).content)))
        for paper in (None, "transparent")
    ]

    assert [each[0, 0, 3] for each in pixels] == [255, 0]


@pytest.mark.parametrize(
    ("fields", "path", "found"),
    [
        ({"theme": "lihgt"}, "$.theme", "got `lihgt`; did you mean `light`"),
        ({"colors": ["blu"]}, "$.colors[0]", "got `blu`; did you mean `blue`"),
        ({"colors": {"u": "#12"}}, "$.colors.u", "got `#12`"),
        ({"background": "url(#x)"}, "$.background", "got `url(#x)`"),
        ({"lines": [{"y": 1, "color": "nothing"}]}, "$.lines[0].color", "got `nothing`"),
    ],
)
def test_refuses_unknown_looks(fields: dict[str, Any], path: str, found: str) -> None:
    """A theme or colour that there is not is refused at its place, and what is like it is named."""
    with pytest.raises(problems.Refusal) as refused:
        draw(**fields)

    (fault,) = refused.value.problem.errors
    assert fault.path == path
    assert found in fault.detail


HOSTILE: dict[str, list[Any]] = {
    "huge": [1e300, -1e300, 5e299],
    "tiny": [1e-300, 3e-300, 2e-300],
    "subnormal": [5e-324, 0, 1e-310],
    "equal": [7, 7, 7],
    "zero": [0, 0, 0],
    "alone": [None, 3, None],
    "one": [3],
    "far apart": [1e-300, 1, 1e300],
    "far off": [1e15, 1e15 + 1, 1e15 + 2],
}


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("name", HOSTILE)
@pytest.mark.parametrize("size", [(20, 20), (300, 200)])
def test_hostile_values_are_drawn_or_refused(kind: str, name: str, size: tuple[int, int]) -> None:
    """Values of any size, in an image of any size, end in a picture or a refusal."""
    values = HOSTILE[name]
    fields: dict[str, Any] = {
        "columns": {"n": [f"c{at}" for at in range(len(values))], "v": values}
    }
    fields |= {"error": "v", "y": "v"} if kind == "errorbar" else {}
    for log in (False, True) if kind not in ("pie", "donut", "sparkline", "heatmap") else (False,):
        axis = {"y_axis": {"log": True}} if log else {}
        spec = {"kind": kind, **fields, **axis, "width": size[0], "height": size[1]}
        with contextlib.suppress(problems.Refusal):
            assert drawing.draw(decoding.decode(spec)).content.startswith(b"\x89PNG")


@settings(deadline=None, max_examples=60, suppress_health_check=list(HealthCheck))
@given(
    kind=st.sampled_from(list(KINDS)),
    names=st.lists(st.text(max_size=30), min_size=1, max_size=6, unique=True),
    title=st.text(max_size=200),
    form=st.sampled_from(get_args(chartspec.Format)),
    sides=st.tuples(st.integers(20, 400), st.integers(20, 400)),
    data=st.data(),
)
def test_whatever_is_drawn_is_an_image(
    kind: str, names: list[str], title: str, form: str, sides: tuple[int, int], data: st.DataObject
) -> None:
    """Any text and any numbers make an image or a refusal, never another error."""
    numbers = st.none() | st.floats(allow_nan=False, allow_infinity=False)
    columns = {name: data.draw(st.lists(numbers, min_size=4, max_size=4)) for name in names}
    try:
        image = drawing.draw(
            decoding.decode(
                {
                    "kind": kind,
                    "columns": columns,
                    "title": title,
                    "format": form,
                    "width": sides[0],
                    "height": sides[1],
                }
            )
        )
    except problems.Refusal:
        return
    assert image.content
    if form == "svg":
        ElementTree.fromstring(image.content)


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


@settings(deadline=None)
@given(
    st.lists(st.floats(-1e300, 1e300), min_size=1),
    st.none() | st.integers(1, 500),
)
def test_bins_hold_every_value(values: list[float], bins: int | None) -> None:
    """Bins ascend, are as many as asked for, and no value falls beside them."""
    sample = np.array([0.0 if abs(value) < 1e-300 else value for value in values])

    edges = histograms.bin_edges(sample, bins)

    assert (np.diff(edges) > 0).all()
    assert np.histogram(sample, edges)[0].sum() == len(values)
    assert len(edges) - 1 == bins if bins else len(edges) <= 2 * histograms.MOST
