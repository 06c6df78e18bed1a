"""Axes: their limits, ticks and titles, and the lines and notes on them."""

from typing import Any

from captions import clean, listed, shorten, wrap
from charts.chart import Chart, Panel
from chartspec import Axis, Line, Note
from matplotlib import rcParams
from matplotlib.colors import to_hex
from matplotlib.transforms import Bbox
from msgspec.structs import replace
from themes import OWN, mix
from ticks import letter, mark, name_categories


def prepare(panel: Panel) -> None:
    """Make logarithmic what is to be so, before anything is drawn."""
    spec = panel.spec
    for axes, values in ((panel.axes, spec.y_axis), (panel.second or panel.axes, spec.y2_axis)):
        logs = (values.log, spec.x_axis.log) if panel.lying else (spec.x_axis.log, values.log)
        if logs[0]:
            axes.set_xscale("log", nonpositive="clip")
        if logs[1]:
            axes.set_yscale("log", nonpositive="clip")


def finish(panel: Panel, chart: Chart) -> None:
    """Give a chart's axes their limits, ticks and titles."""
    spec, data, axes, second = panel.spec, panel.data, panel.axes, panel.second
    along, values = (axes.yaxis, axes.xaxis) if panel.lying else (axes.xaxis, axes.yaxis)
    if data.rows:
        axes.set_ylim(len(data.rows) - 0.5, -0.5)
        name_categories(values, data.rows, spec)
    else:
        _finish_values(panel, axes, values, spec.y_axis)
        _draw_zero(panel, values)
    if second is not None:
        _finish_values(panel, second, second.xaxis if panel.lying else second.yaxis, spec.y2_axis)
    if data.x_type == "category":
        ends = (-0.5, len(data.labels) - 0.5)
        axes.set_ylim(ends[::-1]) if panel.lying else axes.set_xlim(ends)
        name_categories(along, data.labels, spec, spec.x_axis.rotation)
    else:
        bounds = [
            None if end is None else data.position(end, "$.x_axis")
            for end in (spec.x_axis.min, spec.x_axis.max)
        ]
        _limit(axes, along, spec.x_axis, bounds, 0.0 if chart.whole else 0.02)
        is_date = data.x_type == "date"
        whole = not is_date and chart.x != "none"
        whole = whole and all((one.x % 1 == 0).all() for one in data.series)
        mark(along, spec.x_axis, spec, is_date=is_date, whole=whole)
    if spec.x_axis.rotation is not None:
        along.set_tick_params(labelrotation=spec.x_axis.rotation)
    for axis, is_on in zip((along, values), chart.grids, strict=True):
        is_meant = rcParams["axes.grid.axis"] in ("both", axis.axis_name)
        axis.grid(visible=is_on if spec.theme in OWN else rcParams["axes.grid"] and is_meant)
    _write_titles(panel)


def _write_titles(panel: Panel) -> None:
    """Write what the axes say: an upright one above it, where it can be read without a turn."""
    spec, data, is_counted = panel.spec, panel.data, panel.spec.kind == "histogram"
    series = [[one.name for one in data.series if one.second == owner] for owner in (False, True)]
    first, second = (names[0] if len(names) == 1 and not data.rows else "" for names in series)
    defaults = (first, "count", "") if is_counted else (data.x_name, first, second)
    labels = (spec.x_axis.label, spec.y_axis.label, spec.y2_axis.label)
    pairs = zip(labels, defaults, strict=True)
    along, first, second = (clean(name if label is None else label) for label, name in pairs)
    along, first = (first, along) if panel.lying else (along, first)
    panel.axes.set_xlabel(along)
    uprights = [(panel.axes, first, "left")]
    if panel.second is not None and panel.lying:
        panel.second.set_xlabel(second)
    elif panel.second is not None:
        uprights.append((panel.second, second, "right"))
    for axes, text, side in uprights:
        look: dict[str, Any] = {"rotation": 0, "va": "bottom", "ha": side, "labelpad": 0}
        axes.set_ylabel(shorten(text, 60), y=1 + rcParams["font.size"] / spec.height, **look)


def _draw_zero(panel: Panel, values: Any) -> None:
    """Draw the line of zero where values are on both sides of it, instead of the axis' line."""
    low, high = values.get_view_interval()
    if panel.spec.theme in OWN and low < 0 < high:
        panel.axes.spines[:].set_visible(False)
        draw = panel.axes.axvline if panel.lying else panel.axes.axhline
        draw(0, color=rcParams["axes.edgecolor"], linewidth=0.75, zorder=1.5)
    elif panel.spec.theme in OWN and panel.lying:
        panel.axes.spines["bottom"].set_visible(False)
        panel.axes.spines["left"].set_visible(True)


def _finish_values(panel: Panel, axes: Any, axis: Any, wanted: Axis) -> None:
    over = set(map(clean, listed(panel.spec.over)))
    is_stack = any(own is axes and name not in over for _, _, own, name in panel.series())
    if panel.spec.stacked == "percent" and is_stack:
        most = 100.0 if wanted.max is None else wanted.max
        wanted = replace(wanted, max=most, suffix=wanted.suffix or "%")
    _limit(axes, axis, wanted, [wanted.min, wanted.max], 0.07)
    mark(axis, wanted, panel.spec, whole=panel.spec.kind == "histogram")


def _limit(axes: Any, axis: Any, wanted: Axis, bounds: list[Any], margin: float) -> None:
    """Set an axis' ends: those that the request names, else those of the data and a margin.

    The margin does not go beyond zero where no value does.
    """
    name = axis.axis_name
    axes.margins(**{name: margin})
    axes.autoscale_view(scalex=name == "x", scaley=name == "y")
    start, end = sorted(axis.get_view_interval())
    low, high = axis.get_data_interval()
    if not wanted.log:
        start = max(0.0, start) if low >= 0 else start
        end = min(0.0, end) if low < 0 and high <= 0 else end
    start, end = (
        own if bound is None else bound for own, bound in zip((start, end), bounds, strict=True)
    )
    if not start < end:  # one end was named, beyond all values
        beyond = abs(start) * 0.1 or 1.0
        start, end = (end - beyond, end) if bounds[0] is None else (start, start + beyond)
    (axes.set_xlim if name == "x" else axes.set_ylim)(start, end)


def annotate(panel: Panel) -> None:
    """Draw a request's reference lines and notes."""
    upright = 0
    for line in panel.spec.lines:
        is_level = (line.x is None) != panel.lying
        _draw_line(panel, line, is_level, upright % 3)
        upright += not is_level
    taken: list[Bbox] = []
    for note in panel.spec.notes:
        if clean(note.text):
            _write_note(panel, note, taken)


def _draw_line(panel: Panel, line: Line, is_level: bool, step: int) -> None:
    """Draw a line; the labels of upright neighbours stand below each other."""
    axes = panel.axes_of(line.axis == "y2")
    color = panel.ink if line.color is None else to_hex(line.color.strip().lower())
    at = line.y or 0.0 if line.x is None else panel.data.position(line.x, "$")
    draw = axes.axhline if is_level else axes.axvline
    draw(at, color=color, linestyle=(0, (4, 3)), linewidth=1.05, zorder=2.5)
    axes.annotate(
        clean(line.label),
        (1, at) if is_level else (at, 1),
        xycoords=axes.get_yaxis_transform() if is_level else axes.get_xaxis_transform(),
        xytext=(-3, 3) if is_level else (4, -1.3 * rcParams["font.size"] * step),
        textcoords="offset points",
        ha="right" if is_level else "left",
        va="bottom" if is_level else "top",
        color=color,
        annotation_clip=True,
    ).set_in_layout(False)


def _write_note(panel: Panel, note: Note, taken: list[Bbox]) -> None:
    """Write a note next to its place, where it covers no other note."""
    axes, soft = panel.axes_of(note.axis == "y2"), rcParams["axes.labelcolor"]
    place = (panel.data.position(note.x, "$"), note.y)
    place = place[::-1] if panel.lying else place
    lines = wrap(clean(note.text), 28, 3)
    box = min(_boxes(axes, place, lines), key=lambda box: _cost(axes, box, taken))
    taken.append(box)
    axes.plot(*place, "o", color=panel.paper, markeredgecolor=panel.ink, markersize=4.5, zorder=4)
    x, y = axes.transData.transform(place) / axes.figure.dpi * 72
    is_right, is_above = bool(box.x0 > x), bool(box.y0 > y)
    frame = {"boxstyle": "square,pad=0.3", "facecolor": panel.paper, "linewidth": 0.75}
    axes.annotate(
        "\n".join(lines),
        place,
        xytext=((box.x0 if is_right else box.x1) - x, (box.y0 if is_above else box.y1) - y),
        textcoords="offset points",
        ha="left" if is_right else "right",
        va="bottom" if is_above else "top",
        color=panel.ink,
        annotation_clip=True,
        zorder=5,
        bbox=frame | {"edgecolor": mix(panel.paper, soft, 0.35)},
        arrowprops={"arrowstyle": "-", "color": soft, "linewidth": 0.75, "shrinkB": 3},
    ).set_in_layout(False)


def _boxes(axes: Any, place: tuple[float, float], lines: list[str]) -> list[Bbox]:
    """Return where a note could stand, in points: the corners of its place, near and farther."""
    x, y = axes.transData.transform(place) / axes.figure.dpi * 72
    width = 0.75 * letter() * max(map(len, lines))
    height = 1.3 * rcParams["font.size"] * len(lines)
    return [
        Bbox.from_bounds(left, bottom, width, height)
        for away in (16, 40, 64)
        for bottom in (y + away, y - away - height)
        for left in (x + 14, x - 14 - width)
    ]


def _cost(axes: Any, box: Bbox, taken: list[Bbox]) -> int:
    """Return how bad a place is: each note that it covers counts, and reaching beyond the axes."""
    room = axes.bbox.frozen().get_points() / axes.figure.dpi * 72
    is_inside = (room[0] <= box.min).all() and (box.max <= room[1]).all()
    return box.padded(8).count_overlaps(taken) + (0 if is_inside else 2)
