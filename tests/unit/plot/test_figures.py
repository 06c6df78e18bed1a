"""Plot's charts, as matplotlib's figure has them: limits, labels, artists and legends."""

import sys
from pathlib import Path
from typing import Any

import matplotlib as mpl
import numpy as np
import pytest
from matplotlib.collections import PolyCollection, QuadMesh
from matplotlib.colors import to_rgb
from matplotlib.patches import Rectangle, Wedge

sys.path.insert(0, str(Path(__file__).parents[3] / "plot"))

import drawing
from chartdata import prepare
from decoding import decode
from themes import style_of

PAIRS: dict[str, Any] = {"name": list("abc"), "u": [3, None, 1], "v": [1, 2, 4]}
DAYS = ["2024-12-30T00:00", "2024-12-31T00:00", "2025-01-01T00:00"]


def figure(**request: Any) -> Any:
    spec = decode({"kind": "line"} | request)
    with mpl.rc_context(style_of(spec)):
        made = drawing.compose(spec, prepare(spec))
        made.draw_without_rendering()
    return made


def axes(**request: Any) -> Any:
    return figure(**request).subfigs[0].axes[0]


def bars(shown: Any) -> list[Rectangle]:
    return [patch for patch in shown.patches if isinstance(patch, Rectangle)]


def legend(**request: Any) -> list[str]:
    legends = figure(**request).subfigs[0].legends
    return [text.get_text() for text in legends[0].get_texts()] if legends else []


def text_of(text: Any) -> str:
    shown: str = text.get_text()
    return shown


def ticks(axis: Any) -> list[str]:
    return [label.get_text() for label in axis.get_ticklabels()]


def test_a_line_is_broken_by_a_gap() -> None:
    """Each series is a line with its own values; a gap stays one."""
    first, second = axes(columns=PAIRS).lines[:2]

    np.testing.assert_array_equal(first.get_ydata(), [3, np.nan, 1])
    np.testing.assert_array_equal(second.get_xdata(), [0, 1, 2])
    assert first.get_color() != second.get_color()


def test_steps_keep_a_value_until_the_next() -> None:
    """A step chart's lines go across first, then up or down."""
    assert axes(kind="step", columns=PAIRS).lines[0].get_drawstyle() == "steps-post"


def test_the_title_and_the_names_stand_where_they_belong() -> None:
    """The title is the figure's; x has its name below, the values theirs above their axis."""
    made = figure(columns={"day": ["x", "y"], "sold": [1, 2]}, title="Sales")
    shown = made.subfigs[0].axes[0]

    assert made.get_suptitle() == "Sales"
    assert (shown.get_xlabel(), shown.get_ylabel()) == ("day", "sold")
    assert shown.yaxis.label.get_rotation() == 0


@pytest.mark.parametrize(
    ("request_", "ends"),
    [
        ({"columns": {"v": [5, 9]}, "y_axis": {"min": 2, "max": 20}}, (2, 20)),
        ({"kind": "bar", "columns": {"n": ["a"], "v": [5]}}, (0, 5.35)),
        ({"columns": {"v": [0, 100]}}, (0, 107)),
        ({"columns": {"v": [-100, 0]}}, (-107, 0)),
        ({"columns": {"v": [7, 7]}}, (6.601, 7.399)),
        ({"columns": {"v": [1, 2]}, "y_axis": {"min": 50}}, (50, 55)),
    ],
)
def test_axes_end_where_they_should(request_: dict[str, Any], ends: tuple[float, float]) -> None:
    """The request's ends stand; else values have a margin, and none beyond a zero they stand on."""
    assert axes(**request_).get_ylim() == pytest.approx(ends)


def test_a_log_axis_names_decades() -> None:
    """A logarithmic axis is one, and names powers of ten without formulas."""
    shown = axes(columns={"v": [2, 47_632]}, y_axis={"log": True})

    assert shown.get_yscale() == "log"
    assert {"10", "100", "1,000", "10,000"} <= set(ticks(shown.yaxis))


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ([3, 650], {"5", "10", "20", "50", "100", "200", "500"}),
        ([23, 44], {"25", "30", "35", "40"}),
    ],
)
def test_a_log_axis_of_few_decades_has_labels_between(
    values: list[float], expected: set[str]
) -> None:
    """Few decades are divided at 2 and 5; within one decade numbers are equally far apart."""
    shown = axes(columns={"v": values}, y_axis={"log": True})

    assert expected <= set(ticks(shown.yaxis))


@pytest.mark.parametrize(
    ("axis", "expected"),
    [
        ({"format": "percent"}, "40%"),
        ({"format": "si"}, "400m"),
        ({"suffix": " MB"}, "0.4 MB"),
        ({"prefix": "$", "decimals": 2}, "$0.40"),
        ({"format": "scientific"}, "4.0·10⁻¹"),
    ],
)
def test_numbers_are_written_as_asked_for(axis: dict[str, Any], expected: str) -> None:
    """An axis' ticks have the request's form, decimals and affixes."""
    assert expected in ticks(axes(columns={"v": [0, 1]}, y_axis=axis).yaxis)


def test_dates_have_two_lines() -> None:
    """A date's second line stands at the first tick, and where it changes."""
    found = ticks(axes(columns={"t": DAYS, "v": [1, 2, 3]}).xaxis)

    assert found[0].endswith("\nDec 2024") or found[0].endswith("\nDec 30, 2024")
    assert sum("2025" in text for text in found) == 1


def test_a_form_of_dates_is_written_once_each() -> None:
    """Ticks that would say the same say it once."""
    found = ticks(axes(columns={"t": DAYS, "v": [1, 2, 3]}, x_axis={"format": "year"}).xaxis)

    assert [text for text in found if text] == ["2024", "2025"]


def test_bars_stand_side_by_side() -> None:
    """Bars of a category divide its place, and a gap has no height."""
    shown = bars(axes(kind="bar", columns=PAIRS))

    assert [bar.get_height() for bar in shown] == [3, 0, 1, 1, 2, 4]
    assert shown[0].get_x() + shown[0].get_width() == pytest.approx(shown[3].get_x())


def test_stacks_hang_below_zero() -> None:
    """Values above zero stand on each other, those below hang from each other."""
    columns = {"n": ["a"], "u": [2], "v": [-3], "w": [4], "x": [-1]}
    shown = bars(axes(kind="bar", stacked=True, columns=columns))

    assert [bar.get_y() for bar in shown] == [0, 0, 2, -3]
    assert [bar.get_height() for bar in shown] == [2, -3, 4, -1]


@pytest.mark.parametrize("kind", ["bar", "area"])
def test_stacks_may_be_100_percent(kind: str) -> None:
    """With `percent` each stack is as high as the others."""
    columns = {"n": ["a", "b"], "u": [1, 30], "v": [3, 10]}
    shown = axes(kind=kind, stacked="percent", columns=columns)

    assert shown.get_ylim() == (0, 100)
    if kind == "bar":
        assert [bar.get_height() for bar in bars(shown)] == [25, 75, 75, 25]
    assert "100%" in ticks(shown.yaxis)


def test_a_line_goes_over_bars() -> None:
    """Series of `over` are lines over the bars, on the second axis where they are of it."""
    columns = {"n": ["a", "b"], "u": [1, 2], "v": [3, 4], "share": [10, 90]}
    made = figure(kind="bar", columns=columns, y=["u", "v"], y2="share", over=["v", "share"])
    first, second = made.subfigs[0].axes

    assert len(bars(first)) == 2 and not bars(second)
    assert [list(line.get_ydata()) for line in (first.lines[0], second.lines[0])] == [
        [3, 4],
        [10, 90],
    ]
    assert legend(kind="bar", columns=columns, over="v") == ["u", "v", "share"]


def test_bars_lie_where_names_are_long() -> None:
    """Long names stand beside lying bars, the first on top."""
    names = [f"{at}, an extraordinarily-long-name-of-a-category" for at in range(6)]
    shown = axes(kind="bar", columns={"n": names, "v": range(6)} | {"v": [1, 2, 3, 4, 5, 6]})

    assert [bar.get_width() for bar in bars(shown)] == [1, 2, 3, 4, 5, 6]
    assert shown.get_ylim() == (5.5, -0.5)


def test_sixty_names_do_not_touch() -> None:
    """Many long names are slanted and shortened, and some left out."""
    names = [f"Department number {at}" for at in range(60)]
    shown = axes(kind="bar", columns={"n": names, "v": [1] * 60})
    labels = shown.xaxis.get_ticklabels()

    assert 20 <= len(labels) < 60
    assert {label.get_rotation() for label in labels} == {45}


def test_a_legend_names_what_there_is() -> None:
    """Several series have a legend, one has none; long names are shortened."""
    assert legend(columns=PAIRS) == ["u", "v"]
    assert legend(columns={"v": [1, 2]}) == []
    assert legend(columns={"_v": [1, 2], "w": [1, 2]}) == ["_v", "w"]
    long = legend(columns={"x" * 190: [1, 2], "v": [1, 2]}, width=320)
    assert long[0].endswith("…") and len(long[0]) < 60


def test_fifty_series_have_a_legend_that_fits() -> None:
    """A legend of fifty names has as many columns as fit, and the chart keeps its place."""
    made = figure(columns={f"s{at}": [at, at + 1] for at in range(50)})
    body = made.subfigs[0]
    frame = body.legends[0].get_window_extent()

    assert frame.width <= 800
    assert body.axes[0].get_window_extent().height > 200


def test_points_have_sizes_and_colours() -> None:
    """A column of numbers sizes points, one of texts colours them."""
    columns = {"a": [1, 2, 3], "b": [4, 5, 6], "s": [0, 1, 2], "t": ["x", "y", "x"]}
    request: dict[str, Any] = {"kind": "scatter", "columns": columns, "x": "a", "y": "b"}
    (dots,) = axes(**request, size="s", color="t").collections

    assert list(np.argsort(dots.get_sizes())) == [0, 1, 2]
    assert (dots.get_facecolors()[0] == dots.get_facecolors()[2]).all()
    assert legend(**request, color="t") == ["x", "y"]
    assert len(figure(**request, color="s").subfigs[0].axes) == 2  # with a bar of colours


@pytest.mark.parametrize(("kind", "rows", "most"), [("heatmap", 20, 1_000), ("bar", 20, 500)])
def test_too_many_values_are_not_written(kind: str, rows: int, most: int) -> None:
    """Values are written where it is asked for, up to so many: more take matplotlib seconds."""
    for columns, expected in ((most // rows, most), (most // rows + 1, 0)):
        table: dict[str, Any] = {f"c{at}": [1.5] * rows for at in range(columns)}
        if kind == "bar":
            table = {"name": [f"n{at}" for at in range(rows)]} | table
        shown = axes(kind=kind, columns=table, labels=True)
        assert sum(text_of(text) == "1.5" for text in shown.texts) == expected


def test_a_heatmap_leaves_gaps_open() -> None:
    """A gap is no cell of any colour, in the dark theme too, and rows run from the top."""
    columns = {"r": ["x", "y"], "a": [1, None], "b": [3, 4]}
    for theme in ("light", "dark"):
        shown = axes(kind="heatmap", columns=columns, theme=theme)
        (mesh,) = (each for each in shown.collections if isinstance(each, QuadMesh))

        assert np.isnan(np.asarray(mesh.get_array(), dtype=float)).ravel().tolist() == [
            False,
            False,
            True,
            False,
        ]
        assert ticks(shown.yaxis) == ["x", "y"]
        assert [text.get_text() for text in shown.texts] == ["1", "3", "4"]
        assert shown.get_ylim() == (1.5, -0.5)


def test_values_of_both_signs_have_a_middle() -> None:
    """Zero is in the middle of the colours where there are numbers on both sides of it."""
    shown = axes(kind="heatmap", columns={"a": [-1, 3]})
    (mesh,) = (each for each in shown.collections if isinstance(each, QuadMesh))

    assert mesh.get_clim() == (-3, 3)


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_a_zero_is_no_gap(theme: str) -> None:
    """What is in the middle of the colours is told from the paper, which a gap shows."""
    shown = axes(kind="heatmap", columns={"a": [-1, 0, None, 1]}, theme=theme)
    (mesh,) = (each for each in shown.collections if isinstance(each, QuadMesh))
    zero, paper = mesh.to_rgba(np.zeros(1))[0, :3], to_rgb(shown.get_facecolor())

    assert max(abs(a - b) for a, b in zip(zero, paper, strict=True)) > 0.1


def test_slices_are_shares() -> None:
    """Slices go clockwise from the top, and each says its share."""
    shown = axes(kind="pie", columns={"n": ["a", "b", "c"], "v": [1, 3, 0]})
    wedges = [patch for patch in shown.patches if isinstance(patch, Wedge)]

    assert [wedge.theta2 - wedge.theta1 for wedge in wedges] == pytest.approx([90, 270])
    assert [text for text in map(text_of, shown.texts) if text] == ["25%", "75%"]
    assert legend(kind="pie", columns={"n": ["a", "b", "c"], "v": [1, 3, 0]}) == ["a", "b"]


def test_a_donut_says_its_sum() -> None:
    """The hole has the sum of all slices."""
    shown = axes(kind="donut", columns={"n": ["a", "b"], "v": [11_000, 610]})

    assert "11,610" in [text.get_text() for text in shown.texts]


def test_a_histogram_counts() -> None:
    """Bars of a histogram are as many as asked for, and hold every value."""
    shown = bars(axes(kind="histogram", columns={"v": [1, 2, 2, 9]}, bins=4))

    assert len(shown) == 4
    assert sum(bar.get_height() for bar in shown) == 4


def test_boxes_and_violins_stand_at_their_categories() -> None:
    """Each category has its box, with its name below."""
    columns = {"g": list("xyxy"), "v": [1, 2, 3, 4]}
    box = axes(kind="box", columns=columns)
    violin = axes(kind="violin", columns=columns)

    assert ticks(box.xaxis) == ticks(violin.xaxis) == ["x", "y"]
    assert len(box.patches) == 2
    assert sum(isinstance(each, PolyCollection) for each in violin.collections) == 2


def test_errors_go_either_way() -> None:
    """An error bar reaches from the value less its error to the value and its error."""
    columns = {"x": [1, 2], "y": [5, 6], "e": [1, 2]}
    shown = axes(kind="errorbar", columns=columns, x="x", y="y", error="e")

    segments = shown.collections[0].get_segments()
    assert [segment[:, 1].tolist() for segment in segments] == [[4, 6], [4, 8]]


def test_lines_and_notes_say_what_they_are() -> None:
    """Reference lines and notes stand at their places, with their words."""
    shown = axes(
        columns={"x": [1, 2, 3], "v": [1, 5, 2]},
        x="x",
        lines=[{"y": 3, "label": "limit", "color": "red"}, {"x": 2, "label": "then"}],
        notes=[{"x": 2, "y": 5, "text": "peak"}],
    )

    assert {text.get_text() for text in shown.texts} == {"limit", "then", "peak"}
    lines = [(list(line.get_xdata()), list(line.get_ydata())) for line in shown.lines]
    assert ([0, 1], [3, 3]) in lines and ([2, 2], [0, 1]) in lines


def test_notes_do_not_cover_each_other() -> None:
    """Notes of places that are near each other stand apart, inside of the axes."""
    notes = [{"x": at, "y": at, "text": f"what happened at {at}"} for at in (4, 5, 6, 12)]
    made = figure(columns={"x": [*range(1, 13)], "v": [*range(1, 13)]}, x="x", notes=notes)
    shown = made.subfigs[0].axes[0]
    boxes = [text.get_bbox_patch().get_window_extent() for text in shown.texts]

    assert len(boxes) == 4
    assert [box.count_overlaps(boxes) for box in boxes] == [1, 1, 1, 1]  # itself
    assert all(shown.bbox.x0 <= box.x0 and box.x1 <= shown.bbox.x1 for box in boxes)


def test_few_bars_say_their_values() -> None:
    """Bars say their values where there is room; a gap says nothing."""
    shown = axes(kind="bar", columns={"c": ["a", "b", "c"], "v": [47635, None, -0.12345]})

    assert [text.get_text() for text in shown.texts] == ["47,635", "", "\N{MINUS SIGN}0.1235"]


def test_a_second_axis_has_its_own_numbers() -> None:
    """Values of the second axis are read on the right, in their own form."""
    made = figure(columns={"a": [1, 2], "b": [100, 900]}, y="a", y2="b", y2_axis={"suffix": " ms"})
    first, second = made.subfigs[0].axes

    assert second.yaxis.get_label_position() == "right"
    assert {"200 ms", "800 ms"} <= set(ticks(second.yaxis))
    assert not any("ms" in text for text in ticks(first.yaxis))


def test_a_sparkline_has_nothing_around_it() -> None:
    """No axes, no legend, no title; a dot at the last value."""
    made = figure(kind="sparkline", columns={"v": [1, 2, None]}, title="unsaid", height=60)
    shown = made.subfigs[0].axes[0]

    assert not shown.axison and not made.get_suptitle()
    assert shown.lines[1].get_xdata().tolist() == [2]


def test_many_points_are_pixels_in_an_svg() -> None:
    """Above 20,000 points an SVG has them as one image, and stays small."""
    x = np.random.default_rng(0).random(20_001).round(4).tolist()
    spec = {"kind": "scatter", "columns": {"x": x, "y": x[::-1]}, "format": "svg"}

    image = drawing.draw(decode(spec)).content

    assert image.count(b"<image ") == 1
    assert len(image) < 2_000_000


@pytest.mark.parametrize("size", [(320, 200), (375, 270), (20, 20), (64, 40), (8_000, 20)])
def test_any_size_is_drawn(size: tuple[int, int]) -> None:
    """A chart of a phone's size has room for its values; a tiny one is drawn all the same."""
    made = figure(columns=PAIRS, title="Title", width=size[0], height=size[1])
    room = made.subfigs[0].axes[0].get_window_extent()

    if min(size) >= 200:
        assert room.height > 0.4 * size[1] and room.width > 0.7 * size[0]
