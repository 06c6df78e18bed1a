"""Axes: their limits, ticks and titles."""

import math
from typing import Any

from captions import clean, listed, shorten
from charts.chart import Chart, Panel
from chartspec import Axis
from msgspec.structs import replace
from ticks import mark, name_categories


def prepare(panel: Panel) -> None:
    """Make logarithmic what is to be so, before anything is drawn."""
    spec = panel.spec
    scales = {False: (spec.x_axis.log, spec.y_axis.log), True: (False, spec.y2_axis.log)}
    for is_second, logs in scales.items():
        axes = panel.axes_of(is_second)
        for log, is_along in zip(logs, (True, False), strict=True):
            if log:
                set_scale = axes.set_xscale if is_along != panel.lying else axes.set_yscale
                set_scale("log", nonpositive="clip")


def finish(panel: Panel, chart: Chart) -> None:
    """Give a chart's axes their limits, ticks and titles."""
    spec, data, axes = panel.spec, panel.data, panel.axes
    along, values = (axes.yaxis, axes.xaxis) if panel.lying else (axes.xaxis, axes.yaxis)
    if data.rows:
        _set_limits(axes, values, (len(data.rows) - 0.5, -0.5))
        name_categories(values, data.rows, panel.room, panel.size)
    else:
        _finish_values(panel, chart, axes, values, spec.y_axis)
        _draw_zero(panel, axes, values)
    if panel.second is not None:
        other = panel.second.xaxis if panel.lying else panel.second.yaxis
        _finish_values(panel, chart, panel.second, other, spec.y2_axis)
    if data.x_type == "category":
        count = len(data.labels)
        _set_limits(axes, along, (count - 0.5, -0.5) if panel.lying else (-0.5, count - 0.5))
        name_categories(along, data.labels, panel.room, panel.size, spec.x_axis.rotation)
    else:
        bounds = (spec.x_axis.min, spec.x_axis.max)
        fixed = [None if end is None else data.position(end, "$.x_axis") for end in bounds]
        _limit(axes, along, spec.x_axis, fixed, 0.0 if chart.whole else 0.02, None)
        is_date = data.x_type == "date"
        whole = not is_date and all((one.x % 1 == 0).all() for one in data.series if len(one.x))
        whole = whole and chart.x != "none"
        mark(along, spec.x_axis, panel.room, panel.size, is_date=is_date, whole=whole)
    if spec.x_axis.rotation is not None:
        along.set_tick_params(labelrotation=spec.x_axis.rotation)
    style = panel.theme.style
    axes.grid(visible=False)
    for axis, is_on in zip((along, values), chart.grids, strict=True):
        wanted = style.get("axes.grid", is_on)
        axis.grid(
            visible=wanted and style.get("axes.grid.axis", "both") in ("both", axis.axis_name)
        )
    x_title = clean(data.x_name if spec.x_axis.label is None else spec.x_axis.label)
    y_title = _title(panel, spec.y_axis, is_second=False)
    x_title = x_title or (_sole_name(panel, is_second=False) if _names_x(panel) else "")
    if panel.lying:
        x_title, y_title = y_title, x_title
    axes.set_xlabel(x_title, fontsize=panel.size)
    _set_top_title(panel, axes, y_title, "left")
    if panel.second is not None:
        title = _title(panel, spec.y2_axis, is_second=True)
        if panel.lying:
            panel.second.set_xlabel(title, fontsize=panel.size)
        else:
            _set_top_title(panel, panel.second, title, "right")


def _names_x(panel: Panel) -> bool:
    """Tell whether the only series gives x its name: a histogram counts it along x."""
    return panel.spec.kind == "histogram" and panel.spec.x_axis.label is None


def _draw_zero(panel: Panel, axes: Any, values: Any) -> None:
    """Draw the line of zero where values are on both sides of it, instead of the axis' line."""
    low, high = values.get_view_interval()
    own = panel.theme.style.get("axes.spines.left") is False
    if own and low < 0 < high and not panel.spec.y_axis.log:
        axes.spines[:].set_visible(False)
        look = {"color": panel.theme.edge, "linewidth": 0.75, "zorder": 1.5}
        (axes.axvline if panel.lying else axes.axhline)(0, **look)
    elif own and panel.lying:
        axes.spines["bottom"].set_visible(False)
        axes.spines["left"].set_visible(True)


def _sole_name(panel: Panel, *, is_second: bool) -> str:
    names = [one.name for one in panel.data.series if one.second == is_second]
    return clean(names[0]) if len(names) == 1 and not panel.data.rows else ""


def _title(panel: Panel, axis: Axis, *, is_second: bool) -> str:
    """Return an axis' title: the request's, else the name of its only series."""
    if axis.label is not None:
        return clean(axis.label)
    if panel.spec.kind == "histogram":
        return "count"
    return _sole_name(panel, is_second=is_second)


def _set_top_title(panel: Panel, axes: Any, title: str, side: str) -> None:
    """Write the title of an upright axis above it, where it can be read without a turn."""
    if title:
        place = 1 + 9 * panel.size / 9 / panel.spec.height
        look = {"rotation": 0, "va": "bottom", "ha": side, "labelpad": 0}
        axes.set_ylabel(shorten(clean(title), 60), y=place, fontsize=panel.size, **look)


def _has_stack(panel: Panel, axes: Any) -> bool:
    """Tell whether some series of these axes are no lines over bars."""
    over = set(map(clean, listed(panel.spec.over)))
    return any(own is axes and name not in over for _, _, own, name in panel.series())


def _finish_values(panel: Panel, chart: Chart, axes: Any, axis: Any, wanted: Axis) -> None:
    if panel.spec.stacked == "percent" and _has_stack(panel, axes):
        most = 100.0 if wanted.max is None else wanted.max
        wanted = replace(wanted, max=most, suffix=wanted.suffix or "%")
    bounds = [None if end is None else float(end) for end in (wanted.min, wanted.max)]
    _limit(axes, axis, wanted, bounds, 0.07, 0.0 if chart.stands else None)
    mark(axis, wanted, panel.room, panel.size, whole=panel.spec.kind == "histogram")


def _limit(
    axes: Any,
    axis: Any,
    wanted: Axis,
    fixed: list[float | None],
    margin: float,
    floor: float | None,
) -> None:
    """Set an axis' ends: those that the request names, else those of the data and a margin."""
    is_x = axis is axes.xaxis
    low, high = axes.dataLim.intervalx if is_x else axes.dataLim.intervaly
    if not (math.isfinite(low) and math.isfinite(high)):
        low, high = 0.0, 1.0
    if wanted.log:
        low = axes.dataLim.minposx if is_x else axes.dataLim.minposy
        ratio = max(1.12, (high / low) ** margin)
        start, end = low if floor is not None else low / ratio, high * ratio
    else:
        pad = margin * (high - low)
        if high - low <= 1e-9 * max(abs(low), abs(high)):  # too narrow to divide
            pad = 0.1 * max(abs(low), abs(high)) or 1.0
        start, end = low - pad, high + pad
        if low >= 0 and (start < 0 or floor == low):  # no values below zero, and no axis there
            start = max(0.0, start)
        if low < 0 and high <= 0 and (end > 0 or floor == high):
            end = min(0.0, end)
    start = start if fixed[0] is None else fixed[0]
    end = end if fixed[1] is None else fixed[1]
    if not start < end:  # one end was named, beyond all values
        beyond = abs(start) * 0.1 or 1.0
        start, end = (end - beyond, end) if fixed[0] is None else (start, start + beyond)
    _set_limits(axes, axis, (start, end))


def _set_limits(axes: Any, axis: Any, ends: tuple[float, float]) -> None:
    (axes.set_xlim if axis is axes.xaxis else axes.set_ylim)(*ends)
